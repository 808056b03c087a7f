//! What a client says is authorized against what is true now, not when its socket was opened.

use crate::{
    app::App,
    auth::authenticate,
    problem::{ApiError, ApiResult},
};
use store::{session::SessionRecord, user::UserRecord};
use wire::{ProblemCode, SignInId};

/// The user behind a socket, if the sign-in is alive and the session is still the user's active one.
///
/// # Errors
/// `unauthenticated`, `session_not_found`, and the store's.
pub async fn frame(app: &App, session: &SessionRecord, sign_in: SignInId) -> ApiResult<UserRecord> {
    let store = &app.store;
    let (sign_in, user, active) = futures::join!(
        store.sign_in(sign_in),
        store.user(session.user_id),
        store.session(session.id)
    );
    let now = app.clock.now();
    let alive = sign_in?.is_some_and(|sign_in| sign_in.revoked_at.is_none() && sign_in.expires_at > now);
    let user = user?
        .filter(|_| alive)
        .ok_or_else(authenticate::unauthenticated)?;
    if active?.is_none() {
        return Err(ApiError::new(
            ProblemCode::SessionNotFound,
            "This session is over.",
        ));
    }
    Ok(user)
}
