//! The two cookies: `session` shows pages, `refresh` gets new tokens. Scripts see neither.

use crate::app::App;
use axum::http::{HeaderMap, HeaderValue, header};
use std::time::Duration;

/// A token of type page: sent with every navigation, also one that comes from elsewhere.
pub const SESSION: &str = "session";
/// A refresh token: sent to `/auth` only, and never from elsewhere.
pub const REFRESH: &str = "refresh";

/// The value of a cookie; the first, when a client sends several of one name.
pub fn read<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
        .filter(|value| !value.is_empty())
}

/// `Set-Cookie` lines for a new or refreshed sign-in.
pub fn signed_in(session: &str, refresh: &str, life: Duration, secure: bool) -> Vec<HeaderValue> {
    lines(session, refresh, life.as_secs(), secure)
}

/// `Set-Cookie` lines that take both away.
pub fn signed_out(secure: bool) -> Vec<HeaderValue> {
    lines("", "", 0, secure)
}

fn lines(session: &str, refresh: &str, max_age: u64, secure: bool) -> Vec<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    [
        format!("{SESSION}={session}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}"),
        format!("{REFRESH}={refresh}; Path=/auth; Max-Age={max_age}; HttpOnly; SameSite=Strict{secure}"),
    ]
    .iter()
    // Tokens are letters, digits, `-`, `_` and `.`: always a header value.
    .filter_map(|line| HeaderValue::from_str(line).ok())
    .collect()
}

/// Whether the browser came by TLS, as far as we are told by somebody we trust.
pub fn secure(app: &App, headers: &HeaderMap) -> bool {
    let forwarded = headers
        .get("x-forwarded-proto")
        .and_then(|proto| proto.to_str().ok());
    app.config.is_https() || (app.config.http.trust_proxy && forwarded == Some("https"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(lines: &[&str]) -> HeaderMap {
        lines
            .iter()
            .map(|line| (header::COOKIE, HeaderValue::from_str(line).unwrap()))
            .collect()
    }

    #[test]
    fn a_cookie_is_found_among_others_by_its_whole_name() {
        let headers = sent(&[
            "theme=dark; my_session=no; session=yes; sessions=no",
            "refresh=later",
        ]);
        assert_eq!(read(&headers, SESSION), Some("yes"));
        assert_eq!(read(&headers, REFRESH), Some("later"));
        assert_eq!(read(&headers, "colour"), None);
    }

    #[test]
    fn an_empty_cookie_is_none() {
        assert_eq!(read(&sent(&["session="]), SESSION), None);
        assert_eq!(read(&sent(&["session"]), SESSION), None);
    }

    #[test]
    fn scripts_see_no_cookie_and_the_refresh_token_goes_to_auth_only() {
        let lines = signed_in("s", "r", Duration::from_secs(60), true);
        assert_eq!(
            lines[0],
            "session=s; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure"
        );
        assert_eq!(
            lines[1],
            "refresh=r; Path=/auth; Max-Age=60; HttpOnly; SameSite=Strict; Secure"
        );
    }

    #[test]
    fn signing_out_takes_both_away() {
        let lines = signed_out(false);
        assert_eq!(lines[0], "session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
        assert_eq!(
            lines[1],
            "refresh=; Path=/auth; Max-Age=0; HttpOnly; SameSite=Strict"
        );
    }
}
