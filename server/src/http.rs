//! The HTTP edge: every route in one place, and what happens around them.
//!
//! Handlers are thin: what they do stands in `auth`, `chatbot`, `conversation`, `session`, `chat`. Errors leave by
//! [`crate::problem`] only. Unknown paths under the API's prefixes get a JSON 404; everything else is a page.

pub mod address;
mod auth;
mod chatbots;
mod conversations;
mod health;
mod info;
pub mod json;
pub mod origin;
mod pages;
pub mod request_id;
mod security;
mod session;
pub(crate) mod site;

use crate::{
    app::AppState,
    chat::upgrade::upgrade,
    problem::{ApiError, ApiResult},
};
use axum::{Router, extract::Request, middleware, routing::get, serve::ListenerExt};
use std::{io, net::SocketAddr};
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;
use wire::ProblemCode;

/// Paths that are the API's, whatever follows them.
const API_PREFIXES: [&str; 5] = ["auth", "chatbot", "conversation", "ws", "info"];

/// Serves until the shutdown token is cancelled. Sockets that were upgraded go on: their tasks are tracked elsewhere.
///
/// # Errors
/// The listening socket broke.
pub async fn serve(listener: TcpListener, app: AppState) -> io::Result<()> {
    let shutdown = app.shutdown.clone();
    // A token of a few bytes must not wait for the next one.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "Could not set TCP_NODELAY");
        }
    });
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service)
        .with_graceful_shutdown(shutdown.cancelled_owned())
        .await
}

/// All routes.
pub fn router(app: AppState) -> Router {
    let api = Router::new()
        .merge(auth::routes())
        .merge(chatbots::routes())
        .merge(conversations::routes())
        .merge(info::routes())
        .merge(session::routes())
        .route("/ws/chat/{session_id}", get(upgrade))
        .method_not_allowed_fallback(method_not_allowed);
    Router::new()
        .merge(api)
        .merge(health::routes())
        .with_state(app.clone())
        .merge(pages::routes(&app))
        .layer(middleware::from_fn_with_state(app, security::cors_and_headers))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(request_id::assign))
}

/// Whether a path that no route took is the API's: it is answered by JSON then, not by a page.
fn is_api(path: &str) -> bool {
    API_PREFIXES.contains(&path.split('/').nth(1).unwrap_or_default())
}

async fn method_not_allowed(request: Request) -> ApiResult<()> {
    let detail = format!("{} is not possible on {}", request.method(), request.uri().path());
    Err(ApiError::new(ProblemCode::MethodNotAllowed, detail))
}

/// A defect of ours: the process lives on, the log has the panic's place.
fn panicked(_cause: Box<dyn std::any::Any + Send>) -> axum::response::Response {
    axum::response::IntoResponse::into_response(ApiError::of(ProblemCode::Internal))
}
