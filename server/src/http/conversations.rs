//! `/conversation…`: the history and one conversation. The rules stand in [`crate::conversation`].

use super::json::{Id, Json, Query};
use crate::{
    app::AppState,
    auth::Authenticated,
    conversation::{self, HistoryQuery},
    problem::ApiResult,
};
use axum::{Router, extract::State, http::StatusCode, routing::get};
use serde::Deserialize;
use wire::{
    ChatbotId, ConversationId, MessageId,
    conversation::{Conversation, ConversationDetail, ConversationPage, ConversationPatch, MessagePage},
};

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/conversation", get(list))
        .route("/conversation/{id}", get(one).patch(change).delete(delete))
        .route("/conversation/{id}/message", get(messages))
}

#[derive(Deserialize)]
struct ListQuery {
    chatbot_id: Option<ChatbotId>,
    cursor: Option<String>,
    limit: Option<u32>,
}

#[derive(Deserialize)]
struct MessageQuery {
    before: Option<MessageId>,
    limit: Option<u32>,
}

async fn list(
    State(app): State<AppState>,
    who: Authenticated,
    Query(query): Query<ListQuery>,
) -> ApiResult<axum::Json<ConversationPage>> {
    let ListQuery {
        chatbot_id,
        cursor,
        limit,
    } = query;
    let query = HistoryQuery {
        chatbot_id,
        cursor,
        limit,
    };
    Ok(axum::Json(conversation::list(&app, &who.user, query).await?))
}

async fn one(
    State(app): State<AppState>,
    who: Authenticated,
    Id(id): Id<ConversationId>,
) -> ApiResult<axum::Json<ConversationDetail>> {
    Ok(axum::Json(conversation::detail(&app, &who.user, id).await?))
}

async fn messages(
    State(app): State<AppState>,
    who: Authenticated,
    Id(id): Id<ConversationId>,
    Query(query): Query<MessageQuery>,
) -> ApiResult<axum::Json<MessagePage>> {
    Ok(axum::Json(
        conversation::messages(&app, &who.user, id, query.before, query.limit).await?,
    ))
}

async fn change(
    State(app): State<AppState>,
    who: Authenticated,
    Id(id): Id<ConversationId>,
    Json(patch): Json<ConversationPatch>,
) -> ApiResult<axum::Json<Conversation>> {
    Ok(axum::Json(
        conversation::change(&app, &who.user, id, patch).await?,
    ))
}

async fn delete(
    State(app): State<AppState>,
    who: Authenticated,
    Id(id): Id<ConversationId>,
) -> ApiResult<StatusCode> {
    conversation::delete(&app, &who.user, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
