//! `/auth/me`, `/auth/sign-in`, `/auth/password`, `/auth/export`: what people do with their own account. What it means
//! stands in [`crate::account`].

use super::{
    address::ClientAddress,
    json::{Id, Json},
};
use crate::{
    account::{deletion, device, export, password, profile},
    app::AppState,
    audit::{self, Who},
    auth::{self, Authenticated},
    problem::ApiResult,
};
use axum::{
    body::Body,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use store::user::UserRecord;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{
    SignInId,
    admin::AuditKind,
    auth::{AccountDeletion, Device, PasswordChange, User, UserPatch},
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(me, change_me, delete_me))
        .routes(routes!(devices, end_other_devices))
        .routes(routes!(end_device))
        .routes(routes!(change_password))
        .routes(routes!(export))
}

/// Says who one is.
#[utoipa::path(
    get,
    path = "/auth/me",
    tag = "accounts",
    security(("bearer" = [])),
    responses((status = 200, body = User, description = "The user."))
)]
async fn me(who: Authenticated) -> axum::Json<User> {
    axum::Json(auth::account::shown(&who.user))
}

/// Changes what one is called, and how one wants to see the pages.
#[utoipa::path(
    patch,
    path = "/auth/me",
    tag = "accounts",
    security(("bearer" = [])),
    request_body = UserPatch,
    responses((status = 200, body = User, description = "The user, as changed."))
)]
async fn change_me(
    State(app): State<AppState>,
    who: Authenticated,
    Json(patch): Json<UserPatch>,
) -> ApiResult<axum::Json<User>> {
    profile::change(&app, &who.user, patch).await.map(axum::Json)
}

/// Takes the account away, with everything in it: conversations, chatbots, documents, sign-ins.
#[utoipa::path(
    delete,
    path = "/auth/me",
    tag = "accounts",
    security(("bearer" = [])),
    request_body = AccountDeletion,
    responses((status = 204, description = "It is gone; what belonged to it goes within moments."))
)]
async fn delete_me(
    State(app): State<AppState>,
    who: Authenticated,
    ClientAddress(from): ClientAddress,
    Json(asked): Json<AccountDeletion>,
) -> ApiResult<StatusCode> {
    deletion::begin(&app, &who, asked, from).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The devices one is signed in on, this one first.
#[utoipa::path(
    get,
    path = "/auth/sign-in",
    tag = "accounts",
    security(("bearer" = [])),
    responses((status = 200, body = Vec<Device>, description = "Those whose sign-in is not over."))
)]
async fn devices(State(app): State<AppState>, who: Authenticated) -> ApiResult<axum::Json<Vec<Device>>> {
    device::list(&app, &who).await.map(axum::Json)
}

/// Signs out everywhere else.
#[utoipa::path(
    delete,
    path = "/auth/sign-in",
    tag = "accounts",
    security(("bearer" = [])),
    responses((status = 204, description = "Only the sign-in that asked is left."))
)]
async fn end_other_devices(State(app): State<AppState>, who: Authenticated) -> ApiResult<StatusCode> {
    device::end_others(&app, &who).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends one's sign-in on a device, and its sockets.
#[utoipa::path(
    delete,
    path = "/auth/sign-in/{id}",
    tag = "accounts",
    security(("bearer" = [])),
    params(("id" = SignInId, Path, description = "Which.")),
    responses((status = 204, description = "It is over, or was."))
)]
async fn end_device(
    State(app): State<AppState>,
    who: Authenticated,
    Id(id): Id<SignInId>,
) -> ApiResult<StatusCode> {
    device::end(&app, &who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives oneself another password. Every other sign-in ends.
#[utoipa::path(
    post,
    path = "/auth/password",
    tag = "accounts",
    security(("bearer" = [])),
    request_body = PasswordChange,
    responses((status = 204, description = "It is the new one now."))
)]
async fn change_password(
    State(app): State<AppState>,
    who: Authenticated,
    ClientAddress(from): ClientAddress,
    Json(change): Json<PasswordChange>,
) -> ApiResult<StatusCode> {
    password::change(&app, &who, change, from).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Everything one has here, as a ZIP file: conversations as Markdown and JSON, chatbots, documents as they were.
#[utoipa::path(
    get,
    path = "/auth/export",
    tag = "accounts",
    security(("bearer" = [])),
    responses((status = 200, content_type = "application/zip", body = Vec<u8>, description = "The file."))
)]
async fn export(State(app): State<AppState>, who: Authenticated) -> ApiResult<Response> {
    exported(&app, who.user).await
}

/// The file, sent while it is made.
pub(super) async fn exported(app: &AppState, user: UserRecord) -> ApiResult<Response> {
    let pieces = export::start(app, user.clone())?;
    audit::note(
        app,
        AuditKind::Exported,
        Who::User(&user),
        "everything of this account",
    )
    .await;
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}\"", export::file_name(app)),
        ),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}
