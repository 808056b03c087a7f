//! `GET /healthz`: the process lives. `GET /readyz`: it can take a prompt now, or which part of it cannot.

use crate::app::{App, AppState};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use llm::ModelStatus;
use std::time::Duration;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{
    auth::ModelState,
    health::{DatabaseState, Readiness, ServerState},
};

/// The database gets this long to take a write: who asks has a limit, too, and "slow" is an answer.
const PATIENCE: Duration = Duration::from_secs(1);
/// When it makes sense to ask again, in seconds.
const ASK_AGAIN: &str = "2";

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(alive)).routes(routes!(ready))
}

/// Says that the process lives. Asks nobody.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "operation",
    security(()),
    responses((status = 200, content_type = "text/plain", body = String, description = "It lives."))
)]
async fn alive() -> &'static str {
    "ok\n"
}

/// Says whether a prompt can be taken now, and which part is in the way. Answers within little more than a second.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operation",
    security(()),
    responses(
        (status = 200, body = Readiness, description = "Every part is `ready`."),
        (status = 503, body = Readiness, description = "A part is not.", headers(
            ("retry-after" = u32, description = "Seconds.")
        )),
    )
)]
async fn ready(State(app): State<AppState>) -> Response {
    let readiness = Readiness {
        server: if app.shutdown.is_cancelled() {
            ServerState::ShuttingDown
        } else {
            ServerState::Ready
        },
        database: database(&app).await,
        model: match app.model.status() {
            ModelStatus::Ready => ModelState::Ready,
            ModelStatus::Loading { .. } => ModelState::Loading,
            ModelStatus::Failed(_) => ModelState::Failed,
        },
    };
    if readiness.is_ready() {
        return Json(readiness).into_response();
    }
    tracing::debug!(?readiness, "Not ready");
    let headers = [(header::RETRY_AFTER, ASK_AGAIN)];
    (StatusCode::SERVICE_UNAVAILABLE, headers, Json(readiness)).into_response()
}

async fn database(app: &App) -> DatabaseState {
    match tokio::time::timeout(PATIENCE, app.store.ping()).await {
        Ok(Ok(())) => DatabaseState::Ready,
        Ok(Err(error)) => {
            tracing::warn!(%error, "Not ready: the database does not answer");
            DatabaseState::Unavailable
        }
        Err(_) => {
            tracing::warn!(after = ?PATIENCE, "Not ready: the database is slow");
            DatabaseState::Slow
        }
    }
}
