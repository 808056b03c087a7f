//! Opening a session: the seed's first step.

use crate::{ChatbotId, ConversationId, SessionId, message::Message};
use serde::{Deserialize, Serialize};

/// `POST /chatbot/{id}/session`. The body may be empty: then the latest conversation with this chatbot goes on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct OpenSession {
    /// Goes on with this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<ConversationId>,
    /// Starts a new one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub new_conversation: bool,
}

/// The answer: the seed's five fields, and whether there is more history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SessionOpened {
    /// For `/ws/chat/{session_id}`.
    pub session_id: SessionId,
    /// The conversation this session is in.
    pub conversation_id: ConversationId,
    /// With whom.
    pub chatbot_id: ChatbotId,
    /// Shown at the top.
    pub chatbot_name: String,
    /// The last finished messages of the active branch, oldest first.
    pub previous_messages: Vec<Message>,
    /// Whether there are older ones.
    pub has_more: bool,
}
