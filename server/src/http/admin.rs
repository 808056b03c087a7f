//! `/admin/api/…`: the administration. What it means stands in [`crate::admin`]; the pages' forms are in [`form`].
//!
//! Who is no administrator gets what an address gets that there is not.

pub(super) mod form;

use super::json::{Id, Json, Query};
use crate::{
    admin::{Administrator, account, audit, health, usage},
    app::{App, AppState},
    auth::Authenticated,
    problem::{ApiError, ApiResult},
};
use axum::{
    body::Body,
    extract::{FromRequestParts, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use futures::TryStreamExt;
use serde::Deserialize;
use std::{io, sync::Arc};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{
    AuditId, ProblemCode, UserId,
    admin::{Account, AccountChange, AccountPage, AuditPage, HealthReport, OneTimeLink, UsageReport},
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(users))
        .routes(routes!(user, change_user, delete_user))
        .routes(routes!(end_sign_ins))
        .routes(routes!(make_password_link))
        .routes(routes!(invite))
        .routes(routes!(usage_report))
        .routes(routes!(health_report))
        .routes(routes!(audit_page))
        .routes(routes!(audit_table))
}

impl FromRequestParts<AppState> for Administrator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> ApiResult<Self> {
        let who = Authenticated::from_request_parts(parts, app).await?;
        Self::of(who.user)
            .map_err(|_| ApiError::new(ProblemCode::NotFound, format!("There is no {}", parts.uri.path())))
    }
}

/// How people reach this server, for links that are handed over.
fn base_url(app: &App, headers: &HeaderMap) -> String {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .filter(|_| app.config.http.public_url.is_none());
    let scheme = if crate::auth::cookies::secure(app, headers) {
        "https"
    } else {
        "http"
    };
    host.map_or_else(
        || app.config.base_url(app.config.http.port),
        |host| format!("{scheme}://{host}"),
    )
}

/// `?q=&after=&limit=`.
#[derive(Debug, Deserialize)]
struct UsersQuery {
    #[serde(default)]
    q: String,
    after: Option<String>,
    limit: Option<u32>,
}

/// Accounts whose address begins with `q`, by their addresses.
#[utoipa::path(
    get,
    path = "/admin/api/user",
    tag = "administration",
    security(("bearer" = [])),
    params(
        ("q" = Option<String>, Query, description = "What the address begins with."),
        ("after" = Option<String>, Query, description = "`next` of the page before."),
        ("limit" = Option<u32>, Query, description = "1–100, 25 by default.")
    ),
    responses((status = 200, body = AccountPage, description = "A page of them."))
)]
async fn users(
    State(app): State<AppState>,
    admin: Administrator,
    Query(query): Query<UsersQuery>,
) -> ApiResult<axum::Json<AccountPage>> {
    let page = account::list(&app, &admin, &query.q, query.after.as_deref(), query.limit);
    page.await.map(axum::Json)
}

/// An account.
#[utoipa::path(
    get,
    path = "/admin/api/user/{id}",
    tag = "administration",
    security(("bearer" = [])),
    params(("id" = UserId, Path, description = "Whose.")),
    responses((status = 200, body = Account, description = "As it is now."))
)]
async fn user(
    State(app): State<AppState>,
    admin: Administrator,
    Id(id): Id<UserId>,
) -> ApiResult<axum::Json<Account>> {
    account::get(&app, &admin, id).await.map(axum::Json)
}

/// Changes a role, a lock, limits. A changed role and a lock end the account's sign-ins.
#[utoipa::path(
    patch,
    path = "/admin/api/user/{id}",
    tag = "administration",
    security(("bearer" = [])),
    params(("id" = UserId, Path, description = "Whose.")),
    request_body = AccountChange,
    responses((status = 200, body = Account, description = "As changed."))
)]
async fn change_user(
    State(app): State<AppState>,
    admin: Administrator,
    Id(id): Id<UserId>,
    Json(change): Json<AccountChange>,
) -> ApiResult<axum::Json<Account>> {
    account::change(&app, &admin, id, change).await.map(axum::Json)
}

/// Takes an account away, with everything in it.
#[utoipa::path(
    delete,
    path = "/admin/api/user/{id}",
    tag = "administration",
    security(("bearer" = [])),
    params(("id" = UserId, Path, description = "Whose.")),
    responses((status = 204, description = "It is gone; what belonged to it goes within moments."))
)]
async fn delete_user(
    State(app): State<AppState>,
    admin: Administrator,
    Id(id): Id<UserId>,
) -> ApiResult<StatusCode> {
    account::delete(&app, &admin, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends all sign-ins of a user.
#[utoipa::path(
    delete,
    path = "/admin/api/user/{id}/sign-in",
    tag = "administration",
    security(("bearer" = [])),
    params(("id" = UserId, Path, description = "Whose.")),
    responses((status = 204, description = "They are signed out everywhere."))
)]
async fn end_sign_ins(
    State(app): State<AppState>,
    admin: Administrator,
    Id(id): Id<UserId>,
) -> ApiResult<StatusCode> {
    account::end_sign_ins(&app, &admin, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a link with which a user sets a new password: good once, for a day.
#[utoipa::path(
    post,
    path = "/admin/api/user/{id}/password-link",
    tag = "administration",
    security(("bearer" = [])),
    params(("id" = UserId, Path, description = "Whose.")),
    responses((status = 200, body = OneTimeLink, description = "To hand over."))
)]
async fn make_password_link(
    State(app): State<AppState>,
    admin: Administrator,
    Id(id): Id<UserId>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let link = account::make_password_link(&app, &admin, id, &base_url(&app, &headers)).await?;
    Ok(not_kept(axum::Json(link).into_response()))
}

