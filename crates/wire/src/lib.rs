//! Every type that crosses the network, once, for the server, the browser and the tests.
//!
//! Must not know: any framework, any I/O, the clock, `usize` (wasm is 32 bits wide), and no `cfg` but one: with the
//! feature `schema`, which is the server's, each type also derives its description (`docs/decisions/0008`). What travels
//! is the same with it and without it.
//! Start at [`socket`] for the chat, at [`problem`] for errors, at [`limit`] for sizes.
//! Every variant is pinned by a snapshot in `tests/it`: a change of the wire is a visible diff.

pub mod admin;
pub mod auth;
pub mod chatbot;
pub mod conversation;
pub mod document;
pub mod drawn;
pub mod feedback;
pub mod field;
pub mod health;
pub mod id;
pub mod limit;
pub mod message;
pub mod problem;
pub mod session;
pub mod socket;
pub mod time;

pub use field::FieldFault;
pub use id::{
    AuditId, ChatbotId, ClientMessageId, ConversationId, DocumentId, GenerationId, MessageId, SessionId,
    SignInId, UserId,
};
pub use problem::{Problem, ProblemCode};
pub use time::Timestamp;
