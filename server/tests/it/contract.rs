//! The seed's page, character by character: a client written from that page alone works unchanged.

use crate::world::TestServer;
use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn a_client_of_the_seed_gets_every_documented_message_in_order() {
    let server = TestServer::answering(&["Hello! ", "I'd be happy ", "to help"]).await;
    let alice = server.sign_up("alice").await;
    let bot = server.assistant(&alice).await;

    // 1. POST with `Content-Type: application/json` and no body.
    let session = alice
        .post(&format!("/chatbot/{bot}/session"), "")
        .await
        .json::<Value>();
    for field in ["session_id", "conversation_id", "chatbot_id", "chatbot_name"] {
        assert!(session[field].is_string(), "{field}");
    }
    assert_eq!(session["previous_messages"], Value::Array(vec![]));

    // 2. The socket with the user's JWT in the URL; 3. a text message.
    let session_id = session["session_id"].as_str().unwrap();
    let mut chat = crate::world::Chat::connect(&alice, session_id, "").await.unwrap();
    let info = json(&chat.next_text().await.unwrap());
    assert_eq!(info["type"], "session_info");
    assert_eq!(info["session_id"], session_id);
    assert_eq!(info["chatbot_name"], session["chatbot_name"]);
    assert_eq!(info["message"], "Connected to Assistant. You can start chatting!");
    chat.send(Message::text(
        r#"{"message":"Hello, can you help me with my project?","message_type":"text"}"#,
    ))
    .await;

    let mut seen = Vec::new();
    let mut chunks = String::new();
    let complete = loop {
        let event = json(&chat.next_text().await.unwrap());
        let kind = event["type"].as_str().unwrap().to_owned();
        match kind.as_str() {
            "message_received" => assert!(event["message_id"].is_string() && event["timestamp"].is_string()),
            "response_start" => assert_eq!(event["message"], "Assistant is thinking..."),
            "response_chunk" => chunks.push_str(event["chunk"].as_str().unwrap()),
            "response_complete" => break event,
            _ => continue,
        }
        if seen.last() != Some(&kind) {
            seen.push(kind);
        }
    };
    assert_eq!(seen, ["message_received", "response_start", "response_chunk"]);
    assert_eq!(chunks, "Hello! I'd be happy to help");
    assert_eq!(complete["full_response"], chunks.as_str());
    assert!(complete["message_id"].is_string() && complete["timestamp"].is_string());

    // 4. The history is there with the next session; 5. DELETE closes, twice is fine.
    let again = alice
        .post(&format!("/chatbot/{bot}/session"), "")
        .await
        .json::<Value>();
    let messages = again["previous_messages"].as_array().unwrap();
    let said: Vec<_> = messages
        .iter()
        .map(|said| (said["role"].as_str().unwrap(), said["message"].as_str().unwrap()))
        .collect();
    assert_eq!(
        said,
        [
            ("user", "Hello, can you help me with my project?"),
            ("assistant", "Hello! I'd be happy to help")
        ]
    );
    assert!(messages.iter().all(|said| said["created_at"].is_string()));
    assert_eq!(
        alice
            .delete(&format!("/chatbot/session/{session_id}"))
            .await
            .status,
        204
    );
    assert_eq!(
        alice
            .delete(&format!("/chatbot/session/{session_id}"))
            .await
            .status,
        204
    );
    assert_eq!(chat.close_code().await, 1000);
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn an_answer_that_ends_between_the_history_and_the_socket_is_not_lost() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    chat.say("hello").await;
    let mut call = script.next_call().await;
    call.say("Half");
    chat.chunk().await;
    // The page is loaded again in mid-answer.
    let session = alice
        .open_session(chat.session.as_ref().unwrap().chatbot_id)
        .await;
    assert_eq!(
        session.previous_messages.len(),
        1,
        "the prompt, and no answer yet"
    );
    call.say(" and whole");
    call.finish();
    chat.rest_of_reply(1).await;
    chat.vanish();
    let mut back = alice.connect(&session).await;
    assert_eq!(back.reply().await.text, "Half and whole");

    // It was told once: the next page's history has it.
    let session = alice.open_session(session.chatbot_id).await;
    assert_eq!(session.previous_messages.len(), 2);
    for session in [&session, &session] {
        let mut next = alice.connect(session).await;
        next.send(Message::text(r#"{"message_type":"ping"}"#)).await;
        assert_eq!(json(&next.next_text().await.unwrap())["type"], "session_info");
        assert_eq!(json(&next.next_text().await.unwrap())["type"], "pong");
    }
}
