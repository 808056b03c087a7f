//! Messages: one record each, linked by `parent_id`.

use crate::{Result, search::SearchHit};
use wire::{
    ChatbotId, ClientMessageId, ConversationId, MessageId, Timestamp, UserId,
    message::{MessageRole, MessageStatus, Outcome},
};

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRecord {
    /// Which.
    pub id: MessageId,
    /// Where.
    pub conversation_id: ConversationId,
    /// The message it follows; `None` at the root.
    pub parent_id: Option<MessageId>,
    /// Given by the store, rising within the conversation; never clock order.
    pub position: u64,
    /// As the client gave it; unique within the conversation.
    pub client_message_id: Option<ClientMessageId>,
    /// Who said it.
    pub role: MessageRole,
    /// What was said; empty while `status` is `Generating`.
    pub text: String,
    /// Whether it is whole.
    pub status: MessageStatus,
    /// When it was added.
    pub created_at: Timestamp,
}

/// A message to add; the store gives its position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// Which.
    pub id: MessageId,
    /// Where.
    pub conversation_id: ConversationId,
    /// The message it follows.
    pub parent_id: Option<MessageId>,
    /// As the client gave it.
    pub client_message_id: Option<ClientMessageId>,
    /// Who said it.
    pub role: MessageRole,
    /// What was said.
    pub text: String,
    /// `Complete` for a prompt, `Generating` for an answer to come.
    pub status: MessageStatus,
    /// When.
    pub created_at: Timestamp,
}

/// What came of adding a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appended {
    /// It is stored, durably. It becomes visible when the active leaf moves to it or behind it.
    New(MessageRecord),
    /// A message with this `client_message_id` (or this id) was there: this one. Nothing was written.
    Existing(MessageRecord),
}

/// Messages.
#[async_trait::async_trait]
pub trait Messages {
    /// Adds a message. `NotFound("conversation")` when that was deleted, `NotFound("parent")` when the conversation has
    /// no such message.
    async fn append_message(&self, message: NewMessage) -> Result<Appended>;
    /// Adds a message and shows it: `append_message`, then
    /// [`move_active_leaf`](crate::conversation::Conversations::move_active_leaf) from its parent to it, in this order,
    /// as one durable write where the store can (a prompt waits for it). Repeated after a crash, it goes on where it
    /// broke off. The flag says whether the active leaf is this message now: for an `Existing` one, true means that
    /// nothing has followed it yet.
    ///
    /// With a `session_fence` it is shown only when no session of a higher fence was opened in, or left, this
    /// conversation: a node that slept while its session was replaced shows nothing any more.
    async fn append_visible_message(
        &self,
        message: NewMessage,
        session_fence: Option<u64>,
    ) -> Result<(Appended, bool)>;
    /// Takes away a message that never became visible: nothing follows it, and it is not the active leaf. False (and no
    /// change) when it is either, or is not there.
    async fn withdraw_message(&self, id: MessageId) -> Result<bool>;
    /// By the id its client gave it.
    async fn message_by_client_id(
        &self,
        conversation: ConversationId,
        client_message_id: ClientMessageId,
    ) -> Result<Option<MessageRecord>>;
    /// By id.
    async fn message(&self, id: MessageId) -> Result<Option<MessageRecord>>;
    /// The branch that ends at `leaf`, oldest first: the last `limit` messages of it, and whether there are older ones.
    async fn branch(&self, leaf: MessageId, limit: u32) -> Result<(Vec<MessageRecord>, bool)>;
    /// Gives a message that is `Generating` its text and status; false (and no change) when it was not `Generating`.
    async fn settle_message(&self, id: MessageId, text: &str, outcome: Outcome) -> Result<bool>;
    /// The messages of this user that have words of `query`, with this chatbot or with any, best first: at most `limit`.
    /// The last word may be a beginning. Nothing when there is no word in it. Messages of every branch are found, answers
    /// once they are settled.
    async fn search_messages(
        &self,
        user: UserId,
        query: &str,
        chatbot: Option<ChatbotId>,
        limit: u32,
    ) -> Result<Vec<SearchHit>>;
}
