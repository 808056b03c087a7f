//! What the page knows, as plain values with plain changes: no browser, no signals, no clock.
//!
//! Start at [`chat::Chat`], which is one conversation on one page; [`connection::Connection`] decides when its
//! socket opens, waits and gives up. `crate::live` carries out what they ask for.

pub mod back_off;
pub mod bot_form;
pub mod chat;
pub mod connection;
pub mod history;
pub mod outbox;
pub mod papers;
pub mod transcript;
pub mod window;
