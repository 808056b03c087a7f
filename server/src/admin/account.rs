//! Other people's accounts: found, locked, limited, promoted, taken away.
//!
//! Whatever could leave a server without anybody to look after it is refused: one's own role and one's own account are
//! another administrator's business, an administrator must be made a user before the account is locked or deleted, and the
//! last one stays.

use super::Administrator;
use crate::{
    account::deletion,
    app::{App, AppState},
    audit::{self, Who},
    auth::{invitation::Code, new_password},
    limits,
    problem::{ApiError, ApiResult},
};
use std::{collections::HashMap, time::Duration};
use store::{usage::Day, user::UserRecord};
use wire::{
    FieldFault, ProblemCode, Timestamp, UserId,
    admin::{Account, AccountChange, AccountPage, AuditKind, OneTimeLink, UserLimits},
    auth::Role,
};

/// Accounts on a page, unless another number is asked for; and at most.
const PAGE: u32 = 25;
const PAGE_MOST: u32 = 100;
/// Days of usage that are shown beside an account.
const DAYS: u32 = 30;
/// Days that an invitation is good for, unless another number is asked for; and at most.
pub const INVITATION_DAYS: u32 = 7;
const INVITATION_DAYS_MOST: u32 = 365;

/// Accounts whose address begins with `prefix`, behind the address `after`.
///
/// # Errors
/// The store's.
pub async fn list(
    app: &App,
    _admin: &Administrator,
    prefix: &str,
    after: Option<&str>,
    limit: Option<u32>,
) -> ApiResult<AccountPage> {
    let limit = limit.unwrap_or(PAGE).clamp(1, PAGE_MOST);
    let prefix = prefix.trim().to_lowercase();
    let users = app.store.users_by_email(&prefix, after, limit).await?;
    let is_full = u32::try_from(users.len()).is_ok_and(|found| found == limit);
    let next = users.last().filter(|_| is_full).map(|last| last.email.clone());
    let ids: Vec<UserId> = users.iter().map(|user| user.id).collect();
    let seen: HashMap<UserId, Timestamp> = app.store.last_seen(&ids).await?.into_iter().collect();
    let shown = users.into_iter().map(|user| shown(app, user, &seen));
    Ok(AccountPage {
        users: futures::future::try_join_all(shown).await?,
        next,
        defaults: limits::defaults(&app.config),
    })
}

/// One account.
///
/// # Errors
/// `not_found`, and the store's.
pub async fn get(app: &App, _admin: &Administrator, id: UserId) -> ApiResult<Account> {
    let user = find(app, id).await?;
    let seen = app.store.last_seen(&[id]).await?.into_iter().collect();
    shown(app, user, &seen).await
}

/// Changes what `change` names.
///
/// # Errors
/// `not_found`, `invalid_field`; `forbidden` where the server could be left without an administrator.
pub async fn change(
    app: &App,
    admin: &Administrator,
    id: UserId,
    change: AccountChange,
) -> ApiResult<Account> {
    let user = find(app, id).await?;
    if let Some(limits) = change.limits {
        set_limits(app, admin, &user, limits).await?;
    }
    if let Some(role) = change.role
        && role != user.role
    {
        set_role(app, admin, &user, role).await?;
    }
    if let Some(locked) = change.locked {
        // As it is now: the role may just have changed.
        set_lock(app, admin, &find(app, id).await?, locked).await?;
    }
    get(app, admin, id).await
}

/// Ends all sign-ins of this user; their sockets close.
///
/// # Errors
/// `not_found`, and the store's.
pub async fn end_sign_ins(app: &App, admin: &Administrator, id: UserId) -> ApiResult<()> {
    let user = find(app, id).await?;
    sign_out(app, &user).await?;
    note(app, AuditKind::SignInsEnded, admin, &user, "").await;
    Ok(())
}

/// Takes the account away, with everything in it.
///
/// # Errors
/// `not_found`; `forbidden` for an administrator's.
pub async fn delete(app: &AppState, admin: &Administrator, id: UserId) -> ApiResult<()> {
    let user = find(app, id).await?;
    if user.role == Role::Admin {
        return Err(forbidden(
            "An administrator cannot be deleted. Make them a user first.",
        ));
    }
    // First the lock: who is signing in just now must not come in.
    app.store.set_lock(user.id, Some(app.clock.now())).await?;
    deletion::take(app, &user).await?;
    note(app, AuditKind::AccountDeleted, admin, &user, "").await;
    Ok(())
}

/// Makes a link with which this user sets a new password, for the administrator to hand over.
///
/// # Errors
/// `not_found`, and the store's.
pub async fn make_password_link(
    app: &App,
    admin: &Administrator,
    id: UserId,
    base_url: &str,
) -> ApiResult<OneTimeLink> {
    let user = find(app, id).await?;
    let link = new_password::make(app, &user, base_url).await?;
    note(app, AuditKind::PasswordLinkMade, admin, &user, "").await;
    Ok(link)
}