/// `POST /admin/api/invitation`.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Invitation {
    /// 1–365, 7 by default.
    days: Option<u32>,
}

/// Makes a link with which one person makes an account.
#[utoipa::path(
    post,
    path = "/admin/api/invitation",
    tag = "administration",
    security(("bearer" = [])),
    request_body = Invitation,
    responses((status = 200, body = OneTimeLink, description = "To hand over."))
)]
async fn invite(
    State(app): State<AppState>,
    admin: Administrator,
    headers: HeaderMap,
    Json(request): Json<Invitation>,
) -> ApiResult<Response> {
    let days = request.days.unwrap_or(account::INVITATION_DAYS);
    let link = account::invite(&app, &admin, days, &base_url(&app, &headers)).await?;
    Ok(not_kept(axum::Json(link).into_response()))
}

/// `?days=`.
#[derive(Debug, Deserialize)]
struct DaysQuery {
    days: Option<u32>,
}

/// What the models were asked for, by day, model and user.
#[utoipa::path(
    get,
    path = "/admin/api/usage",
    tag = "administration",
    security(("bearer" = [])),
    params(("days" = Option<u32>, Query, description = "1–366, 30 by default; today is one of them.")),
    responses((status = 200, body = UsageReport, description = "Counted when answers end."))
)]
async fn usage_report(
    State(app): State<AppState>,
    admin: Administrator,
    Query(query): Query<DaysQuery>,
) -> ApiResult<axum::Json<UsageReport>> {
    let days = query.days.unwrap_or(usage::DAYS);
    usage::report(&app, &admin, days).await.map(axum::Json)
}

/// How the models of this server do, and what is done with documents.
#[utoipa::path(
    get,
    path = "/admin/api/health",
    tag = "administration",
    security(("bearer" = [])),
    responses((status = 200, body = HealthReport, description = "As of now."))
)]
async fn health_report(
    State(app): State<AppState>,
    admin: Administrator,
) -> ApiResult<axum::Json<HealthReport>> {
    health::report(&app, &admin).await.map(axum::Json)
}

/// `?person=&kind=&before=&limit=`.
#[derive(Debug, Deserialize)]
struct AuditQuery {
    #[serde(default)]
    person: String,
    #[serde(default)]
    kind: String,
    before: Option<AuditId>,
    limit: Option<u32>,
}

impl AuditQuery {
    fn wanted(&self) -> ApiResult<audit::Wanted> {
        Ok(audit::Wanted {
            person: self.person.clone(),
            kind: audit::kind(&self.kind)?,
        })
    }
}

/// The audit log, latest first.
#[utoipa::path(
    get,
    path = "/admin/api/audit",
    tag = "administration",
    security(("bearer" = [])),
    params(
        ("person" = Option<String>, Query, description = "An address, or the id of an account: what they did, and what was done to their account."),
        ("kind" = Option<String>, Query, description = "A kind."),
        ("before" = Option<AuditId>, Query, description = "`next` of the page before."),
        ("limit" = Option<u32>, Query, description = "1–200, 50 by default.")
    ),
    responses((status = 200, body = AuditPage, description = "A page of it."))
)]
async fn audit_page(
    State(app): State<AppState>,
    admin: Administrator,
    Query(query): Query<AuditQuery>,
) -> ApiResult<axum::Json<AuditPage>> {
    let wanted = query.wanted()?;
    let page = audit::page(&app, &admin, &wanted, query.before, query.limit);
    page.await.map(axum::Json)
}

/// The same, all of it, as a table (CSV).
#[utoipa::path(
    get,
    path = "/admin/api/audit.csv",
    tag = "administration",
    security(("bearer" = [])),
    params(
        ("person" = Option<String>, Query, description = "As for the pages."),
        ("kind" = Option<String>, Query, description = "As for the pages.")
    ),
    responses((status = 200, content_type = "text/csv", body = String, description = "RFC 4180, with a line of names."))
)]
async fn audit_table(
    State(app): State<AppState>,
    admin: Administrator,
    Query(query): Query<AuditQuery>,
) -> ApiResult<Response> {
    table(app, &admin, &query.wanted()?).await
}

/// The table as a download. It breaks off when the store does, so that nobody takes it for whole.
async fn table(app: Arc<App>, admin: &Administrator, wanted: &audit::Wanted) -> ApiResult<Response> {
    let pieces = audit::table(app, admin, wanted).await?;
    let body = Body::from_stream(pieces.map_err(|error| io::Error::other(error.detail)));
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, body).into_response())
}

/// What is good once is kept by no cache.
fn not_kept(mut response: Response) -> Response {
    let never = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, never);
    response
}
