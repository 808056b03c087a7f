//! A front on another origin: what it may do when that is on the list, and what not even then.

use crate::{
    rest::TestApp,
    world::{Chat, TestServer},
};
use axum::{
    body::Body,
    http::{Request, header},
};

const FRONT: &str = "https://front.example";
const STRANGER: &str = "https://evil.example";

async fn server_that_knows_the_front() -> TestApp {
    TestApp::start_with(|config| config.http.allowed_origins = vec![FRONT.into()]).await
}

/// What a browser asks before it lets a page send a token.
fn may_i(origin: &str) -> Request<Body> {
    Request::options("/chatbot")
        .header(header::HOST, "localhost:8000")
        .header(header::ORIGIN, origin)
        .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
        .header(
            header::ACCESS_CONTROL_REQUEST_HEADERS,
            "authorization,content-type",
        )
        .body(Body::empty())
        .unwrap()
}

#[tokio::test]
async fn a_front_on_the_list_may_send_a_token_and_read_the_answer() {
    let app = server_that_knows_the_front().await;
    let mut ada = app.sign_up("ada").await;
    let asked = ada.send(may_i(FRONT)).await;
    assert_eq!(asked.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], FRONT);
    assert_eq!(
        asked.headers[header::ACCESS_CONTROL_ALLOW_HEADERS],
        "authorization, content-type"
    );
    asked.expect(204);
    ada.origin = Some(FRONT.into());
    let answer = ada.get("/auth/me").await;
    assert_eq!(answer.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], FRONT);
    answer.expect(200);
}

#[tokio::test]
async fn a_page_that_is_on_no_list_reads_nothing() {
    for app in [server_that_knows_the_front().await, TestApp::start().await] {
        let mut ada = app.sign_up("ada").await;
        let asked = ada.send(may_i(STRANGER)).await;
        assert!(!asked.headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
        asked.expect(403);
        ada.origin = Some(STRANGER.into());
        let answer = ada.get("/auth/me").await;
        assert!(!answer.headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
    }
}

#[tokio::test]
async fn cookies_are_for_the_servers_own_pages_whatever_is_on_the_list() {
    let app = server_that_knows_the_front().await;
    let mut ada = app.sign_up("ada").await;
    let token = ada.token.take();
    ada.origin = Some(FRONT.into());
    let refreshed = ada.post_nothing("/auth/refresh").await;
    // Without this header a browser neither sends cookies along nor shows the page what came.
    let credentials = header::ACCESS_CONTROL_ALLOW_CREDENTIALS;
    assert!(!refreshed.headers.contains_key(credentials));
    refreshed.expect_problem(403, "origin_not_allowed");
    // By its token a front ends the sign-in for good.
    ada.token.clone_from(&token);
    ada.post_nothing("/auth/logout").await.expect(204);
    ada.token = token;
    ada.get("/auth/me").await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_front_on_the_list_opens_sockets_by_ticket() {
    let (server, _script) =
        TestServer::scripted_with(|config| config.http.allowed_origins = vec![FRONT.into()]).await;
    let alice = server.sign_up("alice").await;
    let session = alice.open_chat(&server).await.session.unwrap().session_id;
    let body = format!(r#"{{"session_id":"{session}"}}"#);
    for (origin, opens) in [(STRANGER, Some(403)), (FRONT, None)] {
        let ticket: wire::auth::Ticket = alice.post("/auth/ticket", &body).await.json();
        let query = format!("token={}", ticket.ticket);
        let opened = Chat::connect_with(&alice, &session.to_string(), &query, &[("origin", origin)]).await;
        assert_eq!(opened.err(), opens, "{origin}");
    }
}
