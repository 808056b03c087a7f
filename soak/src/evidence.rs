//! What is stored when all is over: histories as REST tells them, and the records as they lie in the database.
//!
//! Read by `sqlite` or `mongodb` with queries of their own: the program's store is what is being tested.

use crate::Done;
use crate::database::Mongodb;
use std::path::PathBuf;
use wire::message::{Message, Outcome};
use wire::{ConversationId, GenerationId, MessageId, SessionId, UserId};

mod mongodb;
mod sqlite;

pub use mongodb::about;

/// All that is stored.
#[derive(Debug, Default)]
pub struct Evidence {
    /// Every conversation that a user was in.
    pub histories: Vec<History>,
    /// The database.
    pub records: Records,
}

/// A conversation as its owner reads it.
#[derive(Debug, Clone)]
pub struct History {
    /// Which.
    pub id: ConversationId,
    /// All of its active branch, oldest first.
    pub messages: Vec<Message>,
}

/// The database's own records.
#[derive(Debug, Default)]
pub struct Records {
    /// Runs of the model.
    pub generations: Vec<Generation>,
    /// Their logs.
    pub batches: Vec<Batch>,
    /// Sessions that are active.
    pub sessions: Vec<ActiveSession>,
    /// All messages, also those that no branch shows.
    pub messages: Vec<Message>,
    /// `client_message_id`s that stand more than once in one conversation, with anything that names them.
    pub repeated: Vec<String>,
}

/// A run of the model.
#[derive(Debug, Clone)]
pub struct Generation {
    /// Which.
    pub id: GenerationId,
    /// The answer it writes.
    pub message: MessageId,
    /// Bytes of its text from before: not 0 when it went on with an answer.
    pub offset: usize,
    /// The record's own, after everything.
    pub fence: u64,
    /// `None` while it runs.
    pub outcome: Option<Outcome>,
    /// Whether its text has moved into the message.
    pub settled: bool,
}

/// A record of a log.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Of which run.
    pub generation: GenerationId,
    /// Of the first delta.
    pub first_seq: u64,
    /// Of the first delta behind it. Of a seal it means nothing.
    pub next_seq: u64,
    /// Of who wrote it.
    pub fence: u64,
    /// `None`: the seal.
    pub text: Option<String>,
}

/// Who is where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActiveSession {
    /// Whose.
    pub user: UserId,
    /// Which.
    pub session: SessionId,
}

/// Where the records lie.
#[derive(Debug, Clone)]
pub enum Archive {
    /// One file.
    Sqlite(PathBuf),
    /// A database in a server.
    Mongodb(Mongodb),
}

impl Archive {
    /// Reads all records.
    ///
    /// # Errors
    /// The database does not answer, or holds what cannot be understood.
    pub async fn read(&self) -> Done<Records> {
        match self {
            Self::Sqlite(file) => {
                let file = file.clone();
                tokio::task::spawn_blocking(move || sqlite::read(&file)).await?
            }
            Self::Mongodb(database) => mongodb::read(database).await,
        }
    }
}

impl Archive {
    /// Takes away what nobody needs any more. Files lie in a folder that goes as a whole.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn discard(&self) -> Done {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Mongodb(database) => mongodb::drop(database).await,
        }
    }
}

/// An outcome, a role or a status by its word.
fn of_word<T: serde::de::DeserializeOwned>(word: &str) -> Done<T> {
    Ok(serde_json::from_value(word.into())?)
}
