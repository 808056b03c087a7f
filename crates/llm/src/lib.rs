//! Chat models behind one trait, embedding models behind another.
//!
//! Must not know: HTTP servers, sockets, storage, users.
//! Start at [`ChatModel`]. Implementations: `local` (llama.cpp in this process, feature `local`), `openai` (any
//! compatible URL), `scripted` (tests that need exact timing). One conformance suite for all: `tests/it/conformance`.
//! For search, start at [`Embedder`]: `local::embedder` and `openai::embeddings`.

mod error;

mod channel;
pub mod chat;
pub mod embed;
#[cfg(feature = "local")]
pub mod local;
pub mod openai;
pub mod scripted;

pub use chat::{
    ChatEvent, ChatModel, ChatRequest, ChatRole, ChatStream, ChatTurn, FinishReason, ModelStatus, TokenUsage,
};
pub use embed::{EmbedError, EmbedKind, EmbedPriority, Embedder};
pub use error::ModelError;
pub use openai::{OpenAiConfig, OpenAiEmbedder, OpenAiEmbedderConfig, OpenAiModel};
pub use scripted::ScriptedModel;
