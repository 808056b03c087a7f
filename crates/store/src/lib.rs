//! What Parlance remembers, in the words of the product.
//!
//! Must not know: HTTP, sockets, models, passwords in plain text. SQL is seen by `sqlite` only, BSON by `mongo` only.
//! Start at [`Store`], which is the sum of one trait a subject. Every implementation passes the contract suite in
//! `tests/it/contract`.
//!
//! Rules for every method: it is one atomic change of a single record, or ordered idempotent writes that can be
//! repeated after a crash at any point; none needs a transaction over several records. A method that returns `Ok`
//! has stored durably what it was given. Ids and times come from the caller (they are injected), positions and
//! fences from the store.

mod citations;
mod error;
mod hint;
mod lengths;
mod models;
mod mongo;
mod pages;
mod sqlite;
mod value;
mod vector;

pub mod audit;
pub mod chatbot;
pub mod conversation;
pub mod copy;
pub mod document;
pub mod generation;
pub mod message;
pub mod note;
pub mod search;
pub mod session;
pub mod sign_in;
pub mod standing;
pub mod usage;
pub mod user;

pub use error::StoreError;
pub use hint::{Hint, Hints};
pub use mongo::MongoStore;
pub use sqlite::{Copied, SqliteStore};

use wire::Timestamp;

/// The result of every store method.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Everything Parlance remembers.
#[async_trait::async_trait]
pub trait Store:
    user::Users
    + sign_in::SignIns
    + chatbot::Chatbots
    + document::Documents
    + conversation::Conversations
    + message::Messages
    + session::Sessions
    + generation::Generations
    + note::Notes
    + standing::Standings
    + usage::Usages
    + audit::Audits
    + std::fmt::Debug
    + Send
    + Sync
    + 'static
{
    /// Answers when the store can read and write. For `/readyz`.
    async fn ping(&self) -> Result<()>;

    /// True when no other process can serve from this store: whatever was left running there died with its process.
    fn is_exclusive(&self) -> bool;

    /// What time it is where the data is: the one clock that all nodes share. An embedded store has the machine's.
    async fn now(&self) -> Result<Timestamp>;

    /// Word of what other nodes changed, where the store can give it: `None` where it cannot, or where there are no
    /// other nodes. A hint says where to look sooner; it may come late, twice or never, and nothing depends on it.
    fn hints(&self) -> Option<Hints>;

    /// Finishes what is under way and closes. Later calls fail with [`StoreError::Unavailable`].
    async fn close(&self);
}
