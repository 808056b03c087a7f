//! One active session per user, who may join it, and how it ends.

use crate::{
    rest::TestApp,
    world::{Chat, PATIENCE, TestServer},
};
use serde_json::{Value, json};
use server::{clock::Clock, session::sweep::sweep};
use std::{pin::pin, time::Duration};
use uuid::Uuid;
use wire::{
    ProblemCode, SessionId,
    session::OpenSession,
    socket::{CloseReason, ServerEvent, close_code},
};

/// Sweeps until `done`: the clock was turned, the server's own sweeper runs on real time.
async fn swept(server: &TestServer, done: impl AsyncFn() -> bool) {
    let sweeping = async {
        while !done().await {
            server::session::sweep::sweep(&server.app).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, sweeping).await.unwrap();
}

#[tokio::test]
async fn a_second_session_closes_the_first_and_tells_it_so() {
    let server = TestServer::answering(&["Hi."]).await;
    let alice = server.sign_up("alice").await;
    let mut first = alice.open_chat(&server).await;
    let bot = first.session.as_ref().unwrap().chatbot_id;
    first.say("hello").await;
    first.reply().await;
    let new = OpenSession {
        new_conversation: true,
        ..OpenSession::default()
    };
    let second = alice.open_session_with(bot, new).await;
    assert_ne!(second.session_id, first.session.as_ref().unwrap().session_id);
    assert_eq!(
        first.closed_because().await,
        (CloseReason::Replaced, close_code::REPLACED)
    );
    let mut second = alice.connect(&second).await;
    second.say("still here?").await;
    assert_eq!(second.reply().await.text, "Hi.");
}

#[tokio::test]
async fn the_same_conversation_is_the_same_session() {
    let server = TestServer::answering(&["Hi."]).await;
    let alice = server.sign_up("alice").await;
    let chat = alice.open_chat(&server).await;
    let session = chat.session.clone().unwrap();
    let again = alice.open_session(session.chatbot_id).await;
    assert_eq!(again.session_id, session.session_id);
}

#[tokio::test]
async fn asking_for_a_new_conversation_often_makes_no_heap_of_empty_ones() {
    let server = TestServer::answering(&["Hi."]).await;
    let alice = server.sign_up("alice").await;
    let bot = server.assistant(&alice).await;
    let new = OpenSession {
        new_conversation: true,
        ..OpenSession::default()
    };
    let first = alice.open_session_with(bot, new).await;
    assert_eq!(
        alice.open_session_with(bot, new).await.conversation_id,
        first.conversation_id
    );
    let mut chat = alice.connect(&first).await;
    chat.say("hello").await;
    chat.reply().await;
    assert_ne!(
        alice.open_session_with(bot, new).await.conversation_id,
        first.conversation_id
    );
}

#[tokio::test]
async fn somebody_elses_session_is_answered_like_an_unknown_one() {
    let server = TestServer::answering(&["Hi."]).await;
    let alice = server.sign_up("alice").await;
    let mallory = server.sign_up("mallory").await;
    let session = alice.open_chat(&server).await.session.unwrap();
    let unknown = SessionId::from_uuid(Uuid::now_v7()).to_string();
    let mut answers = Vec::new();
    for id in [session.session_id.to_string(), unknown, "not-an-id".into()] {
        let mut chat = Chat::connect(&mallory, &id, "").await.unwrap();
        let frame = chat.next_text().await.unwrap();
        assert!(frame.contains("session_not_found"), "{frame}");
        answers.push((frame, chat.next_text().await.unwrap_err()));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(answers[0].1, close_code::NO_SUCH_SESSION);
    // Deleting it does nothing and says nothing.
    assert_eq!(
        mallory
            .delete(&format!("/chatbot/session/{}", session.session_id))
            .await
            .status,
        204
    );
    assert!(
        server
            .store()
            .session(session.session_id)
            .await
            .unwrap()
            .is_some()
    );
    // Nor does going on with somebody else's conversation.
    let body = format!(r#"{{"conversation_id":"{}"}}"#, session.conversation_id);
    let answer = mallory
        .post(&format!("/chatbot/{}/session", session.chatbot_id), &body)
        .await;
    assert_eq!(answer.problem(), ProblemCode::NotFound);
}

#[tokio::test]
async fn delete_closes_the_session_for_all_tabs_and_never_the_answer() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let mut one = alice.open_chat(&server).await;
    let session = one.session.clone().unwrap();
    let mut two = alice.connect(&session).await;
    one.say("hello").await;
    let mut call = script.next_call().await;
    assert_eq!(
        alice
            .delete(&format!("/chatbot/session/{}", session.session_id))
            .await
            .status,
        204
    );
    assert_eq!(
        one.closed_because().await,
        (CloseReason::Closed, close_code::NORMAL)
    );
    assert_eq!(
        two.closed_because().await,
        (CloseReason::Closed, close_code::NORMAL)
    );
    call.say("still ");
    let again = alice.open_session(session.chatbot_id).await;
    let mut back = alice.connect(&again).await;
    call.say("here");
    call.finish();
    assert_eq!(back.reply().await.text, "still here");
}

#[tokio::test]
async fn logging_out_closes_the_sockets_of_that_sign_in_only() {
    let server = TestServer::answering(&["Hi."]).await;
    let alice = server.sign_up("alice").await;
    let elsewhere = alice.sign_in_again().await;
    let mut here = alice.open_chat(&server).await;
    let mut there = elsewhere.connect(&here.session.clone().unwrap()).await;
    let cookie = alice.cookies.join("; ");
    let answer = alice
        .request(
            "POST".parse().unwrap(),
            "/auth/logout",
            "",
            &[("cookie", &cookie)],
        )
        .await;
    assert_eq!(answer.status, 204);
    assert_eq!(
        here.closed_because().await,
        (CloseReason::LoggedOut, close_code::CREDENTIALS_ENDED)
    );
    there.say("hello").await;
    assert_eq!(there.reply().await.text, "Hi.");
    assert_eq!(
        alice.get("/auth/me").await.problem(),
        ProblemCode::Unauthenticated
    );
}

#[tokio::test]
async fn a_session_outlives_a_short_absence_and_not_a_long_one() {
    let server = TestServer::answering(&["Hi."]).await;
    let alice = server.sign_up("alice").await;
    let chat = alice.open_chat(&server).await;
    let session = chat.session.clone().unwrap();
    chat.vanish();
    alice.connect(&session).await.vanish();
    server.clock.advance(Duration::from_secs(20));
    let mut back = alice.connect(&session).await;
    assert!(matches!(back.next().await, ServerEvent::SessionInfo { .. }));
    back.vanish();
    swept(&server, async || {
        server.clock.advance(Duration::from_secs(31));
        server
            .store()
            .session(session.session_id)
            .await
            .unwrap()
            .is_none()
    })
    .await;
    let mut late = alice.connect(&session).await;
    assert_eq!(late.next_error().await, ProblemCode::SessionNotFound);
}

#[tokio::test]
async fn an_idle_session_is_closed_but_not_while_an_answer_is_written() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    let session = chat.session.clone().unwrap();
    chat.say("take your time").await;
    let mut call = script.next_call().await;
    server.clock.advance(Duration::from_secs(29 * 60));
    server::session::sweep::sweep(&server.app).await.unwrap();
    server.clock.advance(Duration::from_secs(29 * 60));
    server::session::sweep::sweep(&server.app).await.unwrap();
    assert!(
        server
            .store()
            .session(session.session_id)
            .await
            .unwrap()
            .is_some()
    );
    call.say("Done.");
    call.finish();
    assert_eq!(chat.reply().await.text, "Done.");
    swept(&server, async || {
        server.clock.advance(Duration::from_secs(31 * 60));
        server
            .store()
            .session(session.session_id)
            .await
            .unwrap()
            .is_none()
    })
    .await;
    assert_eq!(chat.closed_because().await, (CloseReason::Idle, close_code::IDLE));
}

#[tokio::test]
async fn a_user_has_only_so_many_sockets() {
    let (server, _script) = TestServer::scripted_with(|config| config.chat.sockets_per_user = 2).await;
    let alice = server.sign_up("alice").await;
    let one = alice.open_chat(&server).await;
    let session = one.session.clone().unwrap();
    let _two = alice.connect(&session).await;
    let mut three = alice.connect(&session).await;
    assert_eq!(three.next_error().await, ProblemCode::TooManySockets);
    assert_eq!(three.close_code().await, close_code::TOO_MANY);
}

#[tokio::test]
async fn who_writes_too_fast_is_told_when_to_go_on() {
    let (server, _script) = TestServer::scripted_with(|config| {
        config.chat.messages_per_minute = 1.try_into().unwrap();
        config.chat.message_burst = 1.try_into().unwrap();
    })
    .await;
    let mut chat = server.sign_up("alice").await.open_chat(&server).await;
    chat.say("one").await;
    chat.say("two").await;
    let retry_after = chat
        .until(|event| match event {
            ServerEvent::Error {
                code: ProblemCode::RateLimited,
                retry_after,
                fatal: false,
                ..
            } => *retry_after,
            _ => None,
        })
        .await;
    assert!((1..=61).contains(&retry_after), "{retry_after}");
}

#[tokio::test]
async fn a_page_elsewhere_cannot_open_a_socket() {
    let server = TestServer::answering(&["Hi."]).await;
    let alice = server.sign_up("alice").await;
    let session = alice
        .open_chat(&server)
        .await
        .session
        .unwrap()
        .session_id
        .to_string();
    let token = format!("token={}", alice.token);
    let foreign = [("origin", "https://evil.example")];
    assert_eq!(
        Chat::connect_with(&alice, &session, &token, &foreign).await.err(),
        Some(403)
    );
    let own = format!("http://{}", server.address);
    assert!(
        Chat::connect_with(&alice, &session, &token, &[("origin", &own)])
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_ticket_opens_one_socket_once_and_only_its_session() {
    let server = TestServer::answering(&["Hi."]).await;
    let alice = server.sign_up("alice").await;
    let session = alice.open_chat(&server).await.session.unwrap().session_id;
    let body = format!(r#"{{"session_id":"{session}"}}"#);
    let ticket: wire::auth::Ticket = alice.post("/auth/ticket", &body).await.json();
    let query = format!("token={}", ticket.ticket);
    let other = SessionId::from_uuid(Uuid::now_v7()).to_string();
    assert_eq!(
        Chat::connect_with(&alice, &other, &query, &[]).await.err(),
        Some(401)
    );
    assert!(
        Chat::connect_with(&alice, &session.to_string(), &query, &[])
            .await
            .is_ok()
    );
    assert_eq!(
        Chat::connect_with(&alice, &session.to_string(), &query, &[])
            .await
            .err(),
        Some(401)
    );
}

/// Somebody new whose session's last socket has just left.
async fn left(app: &TestApp, name: &str) -> (crate::rest::Person, String) {
    let mut person = app.sign_up(name).await;
    let bots = person.get("/chatbot").await.expect(200);
    let path = format!("/chatbot/{}/session", bots[0]["id"].as_str().unwrap());
    let opened = person.post(&path, json!({})).await.expect(200);
    let id: SessionId = opened["session_id"].as_str().unwrap().parse().unwrap();
    let record = app.app().store.session(id).await.unwrap().unwrap();
    let sign_in = record.sign_in_id;
    let session = app.app().sessions.live(record, "", app.clock.now());
    drop(session.enter(sign_in, 1, &app.app().clock).unwrap());
    (person, path)
}

async fn is_open(app: &TestApp, opened: &Value) -> bool {
    let id: SessionId = opened["session_id"].as_str().unwrap().parse().unwrap();
    app.app().sessions.has(id) && app.app().store.session(id).await.unwrap().is_some()
}

#[tokio::test]
async fn a_session_that_is_opened_again_late_in_its_grace_has_all_of_it_anew() {
    let app = TestApp::start().await;
    let (mut ada, path) = left(&app, "ada").await;
    app.clock.advance(Duration::from_secs(29));
    let opened = ada.post(&path, json!({})).await.expect(200);
    app.clock.advance(Duration::from_secs(29));
    sweep(app.app()).await.unwrap();
    assert!(is_open(&app, &opened).await, "its socket was on its way");
    app.clock.advance(Duration::from_secs(2));
    sweep(app.app()).await.unwrap();
    assert!(!is_open(&app, &opened).await);
}

#[tokio::test]
async fn a_session_that_is_opened_again_while_the_sweeper_works_stays_open() {
    let app = TestApp::start().await;
    let (mut ada, ada_path) = left(&app, "ada").await;
    let (mut bob, bob_path) = left(&app, "bob").await;
    app.clock.advance(Duration::from_secs(31));
    let mut sweeping = pin!(sweep(app.app()));
    // Both are judged, and the first of them is being closed.
    assert!(futures::poll!(&mut sweeping).is_pending());
    let ada_opened = ada.post(&ada_path, json!({})).await.expect(200);
    let bob_opened = bob.post(&bob_path, json!({})).await.expect(200);
    sweeping.await.unwrap();
    assert!(is_open(&app, &ada_opened).await);
    assert!(is_open(&app, &bob_opened).await);
}
