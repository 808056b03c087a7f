//! `/chatbot` and `/chatbot/{id}`: the picker and the builder. The rules stand in [`crate::chatbot`].

use super::json::{Id, Json};
use crate::{app::AppState, auth::Authenticated, chatbot, problem::ApiResult};
use axum::{extract::State, http::StatusCode};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{
    ChatbotId,
    chatbot::{Chatbot, ChatbotPatch, NewChatbot},
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(one, change, delete))
}

/// One's own chatbots and those for everyone, oldest first; administrators see all.
#[utoipa::path(
    get,
    path = "/chatbot",
    tag = "chatbots",
    security(("bearer" = [])),
    responses((status = 200, body = Vec<Chatbot>, description = "What this user may see."))
)]
async fn list(State(app): State<AppState>, who: Authenticated) -> ApiResult<axum::Json<Vec<Chatbot>>> {
    Ok(axum::Json(chatbot::list(&app, &who.user).await?))
}

/// Makes a chatbot.
#[utoipa::path(
    post,
    path = "/chatbot",
    tag = "chatbots",
    security(("bearer" = [])),
    request_body = NewChatbot,
    responses((status = 201, body = Chatbot, description = "It is made."))
)]
async fn create(
    State(app): State<AppState>,
    who: Authenticated,
    Json(new): Json<NewChatbot>,
) -> ApiResult<(StatusCode, axum::Json<Chatbot>)> {
    Ok((
        StatusCode::CREATED,
        axum::Json(chatbot::create(&app, &who.user, new).await?),
    ))
}

/// A chatbot; with its settings for who may edit it.
#[utoipa::path(
    get,
    path = "/chatbot/{id}",
    tag = "chatbots",
    security(("bearer" = [])),
    params(("id" = ChatbotId, Path, description = "Which.")),
    responses((status = 200, body = Chatbot, description = "As it is now."))
)]
async fn one(
    State(app): State<AppState>,
    who: Authenticated,
    Id(id): Id<ChatbotId>,
) -> ApiResult<axum::Json<Chatbot>> {
    Ok(axum::Json(chatbot::get(&app, &who.user, id).await?))
}

/// Changes a chatbot of one's own: what is absent stays, `null` clears a model or a temperature.
#[utoipa::path(
    patch,
    path = "/chatbot/{id}",
    tag = "chatbots",
    security(("bearer" = [])),
    params(("id" = ChatbotId, Path, description = "Which.")),
    request_body = ChatbotPatch,
    responses((status = 200, body = Chatbot, description = "As it is now."))
)]
async fn change(
    State(app): State<AppState>,
    who: Authenticated,
    Id(id): Id<ChatbotId>,
    Json(patch): Json<ChatbotPatch>,
) -> ApiResult<axum::Json<Chatbot>> {
    Ok(axum::Json(chatbot::change(&app, &who.user, id, patch).await?))
}

/// Takes a chatbot away. Its conversations stay readable.
#[utoipa::path(
    delete,
    path = "/chatbot/{id}",
    tag = "chatbots",
    security(("bearer" = [])),
    params(("id" = ChatbotId, Path, description = "Which.")),
    responses((status = 204, description = "It is gone."))
)]
async fn delete(
    State(app): State<AppState>,
    who: Authenticated,
    Id(id): Id<ChatbotId>,
) -> ApiResult<StatusCode> {
    chatbot::delete(&app, &who.user, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
