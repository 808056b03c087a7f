//! What pages need to be drawn. The server gives it by [`PageData`], or a browser that draws whole pages reads it over the
//! wire ([`crate::alone`]); what an island needs of it travels to the browser in the page, by [`given`], and is read there by
//! [`read`].

#[cfg(feature = "ssr")]
mod admin;
#[cfg(feature = "pages")]
mod form;
pub(crate) mod given;
pub(crate) mod read;
#[cfg(feature = "pages")]
mod source;

#[cfg(feature = "ssr")]
pub use admin::AdminData;
#[cfg(feature = "ssr")]
pub(crate) use admin::admin_data;
#[cfg(feature = "pages")]
pub use form::{
    ACT, ANEW, CLIENT_MESSAGE_ID, DELETE, DOCUMENTS_FORM, FORM_TOKEN, MESSAGE, PROMPT_FORM, Returned, STOP,
};
#[cfg(feature = "pages")]
pub use source::{PageData, Place, SoFar};
#[cfg(feature = "pages")]
pub(crate) use source::{Trouble, chat_of, new_chat, page_data};

use serde::Serialize;
use wire::{
    ChatbotId, ConversationId, DocumentId, MessageId, SessionId, Timestamp,
    auth::ModelInfo,
    chatbot::Colour,
    document::{DocumentFault, DocumentStatus, Progress},
    message::Message,
};

/// The chatbot of a chat, as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bot {
    /// Which.
    pub id: ChatbotId,
    /// Shown everywhere.
    pub name: String,
    /// One or two sentences.
    pub description: String,
    /// Of its avatar.
    pub colour: Colour,
    /// Prompts to begin with, one a line.
    pub starters: String,
    /// Whether the reader may change it, and its documents: for the page that the server draws.
    #[serde(skip)]
    pub editable: bool,
    /// It was deleted: the conversation can be read, nothing can be added.
    pub gone: bool,
}

/// What a chat's page needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChatData {
    /// With whom.
    pub bot: Bot,
    /// `None`: nothing was said yet.
    pub stored: Option<Stored>,
}

/// What the island of a chat is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChatGiven {
    /// With whom, and what was said.
    pub data: ChatData,
    /// What answers.
    pub model: ModelInfo,
}

/// What the island of the history is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HistoryGiven {
    /// The newest conversations, or what was searched for; `None` when they could not be read.
    pub page: Option<Lines>,
    /// The one on the page.
    pub current: Option<ConversationId>,
    /// What is searched for.
    pub words: String,
    /// With which chatbot; empty: with all.
    pub bot: String,
    /// When the page was drawn.
    pub now: Timestamp,
}

/// What the form of the sign-in page is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignInGiven {
    /// What was typed before, where the server did not take it.
    pub email: String,
    /// Why it did not.
    pub problem: Option<String>,
    /// Whether somebody has just signed out here.
    pub forget: bool,
}

/// What the form of the sign-up page is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignUpGiven {
    /// A code that came with the address.
    pub invitation: Option<String>,
    /// Whether a code is needed that did not.
    pub ask_for_code: bool,
    /// What was typed before, where the server did not take it.
    pub email: String,
    /// Why it did not.
    pub problem: Option<String>,
}

/// Which chatbot the workshop's page is about; `None` for a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct WorkshopGiven {
    /// Its id.
    pub bot: Option<ChatbotId>,
}

/// What is stored of a chat: [`wire::conversation::ConversationDetail`] without what the page does not show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    /// The message that the address asks for, by its number among these.
    pub found: Option<u32>,
    /// Whether these are of another branch than the one that is shown: it is to be chosen.
    pub other_branch: bool,
    /// Whether an answer is being written in it: for the page that the server draws.
    #[serde(skip)]
    pub running: bool,
}

/// A page of the history: [`wire::conversation::ConversationPage`] without what the list does not show. What is not
/// read needs no reader, and wasm is paid by the byte.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Lines {
    /// Newest first.
    pub conversations: Vec<Line>,
    /// For `?cursor=`; `None` at the end.
    pub next_cursor: Option<String>,
}

/// A line of the history.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Line {
    /// Which conversation.
    pub id: ConversationId,
    /// With whom.
    pub chatbot_name: String,
    /// `None` until something was said.
    pub title: Option<String>,
    /// When a message was last added.
    pub updated_at: Timestamp,
    /// Whether it stands before the others.
    pub pinned: bool,
    /// Whether an answer is being written in it.
    pub running: bool,
    /// Of a search: what was found in it.
    pub found: Option<Found>,
}

/// What a search found in a conversation: [`wire::conversation::Found`] without what the list does not show.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Found {
    /// The message that fits best.
    pub message_id: MessageId,
    /// What matched and what stands around it.
    pub snippet: Vec<Snippet>,
}

/// A piece of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Snippet {
    /// Its text.
    pub text: String,
    /// Whether it is what was searched for.
    pub matched: bool,
}

/// A document in its chatbot's list: [`wire::document::Document`] without what the list does not show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Paper {
    /// Which.
    pub id: DocumentId,
    /// The file's name.
    pub name: String,
    /// The file's size.
    pub bytes: u64,
    /// How far it is.
    pub status: DocumentStatus,
    /// Of the present step.
    pub progress: Option<Progress>,
    /// Why it cannot be used.
    pub failure: Option<Fault>,
    /// Where the kind of file has any, once that is known.
    pub pages: Option<u32>,
    /// Passages, once that is known.
    pub chunks: Option<u32>,
}

/// Why a document cannot be used, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// For programs.
    pub fault: DocumentFault,
    /// A sentence.
    pub detail: String,
}

/// A part of a document's text: [`wire::document::DocumentText`] as it is read here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The document's name.
    pub name: String,
    /// The number of the first piece.
    pub from: u32,
    /// In order.
    pub blocks: Vec<Piece>,
    /// The number of the piece after the last one; `None` at the end of the document.
    pub next: Option<u32>,
}

/// A piece of a document's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub kind: Kind,
    /// Of a heading: 1 is the highest.
    pub level: Option<u8>,
    /// Where it begins in the document's text, in characters.
    pub start: u32,
    /// On which page.
    pub page: Option<u32>,
    /// What it says.
    pub text: String,
}

/// What a piece of a text is: see [`wire::document::BlockKind`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are documented on the wire")]
pub enum Kind {
    Heading,
    Paragraph,
    ListItem,
    Table,
    Code,
}
