//! What people do: register, log in, stay signed in, log out.
//!
//! A sign-in is a family of refresh tokens on one device, known to the store; all other tokens name it and end with it.
//! Must not know: cookies, which `http/auth.rs` makes of [`Opened`].

mod register;

pub use register::register;

use super::{
    account::{self, Email},
    authenticate::unauthenticated,
    lock, secret,
    token::{self, Grant, TokenType},
};
use crate::{
    app::App,
    audit::{self, Who},
    problem::{ApiError, ApiResult},
};
use std::{net::IpAddr, time::Duration};
use store::{
    sign_in::{Rotation, SignIn},
    user::UserRecord,
};
use wire::{
    ProblemCode, SessionId, SignInId, Timestamp,
    admin::AuditKind,
    auth::{Login, SignedIn, Ticket},
};

/// How long a refresh token that was just rotated still gets its successor: two tabs, a lost reply.
const ROTATION_GRACE: Duration = Duration::from_secs(30);
/// How long a ticket waits for its socket.
const TICKET_LIFE: Duration = Duration::from_secs(30);

/// A sign-in that was opened or goes on, with its tokens.
pub struct Opened {
    /// What the client is told.
    pub signed_in: SignedIn,
    /// For the `session` cookie.
    pub page_token: String,
    /// For the `refresh` cookie.
    pub refresh_token: String,
    /// How long both cookies are good for.
    pub life: Duration,
}

/// Signs in with a password. `device` is what the client says it is, for the list of devices.
///
/// # Errors
/// `wrong_credentials`, whichever of the two is wrong; `rate_limited` after too many attempts.
pub async fn log_in(app: &App, login: Login, from: IpAddr, device: Option<String>) -> ApiResult<Opened> {
    let throttle = &app.auth.throttle;
    let now = app.clock.now();
    throttle.attempt_from(from, now).map_err(too_many)?;
    let wrong = || ApiError::of(ProblemCode::WrongCredentials);
    // What is no address has no account: it is throttled and costs time like any other.
    let email = Email::parse(&login.email).map_or(login.email, Email::into_string);
    throttle.attempt_on(&email, now).map_err(too_many)?;
    let user = app.store.user_by_email(&email).await?;
    let stored = user.as_ref().map(|user| user.password_hash.clone());
    let fits = app.auth.passwords.verify(login.password, stored).await?;
    if !fits {
        // What was typed for an address is noted only when somebody has it: it may be a password.
        let (who, why) = match &user {
            Some(user) => (Who::Somebody(user), "wrong password"),
            None => (Who::Nobody, "unknown address"),
        };
        audit::note(app, AuditKind::SignInFailed, who, why).await;
    }
    let user = user.filter(|_| fits).ok_or_else(wrong)?;
    throttle.succeeded(&email);
    let opened = open(app, &user, device).await?;
    audit::note(app, AuditKind::SignedIn, Who::User(&user), "").await;
    Ok(opened)
}

/// Answers a refresh token with its successor and new tokens.
///
/// # Errors
/// `unauthenticated` for a token that is unknown, over, or was rotated long ago: that one ends the whole sign-in.
pub async fn refresh(app: &App, refresh_token: &str) -> ApiResult<Opened> {
    let successor = app.auth.keys.successor(refresh_token);
    let sign_in = match rotate(app, refresh_token, &successor).await? {
        Rotation::Rotated(sign_in) | Rotation::Repeated(sign_in) => sign_in,
        Rotation::Replayed(sign_in) => {
            tracing::warn!(sign_in.id = %sign_in.id, "A refresh token was used again: its sign-in is ended");
            app.sessions.sign_in_ended(sign_in.id);
            if let Some(user) = app.store.user(sign_in.user_id).await? {
                let why = "a refresh token was used twice";
                audit::note(app, AuditKind::SignInsEnded, Who::Somebody(&user), why).await;
            }
            return Err(unauthenticated());
        }
        Rotation::Refused => return Err(unauthenticated()),
    };
    let user = app
        .store
        .user(sign_in.user_id)
        .await?
        .ok_or_else(unauthenticated)?;
    tokens(app, &user, &sign_in, successor)
}

/// Ends a sign-in. Its sockets close now on this node, within a second or so on others. Idempotent.
pub async fn log_out(app: &App, sign_in: SignInId) -> ApiResult<()> {
    let known = app.store.sign_in(sign_in).await?;
    app.store.revoke_sign_in(sign_in, app.clock.now()).await?;
    app.sessions.sign_in_ended(sign_in);
    if let Some(known) = known.filter(|known| known.revoked_at.is_none())
        && let Some(user) = app.store.user(known.user_id).await?
    {
        audit::note(app, AuditKind::SignedOut, Who::User(&user), "").await;
    }
    Ok(())
}

