//! `/auth/…`: signing up, in and out. What it means stands in [`crate::auth::sign_in`]; here are bodies and cookies.

use super::{address::ClientAddress, json::Json, origin};
use crate::{
    app::{App, AppState},
    auth::{
        Authenticated, account,
        authenticate::{self, unauthenticated},
        cookies,
        sign_in::{self, Opened},
    },
    problem::{ApiError, ApiResult},
};
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use wire::{
    ProblemCode, SignInId,
    auth::{Login, Register, Ticket, TicketRequest, User},
};

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/auth/register", post(register))
        .route("/auth/login", post(log_in))
        .route("/auth/refresh", post(refresh))
        .route("/auth/logout", post(log_out))
        .route("/auth/me", get(me))
        .route("/auth/ticket", post(ticket))
}

async fn register(
    State(app): State<AppState>,
    ClientAddress(from): ClientAddress,
    headers: HeaderMap,
    Json(request): Json<Register>,
) -> ApiResult<Response> {
    let opened = sign_in::register(&app, request, from).await?;
    Ok(signed_in(&app, &headers, opened))
}

async fn log_in(
    State(app): State<AppState>,
    ClientAddress(from): ClientAddress,
    headers: HeaderMap,
    Json(request): Json<Login>,
) -> ApiResult<Response> {
    let opened = sign_in::log_in(&app, request, from).await?;
    Ok(signed_in(&app, &headers, opened))
}

async fn refresh(State(app): State<AppState>, headers: HeaderMap) -> ApiResult<Response> {
    same_origin(&app, &headers)?;
    let token = cookies::read(&headers, cookies::REFRESH).ok_or_else(unauthenticated)?;
    match sign_in::refresh(&app, token).await {
        Ok(opened) => Ok(signed_in(&app, &headers, opened)),
        // The browser need not try these cookies again.
        Err(error) if error.code == ProblemCode::Unauthenticated => {
            let gone = cookies::signed_out(cookies::secure(&app, &headers));
            Ok(with_cookies(error.into_response(), gone))
        }
        Err(error) => Err(error),
    }
}

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

async fn me(who: Authenticated) -> axum::Json<User> {
    axum::Json(account::shown(&who.user))
}

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
    let secure = cookies::secure(app, headers);
    let lines = cookies::signed_in(&opened.page_token, &opened.refresh_token, opened.life, secure);
    with_cookies(axum::Json(opened.signed_in).into_response(), lines)
}

fn with_cookies(mut response: Response, lines: Vec<HeaderValue>) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for line in lines {
        headers.append(header::SET_COOKIE, line);
    }
    response
}
