//! What pages need to be drawn. On the server it comes from [`PageData`], in the browser over REST.

use crate::net::{self, api};
use async_trait::async_trait;
use leptos::prelude::use_context;
use send_wrapper::SendWrapper;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use wire::{
    ChatbotId, ConversationId, Problem,
    auth::{ServerInfo, User},
    chatbot::{Chatbot, Colour},
    conversation::{ConversationDetail, ConversationPage},
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

/// Why a page cannot be drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Trouble {
    /// No such thing, or not this user's.
    Missing,
    /// What the server says.
    Said(String),
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        if problem.code.status() == 404 { Self::Missing } else { Self::Said(problem.title) }
    }
}

impl From<net::Failure> for Trouble {
    fn from(failure: net::Failure) -> Self {
        match failure {
            net::Failure::Problem(problem) => problem.into(),
            net::Failure::Network => Self::Said(failure.text()),
        }
    }
}

/// The chatbot of a chat, as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bot {
    pub(crate) id: ChatbotId,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) colour: Colour,
    /// It was deleted: the conversation can be read, nothing can be added.
    pub(crate) gone: bool,
}

impl From<Chatbot> for Bot {
    fn from(chatbot: Chatbot) -> Self {
        let Chatbot { id, name, description, colour, .. } = chatbot;
        Self { id, name, description, colour, gone: false }
    }
}

/// What the chat page needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChatData {
    pub(crate) bot: Bot,
    /// `None`: nothing was said yet.
    pub(crate) detail: Option<ConversationDetail>,
}

/// Where pages get their data: the server's own, or REST.
#[derive(Clone)]
pub(crate) struct Source(Option<Arc<dyn PageData>>);

impl Source {
    /// The source of the page being drawn.
    pub(crate) fn here() -> Self {
        Self(use_context())
    }

    pub(crate) async fn chatbots(self) -> Result<Vec<Chatbot>, Trouble> {
        match self.0 {
            Some(data) => Ok(data.chatbots().await?),
            None => Ok(SendWrapper::new(api::chatbots()).await?),
        }
    }

    pub(crate) async fn chatbot(&self, id: ChatbotId) -> Result<Chatbot, Trouble> {
        match &self.0 {
            Some(data) => Ok(data.chatbot(id).await?),
            None => Ok(SendWrapper::new(api::chatbot(id)).await?),
        }
    }

    pub(crate) async fn conversations(self) -> Result<ConversationPage, Trouble> {
        match self.0 {
            Some(data) => Ok(data.conversations(None).await?),
            None => Ok(SendWrapper::new(api::conversations(None)).await?),
        }
    }

    /// A chat in which nothing was said.
    pub(crate) async fn new_chat(self, id: ChatbotId) -> Result<ChatData, Trouble> {
        Ok(ChatData { bot: self.chatbot(id).await?.into(), detail: None })
    }

    /// A conversation and its chatbot.
    pub(crate) async fn conversation(self, id: ConversationId) -> Result<ChatData, Trouble> {
        let detail = match &self.0 {
            Some(data) => data.conversation(id).await?,
            None => SendWrapper::new(api::conversation(id)).await?,
        };
        let id = detail.conversation.chatbot_id;
        let bot = match self.chatbot(id).await {
            Ok(chatbot) => chatbot.into(),
            Err(Trouble::Missing) => {
                let name = detail.conversation.chatbot_name.clone();
                Bot { id, name, description: String::new(), colour: Colour::Slate, gone: true }
            }
            Err(trouble) => return Err(trouble),
        };
        Ok(ChatData { bot, detail: Some(detail) })
    }
}