/// Ends the sign-in that this refresh token belongs to; one that is over or unknown needs no end.
pub async fn log_out_by_refresh_token(app: &App, refresh_token: &str) -> ApiResult<()> {
    // Presenting it is the only way to learn whose it is.
    match rotate(app, refresh_token, &app.auth.keys.successor(refresh_token)).await? {
        Rotation::Rotated(sign_in) | Rotation::Repeated(sign_in) | Rotation::Replayed(sign_in) => {
            log_out(app, sign_in.id).await
        }
        Rotation::Refused => Ok(()),
    }
}

/// A ticket to the socket of this user's active session.
///
/// # Errors
/// `session_not_found` for any other session.
pub async fn ticket(app: &App, who: &super::Authenticated, session: SessionId) -> ApiResult<Ticket> {
    let active = app.store.session_of(who.user.id).await?;
    if active.is_none_or(|active| active.id != session) {
        return Err(ApiError::of(ProblemCode::SessionNotFound));
    }
    let grant = Grant {
        typ: TokenType::Ticket,
        user: who.user.id,
        sign_in: who.sign_in,
        session: Some(session),
    };
    let ticket = issue(app, grant, TICKET_LIFE)?;
    Ok(Ticket {
        ticket,
        expires_in: seconds(TICKET_LIFE),
    })
}

async fn rotate(app: &App, refresh_token: &str, successor: &str) -> ApiResult<Rotation> {
    let now = app.clock.now();
    let expires_at = now.plus(app.config.auth.sign_in_life);
    let (token, successor) = (token::hash(refresh_token), token::hash(successor));
    Ok(app
        .store
        .rotate_refresh_token(token, successor, now, ROTATION_GRACE, expires_at)
        .await?)
}

async fn open(app: &App, user: &UserRecord, device: Option<String>) -> ApiResult<Opened> {
    let now = app.clock.now();
    let sign_in = SignIn {
        id: SignInId::from_uuid(app.ids.new_uuid()),
        user_id: user.id,
        created_at: now,
        expires_at: now.plus(app.config.auth.sign_in_life),
        revoked_at: None,
        last_used_at: now,
        device,
    };
    let refresh_token = secret::random::<32>()
        .map(|bytes| secret::text(&bytes))
        .map_err(internal)?;
    app.store
        .create_sign_in(sign_in.clone(), token::hash(&refresh_token))
        .await?;
    // Locked meanwhile, or given another password: whoever did it may not have seen this sign-in.
    if let Err(error) = still_may(app, user).await {
        app.store.revoke_sign_in(sign_in.id, app.clock.now()).await?;
        return Err(error);
    }
    tokens(app, user, &sign_in, refresh_token)
}

/// Whether this user may still sign in by what was verified: that takes up to seconds, and the sign-ins of the password
/// before may have been ended meanwhile.
async fn still_may(app: &App, user: &UserRecord) -> ApiResult<()> {
    lock::check(app, user).await?;
    let now = app.store.user(user.id).await?;
    match now.filter(|now| now.password_hash == user.password_hash) {
        Some(_) => Ok(()),
        None => Err(ApiError::of(ProblemCode::WrongCredentials)),
    }
}

fn tokens(app: &App, user: &UserRecord, sign_in: &SignIn, refresh_token: String) -> ApiResult<Opened> {
    let life = left(app.clock.now(), sign_in.expires_at);
    let access_life = app.config.auth.access_token_life.min(life);
    let grant = |typ| Grant {
        typ,
        user: user.id,
        sign_in: sign_in.id,
        session: None,
    };
    Ok(Opened {
        signed_in: SignedIn {
            access_token: issue(app, grant(TokenType::Access), access_life)?,
            token_type: "Bearer".into(),
            expires_in: seconds(access_life),
            user: account::shown(user),
        },
        page_token: issue(app, grant(TokenType::Page), life)?,
        refresh_token,
        life,
    })
}

fn issue(app: &App, grant: Grant, life: Duration) -> ApiResult<String> {
    app.auth
        .keys
        .issue(grant, app.clock.now(), life, app.ids.new_uuid())
        .map_err(internal)
}

fn left(now: Timestamp, until: Timestamp) -> Duration {
    Duration::from_millis(until.as_millis().saturating_sub(now.as_millis()))
}

fn seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}

fn internal(error: impl std::error::Error + Send + Sync + 'static) -> ApiError {
    ApiError::of(ProblemCode::Internal).caused_by(error)
}

/// What is answered to who tries too often.
pub(crate) fn too_many(wait: Duration) -> ApiError {
    let seconds = seconds(wait).saturating_add(1);
    ApiError::new(
        ProblemCode::RateLimited,
        format!("Too many attempts: try again in {seconds} s"),
    )
    .retry_after(seconds)
}
