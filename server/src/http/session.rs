//! `POST /chatbot/{id}/session`, `DELETE /chatbot/session/{session_id}`.

use super::json::{self, Id};
use crate::{
    app::AppState,
    auth::Authenticated,
    problem::{ApiError, ApiResult},
    session::open,
};
use axum::{
    Json,
    extract::{Request, State},
    http::StatusCode,
};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{
    ChatbotId, ProblemCode, SessionId,
    session::{OpenSession, SessionOpened},
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(open_session))
        .routes(routes!(close_session))
}

/// Opens a session with a chatbot, or joins the active one when it is in the same conversation.
///
/// The user's active session elsewhere is closed by this. Without a body the latest conversation goes on.
#[utoipa::path(
    post,
    path = "/chatbot/{id}/session",
    tag = "chat",
    security(("bearer" = [])),
    params(("id" = ChatbotId, Path, description = "With whom.")),
    request_body = Option<OpenSession>,
    responses((status = 200, body = SessionOpened, description = "The session is the user's active one."))
)]
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

/// Closes a session for all its tabs. An answer that is being written goes on.
#[utoipa::path(
    delete,
    path = "/chatbot/session/{session_id}",
    tag = "chat",
    security(("bearer" = [])),
    params(("session_id" = SessionId, Path, description = "Which.")),
    responses((status = 204, description = "It is closed, or was."))
)]
async fn close_session(
    State(app): State<AppState>,
    who: Authenticated,
    Id(session_id): Id<SessionId>,
) -> ApiResult<StatusCode> {
    open::close(&app, &who.user, session_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
