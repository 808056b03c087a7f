//! The forms of the administration's pages, and of the page for a new password. What they mean stands in [`crate::admin`]
//! and [`crate::auth::new_password`]; what protects them in [`crate::http::form`].

use super::{AuditQuery, base_url, table};
use crate::{
    admin::{Administrator, account},
    app::AppState,
    auth::{authenticate, new_password},
    field,
    http::{
        address::ClientAddress,
        form::{Fields, Sent, SentBy, see_other},
        json::{Id, Query},
        pages,
    },
    problem::{ApiError, ApiResult},
};
use app::data::Returned;
use axum::{
    Router,
    extract::{FromRequest, FromRequestParts, Request, State},
    response::{IntoResponse, Response},
    routing::get,
};
use std::str::FromStr;
use wire::{
    FieldFault, ProblemCode, UserId,
    admin::{AccountChange, OneTimeLink, UserLimits},
    auth::Role,
};

/// Bytes of what people call a MiB.
const MIB: u64 = 1024 * 1024;

/// Where the pages' forms are posted to, and the link by which the audit log is taken along.
pub(in crate::http) fn routes() -> Router<AppState> {
    Router::new()
        .route("/admin/invite", get(back).post(invite))
        .route("/admin/user/{id}/role", get(back).post(role))
        .route("/admin/user/{id}/lock", get(back).post(lock))
        .route("/admin/user/{id}/limits", get(back).post(limits))
        .route("/admin/user/{id}/sign-out", get(back).post(sign_out))
        .route("/admin/user/{id}/password-link", get(back).post(password_link))
        .route("/admin/user/{id}/delete", get(back).post(delete))
        .route("/admin/audit/table", get(audit_table))
        .route("/new-password", get(pages::page).post(set_password))
}

/// A form that came back has left its address in the browser: asked for again, it is the page it stands on. To anybody else
/// the address leads where an unknown one leads.
async fn back(State(app): State<AppState>, request: Request) -> Result<Response, ApiError> {
    let who = authenticate::by_cookie(&app, request.headers()).await?;
    if who.is_none_or(|who| Administrator::of(who.user).is_err()) {
        return pages::page(State(app), request).await;
    }
    let page = request
        .uri()
        .path()
        .rsplit_once('/')
        .map_or("/admin", |(page, _)| page);
    Ok(see_other(page))
}

/// A form of these pages, and the administrator who sent it. To anybody else there is nothing here that could be posted to.
struct ByAdministrator {
    admin: Administrator,
    sent: SentBy,
}

impl FromRequest<AppState> for ByAdministrator {
    type Rejection = Response;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Response> {
        let path = request.uri().path().to_owned();
        let sent = SentBy::from_request(request, app).await?;
        match Administrator::of(sent.who.user.clone()) {
            Ok(admin) => Ok(Self { admin, sent }),
            Err(_) => {
                let detail = format!("POST is not possible on {path}");
                Err(ApiError::new(ProblemCode::MethodNotAllowed, detail).into_response())
            }
        }
    }
}

fn page_of(id: UserId) -> String {
    format!("/admin/user/{id}")
}

/// The account's page once more, with word of what was done.
fn done(id: UserId, what: &str) -> String {
    format!("{}?done={what}", page_of(id))
}

/// What a field holds that may be empty.
fn number<T: FromStr>(fields: &Fields, name: &str) -> ApiResult<Option<T>> {
    let text = fields.get(name).trim();
    if text.is_empty() {
        return Ok(None);
    }
    let number = text.parse().map(Some);
    number.map_err(|_| field::wrong(name, FieldFault::NoNumber))
}

async fn role(
    State(app): State<AppState>,
    Id(id): Id<UserId>,
    ByAdministrator { admin, sent }: ByAdministrator,
) -> Response {
    let result = async {
        let role = match sent.fields.get("role") {
            "admin" => Role::Admin,
            "user" => Role::User,
            _ => return Err(field::invalid("role", "is not known")),
        };
        let change = AccountChange {
            role: Some(role),
            ..AccountChange::default()
        };
        account::change(&app, &admin, id, change).await?;
        Ok(done(id, "role"))
    };
    let result = result.await;
    sent.answer(&app, &page_of(id), "role", result).await
}

async fn lock(
    State(app): State<AppState>,
    Id(id): Id<UserId>,
    ByAdministrator { admin, sent }: ByAdministrator,
) -> Response {
    let locked = sent.fields.get("locked") == "yes";
    let change = AccountChange {
        locked: Some(locked),
        ..AccountChange::default()
    };
    let result = account::change(&app, &admin, id, change).await;
    let result = result.map(|_| done(id, if locked { "locked" } else { "unlocked" }));
    sent.answer(&app, &page_of(id), "lock", result).await
}

