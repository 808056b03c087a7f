//! Conversations: the history sidebar and one conversation's page.

use crate::{
    ChatbotId, ConversationId, MessageId, SessionId, Timestamp,
    message::{Message, MessageRole},
};
use serde::{Deserialize, Serialize};

/// A line of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Conversation {
    /// Which.
    pub id: ConversationId,
    /// With whom.
    pub chatbot_id: ChatbotId,
    /// The chatbot's name now, or as it was when the chatbot was deleted.
    pub chatbot_name: String,
    /// `None` until something was said.
    pub title: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When a message was last added.
    pub updated_at: Timestamp,
    /// Whether it stands before the others in the list.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
    /// Whether an answer is being written in it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub running: bool,
    /// In the answer to a search: its message that fits best.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<Found>,
}

/// A message that a search found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Found {
    /// Which.
    pub message_id: MessageId,
    /// Who said it.
    pub role: MessageRole,
    /// When.
    pub created_at: Timestamp,
    /// What matched and what stands around it, in pieces that join to one line.
    pub snippet: Vec<SnippetPiece>,
}

/// A piece of a snippet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SnippetPiece {
    /// Its text.
    pub text: String,
    /// Whether it is what was searched for.
    pub matched: bool,
}

/// `GET /conversation`: newest first; with `?q=` the best fitting first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ConversationPage {
    /// On the first page the pinned ones before all others; newest first. Of a search, the best fitting first.
    pub conversations: Vec<Conversation>,
    /// For `?cursor=`; `None` at the end.
    pub next_cursor: Option<String>,
}

/// `GET /conversation/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ConversationDetail {
    /// The conversation itself.
    #[serde(flatten)]
    pub conversation: Conversation,
    /// The newest messages of the active branch, oldest first; one being written is the last and has the
    /// text it had before its generation began: none, or what is being continued.
    pub messages: Vec<Message>,
    /// Whether there are older ones.
    pub has_more: bool,
    /// The user's active session, when it is this conversation's: a page may join it without evicting anybody.
    pub session_id: Option<SessionId>,
    /// Whether these messages are of another branch than the one that is shown: `?message=` asked for one of them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub other_branch: bool,
}

/// `GET /conversation/{id}/message?before=&limit=`: oldest first within the page, the page before `before`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MessagePage {
    /// Oldest first.
    pub messages: Vec<Message>,
    /// Whether there are older ones.
    pub has_more: bool,
}

/// `PATCH /conversation/{id}`: what is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ConversationPatch {
    /// A new title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Puts it before the others in the list, or back among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pinned: Option<bool>,
    /// Shows the branch that goes through this message, down to its latest leaf.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_message_id: Option<MessageId>,
}
