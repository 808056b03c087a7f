//! What every [`store::Store`] keeps to ([`contract`]), run on SQLite and on MongoDB, and what is particular to
//! each ([`sqlite`], [`mongo`]).
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod contract;
mod mongo;
mod sqlite;
