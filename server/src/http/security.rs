//! Around every answer: the headers that keep browsers safe, and CORS for the origins on the list.
//!
//! Pages add their Content-Security-Policy with its nonce themselves (`pages`).

use super::origin;
use crate::app::AppState;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// What another origin's pages may send.
const METHODS: &str = "GET, POST, PATCH, PUT, DELETE";
const HEADERS: &str = "authorization, content-type";

/// Middleware: see above.
pub(super) async fn cors_and_headers(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let allowed = request
        .headers()
        .get(header::ORIGIN)
        .filter(|_| {
            !origin::origin_is_own(&app, request.headers()) && origin::origin_allowed(&app, request.headers())
        })
        .cloned();
    let is_preflight = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match (is_preflight, &allowed) {
        (true, Some(_)) => StatusCode::NO_CONTENT.into_response(),
        (true, None) => StatusCode::FORBIDDEN.into_response(),
        (false, _) => next.run(request).await,
    };
    let headers = response.headers_mut();
    if let Some(origin) = allowed {
        allow(headers, origin);
    }
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if app.config.is_https() {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
    response
}

fn allow(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static(METHODS),
    );
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static(HEADERS),
    );
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    headers.append(header::VARY, HeaderValue::from_static("origin"));
}
