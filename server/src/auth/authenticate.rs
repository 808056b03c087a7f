//! Who sends this request: a bearer token for REST, a cookie for pages, either of them or a ticket for sockets.
//!
//! A good signature is not enough: each time the sign-in must be alive and the user must exist, with the role they have
//! now.

use super::{
    cookies,
    token::{self, Claims, TokenType},
};
use crate::{
    app::{App, AppState},
    http::origin,
    problem::{ApiError, ApiResult},
    telemetry,
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use std::time::Duration;
use store::user::UserRecord;
use wire::{ProblemCode, SessionId, SignInId, Timestamp};

/// How stale the time may be when a sign-in was last used: a write an hour, not one a request.
const USE_NOTED: Duration = Duration::from_secs(60 * 60);

/// A user who proved to be that user. As an extractor: by `Authorization: Bearer` and nothing else, so that no page
/// elsewhere can make a browser change something.
#[derive(Debug, Clone)]
pub struct Authenticated {
    /// Who, as the store knows them now.
    pub user: UserRecord,
    /// By which sign-in.
    pub sign_in: SignInId,
    /// When this proof ends: with its token, or with the sign-in for a ticket and a cookie.
    pub expires_at: Timestamp,
}

impl FromRequestParts<AppState> for Authenticated {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> ApiResult<Self> {
        let token = bearer(&parts.headers).ok_or_else(unauthenticated)?;
        by_access_token(app, token).await
    }
}

/// The answer to all credentials that are not good. Why they are not is nobody's business.
pub fn unauthenticated() -> ApiError {
    ApiError::new(ProblemCode::Unauthenticated, "Sign in to do this")
}

/// For pages: who the `session` cookie says, if anybody. Good for reading only.
///
/// # Errors
/// The store's: a database that does not answer must not look like having been signed out.
pub async fn by_cookie(app: &App, headers: &HeaderMap) -> ApiResult<Option<Authenticated>> {
    let Some(token) = cookies::read(headers, cookies::SESSION) else {
        return Ok(None);
    };
    match read(app, token, &[TokenType::Page]) {
        Ok(claims) => alive(app, &claims, Ends::WithSignIn).await,
        Err(_) => Ok(None),
    }
}

/// For files that a page links to: by bearer token where there is one, else by the `session` cookie. Good for reading only.
///
/// # Errors
/// `unauthenticated`, or the store's.
pub async fn for_reading(app: &App, headers: &HeaderMap) -> ApiResult<Authenticated> {
    match bearer(headers) {
        Some(token) => by_access_token(app, token).await,
        None => by_cookie(app, headers).await?.ok_or_else(unauthenticated),
    }
}

/// For sockets: by `?token=` (an access token, or a ticket to this very session), else by the cookie when the page is
/// our own.
///
/// # Errors
/// `unauthenticated`, or the store's.
pub async fn for_socket(
    app: &App,
    headers: &HeaderMap,
    session: SessionId,
    token: Option<&str>,
) -> ApiResult<Authenticated> {
    let Some(token) = token.or_else(|| bearer(headers)) else {
        // Without an `Origin` it is no browser, and only browsers send cookies by themselves.
        let own = headers.contains_key(header::ORIGIN) && origin::origin_is_own(app, headers);
        let who = if own { by_cookie(app, headers).await? } else { None };
        return who.ok_or_else(unauthenticated);
    };
    let claims = read(app, token, &[TokenType::Access, TokenType::Ticket])?;
    if claims.typ == TokenType::Access {
        return alive(app, &claims, Ends::WithToken)
            .await?
            .ok_or_else(unauthenticated);
    }
    if claims.session != Some(session) {
        return Err(unauthenticated());
    }
    let who = alive(app, &claims, Ends::WithSignIn)
        .await?
        .ok_or_else(unauthenticated)?;
    // Last, so that a ticket is not used up by a request that fails otherwise.
    let expires_at = Timestamp::from_millis(claims.exp.saturating_mul(1000));
    if !app.store.redeem_ticket(token::hash(token), expires_at).await? {
        return Err(unauthenticated());
    }
    Ok(who)
}

/// By an access token, wherever it was found.
///
/// # Errors
/// `unauthenticated`, or the store's.
pub async fn by_access_token(app: &App, token: &str) -> ApiResult<Authenticated> {
    let claims = read(app, token, &[TokenType::Access])?;
    alive(app, &claims, Ends::WithToken)
        .await?
        .ok_or_else(unauthenticated)
}

/// The token of `Authorization: Bearer`; the word's case does not matter (RFC 9110).
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim())
        .filter(|token| !token.is_empty())
}

fn read(app: &App, token: &str, allowed: &[TokenType]) -> ApiResult<Claims> {
    app.auth
        .keys
        .read(token, allowed, app.clock.now())
        .map_err(|_| unauthenticated())
}

/// When a proof ends.
#[derive(Clone, Copy)]
enum Ends {
    WithToken,
    WithSignIn,
}

/// The user behind the claims, if their sign-in is not over.
async fn alive(app: &App, claims: &Claims, ends: Ends) -> ApiResult<Option<Authenticated>> {
    let now = app.clock.now();
    let sign_in = app.store.sign_in(claims.sid).await?.filter(|sign_in| {
        sign_in.user_id == claims.sub && sign_in.revoked_at.is_none() && sign_in.expires_at >= now
    });
    let Some(sign_in) = sign_in else {
        return Ok(None);
    };
    let token_ends = Timestamp::from_millis(claims.exp.saturating_mul(1000));
    let expires_at = match ends {
        Ends::WithToken => token_ends.min(sign_in.expires_at),
        Ends::WithSignIn => sign_in.expires_at,
    };
    if now >= sign_in.last_used_at.plus(USE_NOTED) {
        // For the list of devices only: nobody waits for it, or is refused without it.
        if let Err(error) = app.store.note_sign_in_use(sign_in.id, now).await {
            tracing::debug!(%error, "Could not note that a sign-in was used");
        }
    }
    let user = app.store.user(claims.sub).await?;
    if let Some(user) = &user {
        telemetry::request::sent_by(user.id);
    }
    Ok(user.map(|user| Authenticated {
        user,
        sign_in: sign_in.id,
        expires_at,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn authorization(value: &'static str) -> HeaderMap {
        [(header::AUTHORIZATION, HeaderValue::from_static(value))]
            .into_iter()
            .collect()
    }

    #[test]
    fn the_bearer_token_is_found_whatever_the_case_of_its_word() {
        assert_eq!(bearer(&authorization("Bearer abc")), Some("abc"));
        assert_eq!(bearer(&authorization("bearer abc")), Some("abc"));
        for other in ["Basic abc", "Bearer", "Bearer ", "abc", ""] {
            assert_eq!(bearer(&authorization(other)), None, "{other:?}");
        }
        assert_eq!(bearer(&HeaderMap::new()), None);
    }
}
