//! `/chatbot` and `/chatbot/{id}`: the picker and the builder. The rules stand in [`crate::chatbot`].

use super::json::{Id, Json};
use crate::{app::AppState, auth::Authenticated, chatbot, problem::ApiResult};
use axum::{Router, extract::State, http::StatusCode, routing::get};
use wire::{
    ChatbotId,
    chatbot::{Chatbot, ChatbotPatch, NewChatbot},
};

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/chatbot", get(list).post(create))
        .route("/chatbot/{id}", get(one).patch(change).delete(delete))
}

async fn list(State(app): State<AppState>, who: Authenticated) -> ApiResult<axum::Json<Vec<Chatbot>>> {
    Ok(axum::Json(chatbot::list(&app, &who.user).await?))
}

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

async fn one(
    State(app): State<AppState>,
    who: Authenticated,
    Id(id): Id<ChatbotId>,
) -> ApiResult<axum::Json<Chatbot>> {
    Ok(axum::Json(chatbot::get(&app, &who.user, id).await?))
}

async fn change(
    State(app): State<AppState>,
    who: Authenticated,
    Id(id): Id<ChatbotId>,
    Json(patch): Json<ChatbotPatch>,
) -> ApiResult<axum::Json<Chatbot>> {
    Ok(axum::Json(chatbot::change(&app, &who.user, id, patch).await?))
}

async fn delete(
    State(app): State<AppState>,
    who: Authenticated,
    Id(id): Id<ChatbotId>,
) -> ApiResult<StatusCode> {
    chatbot::delete(&app, &who.user, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
