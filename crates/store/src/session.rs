//! Sessions: the one place a user chats from, over all server nodes.
//!
//! One record a user, changed by one find-and-update that raises its fence. An id that is not the user's current
//! active session is unknown: closed and replaced sessions need no record.

use crate::Result;
use wire::{ChatbotId, ConversationId, SessionId, SignInId, Timestamp, UserId};

/// A user's active session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// Which.
    pub id: SessionId,
    /// Whose.
    pub user_id: UserId,
    /// The sign-in that opened it.
    pub sign_in_id: SignInId,
    /// With whom.
    pub chatbot_id: ChatbotId,
    /// In which conversation.
    pub conversation_id: ConversationId,
    /// Given by the store, raised each time the user opens another session.
    pub fence: u64,
    /// The server process that opened it or served it last.
    pub node_id: String,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When its client was last heard of.
    pub last_seen_at: Timestamp,
}

/// A session to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// Its id, if it is opened.
    pub id: SessionId,
    /// Whose.
    pub user_id: UserId,
    /// By which sign-in.
    pub sign_in_id: SignInId,
    /// With whom.
    pub chatbot_id: ChatbotId,
    /// In which conversation.
    pub conversation_id: ConversationId,
    /// On which server process.
    pub node_id: String,
    /// Now.
    pub now: Timestamp,
}

/// What came of opening a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenedSession {
    /// A new one; the one before, if any, is closed by this.
    New {
        /// The new one.
        session: SessionRecord,
        /// What it replaced.
        replaced: Option<SessionId>,
    },
    /// The active session is in this very conversation: it is shared (`last_seen_at` is set).
    Shared(SessionRecord),
}

/// Sessions.
#[async_trait::async_trait]
pub trait Sessions {
    /// Opens a session, or shares the active one when it is in the same conversation. A new one raises the user's fence;
    /// before this returns, the conversation it is in and the one it left know the new fence (see
    /// [`append_visible_message`](crate::message::Messages::append_visible_message)).
    async fn open_session(&self, session: NewSession) -> Result<OpenedSession>;
    /// By id; `None` unless it is its user's active session.
    async fn session(&self, id: SessionId) -> Result<Option<SessionRecord>>;
    /// The user's active session.
    async fn session_of(&self, user: UserId) -> Result<Option<SessionRecord>>;
    /// Those of `ids` that are active, in no order: what a node asks again and again about the sessions that are open on
    /// it.
    async fn active_sessions(&self, ids: &[SessionId]) -> Result<Vec<SessionRecord>>;
    /// Notes that its client was heard of; false when it is not active any more.
    async fn touch_session(&self, id: SessionId, node_id: &str, now: Timestamp) -> Result<bool>;
    /// Closes it, and raises the fence, which its conversation then knows; false when it was not active. Idempotent.
    async fn close_session(&self, id: SessionId) -> Result<bool>;
    /// Forgets this user's, and its fence: for an account that is taken away with all its conversations. Idempotent.
    async fn delete_session_of(&self, user: UserId) -> Result<()>;
    /// Active sessions whose client was last heard of before `before`, at most `limit`.
    async fn sessions_silent_since(&self, before: Timestamp, limit: u32) -> Result<Vec<SessionRecord>>;
    /// [`close_session`](Self::close_session), if it was still silent: a compare-and-set on `last_seen_at < before`.
    async fn close_silent_session(&self, id: SessionId, before: Timestamp) -> Result<bool>;

    /// When the last session of each of these users was heard of; those who had none are missing.
    async fn last_seen(&self, users: &[UserId]) -> Result<Vec<(UserId, Timestamp)>>;
}
