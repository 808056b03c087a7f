//! Where pages get their data while they are drawn: from the server itself, or over the wire ([`crate::alone`]).

use super::{
    Bot, ChatData, Excerpt, Fault, Found, Kind, Line, Lines, Paper, Piece, Returned, Snippet, Stored,
};
use crate::text;
use async_trait::async_trait;
use leptos::prelude::use_context;
use std::sync::Arc;
use wire::{
    ChatbotId, ClientMessageId, ConversationId, DocumentId, MessageId, Problem, Timestamp,
    auth::{Device, ServerInfo, Theme, User},
    chatbot::{Chatbot, Colour},
    conversation::{Conversation, ConversationDetail, ConversationPage, SnippetPiece},
    document::{BlockKind, Document, DocumentText, SearchResult, TextBlock},
    feedback::FeedbackSummary,
};

/// What a page is given while it is drawn, for the user who asked for it. Handed in by context as `Arc<dyn PageData>`.
#[async_trait]
pub trait PageData: Send + Sync {
    /// About this server; shown to everybody.
    fn info(&self) -> ServerInfo;
    /// Whether `/design` is there: for who works on the interface.
    fn shows_design(&self) -> bool {
        false
    }
    /// Who asks; `None` on the sign-in and sign-up pages.
    fn user(&self) -> Option<User>;
    /// For the forms on this page: they are taken with it only. `None` where nobody is signed in.
    fn form_token(&self) -> Option<String>;
    /// A form of this page that was not taken.
    fn returned(&self) -> Option<Returned>;
    /// How its reader wants to see it.
    fn theme(&self) -> Theme;
    /// A name for the next prompt: see [`CLIENT_MESSAGE_ID`](super::CLIENT_MESSAGE_ID).
    fn prompt_id(&self) -> ClientMessageId;
    /// The devices this user is signed in on, this one first.
    async fn devices(&self) -> Result<Vec<Device>, Problem>;
    /// The chatbots this user may talk with.
    async fn chatbots(&self) -> Result<Vec<Chatbot>, Problem>;
    /// One of them.
    async fn chatbot(&self, id: ChatbotId) -> Result<Chatbot, Problem>;
    /// What time it is.
    fn now(&self) -> Timestamp;
    /// This user's newest conversations, with this chatbot or with all; with words, those in which they were said.
    async fn conversations(
        &self,
        words: Option<String>,
        chatbot: Option<ChatbotId>,
    ) -> Result<ConversationPage, Problem>;
    /// One of them, with its newest messages, or with the branch through one of them.
    async fn conversation(
        &self,
        id: ConversationId,
        through: Option<MessageId>,
    ) -> Result<ConversationDetail, Problem>;
    /// What is written by now of the answer that is being written in one of them; `None` where none is, and where the
    /// page has a socket for it.
    async fn so_far(&self, _id: ConversationId) -> Result<Option<SoFar>, Problem> {
        Ok(None)
    }
    /// What readers think of the answers of a chatbot that this user may edit.
    async fn feedback(&self, bot: ChatbotId) -> Result<FeedbackSummary, Problem>;
    /// The documents of a chatbot that this user may edit, oldest first.
    async fn documents(&self, bot: ChatbotId) -> Result<Vec<Document>, Problem>;
    /// A part of a document's text.
    async fn text(&self, bot: ChatbotId, id: DocumentId, place: Place) -> Result<DocumentText, Problem>;
    /// What an answer to this question would rest on.
    async fn search(&self, bot: ChatbotId, query: String) -> Result<SearchResult, Problem>;
}

/// An answer that is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoFar {
    /// The prompt it answers.
    pub prompt_id: MessageId,
    /// The answer: its message may not be there yet.
    pub message_id: MessageId,
    /// What was written by now, behind what the message has.
    pub text: String,
}

/// Where a part of a text begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// With the block of this number.
    Block(u32),
    /// A little before this character.
    Character(u32),
}

/// The data of the page being drawn; `None` only while routes are listed.
pub(crate) fn page_data() -> Option<Arc<dyn PageData>> {
    use_context()
}

