//! `GET /healthz`: the process lives. `GET /readyz`: it can take a prompt now.

use crate::{
    app::AppState,
    problem::{ApiError, ApiResult},
};
use axum::{Router, extract::State, routing::get};
use llm::ModelStatus;
use wire::ProblemCode;

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
}

async fn ready(State(app): State<AppState>) -> ApiResult<&'static str> {
    if app.shutdown.is_cancelled() {
        return Err(ApiError::of(ProblemCode::ShuttingDown));
    }
    app.store.ping().await?;
    match app.model.status() {
        ModelStatus::Ready => Ok("ready\n"),
        ModelStatus::Loading { progress } => {
            let detail = format!("The model is being loaded: {:.0} %", progress * 100.0);
            Err(ApiError::new(ProblemCode::ModelUnavailable, detail).retry_after(2))
        }
        ModelStatus::Failed(reason) => {
            Err(ApiError::new(ProblemCode::ModelUnavailable, "The model failed").caused_by(reason))
        }
    }
}
