//! Signing up, in and out; tokens that stay good, and all those that do not.

use crate::rest::{PASSWORD, Person, TestApp, invitation};
use axum::{
    body::Body,
    http::{Request, header},
};
use clap::ValueEnum;
use serde_json::{Value, json};
use server::{auth::sign_in, config::RegistrationArg, session::SessionEvent};
use std::{net::Ipv4Addr, pin::pin, task::Poll, time::Duration};
use wire::{ProblemCode, SessionId, auth::Login};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn registration(word: &str) -> RegistrationArg {
    RegistrationArg::from_str(word, false).unwrap()
}

fn new_account(email: &str) -> Value {
    json!({"email": email, "password": PASSWORD})
}

#[tokio::test]
async fn who_signs_up_is_signed_in() {
    let app = TestApp::start().await;
    let mut ada = app.anyone();
    let reply = ada.post("/auth/register", new_account("Ada@Example.org")).await;
    assert_eq!(reply.headers[header::CACHE_CONTROL], "no-store");
    let signed_in = reply.expect(200);
    assert_eq!(signed_in["token_type"], "Bearer");
    assert_eq!(signed_in["expires_in"], 12 * 60 * 60);
    assert_eq!(signed_in["user"]["email"], "ada@example.org");
    assert_eq!(signed_in["user"]["role"], "user");
    ada.token = signed_in["access_token"].as_str().map(Into::into);
    assert_eq!(ada.get("/auth/me").await.expect(200), signed_in["user"]);
}

#[tokio::test]
async fn scripts_see_no_cookie_and_tls_is_kept_to() {
    let app =
        TestApp::start_with(|config| config.http.public_url = Some("https://chat.example.org".into())).await;
    let reply = app
        .anyone()
        .post("/auth/register", new_account("ada@example.org"))
        .await;
    let (session, refresh) = (
        reply.cookie_line("session").unwrap(),
        reply.cookie_line("refresh").unwrap(),
    );
    assert!(
        session.ends_with("; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure"),
        "{session}"
    );
    assert!(
        refresh.ends_with("; Path=/auth; Max-Age=2592000; HttpOnly; SameSite=Strict; Secure"),
        "{refresh}"
    );
}

#[tokio::test]
async fn an_address_has_one_account_however_it_is_written() {
    let app = TestApp::start().await;
    app.sign_up("ada").await;
    app.anyone()
        .post("/auth/register", new_account("ADA@example.ORG"))
        .await
        .expect_problem(409, "email_taken");
}

#[tokio::test]
async fn what_is_wrong_with_a_new_account_is_said_by_field() {
    let app = TestApp::start().await;
    for (body, field) in [
        (json!({"email": "ada", "password": PASSWORD}), "email: "),
        (
            json!({"email": "ada@example.org\u{0}", "password": PASSWORD}),
            "email: ",
        ),
        (
            json!({"email": "ada@example.org", "password": "short"}),
            "password: ",
        ),
        (
            json!({"email": "ada@example.org", "password": "x".repeat(1025)}),
            "password: ",
        ),
    ] {
        let problem = app
            .anyone()
            .post("/auth/register", body)
            .await
            .expect_problem(400, "invalid_field");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.starts_with(field), "{detail}");
    }
}

