//! The user's own page, `chat-client-integration.md`: what it shows a client sending is understood, and what it shows a
//! client receiving is in every frame of ours, under the same name and of the same kind.

use crate::{
    message::answer,
    pin::{id, time},
};
use serde::Serialize;
use serde_json::Value;
use std::mem::discriminant;
use wire::{
    ProblemCode, Timestamp,
    message::{MessageRole, Outcome},
    session::{OpenSession, SessionOpened},
    socket::{ClientEvent, ServerEvent},
};

/// Fails unless `ours` has all that the example has.
fn assert_covers(example: &str, ours: &impl Serialize) {
    let example: Value = serde_json::from_str(example).unwrap();
    let ours = serde_json::to_value(ours).unwrap();
    for (name, value) in example.as_object().unwrap() {
        let sent = ours.get(name).unwrap_or(&Value::Null);
        assert_eq!(discriminant(sent), discriminant(value), "{name} in {ours}");
        if name == "type" {
            assert_eq!(sent, value);
        }
    }
}

#[test]
fn its_message_is_understood() {
    let example = r#"{
        "message": "User's message text",
        "message_type": "text"
    }"#;
    let event = ClientEvent::Text {
        message: "User's message text".into(),
        client_message_id: None,
    };
    assert_eq!(serde_json::from_str::<ClientEvent>(example).unwrap(), event);
}

#[test]
fn its_times_are_understood() {
    assert_eq!(
        serde_json::from_str::<Timestamp>("\"2024-01-15T10:30:00Z\"").unwrap(),
        time()
    );
}

#[test]
fn its_request_for_a_session_asks_for_nothing_in_particular() {
    let nothing = OpenSession {
        conversation_id: None,
        new_conversation: false,
    };
    assert_eq!(serde_json::from_str::<OpenSession>("{}").unwrap(), nothing);
    assert_eq!(OpenSession::default(), nothing, "what an empty body stands for");
}

#[test]
fn its_answer_to_a_session_is_covered() {
    let example = r#"{
        "session_id": "uuid-here",
        "conversation_id": "conversation-id",
        "chatbot_id": "chatbot-id",
        "chatbot_name": "My Assistant",
        "previous_messages": []
    }"#;
    let ours = SessionOpened {
        session_id: id(1),
        conversation_id: id(2),
        chatbot_id: id(3),
        chatbot_name: "My Assistant".into(),
        previous_messages: vec![answer()],
        has_more: false,
    };
    assert_covers(example, &ours);
    // What its `displayPreviousMessages` reads.
    assert_covers(
        r#"{"role": "assistant", "message": "…", "created_at": "…"}"#,
        &answer(),
    );
}

#[test]
fn its_frames_from_the_server_are_covered() {
    let session_info = ServerEvent::SessionInfo {
        session_id: id(1),
        chatbot_name: "Assistant Name".into(),
        message: "Connected to Assistant. You can start chatting!".into(),
        running: None,
    };
    let message_received = ServerEvent::MessageReceived {
        message_id: id(4),
        timestamp: time(),
        client_message_id: None,
        role: MessageRole::User,
        message: "Hello".into(),
        parent_id: None,
        prompts_left: None,
    };
    let response_start = ServerEvent::ResponseStart {
        message: "Assistant is thinking...".into(),
        generation_id: id(2),
        message_id: id(3),
        parent_id: id(4),
        continues: false,
        offset: 0,
    };
    let response_chunk = ServerEvent::ResponseChunk {
        chunk: "Hello! I'd be happy to help".into(),
        generation_id: id(2),
        first_seq: 1,
        seq: 1,
    };
    let response_complete = ServerEvent::ResponseComplete {
        message_id: id(3),
        timestamp: time(),
        full_response: "Complete response text".into(),
        generation_id: id(2),
        outcome: Outcome::Complete,
        usage: None,
        citations: vec![],
        drawn: vec![],
        model: None,
    };
    let error = ServerEvent::Error {
        message: "Error description".into(),
        code: ProblemCode::Internal,
        retry_after: None,
        fatal: false,
    };
    for (example, ours) in [
        (
            r#"{
                "type": "session_info",
                "session_id": "uuid",
                "chatbot_name": "Assistant Name",
                "message": "Connected to Assistant. You can start chatting!"
            }"#,
            session_info,
        ),
        (
            r#"{
                "type": "message_received",
                "message_id": "msg_id",
                "timestamp": "2024-01-15T10:30:00Z"
            }"#,
            message_received,
        ),
        (
            r#"{ "type": "response_start", "message": "Assistant is thinking..." }"#,
            response_start,
        ),
        (
            r#"{ "type": "response_chunk", "chunk": "Hello! I'd be happy to help" }"#,
            response_chunk,
        ),
        (
            r#"{
                "type": "response_complete",
                "message_id": "msg_id",
                "timestamp": "2024-01-15T10:30:05Z",
                "full_response": "Complete response text"
            }"#,
            response_complete,
        ),
        (r#"{ "type": "error", "message": "Error description" }"#, error),
    ] {
        assert_covers(example, &ours);
    }
}
