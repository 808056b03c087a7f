//! What a reader thinks of an answer, and what the chatbot's owner is told of that: the verdict and its reason, never who
//! it was, nor what was said.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// Thumb up or thumb down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It helped.
    Up,
    /// It did not.
    Down,
}

/// What is wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It is not true.
    Wrong,
    /// It answers something else.
    OffTopic,
    /// Something is missing.
    Incomplete,
    /// It cannot be understood, or is badly written.
    Unclear,
    /// It hurts somebody, or may.
    Harmful,
}

impl Reason {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 5] = [
        Self::Wrong,
        Self::OffTopic,
        Self::Incomplete,
        Self::Unclear,
        Self::Harmful,
    ];

    /// As on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wrong => "wrong",
            Self::OffTopic => "off_topic",
            Self::Incomplete => "incomplete",
            Self::Unclear => "unclear",
            Self::Harmful => "harmful",
        }
    }
}

/// What a reader thinks of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Feedback {
    /// In short.
    pub verdict: Verdict,
    /// Of a thumb down, if one was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// In the reader's own words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
}

/// `PUT /conversation/{id}/message/{message}/feedback`: takes the place of what was there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewFeedback {
    /// See [`Feedback::verdict`].
    pub verdict: Verdict,
    /// See [`Feedback::reason`].
    #[serde(default)]
    pub reason: Option<Reason>,
    /// See [`Feedback::comment`].
    #[serde(default)]
    pub comment: String,
}

/// `GET /chatbot/{id}/feedback`: what readers think of a chatbot's answers, the latest
/// [`FEEDBACK_TOLD`](crate::limit::FEEDBACK_TOLD) of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FeedbackSummary {
    /// Thumbs up.
    pub up: u32,
    /// Thumbs down.
    pub down: u32,
    /// How often each reason was chosen, the most frequent first; those that were never are absent.
    pub reasons: Vec<ReasonCount>,
    /// Those with words, the latest first: at most 100.
    pub comments: Vec<Comment>,
}

/// How often a reason was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ReasonCount {
    /// Which.
    pub reason: Reason,
    /// How often.
    pub count: u32,
}

/// What somebody said about an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Comment {
    /// In short.
    pub verdict: Verdict,
    /// If one was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// In their own words.
    pub comment: String,
    /// When.
    pub at: Timestamp,
}
