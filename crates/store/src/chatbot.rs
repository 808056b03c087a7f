//! Chatbots.

use crate::Result;
use wire::{
    ChatbotId, Timestamp, UserId,
    chatbot::{Colour, Visibility},
};

/// A chatbot, whole.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatbotRecord {
    /// Which.
    pub id: ChatbotId,
    /// `None`: it came with the program and belongs to the administrators.
    pub owner_id: Option<UserId>,
    /// For bots that came with the program: their word, unique, so that the first start makes each once.
    pub builtin: Option<String>,
    /// Shown everywhere.
    pub name: String,
    /// One or two sentences.
    pub description: String,
    /// What the model is told first.
    pub system_prompt: String,
    /// `None`: the server's default.
    pub model: Option<String>,
    /// `None`: the model's default.
    pub temperature: Option<f32>,
    /// Of its avatar.
    pub colour: Colour,
    /// Who sees it.
    pub visibility: Visibility,
    /// Answers from its documents alone.
    pub documents_only: bool,
    /// Prompts to begin with, a line each.
    pub starters: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Raised by each update; an update names the one it saw.
    pub version: u64,
}

/// Chatbots.
#[async_trait::async_trait]
pub trait Chatbots {
    /// Adds one. `Conflict("builtin")` when a bot with this word exists, or existed and was deleted.
    async fn create_chatbot(&self, chatbot: ChatbotRecord) -> Result<()>;
    /// By id; `None` when it was deleted.
    async fn chatbot(&self, id: ChatbotId) -> Result<Option<ChatbotRecord>>;
    /// What `user` may see, oldest first: their own and those for everyone; with `all`, everybody's.
    async fn chatbots_visible_to(&self, user: UserId, all: bool) -> Result<Vec<ChatbotRecord>>;
    /// Replaces all but `id`, `owner_id`, `builtin` and `created_at`, when the stored `version` equals
    /// `chatbot.version` (which is then raised). `Conflict("version")`, `NotFound("chatbot")`.
    async fn update_chatbot(&self, chatbot: ChatbotRecord) -> Result<()>;
    /// Takes it away. Its conversations stay readable. Idempotent; false when it was not there.
    async fn delete_chatbot(&self, id: ChatbotId, now: Timestamp) -> Result<bool>;
}
