//! Conversations: a tree of messages with one active leaf.

use crate::Result;
use wire::{ChatbotId, ConversationId, MessageId, Timestamp, UserId};

/// A conversation without its messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationRecord {
    /// Which.
    pub id: ConversationId,
    /// Whose.
    pub user_id: UserId,
    /// With whom.
    pub chatbot_id: ChatbotId,
    /// The chatbot's name when the conversation was made: shown when the bot is gone.
    pub chatbot_name: String,
    /// `None` until something was said.
    pub title: Option<String>,
    /// The last message of the branch that is shown; `None` while empty. Changed by compare-and-set only:
    /// a message is visible when it is reachable from here.
    pub active_leaf: Option<MessageId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When a message was last added.
    pub updated_at: Timestamp,
    /// Whether its user wants it before the others.
    pub pinned: bool,
}

/// Where a page of conversations ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConversationCursor {
    /// Of the last one shown.
    pub updated_at: Timestamp,
    /// Of the last one shown.
    pub id: ConversationId,
}

/// How much somebody has said here, and was said to them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ConversationCounts {
    /// Conversations that have a message.
    pub conversations: u64,
    /// Messages in them, on all branches.
    pub messages: u64,
}

/// Conversations.
#[async_trait::async_trait]
pub trait Conversations {
    /// Adds one. `Conflict("conversation")` when the id exists.
    async fn create_conversation(&self, conversation: ConversationRecord) -> Result<()>;
    /// By id; `None` when it was deleted.
    async fn conversation(&self, id: ConversationId) -> Result<Option<ConversationRecord>>;
    /// Those of `ids` that are there, in no order: what a node asks again and again about the conversations that are
    /// open on it.
    async fn conversations_by_id(&self, ids: &[ConversationId]) -> Result<Vec<ConversationRecord>>;
    /// The user's latest conversation with this chatbot (by `updated_at`, then id), empty ones included.
    async fn latest_conversation(
        &self,
        user: UserId,
        chatbot: ChatbotId,
    ) -> Result<Option<ConversationRecord>>;
    /// An empty conversation of this user with this chatbot, if there is one: asked for before another is made.
    async fn empty_conversation(
        &self,
        user: UserId,
        chatbot: ChatbotId,
    ) -> Result<Option<ConversationRecord>>;
    /// The user's conversations that have a message, latest first, at most `limit`, after `after`.
    async fn conversations(
        &self,
        user: UserId,
        chatbot: Option<ChatbotId>,
        after: Option<ConversationCursor>,
        limit: u32,
    ) -> Result<Vec<ConversationRecord>>;
    /// All of the user's conversations, empty ones too, by id: at most `limit` after `after`. What happens in them meanwhile
    /// changes nothing in their order.
    async fn all_conversations(
        &self,
        user: UserId,
        after: Option<ConversationId>,
        limit: u32,
    ) -> Result<Vec<ConversationRecord>>;
    /// The user's pinned conversations that have a message, latest first, at most `limit`.
    async fn pinned_conversations(&self, user: UserId, limit: u32) -> Result<Vec<ConversationRecord>>;
    /// Counts the user's conversations that have a message, and their messages, by what indexes say: no text is read. It
    /// takes the longer the more there is, and is for a few users at a time.
    async fn conversation_counts(&self, user: UserId) -> Result<ConversationCounts>;
    /// Pins it, or lets it go. `NotFound("conversation")`.
    async fn set_pinned(&self, id: ConversationId, pinned: bool) -> Result<()>;
    /// Replaces the title. `NotFound("conversation")`.
    async fn set_title(&self, id: ConversationId, title: &str) -> Result<()>;
    /// Gives a title where there is none: true when it was given.
    async fn set_first_title(&self, id: ConversationId, title: &str) -> Result<bool>;
    /// Replaces the title `from` by `to`: true when it was `from`. Nobody's own title is lost to one that was made up.
    async fn replace_title(&self, id: ConversationId, from: &str, to: &str) -> Result<bool>;
    /// Moves the active leaf from `from` to `to` and sets `updated_at`: true when it was at `from` (or at `to` already).
    async fn move_active_leaf(
        &self,
        id: ConversationId,
        from: Option<MessageId>,
        to: MessageId,
        now: Timestamp,
    ) -> Result<bool>;
    /// Takes it away with its messages. Idempotent; false when it was not there.
    async fn delete_conversation(&self, id: ConversationId, now: Timestamp) -> Result<bool>;
}
