//! Where a request comes from: for throttles and the audit log, never for the program's own log.

use crate::{app::App, app::AppState};
use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{HeaderMap, request::Parts},
    middleware::Next,
    response::Response,
};
use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

/// The client's address; behind a trusted proxy what that proxy says.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub IpAddr);

impl FromRequestParts<AppState> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Infallible> {
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|peer| peer.0.ip());
        let forwarded = forwarded(app, &parts.headers);
        Ok(Self(
            forwarded.or(peer).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
        ))
    }
}

tokio::task_local! {
    static CLIENT: Option<IpAddr>;
}

/// Where the request that is being answered came from; `None` outside of one. For the audit log.
pub fn current() -> Option<IpAddr> {
    CLIENT.try_with(|address| *address).ok().flatten()
}

/// Middleware: keeps the address for [`current`].
pub(super) async fn remember(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let ClientAddress(address) = match ClientAddress::from_request_parts(&mut parts, &app).await {
        Ok(address) => address,
        Err(never) => match never {},
    };
    let known = (!address.is_unspecified()).then_some(address);
    CLIENT
        .scope(known, next.run(Request::from_parts(parts, body)))
        .await
}

fn forwarded(app: &App, headers: &HeaderMap) -> Option<IpAddr> {
    app.config
        .http
        .trust_proxy
        .then(|| last_forwarded(headers))
        .flatten()
}

/// The last entry: our proxy appends it; what stands before it the client may have written.
fn last_forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let line = headers
        .get_all("x-forwarded-for")
        .iter()
        .next_back()?
        .to_str()
        .ok()?;
    line.rsplit(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_the_proxys_own_entry_counts() {
        let headers =
            |line: &'static str| [("x-forwarded-for".parse().unwrap(), HeaderValue::from_static(line))];
        let read = |line| last_forwarded(&headers(line).into_iter().collect());
        assert_eq!(read("1.1.1.1, 203.0.113.9"), Some("203.0.113.9".parse().unwrap()));
        assert_eq!(read("2001:db8::1"), Some("2001:db8::1".parse().unwrap()));
        assert_eq!(read("unknown"), None);
    }
}
