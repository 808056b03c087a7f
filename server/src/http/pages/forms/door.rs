//! `POST /sign-in`, `/sign-up`, `/sign-out`.

use crate::{
    account::device,
    app::AppState,
    auth::{
        cookies,
        sign_in::{self, Opened},
    },
    http::{
        address::ClientAddress,
        auth::{lines, with_cookies},
        form::{Sent, SentBy, see_other},
        pages::page,
    },
    problem::ApiResult,
};
use axum::{
    Router,
    extract::State,
    response::Response,
    routing::{get, post},
};
use wire::auth::{Login, Register};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/sign-in", get(page).post(sign_in))
        .route("/sign-up", get(page).post(sign_up))
        .route("/sign-out", post(sign_out))
}

async fn sign_in(State(app): State<AppState>, ClientAddress(from): ClientAddress, sent: Sent) -> Response {
    let login = Login {
        email: sent.fields.owned("email"),
        password: sent.fields.owned("password"),
    };
    let opened = sign_in::log_in(&app, login, from, device::named(&sent.headers)).await;
    enter(&app, sent, ("/sign-in", "sign-in"), opened).await
}

async fn sign_up(State(app): State<AppState>, ClientAddress(from): ClientAddress, sent: Sent) -> Response {
    let invitation = sent.fields.owned("invitation");
    let page = if invitation.is_empty() {
        "/sign-up".to_owned()
    } else {
        let code = form_urlencoded::byte_serialize(invitation.as_bytes());
        format!("/sign-up?invite={}", code.collect::<String>())
    };
    let register = Register {
        email: sent.fields.owned("email"),
        password: sent.fields.owned("password"),
        invitation: Some(invitation).filter(|code| !code.is_empty()),
    };
    let opened = sign_in::register(&app, register, from, device::named(&sent.headers)).await;
    enter(&app, sent, (&page, "sign-up"), opened).await
}

/// Home, with the cookies of who is signed in now; or the form again.
async fn enter(
    app: &AppState,
    sent: Sent,
    (page, form): (&str, &'static str),
    opened: ApiResult<Opened>,
) -> Response {
    match opened {
        Ok(opened) => with_cookies(see_other("/"), lines(app, &sent.headers, &opened)),
        Err(error) => sent.answer(app, page, form, Err(error)).await,
    }
}

/// What was kept in the browser goes, too, when the next page's scripts see where they are.
async fn sign_out(State(app): State<AppState>, sent: SentBy) -> Response {
    if let Err(error) = sign_in::log_out(&app, sent.who.sign_in).await {
        return sent.answer(&app, "/", "sign-out", Err(error)).await;
    }
    let gone = cookies::signed_out(cookies::secure(&app, &sent.headers));
    with_cookies(see_other("/sign-in?out=1"), gone)
}
