//! `GET /ws/chat/{session_id}`, as a route. What happens on it stands in [`crate::chat::upgrade`].

use super::json::Query;
use crate::{
    app::AppState,
    chat::upgrade::{SocketQuery, upgrade},
    problem::{ApiError, ApiResult},
};
use axum::{
    extract::{
        Path, State, WebSocketUpgrade, rejection::PathRejection, ws::rejection::WebSocketUpgradeRejection,
    },
    http::HeaderMap,
    response::Response,
};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{GenerationId, ProblemCode, SessionId};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(open_socket))
}

/// Opens the chat's socket. What is said on it: /asyncapi.json.
///
/// Without `token`, `Authorization: Bearer` counts, and on the server's own pages the session's cookie.
#[utoipa::path(
    get,
    path = "/ws/chat/{session_id}",
    tag = "chat",
    security((), ("bearer" = []), ("ticket" = [])),
    params(
        ("session_id" = SessionId, Path, description = "The user's active session."),
        ("token" = Option<String>, Query, description = "An access token, or a ticket to this session."),
        ("generation_id" = Option<GenerationId>, Query, description = "The answer to go on with."),
        ("after_seq" = Option<u64>, Query, description = "The last delta of it that is known.", minimum = 0),
    ),
    responses((status = 101, description = "The socket is open."))
)]
async fn open_socket(
    app: State<AppState>,
    session: Result<Path<String>, PathRejection>,
    query: Query<SocketQuery>,
    headers: HeaderMap,
    handshake: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> ApiResult<Response> {
    let handshake = handshake.map_err(|why| ApiError::new(ProblemCode::InvalidRequest, why.body_text()))?;
    // What is no text is no id either.
    let session = session.map(|Path(id)| id).unwrap_or_default();
    upgrade(app.0, &session, query.0, headers, handshake).await
}
