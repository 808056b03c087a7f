//! Answers from documents: text with structure is cut into chunks, indexed, found again, and given to the model as data.
//!
//! Must not know: HTTP, sockets, storage, models, file formats. Everything here is a pure function of what it is given.
//! Start at [`document`], then follow the folders in the order of the work.

pub mod chunk;
pub mod citation;
pub mod clean;
pub mod document;
pub mod index;
pub mod prompt;
pub mod retrieve;
