//! The interface of Parlance, rendered by the server and woken in the browser.
//!
//! Must not know: the server, its store, its models. What a page needs while it is rendered comes through
//! [`data::PageData`]; what the browser needs comes over the wire, like for any other client.
//!
//! Start at [`App`] for the routes, at `page` for one file a route.

#![recursion_limit = "256"]
#![expect(unreachable_pub, reason = "the component macro writes public items beside each component")]

mod boot;
mod component;
pub mod data;
mod live;
pub mod markdown;
mod net;
mod page;
pub mod state;
mod root;
#[cfg(feature = "ssr")]
mod shell;

pub use root::App;
#[cfg(feature = "ssr")]
pub use shell::shell;
