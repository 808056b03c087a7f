//! The HTTP edge: every route in one place, and what happens around them.
//!
//! Handlers are thin: what they do stands in `auth`, `chatbot`, `conversation`, `session`, `chat`. Errors leave by
//! [`crate::problem`] only. Unknown paths under the API's prefixes get a JSON 404; everything else is a page.

mod account;
pub mod address;
mod admin;
mod asyncapi;
mod auth;
mod chatbots;
mod compression;
mod conversations;
mod documents;
mod feedback;
pub mod form;
mod health;
mod info;
pub mod json;
pub mod listener;
pub mod look;
mod metrics;
mod openapi;
pub mod origin;
mod pages;
pub mod request_id;
mod security;
mod session;
pub(crate) mod site;
mod socket;

use crate::{
    app::AppState,
    problem::{ApiError, ApiResult},
    telemetry,
};
use axum::{Router, extract::Request, middleware};
use std::{io, sync::Arc};
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;
use wire::ProblemCode;

/// Paths that are the API's, whatever follows them.
const API_PREFIXES: [&str; 5] = ["auth", "chatbot", "conversation", "ws", "info"];

/// The same among the pages of the administration.
const ADMIN_API: &str = "/admin/api/";

/// Serves until the shutdown token is cancelled. Sockets that were upgraded go on: their tasks are tracked elsewhere.
///
/// # Errors
/// The listening socket broke.
pub async fn serve(listener: TcpListener, app: AppState) -> io::Result<()> {
    let shutdown = app.shutdown.clone();
    listener::serve(listener, router(app), shutdown).await
}

/// All routes.
pub fn router(app: AppState) -> Router {
    // Pages and files are the fallback; every other route is in the document, since it is registered with it.
    let (api, _document) = documented().split_for_parts();
    api.method_not_allowed_fallback(method_not_allowed)
        .with_state(Arc::clone(&app))
        .merge(pages::routes(&app))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&app),
            security::cors_and_headers,
        ))
        .layer(compression::layer())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&app),
            address::remember,
        ))
        .layer(middleware::from_fn_with_state(app, telemetry::request::observe))
        .layer(middleware::from_fn(request_id::assign))
}

/// Every route that is no page and no file, with its description: one registration for both.
fn documented() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(openapi::frame())
        .merge(auth::routes())
        .merge(account::routes())
        .merge(chatbots::routes())
        .merge(session::routes())
        .merge(socket::routes())
        .merge(conversations::routes())
        .merge(documents::routes())
        .merge(feedback::routes())
        .merge(admin::routes())
        .merge(info::routes())
        .merge(health::routes())
        .merge(metrics::routes())
        .merge(openapi::routes())
        .merge(asyncapi::routes())
}

/// Whether a path that no route took is the API's: it is answered by JSON then, not by a page.
pub(crate) fn is_api(path: &str) -> bool {
    API_PREFIXES.contains(&path.split('/').nth(1).unwrap_or_default()) || path.starts_with(ADMIN_API)
}

async fn method_not_allowed(request: Request) -> ApiResult<()> {
    let detail = format!("{} is not possible on {}", request.method(), request.uri().path());
    Err(ApiError::new(ProblemCode::MethodNotAllowed, detail))
}

/// A defect of ours: the process lives on, the log has the panic's place.
fn panicked(_cause: Box<dyn std::any::Any + Send>) -> axum::response::Response {
    axum::response::IntoResponse::into_response(ApiError::of(ProblemCode::Internal))
}
