//! The access token of a page whose server is elsewhere. The cookies that bring new tokens go to the server's own pages only,
//! so the one that signing in gave is kept, by the tab: it outlives a page, not the tab. At its end one signs in again.
//!
//! Stands in for `token.rs`, function by function.

use super::{
    Failure, browser,
    request::{read, send},
};
use crate::json::Value;
use gloo_net::http::Method;
use wire::ProblemCode;

/// Not asked for with a token that ends sooner than this.
const MARGIN_MS: f64 = 30_000.0;

/// What the tab calls it: its end in milliseconds since the epoch, a space, the token.
const KEPT: &str = "parlance.token";

/// Signed in: the answer to that (a [`wire::auth::SignedIn`]) has the token.
pub(super) fn given(answer: String) {
    let kept = |mut value: Value| {
        let life = f64::from(value.small("expires_in")?) * 1000.0;
        let token = value.text("access_token")?;
        Some(format!("{} {token}", browser::now() + life))
    };
    if let Ok(kept) = read(&answer, kept) {
        browser::keep_here(KEPT, &kept);
    }
}

/// A token that is good for a while.
pub(super) async fn current() -> Result<String, Failure> {
    match held() {
        Some(token) => Ok(token),
        None => renew().await,
    }
}

/// The token at hand, if it is good for a while.
pub(crate) fn held() -> Option<String> {
    let kept = browser::recall_here(KEPT)?;
    let (until, token) = kept.split_once(' ')?;
    let until: f64 = until.parse().ok()?;
    (browser::now() + MARGIN_MS < until).then(|| token.to_owned())
}

/// The same token, if the server still takes it. Who has no sign-in any more is taken to the sign-in page.
pub(crate) async fn renew() -> Result<String, Failure> {
    let held = held();
    let answer = send(Method::GET, "/auth/me".to_owned(), None, held.clone()).await;
    match (answer, held) {
        (Ok(_), Some(token)) => Ok(token),
        (Ok(_), None) => Err(Failure::Network),
        (Err(failure), _) => {
            if failure.code() == Some(ProblemCode::Unauthenticated) {
                forget();
                browser::go_to_sign_in();
            }
            Err(failure)
        }
    }
}

/// Signed out.
pub(crate) fn forget() {
    browser::keep_here(KEPT, "");
}