/// Why a page cannot be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// No such thing, or not this user's.
    Missing,
    /// What the server says.
    Said(String),
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        if problem.code.status() == 404 {
            Self::Missing
        } else {
            Self::Said(text::of_problem(problem.code, &problem.title))
        }
    }
}

impl From<Chatbot> for Bot {
    fn from(chatbot: Chatbot) -> Self {
        let Chatbot {
            id,
            name,
            description,
            colour,
            starters,
            settings,
            ..
        } = chatbot;
        Self {
            id,
            name,
            description,
            colour,
            starters: starters.join("\n"),
            editable: settings.is_some(),
            gone: false,
        }
    }
}

impl From<ConversationPage> for Lines {
    fn from(page: ConversationPage) -> Self {
        let piece = |piece: SnippetPiece| Snippet {
            text: piece.text,
            matched: piece.matched,
        };
        let line = |conversation: Conversation| Line {
            id: conversation.id,
            chatbot_name: conversation.chatbot_name,
            title: conversation.title,
            updated_at: conversation.updated_at,
            pinned: conversation.pinned,
            running: conversation.running,
            found: conversation.found.map(|found| Found {
                message_id: found.message_id,
                snippet: found.snippet.into_iter().map(piece).collect(),
            }),
        };
        Self {
            conversations: page.conversations.into_iter().map(line).collect(),
            next_cursor: page.next_cursor,
        }
    }
}

impl From<Document> for Paper {
    fn from(document: Document) -> Self {
        Self {
            id: document.id,
            name: document.name,
            bytes: document.bytes,
            status: document.status,
            progress: document.progress,
            failure: document.failure.map(|failure| Fault {
                fault: failure.fault,
                detail: failure.detail,
            }),
            pages: document.pages,
            chunks: document.chunks,
        }
    }
}

impl From<DocumentText> for Excerpt {
    fn from(text: DocumentText) -> Self {
        Self {
            name: text.name,
            from: text.from,
            blocks: text.blocks.into_iter().map(Piece::from).collect(),
            next: text.next,
        }
    }
}

impl From<TextBlock> for Piece {
    fn from(block: TextBlock) -> Self {
        let (kind, level) = match block.kind {
            BlockKind::Heading { level } => (Kind::Heading, Some(level)),
            BlockKind::Paragraph => (Kind::Paragraph, None),
            BlockKind::ListItem => (Kind::ListItem, None),
            BlockKind::Table => (Kind::Table, None),
            BlockKind::Code => (Kind::Code, None),
        };
        Self {
            kind,
            level,
            start: block.start,
            page: block.page,
            text: block.text,
        }
    }
}

/// A chat in which nothing was said.
pub(crate) async fn new_chat(data: Arc<dyn PageData>, id: ChatbotId) -> Result<ChatData, Trouble> {
    Ok(ChatData {
        bot: data.chatbot(id).await?.into(),
        stored: None,
    })
}

/// A conversation and its chatbot, which may be gone.
pub(crate) async fn chat_of(
    data: Arc<dyn PageData>,
    id: ConversationId,
    through: Option<MessageId>,
) -> Result<ChatData, Trouble> {
    let ConversationDetail {
        conversation,
        messages,
        has_more,
        session_id,
        other_branch,
    } = data.conversation(id, through).await?;
    let found = messages.iter().position(|message| Some(message.id) == through);
    let id = conversation.chatbot_id;
    let bot = match data.chatbot(id).await.map_err(Trouble::from) {
        Ok(chatbot) => chatbot.into(),
        Err(Trouble::Missing) => {
            let name = conversation.chatbot_name;
            Bot {
                id,
                name,
                description: String::new(),
                colour: Colour::Slate,
                starters: String::new(),
                editable: false,
                gone: true,
            }
        }
        Err(trouble) => return Err(trouble),
    };
    let stored = Stored {
        id: conversation.id,
        title: conversation.title,
        messages,
        has_more,
        session_id,
        found: found.and_then(|found| u32::try_from(found).ok()),
        other_branch,
        running: conversation.running,
    };
    Ok(ChatData {
        bot,
        stored: Some(stored),
    })
}
