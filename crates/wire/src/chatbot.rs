//! Chatbots: what the picker shows and what their owner edits.

use crate::{ChatbotId, Timestamp, UserId};
use serde::{Deserialize, Deserializer, Serialize};

/// A name from a palette of 12: a free colour would need inline styles, which the CSP forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "colours say what they are")]
pub enum Colour {
    Clay,
    Coral,
    Amber,
    Moss,
    Leaf,
    #[default]
    Teal,
    Sky,
    Indigo,
    Violet,
    Plum,
    Rose,
    Slate,
}

impl Colour {
    /// All of them, in the palette's order.
    pub const ALL: [Self; 12] = [
        Self::Clay,
        Self::Coral,
        Self::Amber,
        Self::Moss,
        Self::Leaf,
        Self::Teal,
        Self::Sky,
        Self::Indigo,
        Self::Violet,
        Self::Plum,
        Self::Rose,
        Self::Slate,
    ];

    /// As on the wire and in class names.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clay => "clay",
            Self::Coral => "coral",
            Self::Amber => "amber",
            Self::Moss => "moss",
            Self::Leaf => "leaf",
            Self::Teal => "teal",
            Self::Sky => "sky",
            Self::Indigo => "indigo",
            Self::Violet => "violet",
            Self::Plum => "plum",
            Self::Rose => "rose",
            Self::Slate => "slate",
        }
    }
}

/// Who sees a chatbot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Its owner, and administrators.
    #[default]
    Private,
    /// Everyone who signed in.
    Everyone,
}

/// A chatbot as the picker shows it; with `settings` for who may edit it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Chatbot {
    /// Which.
    pub id: ChatbotId,
    /// Shown everywhere.
    pub name: String,
    /// One or two sentences.
    pub description: String,
    /// Of its avatar.
    pub colour: Colour,
    /// Who sees it.
    pub visibility: Visibility,
    /// Prompts to begin with, a line each: at most [`STARTERS`](crate::limit::STARTERS).
    #[serde(default)]
    pub starters: Vec<String>,
    /// `None`: it came with the program and belongs to the administrators.
    pub owner_id: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Present only for who may edit it: a system prompt is its owner's business.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<ChatbotSettings>,
}

/// How a chatbot answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ChatbotSettings {
    /// What the model is told before the conversation.
    pub system_prompt: String,
    /// A model of the provider's; `None`: the server's default.
    pub model: Option<String>,
    /// 0.0 to 2.0; `None`: the model's default.
    pub temperature: Option<f32>,
    /// Answers from its documents, and says so when there is nothing in them.
    #[serde(default)]
    pub documents_only: bool,
}

/// `POST /chatbot`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewChatbot {
    /// See [`Chatbot::name`].
    pub name: String,
    /// See [`Chatbot::description`].
    #[serde(default)]
    pub description: String,
    /// See [`ChatbotSettings::system_prompt`].
    #[serde(default)]
    pub system_prompt: String,
    /// See [`ChatbotSettings::model`].
    #[serde(default)]
    pub model: Option<String>,
    /// See [`ChatbotSettings::temperature`].
    #[serde(default)]
    pub temperature: Option<f32>,
    /// See [`Chatbot::colour`].
    #[serde(default)]
    pub colour: Colour,
    /// See [`Chatbot::visibility`].
    #[serde(default)]
    pub visibility: Visibility,
    /// See [`ChatbotSettings::documents_only`].
    #[serde(default)]
    pub documents_only: bool,
    /// See [`Chatbot::starters`].
    #[serde(default)]
    pub starters: Vec<String>,
}

/// `PATCH /chatbot/{id}`: what is absent stays as it is; `null` clears a model or a temperature.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ChatbotPatch {
    /// See [`Chatbot::name`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// See [`Chatbot::description`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// See [`ChatbotSettings::system_prompt`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system_prompt: Option<String>,
    /// See [`ChatbotSettings`]; `null` clears.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub model: Option<Option<String>>,
    /// See [`ChatbotSettings`]; `null` clears.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub temperature: Option<Option<f32>>,
    /// See [`Chatbot::colour`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colour: Option<Colour>,
    /// See [`Chatbot::visibility`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// See [`ChatbotSettings::documents_only`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documents_only: Option<bool>,
    /// See [`Chatbot::starters`]: all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starters: Option<Vec<String>>,
}

/// Tells an absent field (`None`, by default) from `null` (`Some(None)`).
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}
