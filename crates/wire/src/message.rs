//! Messages as they are shown.

use crate::{MessageId, Timestamp, document::Citation, drawn::Drawn, feedback::Feedback};
use serde::{Deserialize, Serialize};

/// Who said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MessageRole {
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// How an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The model said all it had to say.
    Complete,
    /// Its reader stopped it; every chunk shown is kept.
    Stopped,
    /// The server died or was shut down in the middle: an exact prefix.
    Interrupted,
    /// The model failed in the middle: what there is.
    Failed,
    /// The model reached its limit of length: in the middle of a sentence, most often. It can go on.
    Cut,
}

/// Whether a message is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MessageStatus {
    /// Being written.
    Generating,
    /// See [`Outcome::Complete`]; prompts always are.
    Complete,
    /// See [`Outcome::Stopped`].
    Stopped,
    /// See [`Outcome::Interrupted`].
    Interrupted,
    /// See [`Outcome::Failed`].
    Failed,
    /// See [`Outcome::Cut`].
    Cut,
}

impl From<Outcome> for MessageStatus {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Complete => Self::Complete,
            Outcome::Stopped => Self::Stopped,
            Outcome::Interrupted => Self::Interrupted,
            Outcome::Failed => Self::Failed,
            Outcome::Cut => Self::Cut,
        }
    }
}

/// One message of `previous_messages` and of a page of history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Message {
    /// Which.
    pub id: MessageId,
    /// Who said it.
    pub role: MessageRole,
    /// What was said. The seed's name for it.
    pub message: String,
    /// When.
    pub created_at: Timestamp,
    /// The message it follows; `None` at the root.
    pub parent_id: Option<MessageId>,
    /// Whether it is whole.
    pub status: MessageStatus,
    /// Itself and the other messages that follow the same one (edited prompts, regenerated answers), oldest first. Empty
    /// when there is no other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub siblings: Vec<MessageId>,
    /// What an answer rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub citations: Vec<Citation>,
    /// How an answer's code and formulas are drawn.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drawn: Vec<Drawn>,
    /// The model that began an answer, by its name. Absent where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// What its reader thinks of an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback: Option<Feedback>,
}

/// Tokens that one generation took. As the model counts them; `None` where it does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Usage {
    /// Tokens read.
    pub prompt_tokens: Option<u32>,
    /// Tokens written.
    pub completion_tokens: Option<u32>,
}
