//! Chat models behind one trait.
//!
//! Must not know: HTTP servers, sockets, storage, users.
//! Start at [`ChatModel`]. Implementations: `local` (llama.cpp in this process, feature `local`), `openai` (any
//! compatible URL), `scripted` (tests that need exact timing). One conformance suite for all: `tests/it/conformance`.

mod error;

mod channel;
pub mod chat;
#[cfg(feature = "local")]
pub mod local;
pub mod openai;
pub mod scripted;

pub use chat::{
    ChatEvent, ChatModel, ChatRequest, ChatRole, ChatStream, ChatTurn, FinishReason, ModelStatus, TokenUsage,
};
pub use error::ModelError;
pub use openai::{OpenAiConfig, OpenAiModel};
pub use scripted::ScriptedModel;
