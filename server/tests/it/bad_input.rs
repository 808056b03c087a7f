//! Nonsense from clients: each a clear error, the socket or the server survives, nothing is lost.

use crate::world::{Chat, TestServer};
use axum::http::Method;
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;
use wire::ProblemCode;

#[tokio::test]
async fn a_socket_survives_every_bad_frame_and_goes_on() {
    let server = TestServer::answering(&["Fine."]).await;
    let mut chat = server.sign_up("alice").await.open_chat(&server).await;
    chat.next().await;
    let too_long = format!(r#"{{"message":"{}","message_type":"text"}}"#, "x".repeat(32_001));
    let cases: Vec<(Message, ProblemCode)> = vec![
        (Message::text("not json"), ProblemCode::InvalidRequest),
        (Message::text("{\"message\":"), ProblemCode::InvalidRequest),
        (Message::text("[1,2]"), ProblemCode::InvalidRequest),
        (
            Message::text(r#"{"message_type":"dance"}"#),
            ProblemCode::UnknownMessageType,
        ),
        (
            Message::text(r#"{"message_type":"text"}"#),
            ProblemCode::InvalidRequest,
        ),
        (
            Message::text(r#"{"message_type":"text","message":""}"#),
            ProblemCode::EmptyMessage,
        ),
        (
            Message::text(r#"{"message_type":"text","message":"a\u0000b"}"#),
            ProblemCode::InvalidText,
        ),
        (Message::text(too_long), ProblemCode::MessageTooLong),
        (Message::text("x".repeat(65 * 1024)), ProblemCode::TooLarge),
        (Message::binary(vec![0, 159, 146, 150]), ProblemCode::BinaryFrame),
    ];
    for (message, code) in cases {
        chat.send(message).await;
        assert_eq!(chat.next_error().await, code);
    }
    chat.say("hello").await;
    assert_eq!(chat.reply().await.text, "Fine.");
}

#[tokio::test]
async fn a_monstrous_frame_closes_the_socket_with_1009_and_only_it() {
    let server = TestServer::answering(&["Fine."]).await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    let session = chat.session.clone().unwrap();
    chat.next().await;
    chat.send(Message::text("x".repeat(300 * 1024))).await;
    assert_eq!(chat.next_error().await, ProblemCode::TooLarge);
    assert_eq!(chat.close_code().await, 1009);
    let mut again = alice.connect(&session).await;
    again.say("hello").await;
    assert_eq!(again.reply().await.text, "Fine.");
}

#[tokio::test]
async fn bad_tokens_are_refused_before_the_upgrade() {
    let server = TestServer::answering(&["Hi."]).await;
    let alice = server.sign_up("alice").await;
    let session = alice
        .open_chat(&server)
        .await
        .session
        .unwrap()
        .session_id
        .to_string();
    let elsewhere = TestServer::answering(&["Hi."]).await.sign_up("alice").await.token;
    // {"alg":"none","typ":"JWT"}, our own claims, no signature.
    let claims = alice.token.split('.').nth(1).unwrap();
    let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.");
    for token in ["", "garbage", "a.b.c", &elsewhere, &none] {
        let query = format!("token={token}");
        assert_eq!(
            Chat::connect_with(&alice, &session, &query, &[]).await.err(),
            Some(401),
            "{token}"
        );
    }
    assert_eq!(
        Chat::connect_with(&alice, &session, "", &[]).await.err(),
        Some(401)
    );
    server.clock.advance(Duration::from_secs(13 * 60 * 60));
    let expired = format!("token={}", alice.token);
    assert_eq!(
        Chat::connect_with(&alice, &session, &expired, &[]).await.err(),
        Some(401)
    );
    assert_eq!(
        alice.get("/auth/me").await.problem(),
        ProblemCode::Unauthenticated
    );
}

#[tokio::test]
async fn bad_requests_to_open_a_session_say_what_is_wrong() {
    let server = TestServer::answering(&["Hi."]).await;
    let alice = server.sign_up("alice").await;
    let bot = server.assistant(&alice).await;
    let path = format!("/chatbot/{bot}/session");
    for body in ["{", "[]", r#"{"conversation_id":7}"#, r#"{"conversation":"x"}"#] {
        assert_eq!(
            alice.post(&path, body).await.problem(),
            ProblemCode::InvalidRequest,
            "{body}"
        );
    }
    assert_eq!(
        alice.post("/chatbot/nonsense/session", "").await.problem(),
        ProblemCode::NotFound
    );
    assert_eq!(
        server.anybody().post(&path, "").await.problem(),
        ProblemCode::Unauthenticated
    );
}

#[tokio::test]
async fn unknown_paths_of_the_api_are_json_not_pages() {
    let server = TestServer::answering(&["Hi."]).await;
    let alice = server.sign_up("alice").await;
    for path in [
        "/auth/nothing",
        "/chatbot/a/b/c",
        "/conversation/x/y/z",
        "/ws/nothing",
    ] {
        assert_eq!(alice.get(path).await.problem(), ProblemCode::NotFound, "{path}");
    }
    let answer = alice.request(Method::PUT, "/auth/me", "", &[]).await;
    assert_eq!(answer.problem(), ProblemCode::MethodNotAllowed);
}

#[tokio::test]
async fn what_is_wrong_with_a_sockets_address_is_a_problem_like_any_other() {
    let server = TestServer::answering(&["Fine."]).await;
    let alice = server.sign_up("alice").await;
    for path in ["/ws/chat/x?token=a&token=b", "/ws/chat/%ff"] {
        assert_eq!(
            alice.get(path).await.problem(),
            ProblemCode::InvalidRequest,
            "{path}"
        );
    }
    // A place in an answer that is none: the whole answer comes.
    let mut chat = alice.open_chat(&server).await;
    let session = chat.session.clone().unwrap().session_id.to_string();
    chat.say("hello").await;
    let generation = chat.response_start().await;
    chat.rest_of_reply(0).await;
    for place in ["many", "-1", "18446744073709551616"] {
        let query = format!("&generation_id={generation}&after_seq={place}");
        let mut back = Chat::connect(&alice, &session, &query).await.unwrap();
        back.say("again").await;
        assert_eq!(back.reply().await.text, "Fine.", "{place}");
    }
}