/// Makes a link with which one person makes an account.
///
/// # Errors
/// `invalid_field`: the days; and the store's.
pub async fn invite(app: &App, admin: &Administrator, days: u32, base_url: &str) -> ApiResult<OneTimeLink> {
    if !(1..=INVITATION_DAYS_MOST).contains(&days) {
        let fault = FieldFault::Outside(1, INVITATION_DAYS_MOST);
        return Err(crate::field::wrong("days", fault));
    }
    let code =
        Code::new(&app.auth.keys).map_err(|error| ApiError::of(ProblemCode::Internal).caused_by(error))?;
    let expires_at = app
        .clock
        .now()
        .plus(Duration::from_secs(24 * 60 * 60).saturating_mul(days));
    app.store.create_invitation(code.hash(), expires_at).await?;
    let detail = format!("good for {days} days");
    audit::note(app, AuditKind::Invited, Who::User(admin.user()), &detail).await;
    Ok(OneTimeLink {
        link: code.link(base_url),
        expires_at,
    })
}

async fn set_role(app: &App, admin: &Administrator, user: &UserRecord, role: Role) -> ApiResult<()> {
    if user.id == admin.user().id {
        return Err(forbidden(
            "Your own role can be changed by another administrator only.",
        ));
    }
    match role {
        Role::Admin => app.store.set_role(user.id, Role::Admin).await?,
        Role::User if app.store.demote(user.id).await? => {}
        Role::User => return Err(forbidden("There must be an administrator.")),
    }
    // What they were signed in with began under another role.
    sign_out(app, user).await?;
    let word = match role {
        Role::Admin => "administrator",
        Role::User => "user",
    };
    note(app, AuditKind::RoleChanged, admin, user, word).await;
    Ok(())
}

async fn set_lock(app: &App, admin: &Administrator, user: &UserRecord, locked: bool) -> ApiResult<()> {
    if locked && user.role == Role::Admin {
        return Err(forbidden(
            "An administrator cannot be locked. Make them a user first.",
        ));
    }
    let was_locked = app.store.standing(user.id).await?.locked_at.is_some();
    // First the lock, then the sign-ins: who signs in between the two looks for the lock afterwards (`auth::lock`).
    app.store
        .set_lock(user.id, locked.then(|| app.clock.now()))
        .await?;
    if locked {
        sign_out(app, user).await?;
    }
    if locked != was_locked {
        let kind = if locked {
            AuditKind::Locked
        } else {
            AuditKind::Unlocked
        };
        note(app, kind, admin, user, "").await;
    }
    Ok(())
}

async fn set_limits(app: &App, admin: &Administrator, user: &UserRecord, new: UserLimits) -> ApiResult<()> {
    limits::check(&new)?;
    if app.store.standing(user.id).await?.limits == new {
        return Ok(());
    }
    app.store.set_limits(user.id, new).await?;
    let number =
        |number: Option<u64>| number.map_or_else(|| "default".to_owned(), |number| number.to_string());
    let detail = format!(
        "{} prompts a minute, {} a day, {} answers at once, {} bytes of documents",
        number(new.prompts_per_minute.map(Into::into)),
        number(new.prompts_per_day.map(Into::into)),
        number(new.generations.map(Into::into)),
        number(new.document_quota),
    );
    note(app, AuditKind::LimitsChanged, admin, user, &detail).await;
    Ok(())
}

/// Ends all sign-ins of this user. Sockets close now on this node, within a second or so on others.
async fn sign_out(app: &App, user: &UserRecord) -> ApiResult<()> {
    app.store.revoke_sign_ins_of(user.id, app.clock.now()).await?;
    app.sessions.user_signed_out(user.id);
    Ok(())
}

async fn note(app: &App, kind: AuditKind, admin: &Administrator, user: &UserRecord, detail: &str) {
    audit::note(app, kind, Who::Admin(admin.user(), user), detail).await;
}

async fn find(app: &App, id: UserId) -> ApiResult<UserRecord> {
    let user = app.store.user(id).await?;
    user.ok_or_else(|| ApiError::new(ProblemCode::NotFound, "There is no such account"))
}

async fn shown(app: &App, user: UserRecord, seen: &HashMap<UserId, Timestamp>) -> ApiResult<Account> {
    let since = Day::of(app.clock.now()).minus(DAYS.saturating_sub(1));
    let (standing, usage, sign_ins, has) = futures::try_join!(
        app.store.standing(user.id),
        app.store.usage_of(user.id, since),
        app.store.sign_ins_of(user.id, app.clock.now()),
        app.store.conversation_counts(user.id),
    )?;
    let used = sign_ins.iter().map(|sign_in| sign_in.last_used_at).max();
    Ok(Account {
        id: user.id,
        email: user.email,
        role: user.role,
        created_at: user.created_at,
        last_seen_at: seen.get(&user.id).copied().max(used),
        locked_at: standing.locked_at,
        limits: standing.limits,
        usage,
        conversations: has.conversations,
        messages: has.messages,
    })
}

fn forbidden(detail: &str) -> ApiError {
    ApiError::new(ProblemCode::Forbidden, detail)
}
