//! What pages need to be drawn. The server gives it by [`PageData`]; what an island needs of it travels to the
//! browser in the page.

#[cfg(feature = "ssr")]
mod source;

#[cfg(feature = "ssr")]
pub use source::PageData;
#[cfg(feature = "ssr")]
pub(crate) use source::{Trouble, chat_of, new_chat, page_data};

use serde::{Deserialize, Serialize};
use wire::{ChatbotId, chatbot::Colour, conversation::ConversationDetail};

/// The chatbot of a chat, as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bot {
    /// Which.
    pub id: ChatbotId,
    /// Shown everywhere.
    pub name: String,
    /// One or two sentences.
    pub description: String,
    /// Of its avatar.
    pub colour: Colour,
    /// It was deleted: the conversation can be read, nothing can be added.
    pub gone: bool,
}

/// What a chat's page needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatData {
    /// With whom.
    pub bot: Bot,
    /// `None`: nothing was said yet.
    pub detail: Option<ConversationDetail>,
}
