//! `GET /metrics`: numbers for Prometheus, and who may read them.
//!
//! With a token in the configuration: who shows it, from wherever. Without one: this machine, and only when no proxy can
//! stand between, since behind a proxy on this machine everybody comes from here.

use crate::{
    app::{App, AppState},
    auth::authenticate,
    problem::{ApiError, ApiResult},
    telemetry::metrics::Snapshot,
};
use axum::{
    extract::{ConnectInfo, FromRequestParts, State},
    http::{HeaderMap, header, request::Parts},
    response::{IntoResponse, Response},
};
use llm::ModelStatus;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use std::net::{IpAddr, SocketAddr};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::ProblemCode;

/// What `text::encode` writes.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(metrics))
}

/// Numbers for Prometheus. With a bearer token when one is configured, else for this machine only.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operation",
    security((), ("metrics" = [])),
    responses((status = 200, content_type = "application/openmetrics-text", body = String, description = "OpenMetrics."))
)]
async fn metrics(State(app): State<AppState>, _reader: Reader) -> ApiResult<Response> {
    let waiting = app.chat.admission.waiting();
    let snapshot = Snapshot {
        sockets: app.sessions.socket_count(),
        running: app.chat.all_running().len().saturating_sub(waiting),
        waiting,
        model_ready: matches!(app.model.status(), ModelStatus::Ready),
    };
    let page = app
        .metrics
        .page(snapshot)
        .map_err(|error| ApiError::of(ProblemCode::Internal).caused_by(error))?;
    Ok(([(header::CONTENT_TYPE, OPEN_METRICS)], page).into_response())
}

/// Proof that somebody may read the metrics.
struct Reader;

impl FromRequestParts<AppState> for Reader {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> ApiResult<Self> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        may_read(app, peer.map(|peer| peer.0.ip()), &parts.headers).map(|()| Self)
    }
}

fn may_read(app: &App, peer: Option<IpAddr>, headers: &HeaderMap) -> ApiResult<()> {
    if let Some(token) = &app.config.telemetry.metrics_token {
        let shown = authenticate::bearer(headers).unwrap_or_default();
        // Hashes: how long the comparison takes says nothing about the token.
        return if Sha256::digest(shown) == Sha256::digest(token.expose_secret()) {
            Ok(())
        } else {
            let detail = "The metrics are read with their own token: Authorization: Bearer";
            Err(ApiError::new(ProblemCode::Unauthenticated, detail))
        };
    }
    let http = &app.config.http;
    let behind_proxy = http.trust_proxy || http.public_url.is_some();
    if !behind_proxy && is_this_machine(peer) && names_this_machine(headers) {
        return Ok(());
    }
    let detail = "The metrics are for this machine only. To read them from elsewhere, or behind a proxy, set \
                  PARLANCE_METRICS_TOKEN and send it as a bearer token.";
    Err(ApiError::new(ProblemCode::Forbidden, detail))
}

fn is_this_machine(peer: Option<IpAddr>) -> bool {
    peer.is_some_and(|address| address.to_canonical().is_loopback())
}

/// A page elsewhere can make a browser here ask, but under that page's name; a proxy says for whom it asks.
fn names_this_machine(headers: &HeaderMap) -> bool {
    let forwarded = ["forwarded", "x-forwarded-for", "x-real-ip", "via"]
        .iter()
        .any(|name| headers.contains_key(*name));
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    // Without the port: what follows the last colon, unless that stands within the brackets of IPv6.
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => name,
        _ => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    let here = name.eq_ignore_ascii_case("localhost")
        || address.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    here && !forwarded
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn asked(headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        names_this_machine(&headers.collect())
    }

    #[test]
    fn this_machine_is_asked_under_its_own_name() {
        for host in [
            "localhost:8000",
            "localhost",
            "127.0.0.1:8000",
            "[::1]:8000",
            "[::1]",
        ] {
            assert!(asked(&[("host", host)]), "{host}");
        }
        for host in [
            "chat.example.org",
            "localhost.example.org:8000",
            "192.0.2.1:8000",
            "",
        ] {
            assert!(!asked(&[("host", host)]), "{host}");
        }
        assert!(!asked(&[]));
    }

    #[test]
    fn who_asks_for_somebody_else_is_not_this_machine() {
        for name in ["forwarded", "x-forwarded-for", "x-real-ip", "via"] {
            assert!(
                !asked(&[("host", "localhost:8000"), (name, "127.0.0.1")]),
                "{name}"
            );
        }
    }
}
