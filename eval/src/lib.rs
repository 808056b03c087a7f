//! How well documents answer, measured on questions whose answers are known to the character.
//!
//! Must not know: the server. It sees retrieval as the server does: documents in, passages out. Start at [`measure`];
//! [`speed`] is the time a search takes, `ingest` the time until documents can be searched.

pub mod corpus;
#[cfg(feature = "local")]
pub mod embed;
#[cfg(feature = "local")]
pub mod ingest;
pub mod measure;
pub mod speed;
pub mod vectors;
