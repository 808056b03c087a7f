//! A file becomes typed text, in a process of its own that may die.
//!
//! Parsers of other people's formats are the one place where a stranger's bytes can overflow a stack or eat all memory,
//! and no `catch_unwind` helps against either. So they run in a child: the same program, a hidden subcommand, with
//! limits on memory, processor, time and output that it sets for itself before it reads a byte ([`run_child`]). The
//! server's side is [`Extractor`]: it starts the child, reads what it says, and turns every way to die into a sentence
//! that a person understands ([`ExtractError`]).
//!
//! Must not know: HTTP, the store, chunks, models. What it gives is [`rag::document::ExtractedText`].
//!
//! Start at [`Extractor::extract`] for the parent's side, at `child.rs` for the other, at `format.rs` for the formats:
//! a file each, `sniff.rs` says which.

mod archive;
mod child;
mod decode;
mod error;
mod format;
mod limits;
mod message;
mod outline;
mod pdf;
mod process;
mod sniff;
mod xml;

pub use child::run_child;
pub use error::ExtractError;
pub use limits::Limits;
pub use message::{News, Progress};
pub use process::{Extractor, Source};
pub use rag::document::ExtractedText;
pub use sniff::{Kind, sniff};
