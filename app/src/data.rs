//! What pages need to be drawn. The server gives it by [`PageData`]; what an island needs of it travels to the
//! browser in the page.

#[cfg(feature = "ssr")]
mod source;

#[cfg(feature = "ssr")]
pub use source::PageData;
#[cfg(feature = "ssr")]
pub(crate) use source::{Trouble, chat_of, new_chat, page_data};

use serde::{Deserialize, Serialize};
use wire::{ChatbotId, ConversationId, SessionId, chatbot::Colour, message::Message};

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
    pub stored: Option<Stored>,
}

/// What is stored of a chat: [`wire::conversation::ConversationDetail`] without what the page does not show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// Which conversation.
    pub id: ConversationId,
    /// `None` until something was said.
    pub title: Option<String>,
    /// The newest messages, oldest first.
    pub messages: Vec<Message>,
    /// Whether there are older ones.
    pub has_more: bool,
    /// The user's active session, when it is this conversation's.
    pub session_id: Option<SessionId>,
}

/// A page of the history: [`wire::conversation::ConversationPage`] without what the list does not show. What is not
/// read needs no reader, and wasm is paid by the byte.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lines {
    /// Newest first.
    pub conversations: Vec<Line>,
    /// For `?cursor=`; `None` at the end.
    pub next_cursor: Option<String>,
}

/// A line of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Which conversation.
    pub id: ConversationId,
    /// With whom.
    pub chatbot_name: String,
    /// `None` until something was said.
    pub title: Option<String>,
}
