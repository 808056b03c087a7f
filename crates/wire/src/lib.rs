//! Every type that crosses the network, once, for the server, the browser and the tests.
//!
//! Must not know: any framework, any I/O, the clock, `cfg`, `usize` (wasm is 32 bits wide).
//! Start at [`socket`] for the chat, at [`problem`] for errors, at [`limit`] for sizes.
//! Every variant is pinned by a snapshot in `tests/it`: a change of the wire is a visible diff.

pub mod auth;
pub mod chatbot;
pub mod conversation;
pub mod id;
pub mod limit;
pub mod message;
pub mod problem;
pub mod session;
pub mod socket;
pub mod time;

pub use id::{
    ChatbotId, ClientMessageId, ConversationId, GenerationId, MessageId, SessionId, SignInId, UserId,
};
pub use problem::{Problem, ProblemCode};
pub use time::Timestamp;
