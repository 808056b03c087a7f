//! Locked accounts: who is locked cannot sign in. What they were signed in with has ended when they were locked
//! ([`crate::admin::account`]), so that nothing else needs to ask.

use crate::{
    app::App,
    audit::{self, Who},
    problem::{ApiError, ApiResult},
};
use store::user::UserRecord;
use wire::{ProblemCode, admin::AuditKind};

/// Whether this user, who knows the password, may sign in.
///
/// # Errors
/// `account_locked`.
pub(super) async fn check(app: &App, user: &UserRecord) -> ApiResult<()> {
    if app.store.standing(user.id).await?.locked_at.is_none() {
        return Ok(());
    }
    audit::note(
        app,
        AuditKind::SignInFailed,
        Who::Somebody(user),
        "the account is locked",
    )
    .await;
    let detail = "This account is locked. An administrator of this server can unlock it.";
    Err(ApiError::new(ProblemCode::AccountLocked, detail))
}
