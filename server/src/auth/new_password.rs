//! A new password by a link that is good once: for who forgot the old one. There is no mail here: an administrator makes the
//! link ([`make`]) and hands it over.
//!
//! The store knows the link by the SHA-256 of its code, and a sum over the password's hash at that time: once the password
//! was changed, by whatever road, no link from before is good.

use super::{account, invitation::Code, sign_in::too_many};
use crate::{
    app::App,
    audit::{self, Who},
    problem::{ApiError, ApiResult},
};
use sha2::{Digest, Sha256};
use std::{net::IpAddr, time::Duration};
use store::{standing::PasswordLink, user::UserRecord};
use wire::{
    ProblemCode,
    admin::{AuditKind, OneTimeLink},
};

/// How long a link is good for.
pub const LIFE: Duration = Duration::from_secs(24 * 60 * 60);

fn mark(user: &UserRecord) -> [u8; 32] {
    Sha256::digest(&user.password_hash).into()
}

/// A link for this user, to be handed over. `base_url` is how people reach this server.
///
/// # Errors
/// The store's, or when the operating system gives no random bytes.
pub async fn make(app: &App, user: &UserRecord, base_url: &str) -> ApiResult<OneTimeLink> {
    let code =
        Code::new(&app.auth.keys).map_err(|error| ApiError::of(ProblemCode::Internal).caused_by(error))?;
    let expires_at = app.clock.now().plus(LIFE);
    let link = PasswordLink {
        user_id: user.id,
        mark: mark(user),
        expires_at,
    };
    app.store.create_password_link(code.hash(), link).await?;
    Ok(OneTimeLink {
        link: code.password_link(base_url),
        expires_at,
    })
}

/// Whose password this code replaces.
///
/// # Errors
/// `forbidden` when it is not good (any more).
pub async fn owner(app: &App, code: &str) -> ApiResult<UserRecord> {
    find(app, code).await.map(|(_, user)| user)
}

/// Uses the code: the user has this password from now on, and is signed out everywhere.
///
/// # Errors
/// `invalid_field`, `forbidden` when the code is not good (any more), `rate_limited`.
pub async fn set(app: &App, code: &str, new_password: String, from: IpAddr) -> ApiResult<()> {
    let now = app.clock.now();
    app.auth.throttle.attempt_from(from, now).map_err(too_many)?;
    account::check_new_password(&new_password)?;
    let (code, user) = find(app, code).await?;
    let hash = app.auth.passwords.hash(new_password).await?;
    // Last, so that a code is not used up by what fails otherwise; and before the password, so that two never both set one.
    if !app.store.use_password_link(code.hash(), now).await? {
        return Err(not_good());
    }
    app.store.set_password(user.id, &hash).await?;
    app.store.revoke_sign_ins_of(user.id, now).await?;
    app.sessions.user_signed_out(user.id);
    audit::note(app, AuditKind::PasswordChanged, Who::Somebody(&user), "by a link").await;
    Ok(())
}

async fn find(app: &App, code: &str) -> ApiResult<(Code, UserRecord)> {
    // What nobody was given is told without asking the store.
    let code = Code::parse(&app.auth.keys, code.trim()).ok_or_else(not_good)?;
    let link = app.store.password_link(code.hash(), app.clock.now()).await?;
    let link = link.ok_or_else(not_good)?;
    let user = app.store.user(link.user_id).await?;
    let user = user.filter(|user| mark(user) == link.mark).ok_or_else(not_good)?;
    Ok((code, user))
}

fn not_good() -> ApiError {
    let detail = "This link was used already, or is too old. Ask for another one.";
    ApiError::new(ProblemCode::Forbidden, detail)
}
