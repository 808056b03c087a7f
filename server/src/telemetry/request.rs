//! One line, one measurement and one span for each HTTP request.
//!
//! Must not know: the path as it was typed, the query, a header, a body, an address. A route is named by its template; what
//! no route took is a page, a file, or unknown. Probes and files are ordinary: they are logged at `debug` only.

use super::trace;
use crate::{app::AppState, http::request_id};
use axum::{
    extract::{MatchedPath, Request, State},
    http::Method,
    middleware::Next,
    response::Response,
};
use std::cell::OnceCell;
use tokio::time::Instant;
use tracing::{Instrument, Span};
use wire::{ProblemCode, UserId};

tokio::task_local! {
    static USER: OnceCell<UserId>;
}

/// Notes who sent the request that is being answered. Outside of one, nobody listens.
pub fn sent_by(user: UserId) {
    let _nobody_asked_or_known = USER.try_with(|known| known.set(user));
}

/// Middleware: see above. Inside of the one that gives requests their ids.
pub async fn observe(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let route = route_of(&request);
    let method = method_of(request.method());
    let span = trace::request(method, &route);
    let line = Line {
        app,
        route,
        method,
        status: None,
        started: Instant::now(),
        span: span.clone(),
    };
    let answering = async move {
        // Taken in: what is dropped before its end is logged, too.
        let mut line = line;
        let response = next.run(request).await;
        line.status = Some(response.status().as_u16());
        if let Some(code) = response.extensions().get::<ProblemCode>() {
            line.app.metrics.refused(*code);
        }
        response
    };
    USER.scope(OnceCell::new(), answering.instrument(span)).await
}

/// A request that is being answered; dropped when it was, or when its client went away.
struct Line {
    app: AppState,
    route: String,
    method: &'static str,
    status: Option<u16>,
    started: Instant,
    span: Span,
}

impl Drop for Line {
    fn drop(&mut self) {
        let took = self.started.elapsed();
        self.app
            .metrics
            .request(&self.route, self.method, self.status, took);
        let user = USER.try_with(|known| known.get().copied()).ok().flatten();
        trace::answered(&self.span, self.status, user);
        let duration_ms = super::milliseconds(took);
        let (route, method, status) = (self.route.as_str(), self.method, self.status);
        let request_id = request_id::current();
        let user = user.map(tracing::field::display);
        let what = if status.is_some() {
            "Request"
        } else {
            "Request, and its client went away"
        };
        if is_ordinary(route) {
            tracing::debug!(
                request.id = request_id,
                method,
                route,
                status,
                duration_ms,
                user.id = user,
                "{what}"
            );
        } else {
            tracing::info!(
                request.id = request_id,
                method,
                route,
                status,
                duration_ms,
                user.id = user,
                "{what}"
            );
        }
    }
}

/// The template of the route that took it, else what kind of path it is. Never the path itself.
fn route_of(request: &Request) -> String {
    match request.extensions().get::<MatchedPath>() {
        Some(route) => route.as_str().to_owned(),
        None => kind_of(request.uri().path()).to_owned(),
    }
}

fn kind_of(path: &str) -> &'static str {
    if crate::http::is_api(path) {
        "(unknown)"
    } else if path.contains('.') {
        "(file)"
    } else {
        "(page)"
    }
}

fn is_ordinary(route: &str) -> bool {
    matches!(route, "/healthz" | "/readyz" | "/metrics" | "(file)")
}

/// Anybody can invent methods: those that are none of ours have one name.
fn method_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_route_took_has_one_of_three_names() {
        assert_eq!(kind_of("/"), "(page)");
        assert_eq!(kind_of("/chat/0192f0c1-2a3b-7c4d-8e5f-000000000001"), "(page)");
        assert_eq!(kind_of("/pkg/parlance.wasm"), "(file)");
        assert_eq!(kind_of("/auth/ada@example.org"), "(unknown)");
    }

    #[test]
    fn invented_methods_share_a_name() {
        assert_eq!(method_of(&Method::PATCH), "PATCH");
        assert_eq!(method_of(&Method::from_bytes(b"ADA").unwrap()), "other");
    }
}
