//! The crate from outside: real files of real programs, files made to do harm, children that misbehave. All go through a
//! real child process.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::as_conversions,
    reason = "a test fails by panicking"
)]

mod formats;
mod pdf;
mod poison;
mod process;
mod reading;
