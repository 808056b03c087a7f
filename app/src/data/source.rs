//! The server's side: where pages get their data while they are drawn.

use super::{Bot, ChatData, Line, Lines, Stored};
use async_trait::async_trait;
use leptos::prelude::use_context;
use std::sync::Arc;
use wire::{
    ChatbotId, ConversationId, Problem,
    auth::{ServerInfo, User},
    chatbot::{Chatbot, Colour},
    conversation::{Conversation, ConversationDetail, ConversationPage},
};

/// What the server gives to a page while it renders it, for the user who asked for the page. Handed in by
/// context as `Arc<dyn PageData>`.
#[async_trait]
pub trait PageData: Send + Sync {
    /// About this server; shown to everybody.
    fn info(&self) -> ServerInfo;
    /// Who asks; `None` on the sign-in and sign-up pages.
    fn user(&self) -> Option<User>;
    /// The chatbots this user may talk with.
    async fn chatbots(&self) -> Result<Vec<Chatbot>, Problem>;
    /// One of them.
    async fn chatbot(&self, id: ChatbotId) -> Result<Chatbot, Problem>;
    /// This user's conversations, newest first.
    async fn conversations(&self, cursor: Option<String>) -> Result<ConversationPage, Problem>;
    /// One of them, with its newest messages.
    async fn conversation(&self, id: ConversationId) -> Result<ConversationDetail, Problem>;
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
            Self::Said(problem.title)
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
            ..
        } = chatbot;
        Self {
            id,
            name,
            description,
            colour,
            gone: false,
        }
    }
}

impl From<ConversationPage> for Lines {
    fn from(page: ConversationPage) -> Self {
        let line = |conversation: Conversation| Line {
            id: conversation.id,
            chatbot_name: conversation.chatbot_name,
            title: conversation.title,
        };
        Self {
            conversations: page.conversations.into_iter().map(line).collect(),
            next_cursor: page.next_cursor,
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
pub(crate) async fn chat_of(data: Arc<dyn PageData>, id: ConversationId) -> Result<ChatData, Trouble> {
    let ConversationDetail {
        conversation,
        messages,
        has_more,
        session_id,
    } = data.conversation(id).await?;
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
    };
    Ok(ChatData {
        bot,
        stored: Some(stored),
    })
}
