//! The REST calls that the pages make, one function each.

use super::{
    Failure, browser,
    request::{Answer, read, send},
    token,
};
use crate::{
    data::{
        Excerpt, Lines, Paper,
        read::{excerpt, lines as read_lines, paper},
    },
    json::{
        Value,
        read::{id as read_id, messages as read_messages, model},
        write::{self, quoted},
    },
};
use futures::FutureExt;
use gloo_net::http::Method;
use wire::{
    ChatbotId, ConversationId, DocumentId, MessageId, ProblemCode, SessionId,
    auth::{Login, ModelInfo, Register},
    message::Message,
    session::OpenSession,
};

/// What the server answers to whoever asks for this path.
#[cfg(feature = "csr")]
pub(crate) fn get_as_nobody(path: String) -> Answer {
    send(Method::GET, path, None, None)
}

/// What an answer would rest on: `POST /chatbot/{id}/search`, which gives a [`wire::document::SearchResult`].
#[cfg(feature = "csr")]
pub(crate) fn search(bot: ChatbotId, query: &str) -> Answer {
    let body = format!(r#"{{"query":{}}}"#, quoted(query));
    as_user(Method::POST, format!("/chatbot/{bot}/search"), Some(body))
}

/// `POST /auth/logout`, by the token.
#[cfg(feature = "csr")]
pub(crate) async fn log_out() -> Result<(), Failure> {
    as_user(Method::POST, "/auth/logout".to_owned(), None)
        .await
        .map(drop)
}

/// Sends a request as the user; once more with a new token when the one at hand has ended.
fn as_user(method: Method, path: String, body: Option<String>) -> Answer {
    async move {
        let token = token::current().await?;
        let answer = send(method.clone(), path.clone(), body.clone(), Some(token)).await;
        match &answer {
            Err(failure) if failure.code() == Some(ProblemCode::Unauthenticated) => {
                let token = token::renew().await?;
                send(method, path, body, Some(token)).await
            }
            _ => answer,
        }
    }
    .boxed_local()
}

/// What the server answers to the user who asks for this path.
pub(crate) fn get(path: String) -> Answer {
    as_user(Method::GET, path, None)
}

fn post(path: &str, body: Option<String>) -> Answer {
    send(Method::POST, path.to_owned(), body, None)
}

/// `POST /auth/login`: the cookies are set when it succeeds.
pub(crate) async fn login(login: &Login) -> Result<(), Failure> {
    post("/auth/login", Some(write::login(login)))
        .await
        .map(token::given)
}

/// `POST /auth/register`, likewise.
pub(crate) async fn register(register: &Register) -> Result<(), Failure> {
    post("/auth/register", Some(write::register(register)))
        .await
        .map(token::given)
}

/// `GET /info`: of a [`wire::auth::ServerInfo`], what answers.
pub(crate) async fn model_info() -> Result<ModelInfo, Failure> {
    let answer = send(Method::GET, "/info".to_owned(), None, None).await?;
    read(&answer, |mut value| model(value.take("model")))
}

/// `GET /conversation`: where these words were said, with this chatbot, behind this cursor. What is empty is not asked.
pub(crate) async fn conversations(words: &str, bot: &str, cursor: &str) -> Result<Lines, Failure> {
    let query = browser::query(&[("q", words), ("chatbot_id", bot), ("cursor", cursor)]);
    read(&get(format!("/conversation{query}")).await?, read_lines)
}

/// `PATCH /conversation/{id}`: another title.
pub(crate) async fn rename(id: ConversationId, title: &str) -> Result<(), Failure> {
    patch(id, format!(r#"{{"title":{}}}"#, quoted(title))).await
}

/// `PATCH /conversation/{id}`: before the others, or back among them.
pub(crate) async fn pin(id: ConversationId, pinned: bool) -> Result<(), Failure> {
    patch(id, format!(r#"{{"pinned":{pinned}}}"#)).await
}

async fn patch(id: ConversationId, body: String) -> Result<(), Failure> {
    as_user(Method::PATCH, path_of(id), Some(body)).await.map(drop)
}

fn path_of(id: ConversationId) -> String {
    format!("/conversation/{id}")
}

/// `DELETE /conversation/{id}`.
pub(crate) async fn delete(id: ConversationId) -> Result<(), Failure> {
    as_user(Method::DELETE, path_of(id), None).await.map(drop)
}

/// Sees to it that a token is at hand when there is no time to ask for one.
pub(crate) async fn make_ready() {
    let _ = token::current().await;
}

/// `DELETE /conversation/{id}`, while the page is being left: nobody hears how it went.
pub(crate) fn delete_and_leave(id: ConversationId) {
    if let Some(token) = token::held() {
        let _ = browser::send_and_leave("DELETE", &path_of(id), &token);
    }
}

/// What the browser reads of a [`wire::conversation::ConversationDetail`], and of a
/// [`wire::conversation::MessagePage`], which has no title.
pub(crate) struct Reread {
    pub(crate) title: Option<String>,
    pub(crate) messages: Vec<Message>,
    pub(crate) has_more: bool,
}

fn reread(mut value: Value) -> Option<Reread> {
    Some(Reread {
        title: value.text("title"),
        messages: read_messages(value.take("messages"))?,
        has_more: value.flag("has_more"),
    })
}

/// `GET /conversation/{id}`.
pub(crate) async fn conversation(id: ConversationId) -> Result<Reread, Failure> {
    read(&get(path_of(id)).await?, reread)
}

/// `PATCH /conversation/{id}`: shows the branch through this message.
pub(crate) async fn show_branch(id: ConversationId, message: MessageId) -> Result<(), Failure> {
    patch(id, format!(r#"{{"active_message_id":"{message}"}}"#)).await
}

/// `PUT /conversation/{id}/message/{message}/feedback`, or without a body `DELETE`.
pub(crate) async fn rate(
    id: ConversationId,
    message: MessageId,
    body: Option<String>,
) -> Result<(), Failure> {
    let method = if body.is_some() {
        Method::PUT
    } else {
        Method::DELETE
    };
    let path = format!("/conversation/{id}/message/{message}/feedback");
    as_user(method, path, body).await.map(drop)
}

/// `GET /conversation/{id}/message`.
pub(crate) async fn messages(id: ConversationId, before: MessageId) -> Result<Reread, Failure> {
    let path = format!("/conversation/{id}/message?before={before}&limit=50");
    read(&get(path).await?, reread)
}

/// What the browser reads of a [`wire::session::SessionOpened`].
pub(crate) struct Opened {
    pub(crate) session_id: SessionId,
    pub(crate) conversation_id: ConversationId,
    pub(crate) previous_messages: Vec<Message>,
    pub(crate) has_more: bool,
}

fn opened(mut value: Value) -> Option<Opened> {
    Some(Opened {
        session_id: read_id(&mut value, "session_id")?,
        conversation_id: read_id(&mut value, "conversation_id")?,
        previous_messages: read_messages(value.take("previous_messages"))?,
        has_more: value.flag("has_more"),
    })
}

/// `POST /chatbot/{id}/session`.
pub(crate) async fn open_session(id: ChatbotId, request: OpenSession) -> Result<Opened, Failure> {
    let body = Some(write::open_session(request));
    let answer = as_user(Method::POST, format!("/chatbot/{id}/session"), body);
    read(&answer.await?, opened)
}

/// `POST /auth/ticket`: what opens this session's socket, once.
pub(crate) async fn ticket(session: SessionId) -> Result<String, Failure> {
    let body = Some(write::ticket_request(session));
    let answer = as_user(Method::POST, "/auth/ticket".to_owned(), body);
    read(&answer.await?, |mut value| value.text("ticket"))
}

/// `GET /chatbot/{id}/document/{document}/text`: the part that the query asks for.
pub(crate) async fn document_text(bot: ChatbotId, id: DocumentId, query: &str) -> Result<Excerpt, Failure> {
    let path = format!("/chatbot/{bot}/document/{id}/text?{query}");
    read(&get(path).await?, excerpt)
}

/// `GET /chatbot/{id}/document`.
pub(crate) async fn documents(bot: ChatbotId) -> Result<Vec<Paper>, Failure> {
    let answer = get(format!("/chatbot/{bot}/document")).await?;
    read(&answer, |value| value.items(paper))
}

/// `POST …/reindex`, or `DELETE` of the document.
pub(crate) async fn change_document(
    bot: ChatbotId,
    id: DocumentId,
    change: DocumentChange,
) -> Result<(), Failure> {
    let (method, rest) = match change {
        DocumentChange::MakeAnew => (Method::POST, "/reindex"),
        DocumentChange::Delete => (Method::DELETE, ""),
    };
    as_user(method, format!("/chatbot/{bot}/document/{id}{rest}"), None)
        .await
        .map(drop)
}

/// What can be done with a document.
#[derive(Clone, Copy)]
pub(crate) enum DocumentChange {
    MakeAnew,
    Delete,
}

/// `POST /chatbot`, or `PATCH` of the one that there is: which one it is.
pub(crate) async fn save_chatbot(id: Option<ChatbotId>, body: String) -> Result<ChatbotId, Failure> {
    let (method, path) = match id {
        Some(id) => (Method::PATCH, format!("/chatbot/{id}")),
        None => (Method::POST, "/chatbot".to_owned()),
    };
    read(&as_user(method, path, Some(body)).await?, |mut value| {
        read_id(&mut value, "id")
    })
}

/// `DELETE /chatbot/{id}`.
pub(crate) async fn delete_chatbot(id: ChatbotId) -> Result<(), Failure> {
    as_user(Method::DELETE, format!("/chatbot/{id}"), None)
        .await
        .map(drop)
}
