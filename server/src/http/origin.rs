//! Which pages may call: CORS does not cover sockets, and cookies travel with every request of the browser.

use crate::app::App;
use axum::http::{HeaderMap, header};

/// True when the request names no origin (it comes from no page), the server's own, or one on the list.
pub fn origin_allowed(app: &App, headers: &HeaderMap) -> bool {
    match headers.get(header::ORIGIN) {
        None => true,
        Some(origin) => origin
            .to_str()
            .is_ok_and(|origin| is_own(app, headers, origin) || is_listed(app, origin)),
    }
}

/// True when the request names the server's own origin, or none.
pub fn origin_is_own(app: &App, headers: &HeaderMap) -> bool {
    match headers.get(header::ORIGIN) {
        None => true,
        Some(origin) => origin.to_str().is_ok_and(|origin| is_own(app, headers, origin)),
    }
}

/// True when the request names the server's own origin, and the browser says the same where it says anything. For forms:
/// every browser names the origin of a form that is posted, so that a request without one is from no page of ours.
pub fn is_from_own_page(app: &App, headers: &HeaderMap) -> bool {
    let named = headers
        .get(header::ORIGIN)
        .and_then(|origin| origin.to_str().ok())
        .is_some_and(|origin| is_own(app, headers, origin));
    // Sent by browsers only, to HTTPS and localhost only, and by no page's wish.
    let site = headers.get("sec-fetch-site");
    named && site.is_none_or(|site| site == "same-origin")
}

fn is_own(app: &App, headers: &HeaderMap, origin: &str) -> bool {
    if let Some(public) = &app.config.http.public_url {
        return origin.eq_ignore_ascii_case(public);
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let named = origin
        .strip_prefix("http://")
        .or_else(|| origin.strip_prefix("https://"));
    matches!((host, named), (Some(host), Some(named)) if host.eq_ignore_ascii_case(named))
}

fn is_listed(app: &App, origin: &str) -> bool {
    app.config
        .http
        .allowed_origins
        .iter()
        .any(|allowed| allowed.eq_ignore_ascii_case(origin))
}
