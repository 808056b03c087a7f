//! The access token: in memory only, so that no script of tomorrow finds it in a store. The refresh cookie,
//! which scripts cannot read, brings a new one; however many ask at once, it is asked for once.

use super::{
    Failure, browser,
    request::{read, send},
};
use crate::json::Value;
use futures::{
    FutureExt,
    future::{LocalBoxFuture, Shared},
};
use gloo_net::http::Method;
use std::cell::RefCell;
use wire::ProblemCode;

type Renewal = Shared<LocalBoxFuture<'static, Result<String, Failure>>>;

/// Renewed this long before its end.
const MARGIN_MS: f64 = 30_000.0;

/// What the browser reads of a [`wire::auth::SignedIn`].
struct Renewed {
    access_token: String,
    expires_in: u32,
}

fn renewed(mut value: Value) -> Option<Renewed> {
    Some(Renewed {
        access_token: value.text("access_token")?,
        expires_in: value.small("expires_in")?,
    })
}

struct Held {
    token: String,
    /// Milliseconds since the epoch.
    until: f64,
}

thread_local! {
    static HELD: RefCell<Option<Held>> = const { RefCell::new(None) };
    static RENEWAL: RefCell<Option<Renewal>> = const { RefCell::new(None) };
}

/// Signed in: the cookies will bring a token when one is asked for.
pub(super) fn given(_answer: String) {}

/// A token that is good for a while.
pub(super) async fn current() -> Result<String, Failure> {
    match held() {
        Some(token) => Ok(token),
        None => renew().await,
    }
}

/// The token at hand, if it is good for a while.
pub(super) fn held() -> Option<String> {
    HELD.with_borrow(|held| {
        held.as_ref()
            .filter(|held| browser::now() + MARGIN_MS < held.until)
            .map(|held| held.token.clone())
    })
}

/// A new token. Who has no sign-in any more is taken to the sign-in page.
pub(crate) async fn renew() -> Result<String, Failure> {
    let renewal = RENEWAL.with_borrow_mut(|renewal| {
        renewal
            .get_or_insert_with(|| ask().boxed_local().shared())
            .clone()
    });
    renewal.await
}

async fn ask() -> Result<String, Failure> {
    let answer = send(Method::POST, "/auth/refresh".to_owned(), None, None)
        .await
        .and_then(|text| read(&text, renewed));
    RENEWAL.with_borrow_mut(|renewal| *renewal = None);
    match answer {
        Ok(Renewed {
            access_token,
            expires_in,
        }) => {
            let until = browser::now() + f64::from(expires_in) * 1000.0;
            HELD.with_borrow_mut(|held| {
                *held = Some(Held {
                    token: access_token.clone(),
                    until,
                })
            });
            Ok(access_token)
        }
        Err(failure) => {
            HELD.with_borrow_mut(|held| *held = None);
            if failure.code() == Some(ProblemCode::Unauthenticated) {
                browser::go_to_sign_in();
            }
            Err(failure)
        }
    }
}
