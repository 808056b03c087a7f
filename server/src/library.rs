//! The documents of chatbots, and what answers rest on.
//!
//! Must not know: HTTP, frames. Routes (`http/documents.rs`) and pages call the same functions.
//! A file comes in by [`upload`]; [`ingest`] turns it into passages, on a thread that stands back ([`background`]); [`index`] keeps those of a chatbot in memory, as the
//! store has them; [`ground`] looks up what an answer rests on, and [`search`] shows the same to who builds the bot.
//! [`document`] is what its owner sees, [`contents`] the file and its text again. [`guide`] gives the guide chatbot
//! Parlance's own docs.
//!
//! Isolation is structural: an index belongs to one chatbot, and every use of one begins with the chatbot, which was found
//! by [`crate::chatbot::visible`].

pub mod contents;
pub mod document;
pub mod ground;
pub mod guide;
pub mod index;
pub mod ingest;
pub mod search;
pub mod upload;

pub(crate) mod background;
mod text;

use crate::config::DocumentConfig;
use extract::{Extractor, Limits};
use index::Indexes;
use ingest::{embed::Away, tell::Followed};
use tokio::sync::{Notify, Semaphore};

/// Texts that are read at the same time to show a page of each. Others wait.
const READING: usize = 4;

/// What the library of this process shares.
#[derive(Debug)]
pub struct Library {
    /// What is searched, by chatbot.
    pub indexes: Indexes,
    /// Reads files, in processes of their own.
    pub extractor: Extractor,
    /// How far those who have sockets here were told of their documents.
    followed: Followed,
    /// Who reads a text: each is whole in memory, for a page of it.
    reading: Semaphore,
    /// Embedding models that do not answer.
    away: Away,
    /// There may be a document to work on.
    waiting: Notify,
}

impl Library {
    /// Nothing is loaded yet.
    pub fn new(config: &DocumentConfig) -> Self {
        let limits = Limits {
            file_bytes: config.document_bytes,
            pages: config.document_pages,
            ..Limits::default()
        };
        Self {
            indexes: Indexes::new(config.index_memory),
            extractor: Extractor::of_this_program(limits),
            followed: Followed::default(),
            reading: Semaphore::new(READING),
            away: Away::default(),
            waiting: Notify::new(),
        }
    }

    /// The same with another reader of files: for tests, whose own program is not Parlance.
    pub fn reading_by(self, extractor: Extractor) -> Self {
        Self { extractor, ..self }
    }

    /// A document may wait for work.
    pub fn wake(&self) {
        self.waiting.notify_one();
    }
}
