//! Why a file gave no text, in words for the person who uploaded it.

use serde::{Deserialize, Serialize};

/// Why a file gave no text. [`code`](Self::code) is for programs, `Display` is one sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum ExtractError {
    /// A password is needed.
    #[error("The file is protected by a password. Remove the protection and upload it again.")]
    Encrypted,
    /// It is what it says, but cannot be read.
    #[error("The file is damaged: {what}.")]
    Damaged {
        /// What was seen, as half a sentence.
        what: String,
    },
    /// More bytes, or more text after unpacking, than is allowed.
    #[error("The file is too large: {what}.")]
    TooLarge {
        /// What was too much, as half a sentence.
        what: String,
    },
    /// More pages than are allowed.
    #[error("The file has {pages} pages; {limit} are allowed.")]
    TooManyPages {
        /// How many it has.
        pages: u32,
        /// How many it may have.
        limit: u32,
    },
    /// It took longer than is allowed.
    #[error("Reading the file took too long.")]
    TimedOut,
    /// It needed more memory than is allowed.
    #[error("Reading the file needs too much memory.")]
    OutOfMemory,
    /// The reader died: mostly things nested too deeply.
    #[error("The file could not be read: it brought its reader down. It is damaged, or made to do harm.")]
    Crashed,
    /// A kind of file that is not read.
    #[error("This kind of file is not supported: {what}.")]
    Unsupported {
        /// What it is, as far as is known.
        what: String,
    },
    /// Readable, and without a word in it.
    #[error("The file has no text: {what}.")]
    NoText {
        /// Why, as far as is known.
        what: String,
    },
    /// The reader could not be started or spoken to: the server's trouble, not the file's. Worth another try.
    #[error("The file could not be read right now: {what}.")]
    Unavailable {
        /// What the system said.
        what: String,
    },
}

impl ExtractError {
    /// The name of this error for programs: `encrypted`, `damaged`, `too_large` …
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Encrypted => "encrypted",
            Self::Damaged { .. } => "damaged",
            Self::TooLarge { .. } => "too_large",
            Self::TooManyPages { .. } => "too_many_pages",
            Self::TimedOut => "timed_out",
            Self::OutOfMemory => "out_of_memory",
            Self::Crashed => "crashed",
            Self::Unsupported { .. } => "unsupported",
            Self::NoText { .. } => "no_text",
            Self::Unavailable { .. } => "unavailable",
        }
    }

    /// Whether another try may end better: everything else is said of the file and stays true.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged { what: what.into() }
    }

    pub(crate) fn too_large(what: impl Into<String>) -> Self {
        Self::TooLarge { what: what.into() }
    }

    pub(crate) fn unsupported(what: impl Into<String>) -> Self {
        Self::Unsupported { what: what.into() }
    }

    pub(crate) fn no_text(what: impl Into<String>) -> Self {
        Self::NoText { what: what.into() }
    }
}
