//! The REST calls that the pages make, one function each.

use super::{
    Failure,
    request::{body, read, send},
    token,
};
use gloo_net::http::Method;
use wire::{
    ChatbotId, ConversationId, MessageId, ProblemCode, SessionId,
    auth::{Login, Register, ServerInfo, Ticket, TicketRequest},
    chatbot::Chatbot,
    conversation::{ConversationDetail, ConversationPage, MessagePage},
    session::{OpenSession, SessionOpened},
};

/// Sends a request as the user; once more with a new token when the one at hand has ended.
async fn as_user(method: Method, path: String, body: Option<String>) -> Result<String, Failure> {
    let token = token::current().await?;
    let answer = send(method.clone(), &path, body.clone(), Some(&token)).await;
    match &answer {
        Err(failure) if failure.code() == Some(ProblemCode::Unauthenticated) => {
            let token = token::renew().await?;
            send(method, &path, body, Some(&token)).await
        }
        _ => answer,
    }
}

async fn get(path: String) -> Result<String, Failure> {
    as_user(Method::GET, path, None).await
}

/// `POST /auth/login`: the cookies are set when it succeeds.
pub(crate) async fn login(login: &Login) -> Result<(), Failure> {
    send(Method::POST, "/auth/login", body(login), None).await.map(drop)
}

/// `POST /auth/register`, likewise.
pub(crate) async fn register(register: &Register) -> Result<(), Failure> {
    send(Method::POST, "/auth/register", body(register), None).await.map(drop)
}

/// `POST /auth/logout`.
pub(crate) async fn logout() -> Result<(), Failure> {
    send(Method::POST, "/auth/logout", None, None).await.map(drop)
}

/// `GET /info`.
pub(crate) async fn info() -> Result<ServerInfo, Failure> {
    read(&send(Method::GET, "/info", None, None).await?)
}

/// `GET /chatbot`.
pub(crate) async fn chatbots() -> Result<Vec<Chatbot>, Failure> {
    read(&get("/chatbot".to_owned()).await?)
}

/// `GET /chatbot/{id}`.
pub(crate) async fn chatbot(id: ChatbotId) -> Result<Chatbot, Failure> {
    read(&get(format!("/chatbot/{id}")).await?)
}

/// `GET /conversation`.
pub(crate) async fn conversations(cursor: Option<String>) -> Result<ConversationPage, Failure> {
    let path = match cursor {
        Some(cursor) => format!("/conversation?cursor={}", js_sys::encode_uri_component(&cursor)),
        None => "/conversation".to_owned(),
    };
    read(&get(path).await?)
}

/// `GET /conversation/{id}`.
pub(crate) async fn conversation(id: ConversationId) -> Result<ConversationDetail, Failure> {
    read(&get(format!("/conversation/{id}")).await?)
}

/// `GET /conversation/{id}/message`.
pub(crate) async fn messages(id: ConversationId, before: MessageId) -> Result<MessagePage, Failure> {
    read(&get(format!("/conversation/{id}/message?before={before}&limit=50")).await?)
}

/// `POST /chatbot/{id}/session`.
pub(crate) async fn open_session(id: ChatbotId, request: OpenSession) -> Result<SessionOpened, Failure> {
    read(&as_user(Method::POST, format!("/chatbot/{id}/session"), body(&request)).await?)
}

/// `POST /auth/ticket`.
pub(crate) async fn ticket(session_id: SessionId) -> Result<Ticket, Failure> {
    read(&as_user(Method::POST, "/auth/ticket".to_owned(), body(&TicketRequest { session_id })).await?)
}
