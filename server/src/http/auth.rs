//! `/auth/…`: signing up, in and out. What it means stands in [`crate::auth::sign_in`]; here are bodies and cookies.

use super::{address::ClientAddress, json::Json, look, origin};
use crate::{
    account::device,
    app::{App, AppState},
    auth::{
        Authenticated,
        authenticate::{self, unauthenticated},
        cookies,
        sign_in::{self, Opened},
    },
    problem::{ApiError, ApiResult},
};
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{
    ProblemCode, SignInId,
    auth::{Login, Register, SignedIn, Ticket, TicketRequest},
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(register))
        .routes(routes!(log_in))
        .routes(routes!(refresh))
        .routes(routes!(log_out))
        .routes(routes!(ticket))
}

/// Makes an account and signs in: a token in the body, two cookies beside it.
#[utoipa::path(
    post,
    path = "/auth/register",
    tag = "accounts",
    security(()),
    request_body = Register,
    responses((status = 200, body = SignedIn, description = "Signed in."))
)]
async fn register(
    State(app): State<AppState>,
    ClientAddress(from): ClientAddress,
    headers: HeaderMap,
    Json(request): Json<Register>,
) -> ApiResult<Response> {
    let opened = sign_in::register(&app, request, from, device::named(&headers)).await?;
    Ok(signed_in(&app, &headers, opened))
}

/// Signs in: a token in the body, two cookies beside it.
#[utoipa::path(
    post,
    path = "/auth/login",
    tag = "accounts",
    security(()),
    request_body = Login,
    responses((status = 200, body = SignedIn, description = "Signed in."))
)]
async fn log_in(
    State(app): State<AppState>,
    ClientAddress(from): ClientAddress,
    headers: HeaderMap,
    Json(request): Json<Login>,
) -> ApiResult<Response> {
    let opened = sign_in::log_in(&app, request, from, device::named(&headers)).await?;
    Ok(signed_in(&app, &headers, opened))
}

/// Gives a new access token, by the refresh cookie, which is replaced.
#[utoipa::path(
    post,
    path = "/auth/refresh",
    tag = "accounts",
    security(("refresh" = [])),
    responses((status = 200, body = SignedIn, description = "Still signed in."))
)]
async fn refresh(State(app): State<AppState>, headers: HeaderMap) -> ApiResult<Response> {
    same_origin(&app, &headers)?;
    let token = cookies::read(&headers, cookies::REFRESH).ok_or_else(unauthenticated)?;
    match sign_in::refresh(&app, token).await {
        Ok(opened) => {
            let lines = proofs(&app, &headers, &opened);
            Ok(with_cookies(axum::Json(opened.signed_in).into_response(), lines))
        }
        // The browser need not try these cookies again.
        Err(error) if error.code == ProblemCode::Unauthenticated => {
            let gone = cookies::signed_out(cookies::secure(&app, &headers));
            Ok(with_cookies(error.into_response(), gone))
        }
        Err(error) => Err(error),
    }
}

/// Ends a sign-in, by bearer token or by cookie, and its sockets.
#[utoipa::path(
    post,
    path = "/auth/logout",
    tag = "accounts",
    security((), ("bearer" = []), ("session" = []), ("refresh" = [])),
    responses((status = 204, description = "Signed out."))
)]
async fn log_out(State(app): State<AppState>, headers: HeaderMap) -> ApiResult<Response> {
    if let Some(sign_in) = by_bearer(&app, &headers).await? {
        sign_in::log_out(&app, sign_in).await?;
    } else {
        same_origin(&app, &headers)?;
        if let Some(who) = authenticate::by_cookie(&app, &headers).await? {
            sign_in::log_out(&app, who.sign_in).await?;
        } else if let Some(token) = cookies::read(&headers, cookies::REFRESH) {
            sign_in::log_out_by_refresh_token(&app, token).await?;
        }
    }
    let gone = cookies::signed_out(cookies::secure(&app, &headers));
    Ok(with_cookies(StatusCode::NO_CONTENT.into_response(), gone))
}

/// Gives a ticket to the socket of the user's active session: good once, and not for long.
#[utoipa::path(
    post,
    path = "/auth/ticket",
    tag = "accounts",
    security(("bearer" = [])),
    request_body = TicketRequest,
    responses((status = 200, body = Ticket, description = "For `?token=`."))
)]
async fn ticket(
    State(app): State<AppState>,
    who: Authenticated,
    Json(request): Json<TicketRequest>,
) -> ApiResult<axum::Json<Ticket>> {
    Ok(axum::Json(sign_in::ticket(&app, &who, request.session_id).await?))
}

async fn by_bearer(app: &App, headers: &HeaderMap) -> ApiResult<Option<SignInId>> {
    let Some(token) = authenticate::bearer(headers) else {
        return Ok(None);
    };
    match authenticate::by_access_token(app, token).await {
        Ok(who) => Ok(Some(who.sign_in)),
        // It ended already, perhaps just now: then the cookies say which sign-in is meant.
        Err(error) if error.code == ProblemCode::Unauthenticated => Ok(None),
        Err(error) => Err(error),
    }
}

/// Cookies travel with requests of any page: these two routes ask which page it was.
fn same_origin(app: &App, headers: &HeaderMap) -> ApiResult<()> {
    if origin::origin_is_own(app, headers) {
        return Ok(());
    }
    Err(ApiError::new(
        ProblemCode::OriginNotAllowed,
        "Only the server's own pages may do this",
    ))
}

fn signed_in(app: &App, headers: &HeaderMap, opened: Opened) -> Response {
    let lines = lines(app, headers, &opened);
    with_cookies(axum::Json(opened.signed_in).into_response(), lines)
}

/// The cookies of who has come in just now: the two that prove it, and how they want to see the pages.
pub(super) fn lines(app: &App, headers: &HeaderMap, opened: &Opened) -> Vec<HeaderValue> {
    let mut lines = proofs(app, headers, opened);
    let user = &opened.signed_in.user;
    let secure = cookies::secure(app, headers);
    lines.extend(look::brought(user.theme, user.language.as_deref(), secure));
    lines
}

fn proofs(app: &App, headers: &HeaderMap, opened: &Opened) -> Vec<HeaderValue> {
    let secure = cookies::secure(app, headers);
    cookies::signed_in(&opened.page_token, &opened.refresh_token, opened.life, secure)
}

/// An answer that says who is signed in, or that nobody is any more.
pub(super) fn with_cookies(mut response: Response, lines: Vec<HeaderValue>) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for line in lines {
        headers.append(header::SET_COOKIE, line);
    }
    response
}
