//! Messages: one record each, linked by `parent_id` into the tree of a conversation.
//!
//! A message is written once, with one exception: an answer is `Generating` while a generation writes it, is settled by
//! that one, and may be reopened for another that goes on with it. Its text only ever grows, and does so when it is
//! settled.

use crate::{Result, search::SearchHit};
use wire::{
    ChatbotId, ClientMessageId, ConversationId, GenerationId, MessageId, Timestamp, UserId,
    document::Citation,
    feedback::Feedback,
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
    /// What was said. While `status` is `Generating`: what was said before that generation, nothing most often.
    pub text: String,
    /// Whether it is whole.
    pub status: MessageStatus,
    /// The generation that writes it while it is `Generating`, and that wrote it last otherwise. `None`: a prompt, or an
    /// answer from before this was noted.
    pub generation_id: Option<GenerationId>,
    /// What an answer rests on.
    pub citations: Vec<Citation>,
    /// The model that began an answer, by its name. `None`: a prompt, or an answer from before this was noted.
    pub model: Option<String>,
    /// What the user of the conversation thinks of an answer.
    pub feedback: Option<GivenFeedback>,
    /// When it was added.
    pub created_at: Timestamp,
}

/// What somebody thinks of an answer. It stands with the message: a conversation has one user, so it is theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenFeedback {
    /// What.
    pub feedback: Feedback,
    /// When it was said, or said otherwise.
    pub at: Timestamp,
}

/// Where a message stands in the tree, without what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageLink {
    /// Which.
    pub id: MessageId,
    /// The message it follows; `None` at the root.
    pub parent_id: Option<MessageId>,
    /// Who said it.
    pub role: MessageRole,
    /// As in [`MessageRecord`].
    pub position: u64,
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
    /// Who writes the answer to come.
    pub generation_id: Option<GenerationId>,
    /// With which model, by its name.
    pub model: Option<String>,
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
    /// [`move_active_leaf`](crate::conversation::Conversations::move_active_leaf) from `from` to it, in this order, as one
    /// durable write where the store can (a prompt waits for it). `from` is the leaf whose place it takes: its parent,
    /// when it goes on with the branch that is shown; the leaf that was seen, when it begins a branch of its own (an
    /// edited prompt, another answer). The flag says whether the active leaf is this message now.
    ///
    /// Repeated after a crash, it goes on where it broke off: an `Existing` message is shown when it follows the same
    /// parent as the one that was given, and nothing has followed it.
    ///
    /// With a `session_fence` it is shown only when no session of a higher fence was opened in, or left, this
    /// conversation: a node that slept while its session was replaced shows nothing any more.
    async fn append_visible_message(
        &self,
        message: NewMessage,
        from: Option<MessageId>,
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
    /// All messages of this conversation, on every branch, by position: at most `limit` behind the position `after`.
    async fn all_messages(
        &self,
        conversation: ConversationId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<MessageRecord>>;
    /// The messages of this conversation that follow one of `parents` (`None`: those at the root), by position: the
    /// siblings of a message, and the ways on from it.
    async fn children(
        &self,
        conversation: ConversationId,
        parents: &[Option<MessageId>],
    ) -> Result<Vec<MessageLink>>;
    /// Ends a message that this generation writes: `text` comes behind the text it has, and it has the status of
    /// `outcome`. False (and no change) when it is not `Generating`, or by another generation: who was taken over changes
    /// nothing in an answer that goes on without it. An answer from before its writer was noted is ended by any.
    async fn settle_message(
        &self,
        id: MessageId,
        generation: GenerationId,
        text: &str,
        outcome: Outcome,
    ) -> Result<bool>;
    /// Notes what an answer rests on, while this generation writes it: false (and no change) when it does not. Idempotent.
    async fn note_citations(
        &self,
        id: MessageId,
        generation: GenerationId,
        citations: &[Citation],
    ) -> Result<bool>;
    /// Keeps what the reader thinks of an answer, in place of what they thought before; `None` takes it back. False (and
    /// no change) when there is no such answer. Idempotent.
    async fn note_feedback(&self, id: MessageId, feedback: Option<GivenFeedback>) -> Result<bool>;
    /// What readers think of this chatbot's answers, the latest first: at most `limit`.
    async fn feedback_on(&self, chatbot: ChatbotId, limit: u32) -> Result<Vec<GivenFeedback>>;
    /// Makes an answer that broke off (`Stopped`, `Interrupted`, `Failed`) `Generating` again, now by `generation`; its
    /// text stays. `last` is its [`generation_id`](MessageRecord::generation_id) as it was seen: a compare-and-set on
    /// both, so that a generation that ended never comes back. True when it is `Generating` by this generation now, also
    /// when it was already.
    async fn reopen_message(
        &self,
        id: MessageId,
        generation: GenerationId,
        last: Option<GenerationId>,
    ) -> Result<bool>;
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