#[tokio::test]
async fn a_body_that_is_not_what_was_expected_is_told_where() {
    let app = TestApp::start().await;
    let send = async |kind: &str, body: String| {
        let request = Request::post("/auth/login")
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body));
        app.anyone().send(request.unwrap()).await
    };
    let json = "application/json";
    let problem = send(json, "{\"email\": 7}".into())
        .await
        .expect_problem(400, "invalid_request");
    assert!(problem["detail"].as_str().unwrap().contains("email"), "{problem}");
    let problem = send(json, "{\"email".into())
        .await
        .expect_problem(400, "invalid_request");
    assert!(
        problem["detail"].as_str().unwrap().contains("line 1"),
        "{problem}"
    );
    send("text/plain", "{}".into())
        .await
        .expect_problem(415, "unsupported_media_type");
    send(json, format!("\"{}\"", "x".repeat(64 * 1024)))
        .await
        .expect_problem(413, "too_large");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_get_the_same_answer() {
    let app = TestApp::start().await;
    app.sign_up("ada").await;
    let mut known = app
        .anyone()
        .log_in("ada", "wrong horse")
        .await
        .expect_problem(401, "wrong_credentials");
    let mut unknown = app
        .anyone()
        .log_in("nobody", "wrong horse")
        .await
        .expect_problem(401, "wrong_credentials");
    for problem in [&mut known, &mut unknown] {
        problem.as_object_mut().unwrap().remove("request_id");
    }
    assert_eq!(known, unknown);
    app.anyone().log_in("ada", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn guessing_is_slowed_down_and_the_right_password_waits_too() {
    let app = TestApp::start().await;
    app.sign_up("ada").await;
    app.sign_up("bob").await;
    for _ in 0..10 {
        app.anyone()
            .log_in("ada", "wrong horse")
            .await
            .expect_problem(401, "wrong_credentials");
    }
    let reply = app.anyone().log_in("ada", PASSWORD).await;
    assert_eq!(reply.headers[header::RETRY_AFTER], "31");
    let problem = reply.expect_problem(429, "rate_limited");
    assert_eq!(problem["retry_after"], 31);
    app.anyone().log_in("bob", PASSWORD).await.expect(200);
    app.clock.advance(Duration::from_secs(31));
    app.anyone().log_in("ada", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn an_access_token_ends_after_its_twelve_hours() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("ada").await;
    app.clock.advance(Duration::from_secs(12 * 60 * 60 - 1));
    ada.get("/auth/me").await.expect(200);
    app.clock.advance(Duration::from_secs(1));
    let reply = ada.get("/auth/me").await;
    assert_eq!(reply.headers[header::WWW_AUTHENTICATE], "Bearer");
    reply.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn only_a_bearer_access_token_opens_the_api() {
    let app = TestApp::start().await;
    let elsewhere = TestApp::start().await;
    let mut ada = app.sign_up("ada").await;
    let page_token = ada.cookies["session"].clone();
    let foreign = elsewhere.sign_up("ada").await.token;
    for token in [
        None,
        Some(page_token),
        foreign,
        Some("x".into()),
        Some("eyJhbGciOiJub25lIn0.e30.".into()),
    ] {
        ada.token = token;
        ada.get("/auth/me").await.expect_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn logging_out_ends_every_token_of_this_device_and_no_other() {
    let app = TestApp::start().await;
    let mut phone = app.sign_up("ada").await;
    let mut laptop = app.anyone();
    laptop.log_in("ada", PASSWORD).await.expect(200);
    let before = phone.clone();

    let reply = phone.post_nothing("/auth/logout").await;
    assert!(reply.cookie_line("session").unwrap().contains("Max-Age=0"));
    reply.expect(204);

    assert!(phone.cookies.is_empty());
    phone.get("/auth/me").await.expect_problem(401, "unauthenticated");
    before
        .clone()
        .post_nothing("/auth/refresh")
        .await
        .expect_problem(401, "unauthenticated");
    laptop.get("/auth/me").await.expect(200);
    phone.post_nothing("/auth/logout").await.expect(204);
}

#[tokio::test]
async fn cookies_alone_log_out_too() {
    let app = TestApp::start().await;
    for kept in ["session", "refresh"] {
        let mut ada = app.sign_up(&format!("ada-{kept}")).await;
        let token = ada.token.take();
        ada.cookies.retain(|name, _| name == kept);
        ada.post_nothing("/auth/logout").await.expect(204);
        ada.token = token;
        ada.get("/auth/me").await.expect_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn a_page_elsewhere_neither_refreshes_nor_logs_out() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("ada").await;
    let token = ada.token.take();
    ada.origin = Some("https://evil.example".into());
    ada.post_nothing("/auth/refresh")
        .await
        .expect_problem(403, "origin_not_allowed");
    ada.post_nothing("/auth/logout")
        .await
        .expect_problem(403, "origin_not_allowed");
    ada.origin = Some("http://localhost:8000".into());
    ada.post_nothing("/auth/refresh").await.expect(200);
    ada.token = token;
    ada.get("/auth/me").await.expect(200);
}

#[tokio::test]
async fn who_comes_back_within_a_month_is_still_signed_in() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("ada").await;
    for _ in 0..3 {
        app.clock.advance(29 * DAY);
        let signed_in = ada.post_nothing("/auth/refresh").await.expect(200);
        ada.token = signed_in["access_token"].as_str().map(Into::into);
        ada.get("/auth/me").await.expect(200);
    }
    app.clock.advance(30 * DAY + Duration::from_secs(1));
    ada.post_nothing("/auth/refresh")
        .await
        .expect_problem(401, "unauthenticated");
    assert!(ada.cookies.is_empty(), "the browser need not try again");
}

async fn refreshed(person: &mut Person) -> String {
    person.post_nothing("/auth/refresh").await.expect(200);
    person.cookies["refresh"].clone()
}

#[tokio::test]
async fn two_tabs_that_refresh_at_once_get_the_same_successor() {
    let app = TestApp::start().await;
    let mut one = app.sign_up("ada").await;
    let mut other = one.clone();
    let first = refreshed(&mut one).await;
    app.clock.advance(Duration::from_secs(29));
    assert_eq!(refreshed(&mut other).await, first);
    // And both go on from there.
    assert_ne!(refreshed(&mut one).await, first);
}

#[tokio::test]
async fn a_refresh_token_replayed_later_ends_the_whole_sign_in() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("ada").await;
    let mut thief = ada.clone();
    refreshed(&mut ada).await;
    app.clock.advance(Duration::from_secs(31));
    thief
        .post_nothing("/auth/refresh")
        .await
        .expect_problem(401, "unauthenticated");
    ada.get("/auth/me").await.expect_problem(401, "unauthenticated");
    ada.post_nothing("/auth/refresh")
        .await
        .expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_role_is_what_it_is_now_not_what_it_was_when_the_token_was_made() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("ada").await;
    let id = ada.id().await;
    app.app()
        .store
        .set_role(id, wire::auth::Role::Admin)
        .await
        .unwrap();
    assert_eq!(ada.get("/auth/me").await.expect(200)["role"], "admin");
}

#[tokio::test]
async fn the_first_administrator_is_made_by_the_printed_link_once() {
    let app = TestApp::start_with(|config| config.auth.registration = registration("closed")).await;
    let code = invitation(app.application.first_admin_link().unwrap()).to_owned();
    let mut body = new_account("root@example.org");
    app.anyone()
        .post("/auth/register", body.clone())
        .await
        .expect_problem(403, "registration_not_allowed");
    body["invitation"] = code.into();
    // A mistake does not use the code up.
    let mut mistaken = body.clone();
    mistaken["password"] = "short".into();
    app.anyone()
        .post("/auth/register", mistaken)
        .await
        .expect_problem(400, "invalid_field");
    let signed_in = app
        .anyone()
        .post("/auth/register", body.clone())
        .await
        .expect(200);
    assert_eq!(signed_in["user"]["role"], "admin");
    body["email"] = "second@example.org".into();
    app.anyone()
        .post("/auth/register", body)
        .await
        .expect_problem(403, "registration_not_allowed");
}

#[tokio::test]
async fn a_code_that_nobody_was_given_is_refused_before_anything_is_said_about_the_address() {
    for word in ["open", "invitation", "closed"] {
        let app = TestApp::start_with(|config| config.auth.registration = registration(word)).await;
        app.administrator().await;
        let mut body = new_account("admin@example.org");
        body["invitation"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into();
        app.anyone()
            .post("/auth/register", body)
            .await
            .expect_problem(403, "registration_not_allowed");
    }
}

#[tokio::test]
async fn a_ticket_is_for_ones_own_active_session() {
    let app = TestApp::start().await;
    let (mut ada, mut bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let bot = ada.get("/chatbot").await.expect(200)[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let session = ada
        .post_nothing(&format!("/chatbot/{bot}/session"))
        .await
        .expect(200)["session_id"]
        .clone();
    let request = json!({"session_id": session});
    let ticket = ada.post("/auth/ticket", request.clone()).await.expect(200);
    assert_eq!(ticket["expires_in"], 30);
    bob.post("/auth/ticket", request)
        .await
        .expect_problem(404, "session_not_found");
    let unknown = json!({"session_id": uuid::Uuid::now_v7()});
    ada.post("/auth/ticket", unknown)
        .await
        .expect_problem(404, "session_not_found");
    ada.post("/auth/ticket", json!({"session_id": "x"}))
        .await
        .expect_problem(400, "invalid_request");
}

#[tokio::test]
async fn a_ticket_opens_its_session_once_and_no_other() {
    use server::auth::authenticate::for_socket;
    let app = TestApp::start().await;
    let mut ada = app.sign_up("ada").await;
    let bot = ada.get("/chatbot").await.expect(200)[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let opened = ada
        .post_nothing(&format!("/chatbot/{bot}/session"))
        .await
        .expect(200);
    let session: SessionId = opened["session_id"].as_str().unwrap().parse().unwrap();
    let other = SessionId::from_uuid(uuid::Uuid::now_v7());
    let ticket = async |person: &mut Person| {
        let ticket = person
            .post("/auth/ticket", json!({"session_id": session}))
            .await
            .expect(200);
        ticket["ticket"].as_str().unwrap().to_owned()
    };
    let none = axum::http::HeaderMap::new();

    let first = ticket(&mut ada).await;
    assert!(
        for_socket(app.app(), &none, other, Some(&first)).await.is_err(),
        "another session's"
    );
    let who = for_socket(app.app(), &none, session, Some(&first)).await.unwrap();
    assert_eq!(who.user.id, ada.id().await);
    assert!(
        for_socket(app.app(), &none, session, Some(&first)).await.is_err(),
        "used"
    );

    let late = ticket(&mut ada).await;
    app.clock.advance(Duration::from_secs(30));
    assert!(
        for_socket(app.app(), &none, session, Some(&late)).await.is_err(),
        "too old"
    );
}

#[tokio::test]
async fn the_cookie_opens_a_socket_for_our_own_pages_only() {
    use axum::http::{HeaderMap, HeaderValue};
    use server::auth::authenticate::for_socket;
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let session = SessionId::from_uuid(uuid::Uuid::now_v7());
    let from = |origin: Option<&'static str>| {
        let mut headers = HeaderMap::new();
        let cookie = format!("session={}", ada.cookies["session"]);
        headers.insert(header::COOKIE, HeaderValue::from_str(&cookie).unwrap());
        headers.insert(header::HOST, HeaderValue::from_static("localhost:8000"));
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
        }
        headers
    };
    assert!(
        for_socket(app.app(), &from(Some("http://localhost:8000")), session, None)
            .await
            .is_ok()
    );
    for other in [
        None,
        Some("http://localhost:9000"),
        Some("https://evil.example"),
        Some("null"),
    ] {
        assert!(
            for_socket(app.app(), &from(other), session, None).await.is_err(),
            "{other:?}"
        );
    }
}

#[tokio::test]
async fn sockets_hear_at_once_that_their_sign_in_ended() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("ada").await;
    let bot = ada.get("/chatbot").await.expect(200)[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let opened = ada
        .post_nothing(&format!("/chatbot/{bot}/session"))
        .await
        .expect(200);
    let session: SessionId = opened["session_id"].as_str().unwrap().parse().unwrap();
    let record = app.app().store.session(session).await.unwrap().unwrap();
    let (sign_in, now) = (record.sign_in_id, record.opened_at);
    let live = app.app().sessions.live(record, "Assistant", now);
    let (_place, mut events) = live.enter(sign_in, 1, &app.app().clock).unwrap();
    ada.post_nothing("/auth/logout").await.expect(204);
    let event = events.try_recv().unwrap();
    assert!(
        matches!(event, SessionEvent::SignInEnded(ended) if ended == sign_in),
        "{event:?}"
    );
}

#[tokio::test]
async fn who_signs_in_with_the_old_password_while_it_is_changed_stays_out() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("ada").await;
    let old = Login {
        email: "ada@example.org".into(),
        password: PASSWORD.into(),
    };
    let mut signing_in = pin!(sign_in::log_in(app.app(), old, Ipv4Addr::LOCALHOST.into(), None));
    // To where it has read the old password's sum: its second step compares that, which takes long.
    let mut steps = 0;
    std::future::poll_fn(|context| {
        steps += 1;
        assert!(signing_in.as_mut().poll(context).is_pending());
        if steps == 2 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    let change = json!({"password": PASSWORD, "new_password": "another few words"});
    ada.post("/auth/password", change).await.expect(204);
    let error = signing_in.await.err().expect("the password is another one");
    assert_eq!(error.code, ProblemCode::WrongCredentials);
    let devices = ada.get("/auth/sign-in").await.expect(200);
    assert_eq!(devices.as_array().unwrap().len(), 1, "{devices}");
}
