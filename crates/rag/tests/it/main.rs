//! What the crate promises, held against random documents.

mod chunks;
mod isolation;
mod random;
mod retrieval;
mod sources;
