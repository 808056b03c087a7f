//! `POST /chatbot/{id}/session`, `DELETE /chatbot/session/{session_id}`.

use super::json::{self, Id};
use crate::{
    app::AppState,
    auth::Authenticated,
    problem::{ApiError, ApiResult},
    session::open,
};
use axum::{
    Json, Router,
    extract::{Request, State},
    http::StatusCode,
    routing::{delete, post},
};
use wire::{
    ChatbotId, ProblemCode, SessionId,
    session::{OpenSession, SessionOpened},
};

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/chatbot/{id}/session", post(open_session))
        .route("/chatbot/session/{session_id}", delete(close_session))
}

async fn open_session(
    State(app): State<AppState>,
    who: Authenticated,
    Id(chatbot_id): Id<ChatbotId>,
    request: Request,
) -> ApiResult<Json<SessionOpened>> {
    let body = json::bytes(request).await?;
    // The seed's client says that it sends JSON, and sends nothing.
    let request = if body.trim_ascii().is_empty() {
        OpenSession::default()
    } else {
        // By way of an object: a struct would be read from a list as well.
        serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&body)
            .and_then(|object| serde_json::from_value(object.into()))
            .map_err(|error| {
                ApiError::new(
                    ProblemCode::InvalidRequest,
                    format!("The body is not right: {error}"),
                )
            })?
    };
    open::open(&app, &who.user, who.sign_in, chatbot_id, request)
        .await
        .map(Json)
}

async fn close_session(
    State(app): State<AppState>,
    who: Authenticated,
    Id(session_id): Id<SessionId>,
) -> ApiResult<StatusCode> {
    open::close(&app, &who.user, session_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
