//! The wire, pinned: every variant of every type as the bytes that travel, so that a change is a visible diff.
//!
//! [`pin`] writes the samples down and sends each there and back. A module a subject; [`seed`] holds the types against
//! the user's own page. A new variant, or a new field, does not compile until it is pinned here.
//! After a change that is meant: `INSTA_UPDATE=always cargo test -p wire`, and look at the diff.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

// First: it brings the macros.
#[macro_use]
mod pin;

mod admin;
mod auth;
mod chatbot;
mod conversation;
mod document;
mod feedback;
mod health;
mod limit;
mod message;
mod problem;
mod seed;
mod session;
mod socket;
