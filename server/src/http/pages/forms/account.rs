//! `POST /account/…`, and the file of `GET /account/export`.

use crate::{
    account::{deletion, device, password, profile},
    app::AppState,
    auth::{authenticate, cookies},
    field,
    http::{
        account::exported,
        address::ClientAddress,
        auth::with_cookies,
        form::{SentBy, see_other},
        json::Id,
        look,
    },
    problem::{ApiError, ApiResult},
};
use axum::{Router, extract::State, http::HeaderMap, response::Response, routing::get};
use wire::{
    FieldFault, ProblemCode, SignInId,
    auth::{AccountDeletion, PasswordChange, Theme, User, UserPatch},
};

/// Where the page is, and where it is again after something was done: `done` names what.
const PAGE: &str = "/account";

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        // A form that came back has left its address in the browser: asked for again, it is the page.
        .route("/account/name", get(to_page).post(name))
        .route("/account/look", get(to_page).post(look))
        .route("/account/password", get(to_page).post(change_password))
        .route("/account/device/{id}", get(to_page).post(end_device))
        .route("/account/devices", get(to_page).post(end_others))
        .route("/account/export", get(export))
        .route("/account/delete", get(crate::http::pages::page).post(delete))
}

async fn to_page() -> Response {
    see_other(PAGE)
}

fn done(what: &str) -> String {
    format!("{PAGE}?done={what}")
}

async fn name(State(app): State<AppState>, sent: SentBy) -> Response {
    let patch = UserPatch {
        name: Some(sent.fields.owned("name")),
        ..UserPatch::default()
    };
    let changed = profile::change(&app, &sent.who.user, patch).await;
    sent.answer(&app, PAGE, "name", changed.map(|_| done("name")))
        .await
}

async fn look(State(app): State<AppState>, sent: SentBy) -> Response {
    let patch = UserPatch {
        theme: Theme::of_word(sent.fields.get("theme")),
        language: Some(sent.fields.owned("language")),
        ..UserPatch::default()
    };
    match profile::change(&app, &sent.who.user, patch).await {
        Ok(User { theme, language, .. }) => {
            let secure = cookies::secure(&app, &sent.headers);
            with_cookies(
                see_other(&done("look")),
                look::chosen(theme, language.as_deref(), secure),
            )
        }
        Err(error) => sent.answer(&app, PAGE, "look", Err(error)).await,
    }
}

async fn change_password(
    State(app): State<AppState>,
    ClientAddress(from): ClientAddress,
    sent: SentBy,
) -> Response {
    let change = PasswordChange {
        password: sent.fields.owned("password"),
        new_password: sent.fields.owned("new_password"),
    };
    let changed = password::change(&app, &sent.who, change, from).await;
    let changed = beside_the_password(changed).map(|()| done("password"));
    sent.answer(&app, PAGE, "password", changed).await
}

async fn end_device(State(app): State<AppState>, Id(id): Id<SignInId>, sent: SentBy) -> Response {
    let ended = device::end(&app, &sent.who, id).await;
    sent.answer(&app, PAGE, "devices", ended.map(|()| done("device")))
        .await
}

async fn end_others(State(app): State<AppState>, sent: SentBy) -> Response {
    let ended = device::end_others(&app, &sent.who).await;
    sent.answer(&app, PAGE, "devices", ended.map(|()| done("devices")))
        .await
}

/// A link that downloads needs no script; it changes nothing.
async fn export(State(app): State<AppState>, headers: HeaderMap) -> ApiResult<Response> {
    let who = authenticate::by_cookie(&app, &headers).await?;
    let who = who.ok_or_else(authenticate::unauthenticated)?;
    exported(&app, who.user).await
}

async fn delete(State(app): State<AppState>, ClientAddress(from): ClientAddress, sent: SentBy) -> Response {
    let asked = AccountDeletion {
        password: sent.fields.owned("password"),
    };
    let deleted = deletion::begin(&app, &sent.who, asked, from).await;
    match beside_the_password(deleted) {
        Ok(()) => {
            let gone = cookies::signed_out(cookies::secure(&app, &sent.headers));
            with_cookies(see_other("/sign-in?out=1&deleted=1"), gone)
        }
        Err(error) => sent.answer(&app, "/account/delete", "delete", Err(error)).await,
    }
}

/// On a page it is said beside the field.
fn beside_the_password<T>(result: ApiResult<T>) -> ApiResult<T> {
    result.map_err(|error: ApiError| match error.code {
        ProblemCode::WrongCredentials => field::wrong("password", FieldFault::NotYourPassword),
        _ => error,
    })
}
