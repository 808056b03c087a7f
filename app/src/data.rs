//! What pages need to be drawn. On the server it comes from [`PageData`], in the browser over REST.

use async_trait::async_trait;
use wire::{
    ChatbotId, ConversationId, Problem,
    auth::{ServerInfo, User},
    chatbot::Chatbot,
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
