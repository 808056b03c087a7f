//! Making an account: open to all, by invitation, or closed; the first administrator's code works always.

use super::{Opened, open, too_many};
use crate::{
    app::App,
    audit::{self, Who},
    auth::{
        account::{self, Email},
        invitation::{Code, Taken},
    },
    problem::{ApiError, ApiResult},
};
use std::net::IpAddr;
use store::{
    StoreError,
    user::{Profile, UserRecord},
};
use wire::{
    ProblemCode, UserId,
    admin::AuditKind,
    auth::{Register, Registration, Role},
};

/// Makes an account and signs it in. `device` as in [`log_in`](super::log_in).
///
/// # Errors
/// `invalid_field`, `registration_not_allowed`, `email_taken`, `rate_limited`.
pub async fn register(
    app: &App,
    request: Register,
    from: IpAddr,
    device: Option<String>,
) -> ApiResult<Opened> {
    app.auth
        .throttle
        .attempt_from(from, app.clock.now())
        .map_err(too_many)?;
    let email = Email::parse(&request.email)?;
    account::check_password(&request.password)?;
    // Before anything is said about the address.
    let admission = admit(app, request.invitation.as_deref()).await?;
    if app.store.user_by_email(email.as_str()).await?.is_some() {
        return Err(email_taken());
    }
    let user = UserRecord {
        id: UserId::from_uuid(app.ids.new_uuid()),
        email: email.into_string(),
        password_hash: app.auth.passwords.hash(request.password).await?,
        role: admission.role(),
        created_at: app.clock.now(),
        profile: Profile::default(),
    };
    if let Admission::Invited(code) = &admission
        && !app
            .store
            .redeem_invitation(code.hash(), user.id, app.clock.now())
            .await?
    {
        return Err(not_allowed("This invitation was used already, or is too old"));
    }
    app.store
        .create_user(user.clone())
        .await
        .map_err(|error| match error {
            StoreError::Conflict("email") => email_taken(),
            error => error.into(),
        })?;
    if let Admission::FirstAdmin(code) = admission {
        code.use_up();
    }
    tracing::info!(user.id = %user.id, role = ?user.role, "Made an account");
    let how = match user.role {
        Role::Admin => "the first administrator",
        Role::User => "",
    };
    audit::note(app, AuditKind::Registered, Who::User(&user), how).await;
    open(app, &user, device).await
}

/// Why somebody may make an account.
enum Admission<'a> {
    Anybody,
    Invited(Code),
    FirstAdmin(Taken<'a>),
}

impl Admission<'_> {
    fn role(&self) -> Role {
        match self {
            Self::FirstAdmin(_) => Role::Admin,
            Self::Anybody | Self::Invited(_) => Role::User,
        }
    }
}

async fn admit<'a>(app: &'a App, invitation: Option<&str>) -> ApiResult<Admission<'a>> {
    let registration = Registration::from(app.config.auth.registration);
    let Some(text) = invitation.map(str::trim).filter(|text| !text.is_empty()) else {
        return match registration {
            Registration::Open => Ok(Admission::Anybody),
            Registration::Invitation => Err(not_allowed("An invitation is needed")),
            Registration::Closed => Err(not_allowed("The operator makes the accounts here")),
        };
    };
    let code = Code::parse(&app.auth.keys, text).ok_or_else(|| not_allowed("There is no such invitation"))?;
    if let Some(taken) = app.auth.first_admin.take(&code) {
        if app.store.has_admin().await? {
            taken.use_up();
            return Err(not_allowed("There is an administrator already"));
        }
        return Ok(Admission::FirstAdmin(taken));
    }
    match registration {
        Registration::Closed => Err(not_allowed("The operator makes the accounts here")),
        Registration::Open | Registration::Invitation => Ok(Admission::Invited(code)),
    }
}

fn not_allowed(detail: &str) -> ApiError {
    ApiError::new(ProblemCode::RegistrationNotAllowed, detail)
}

fn email_taken() -> ApiError {
    ApiError::of(ProblemCode::EmailTaken)
}
