//! What pages need, read by the browser over REST. By serde, which islands cannot afford: nobody counts the bytes here.

use crate::{
    data::{PageData, Place, Returned},
    net::{Failure, api, browser},
};
use async_trait::async_trait;
use send_wrapper::SendWrapper;
use serde::de::DeserializeOwned;
use wire::{
    ChatbotId, ClientMessageId, ConversationId, DocumentId, MessageId, Problem, ProblemCode, Timestamp,
    auth::{Device, ServerInfo, Theme, User},
    chatbot::Chatbot,
    conversation::{ConversationDetail, ConversationPage},
    document::{Document, DocumentText, SearchResult},
    feedback::FeedbackSummary,
};

/// What a page is drawn with: what it must know at once is read before it is drawn.
#[derive(Debug, Clone)]
pub(super) struct Read {
    info: ServerInfo,
    user: Option<User>,
}

impl Read {
    /// Asks who reads, if somebody is signed in, and what the server is.
    pub(super) async fn new(signed_in: bool) -> Result<Self, Failure> {
        let info = read(&api::get_as_nobody("/info".to_owned()).await?)?;
        let user = match signed_in {
            true => Some(read(&api::get("/auth/me".to_owned()).await?)?),
            false => None,
        };
        Ok(Self { info, user })
    }
}

fn read<T: DeserializeOwned>(answer: &str) -> Result<T, Failure> {
    serde_json::from_str(answer).map_err(|_| Failure::Network)
}

/// What the server answers, for a page. Pages may be drawn by any thread; a browser has one.
fn answered<T: DeserializeOwned>(
    answer: impl Future<Output = Result<String, Failure>> + 'static,
) -> impl Future<Output = Result<T, Problem>> + Send {
    SendWrapper::new(async move {
        let read = answer.await.and_then(|answer| read(&answer));
        read.map_err(|failure| problem(&failure))
    })
}

fn got<T: DeserializeOwned>(path: String) -> impl Future<Output = Result<T, Problem>> + Send {
    answered(api::get(path))
}

fn problem(failure: &Failure) -> Problem {
    let code = failure.code().unwrap_or(ProblemCode::Internal);
    Problem {
        kind: "about:blank".to_owned(),
        title: failure.text(),
        status: code.status(),
        detail: String::new(),
        code,
        request_id: String::new(),
        retry_after: None,
    }
}

fn word(id: Option<impl ToString>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

#[async_trait]
impl PageData for Read {
    fn info(&self) -> ServerInfo {
        self.info.clone()
    }

    fn user(&self) -> Option<User> {
        self.user.clone()
    }

    // Forms go to the server's own pages only; here they are sent by islands.
    fn form_token(&self) -> Option<String> {
        None
    }

    fn returned(&self) -> Option<Returned> {
        None
    }

    fn theme(&self) -> Theme {
        self.user.as_ref().map(|user| user.theme).unwrap_or_default()
    }

    fn prompt_id(&self) -> ClientMessageId {
        browser::new_client_message_id()
    }

    async fn devices(&self) -> Result<Vec<Device>, Problem> {
        got("/auth/sign-in".to_owned()).await
    }

    async fn chatbots(&self) -> Result<Vec<Chatbot>, Problem> {
        got("/chatbot".to_owned()).await
    }

    async fn chatbot(&self, id: ChatbotId) -> Result<Chatbot, Problem> {
        got(format!("/chatbot/{id}")).await
    }

    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, and the clock of a browser is beyond 1970"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(browser::now() as u64)
    }

    async fn conversations(
        &self,
        words: Option<String>,
        chatbot: Option<ChatbotId>,
    ) -> Result<ConversationPage, Problem> {
        let query = browser::query(&[("q", &words.unwrap_or_default()), ("chatbot_id", &word(chatbot))]);
        got(format!("/conversation{query}")).await
    }

    async fn conversation(
        &self,
        id: ConversationId,
        through: Option<MessageId>,
    ) -> Result<ConversationDetail, Problem> {
        let query = browser::query(&[("message", &word(through))]);
        got(format!("/conversation/{id}{query}")).await
    }

    async fn feedback(&self, bot: ChatbotId) -> Result<FeedbackSummary, Problem> {
        got(format!("/chatbot/{bot}/feedback")).await
    }

    async fn documents(&self, bot: ChatbotId) -> Result<Vec<Document>, Problem> {
        got(format!("/chatbot/{bot}/document")).await
    }

    async fn text(&self, bot: ChatbotId, id: DocumentId, place: Place) -> Result<DocumentText, Problem> {
        let (name, at) = match place {
            Place::Block(block) => ("from", block),
            Place::Character(character) => ("at", character),
        };
        got(format!("/chatbot/{bot}/document/{id}/text?{name}={at}")).await
    }

    async fn search(&self, bot: ChatbotId, query: String) -> Result<SearchResult, Problem> {
        answered(api::search(bot, &query)).await
    }
}
