//! What the crate promises, held against random documents.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod chunks;
mod floor;
mod isolation;
mod random;
mod retrieval;
mod sources;
