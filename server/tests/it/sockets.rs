//! How a socket ends, whichever side ends it.

use crate::world::{Chat, TestServer};
use std::time::Duration;
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::{CloseFrame, frame::coding::CloseCode},
};
use uuid::Uuid;
use wire::{
    ProblemCode,
    socket::{ClientEvent, ServerEvent, close_code},
};

#[tokio::test]
async fn a_clients_good_bye_is_answered() {
    let server = TestServer::answering(&["Hi."]).await;
    let mut chat = server.sign_up("alice").await.open_chat(&server).await;
    chat.next().await;
    chat.send(Message::Close(Some(CloseFrame {
        code: CloseCode::Normal,
        reason: "".into(),
    })))
    .await;
    assert_eq!(
        chat.next_text().await,
        Err(close_code::NORMAL),
        "without an answer a browser takes it for a broken connection"
    );
}

#[tokio::test]
async fn who_is_refused_hears_why_also_while_it_is_talking() {
    let server = TestServer::answering(&["Hi."]).await;
    let alice = server.sign_up("alice").await;
    let unknown = Uuid::now_v7().to_string();
    let mut chat = Chat::connect(&alice, &unknown, "").await.unwrap();
    for _ in 0..50 {
        chat.say("hello?").await;
    }
    assert_eq!(chat.next_error().await, ProblemCode::SessionNotFound);
    assert_eq!(chat.close_code().await, close_code::NO_SUCH_SESSION);
}

/// So much later. Nothing happens in between but what is due.
async fn later(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_socket_that_waits_for_its_own_prompt_is_not_taken_for_dead() {
    let server = TestServer::answering(&["Hi."]).await;
    let mut chat = server.sign_up("alice").await.open_chat(&server).await;
    chat.next().await;
    let sessions = server.app.sessions.with_sockets();
    // As while a store does not answer.
    let turn = sessions[0].turn.lock().await;
    chat.say("hello").await;
    later(Duration::from_secs(28)).await;
    chat.pinged().await;
    later(Duration::from_secs(11)).await;
    drop(turn);
    assert_eq!(chat.reply().await.text, "Hi.");
}

#[tokio::test]
async fn who_never_stops_talking_is_told_to_wait_and_then_shut_out() {
    let server = TestServer::answering(&["Hi."]).await;
    let mut chat = server.sign_up("alice").await.open_chat(&server).await;
    chat.next().await;
    for _ in 0..200 {
        chat.tell(&ClientEvent::Ping).await;
    }
    let mut pongs = 0;
    let retry_after = loop {
        match chat.next().await {
            ServerEvent::Pong => pongs += 1,
            ServerEvent::Error {
                code: ProblemCode::RateLimited,
                retry_after,
                ..
            } => break retry_after,
            other => panic!("{other:?}"),
        }
    };
    assert!(pongs >= 100, "{pongs}");
    assert_eq!(retry_after, Some(1));
    assert_eq!(chat.close_code().await, close_code::TOO_MANY);
}
