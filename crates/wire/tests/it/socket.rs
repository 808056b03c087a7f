//! What is said on the socket, and how it closes.

use crate::{
    document::{citation, document},
    message::drawn,
    pin::{id, time},
};
use wire::{
    ProblemCode,
    message::{MessageRole, Outcome, Usage},
    socket::{ClientEvent, CloseReason, Running, ServerEvent, close_code},
};

#[test]
fn everything_a_client_can_say() {
    let pinned = every!(ClientEvent {
        Text => [
            ClientEvent::Text { message: "Hello 🫖".into(), client_message_id: None },
            ClientEvent::Text { message: "Hello".into(), client_message_id: Some(id(1)) },
        ]
        Stop => [ClientEvent::Stop]
        Regenerate => [ClientEvent::Regenerate { message_id: id(3) }]
        Edit => [
            ClientEvent::Edit { message_id: id(4), message: "Hello 🫖".into(), client_message_id: None },
            ClientEvent::Edit { message_id: id(4), message: "Hello".into(), client_message_id: Some(id(1)) },
        ]
        Continue => [ClientEvent::Continue { message_id: id(3) }]
        Resume => [ClientEvent::Resume { generation_id: id(2), after_seq: 17 }]
        Ping => [ClientEvent::Ping]
    });
    assert_pinned!("client_event", pinned);
}

#[test]
fn everything_the_server_can_say() {
    let pinned = every!(ServerEvent {
        SessionInfo => [
            ServerEvent::SessionInfo {
                session_id: id(1),
                chatbot_name: "Assistant".into(),
                message: "Connected to Assistant. You can start chatting!".into(),
                running: None,
            },
            ServerEvent::SessionInfo {
                session_id: id(1),
                chatbot_name: "Assistant".into(),
                message: "Connected to Assistant. You can start chatting!".into(),
                running: Some(Running {
                    generation_id: id(2),
                    message_id: id(3),
                    seq: 17,
                    parent_id: id(4),
                    continues: false,
                    offset: 0,
                }),
            },
        ]
        MessageReceived => [
            ServerEvent::MessageReceived {
                message_id: id(4),
                timestamp: time(),
                client_message_id: None,
                role: MessageRole::User,
                message: "Hello".into(),
                parent_id: None,
                prompts_left: None,
            },
            ServerEvent::MessageReceived {
                message_id: id(4),
                timestamp: time(),
                client_message_id: Some(id(5)),
                role: MessageRole::User,
                message: "Hello".into(),
                parent_id: Some(id(6)),
                prompts_left: Some(2),
            },
        ]
        ResponseStart => [
            ServerEvent::ResponseStart {
                message: "Assistant is thinking...".into(),
                generation_id: id(2),
                message_id: id(3),
                parent_id: id(4),
                continues: false,
                offset: 0,
            },
            ServerEvent::ResponseStart {
                message: "Assistant is thinking...".into(),
                generation_id: id(2),
                message_id: id(3),
                parent_id: id(4),
                continues: true,
                offset: 9,
            },
        ]
        ResponseChunk => [ServerEvent::ResponseChunk {
            chunk: "Hello! I'd be".into(),
            generation_id: id(2),
            first_seq: 1,
            seq: 4,
        }]
        ResponseComplete => [
            ServerEvent::ResponseComplete {
                message_id: id(3),
                timestamp: time(),
                full_response: "Hello!".into(),
                generation_id: id(2),
                outcome: Outcome::Complete,
                usage: Some(Usage { prompt_tokens: Some(12), completion_tokens: Some(2) }),
                citations: vec![citation()],
                drawn: vec![drawn()],
                model: Some("gpt-5-mini".into()),
            },
            ServerEvent::ResponseComplete {
                message_id: id(3),
                timestamp: time(),
                full_response: String::new(),
                generation_id: id(2),
                outcome: Outcome::Failed,
                usage: None,
                citations: vec![],
                drawn: vec![],
                model: None,
            },
        ]
        Retrieval => [ServerEvent::Retrieval { generation_id: id(2), sources: vec![citation()] }]
        Ingestion => [ServerEvent::Ingestion { document: document() }]
        Error => [
            ServerEvent::Error {
                message: "Please write something first.".into(),
                code: ProblemCode::EmptyMessage,
                retry_after: None,
                fatal: false,
            },
            ServerEvent::Error {
                message: "That was a little fast.".into(),
                code: ProblemCode::RateLimited,
                retry_after: Some(3),
                fatal: true,
            },
        ]
        SessionClosed => [ServerEvent::SessionClosed { reason: CloseReason::Replaced }]
        Queued => [ServerEvent::Queued { position: 2 }]
        ConversationChanged => [
            ServerEvent::ConversationChanged { title: Some("Kettles".into()), active_leaf: None },
            ServerEvent::ConversationChanged { title: None, active_leaf: Some(id(3)) },
        ]
        Pong => [ServerEvent::Pong]
    });
    assert_pinned!("server_event", pinned);
}

#[test]
fn every_reason_to_close_keeps_its_word_and_its_code() {
    let pinned = every!(CloseReason {
        Replaced => [CloseReason::Replaced]
        Idle => [CloseReason::Idle]
        LoggedOut => [CloseReason::LoggedOut]
        Expired => [CloseReason::Expired]
        Closed => [CloseReason::Closed]
        ServerShutdown => [CloseReason::ServerShutdown]
    } |pinned, reason| pinned.remark(reason.close_code()));
    assert_pinned!("close_reason", pinned);
}

#[test]
fn close_codes_without_a_reason_keep_their_numbers() {
    let codes = [
        close_code::TOO_BIG,
        close_code::NO_SUCH_SESSION,
        close_code::TOO_MANY,
    ];
    assert_eq!(codes, [1009, 4404, 4429]);
}

#[test]
fn a_client_may_be_newer_or_chattier_than_the_server() {
    let chatty = r#"{"mood":"cheerful","message":"Hello","message_type":"text","client_message_id":null}"#;
    let event = ClientEvent::Text {
        message: "Hello".into(),
        client_message_id: None,
    };
    assert_eq!(serde_json::from_str::<ClientEvent>(chatty).unwrap(), event);
}

#[test]
fn what_is_not_a_frame_is_not_taken_for_one() {
    for json in [
        "{}",
        "[]",
        "\"text\"",
        r#"{"message":"Hello"}"#,
        r#"{"message_type":"text"}"#,
        r#"{"message_type":"Text","message":"Hello"}"#,
        r#"{"message_type":"dance"}"#,
        r#"{"message_type":"text","message":"Hello","client_message_id":"1"}"#,
        r#"{"message_type":"resume","generation_id":"0192f0c1-2a3b-7c4d-8e5f-000000000001","after_seq":-1}"#,
    ] {
        assert!(serde_json::from_str::<ClientEvent>(json).is_err(), "{json}");
    }
}
