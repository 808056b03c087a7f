//! How a socket ends, whichever side ends it.

use crate::world::{Chat, TestServer};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::{CloseFrame, frame::coding::CloseCode},
};
use uuid::Uuid;
use wire::{ProblemCode, socket::close_code};

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