fn limits_of(fields: &Fields) -> ApiResult<UserLimits> {
    Ok(UserLimits {
        prompts_per_minute: number(fields, "prompts_per_minute")?,
        prompts_per_day: number(fields, "prompts_per_day")?,
        generations: number(fields, "generations")?,
        document_quota: number::<u64>(fields, "document_mib")?.map(|mib| mib.saturating_mul(MIB)),
    })
}

async fn limits(
    State(app): State<AppState>,
    Id(id): Id<UserId>,
    ByAdministrator { admin, sent }: ByAdministrator,
) -> Response {
    let result = async {
        let change = AccountChange {
            limits: Some(limits_of(&sent.fields)?),
            ..AccountChange::default()
        };
        account::change(&app, &admin, id, change).await?;
        Ok(done(id, "limits"))
    };
    let result = result.await;
    sent.answer(&app, &page_of(id), "limits", result).await
}

async fn sign_out(
    State(app): State<AppState>,
    Id(id): Id<UserId>,
    ByAdministrator { admin, sent }: ByAdministrator,
) -> Response {
    let result = account::end_sign_ins(&app, &admin, id).await;
    let result = result.map(|()| done(id, "signed-out"));
    sent.answer(&app, &page_of(id), "sign-out", result).await
}

async fn password_link(
    State(app): State<AppState>,
    Id(id): Id<UserId>,
    ByAdministrator { admin, sent }: ByAdministrator,
) -> Response {
    let base_url = base_url(&app, &sent.headers);
    let made = account::make_password_link(&app, &admin, id, &base_url).await;
    made_or_not(&app, sent, &page_of(id), "password-link", made).await
}

async fn invite(State(app): State<AppState>, ByAdministrator { admin, sent }: ByAdministrator) -> Response {
    let made = async {
        let days = number(&sent.fields, "days")?.unwrap_or(account::INVITATION_DAYS);
        account::invite(&app, &admin, days, &base_url(&app, &sent.headers)).await
    };
    let made = made.await;
    made_or_not(&app, sent, "/admin", "invite", made).await
}

/// A link is shown on the page that answers, and nowhere else: it must not stand in an address, which is kept by whoever
/// sees it.
async fn made_or_not(
    app: &AppState,
    sent: SentBy,
    page: &str,
    form: &'static str,
    made: ApiResult<OneTimeLink>,
) -> Response {
    match made {
        Ok(made) => {
            let returned = Returned {
                form,
                field: Some("link".into()),
                typed: vec![
                    ("link".into(), made.link),
                    ("expires_at".into(), made.expires_at.to_string()),
                ],
                ..Returned::default()
            };
            pages::with(app, Some(sent.who), &sent.headers, page, returned).await
        }
        Err(error) => sent.answer(app, page, form, Err(error)).await,
    }
}

async fn delete(
    State(app): State<AppState>,
    Id(id): Id<UserId>,
    ByAdministrator { admin, sent }: ByAdministrator,
) -> Response {
    let result = async {
        let email = account::get(&app, &admin, id).await?.email;
        if !sent.fields.get("address").trim().eq_ignore_ascii_case(&email) {
            return Err(field::wrong("address", FieldFault::OtherAddress));
        }
        account::delete(&app, &admin, id).await?;
        Ok("/admin?done=deleted".to_owned())
    };
    let result = result.await;
    sent.answer(&app, &page_of(id), "delete", result).await
}

/// The link by which the audit log is taken along; to anybody else it leads where an unknown address leads.
async fn audit_table(State(app): State<AppState>, request: Request) -> Result<Response, ApiError> {
    let who = authenticate::by_cookie(&app, request.headers()).await?;
    let Some(admin) = who.and_then(|who| Administrator::of(who.user).ok()) else {
        return pages::page(State(app), request).await;
    };
    let (mut parts, _) = request.into_parts();
    let Query(query) = Query::<AuditQuery>::from_request_parts(&mut parts, &()).await?;
    table(app, &admin, &query.wanted()?).await
}

async fn set_password(
    State(app): State<AppState>,
    ClientAddress(from): ClientAddress,
    sent: Sent,
) -> Response {
    let code = sent.fields.owned("code");
    let result = new_password::set(&app, &code, sent.fields.owned("new_password"), from).await;
    let result = result.map(|()| "/new-password?done=yes".to_owned());
    let code: String = form_urlencoded::byte_serialize(code.as_bytes()).collect();
    sent.answer(
        &app,
        &format!("/new-password?code={code}"),
        "new-password",
        result,
    )
    .await
}
