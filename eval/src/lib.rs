//! How well documents answer, measured on questions whose answers are known to the character.
//!
//! Must not know: the server. It sees retrieval as the server does: documents in, passages out. Start at [`measure`].

pub mod corpus;
pub mod measure;
pub mod vectors;
