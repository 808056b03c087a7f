//! What every [`store::Store`] keeps to ([`contract`]), run on SQLite, and what is particular to it ([`sqlite`]).
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod contract;
mod sqlite;
