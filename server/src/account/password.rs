//! A new password: by who knows the old one. It ends every other sign-in.

use super::device;
use crate::{
    app::App,
    audit::{self, Who},
    auth::{Authenticated, sign_in},
    problem::{ApiError, ApiResult},
};
use std::net::IpAddr;
use store::user::UserRecord;
use wire::{ProblemCode, admin::AuditKind, auth::PasswordChange};

/// Replaces the password, and signs out everywhere else.
///
/// # Errors
/// `wrong_credentials` for the old one, `invalid_field` for the new one; `rate_limited` after too many guesses.
pub async fn change(app: &App, who: &Authenticated, change: PasswordChange, from: IpAddr) -> ApiResult<()> {
    crate::auth::account::check_new_password(&change.new_password)?;
    confirm(app, &who.user, change.password, from).await?;
    let hash = app.auth.passwords.hash(change.new_password).await?;
    app.store.set_password(who.user.id, &hash).await?;
    // After the password: who signs in with the old one meanwhile is found here.
    device::end_others(app, who).await?;
    tracing::info!(user.id = %who.user.id, "Changed a password");
    audit::note(app, AuditKind::PasswordChanged, Who::User(&who.user), "").await;
    Ok(())
}

/// Whether it is this user's: what a device that was left open must not be enough for. Guesses are counted as those at
/// the sign-in page are.
///
/// # Errors
/// `wrong_credentials`, `rate_limited`.
pub(super) async fn confirm(app: &App, user: &UserRecord, password: String, from: IpAddr) -> ApiResult<()> {
    let (throttle, now) = (&app.auth.throttle, app.clock.now());
    throttle.attempt_from(from, now).map_err(sign_in::too_many)?;
    throttle.attempt_on(&user.email, now).map_err(sign_in::too_many)?;
    let stored = Some(user.password_hash.clone());
    if !app.auth.passwords.verify(password, stored).await? {
        let why = "wrong password, by who is signed in";
        audit::note(app, AuditKind::SignInFailed, Who::User(user), why).await;
        return Err(ApiError::new(
            ProblemCode::WrongCredentials,
            "This is not your password",
        ));
    }
    throttle.succeeded(&user.email);
    Ok(())
}
