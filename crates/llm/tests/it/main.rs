//! What the seam promises, kept by every model: `conformance`. What only one of them has to do: a module each.
#![expect(unreachable_pub, reason = "nothing reaches into a test program")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod ask;
mod conformance;
#[cfg(feature = "local")]
mod embedder;
#[cfg(feature = "local")]
mod local;
#[cfg(feature = "local")]
mod local_continued;
#[cfg(feature = "local")]
mod local_parallel;
mod openai;
mod scripted;
mod upstream;
