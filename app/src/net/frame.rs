//! A frame as the browser reads it, by its type; the test below holds it and the wire's own enum together.

use crate::json::{
    Value,
    read::{citations, code, drawings, id, outcome, reason, role, running, time},
};
use wire::socket::ServerEvent;

/// The event in a frame. `None`: a type that is not known here, from a newer server, and not for us. What an
/// answer took (`usage`) is not read: no page shows it. Nor is how a document goes on: the page that shows it has no
/// socket, since a socket is a session's, and asks.
pub(super) fn event(text: &str) -> Option<ServerEvent> {
    let mut frame = Value::parse(text)?;
    let kind = frame.text("type")?;
    let frame = &mut frame;
    let event = match kind.as_str() {
        "session_info" => ServerEvent::SessionInfo {
            session_id: id(frame, "session_id")?,
            chatbot_name: frame.text("chatbot_name")?,
            message: frame.text("message")?,
            running: running(frame.take("running")),
        },
        "message_received" => ServerEvent::MessageReceived {
            message_id: id(frame, "message_id")?,
            timestamp: time(frame, "timestamp")?,
            client_message_id: id(frame, "client_message_id"),
            role: role(frame.take("role"))?,
            message: frame.text("message")?,
            parent_id: id(frame, "parent_id"),
            prompts_left: frame.small("prompts_left"),
        },
        "response_start" => {
            let offset = frame.number("offset").unwrap_or_default();
            ServerEvent::ResponseStart {
                message: frame.text("message")?,
                generation_id: id(frame, "generation_id")?,
                message_id: id(frame, "message_id")?,
                parent_id: id(frame, "parent_id")?,
                continues: offset > 0,
                offset,
            }
        }
        "response_chunk" => ServerEvent::ResponseChunk {
            chunk: frame.text("chunk")?,
            generation_id: id(frame, "generation_id")?,
            first_seq: frame.number("first_seq")?,
            seq: frame.number("seq")?,
        },
        "response_complete" => ServerEvent::ResponseComplete {
            message_id: id(frame, "message_id")?,
            timestamp: time(frame, "timestamp")?,
            full_response: frame.text("full_response")?,
            generation_id: id(frame, "generation_id")?,
            outcome: outcome(frame.take("outcome"))?,
            usage: None,
            citations: citations(frame.take("citations")),
            drawn: drawings(frame.take("drawn")),
            model: frame.text("model"),
        },
        "retrieval" => ServerEvent::Retrieval {
            generation_id: id(frame, "generation_id")?,
            sources: citations(frame.take("sources")),
        },
        "error" => ServerEvent::Error {
            message: frame.text("message")?,
            code: code(frame.take("code"))?,
            retry_after: frame.small("retry_after"),
            fatal: frame.flag("fatal"),
        },
        "session_closed" => ServerEvent::SessionClosed {
            reason: reason(frame.take("reason"))?,
        },
        "queued" => ServerEvent::Queued {
            position: frame.small("position")?,
        },
        "conversation_changed" => ServerEvent::ConversationChanged {
            title: frame.text("title"),
            active_leaf: id(frame, "active_leaf"),
        },
        "pong" => ServerEvent::Pong,
        _ => return None,
    };
    Some(event)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;
    use wire::{
        ClientMessageId, GenerationId, MessageId, ProblemCode, SessionId, Timestamp,
        document::{Citation, Document},
        drawn::Drawn,
        message::{MessageRole, Outcome},
        socket::{CloseReason, Running},
    };

    fn citation() -> Citation {
        Citation {
            number: 1,
            document_id: wire::DocumentId::from_uuid(Uuid::from_u128(7)),
            document_name: "Zephyr.pdf".into(),
            page: Some(3),
            start: 1,
            end: 9,
            snippet: "27 months".into(),
            score: 900,
        }
    }

    fn document() -> Document {
        Document {
            id: wire::DocumentId::from_uuid(Uuid::from_u128(7)),
            chatbot_id: wire::ChatbotId::from_uuid(Uuid::from_u128(7)),
            name: "Zephyr.pdf".into(),
            media_type: None,
            bytes: 7,
            sha256: String::new(),
            status: wire::document::DocumentStatus::Queued,
            progress: None,
            failure: None,
            pages: None,
            chunks: None,
            created_at: Timestamp::from_millis(1),
        }
    }

    /// Every kind of event, bare and full. A new variant does not compile until it is listed.
    fn all() -> Vec<ServerEvent> {
        let id = Uuid::from_u128(7);
        let (message_id, generation_id) = (MessageId::from_uuid(id), GenerationId::from_uuid(id));
        let timestamp = Timestamp::from_millis(1_705_314_605_042);
        let session_info = |running| ServerEvent::SessionInfo {
            session_id: SessionId::from_uuid(id),
            chatbot_name: "Bot".into(),
            message: "Connected".into(),
            running,
        };
        let received = |client_message_id| ServerEvent::MessageReceived {
            message_id,
            timestamp,
            client_message_id,
            role: MessageRole::User,
            message: "Hi \u{1f600}".into(),
            parent_id: client_message_id.map(|_| message_id),
            prompts_left: client_message_id.map(|_| 2),
        };
        let error = |retry_after, fatal| ServerEvent::Error {
            message: "No".into(),
            code: ProblemCode::RateLimited,
            retry_after,
            fatal,
        };
        let events = vec![
            session_info(None),
            session_info(Some(Running {
                generation_id,
                message_id,
                seq: 4,
                parent_id: message_id,
                continues: true,
                offset: 5,
            })),
            received(None),
            received(Some(ClientMessageId::from_uuid(id))),
            ServerEvent::ResponseStart {
                message: "…".into(),
                generation_id,
                message_id,
                parent_id: message_id,
                continues: true,
                offset: 5,
            },
            ServerEvent::ResponseChunk {
                chunk: "\"\n".into(),
                generation_id,
                first_seq: 1,
                seq: 2,
            },
            ServerEvent::ResponseComplete {
                message_id,
                timestamp,
                full_response: "Hello".into(),
                generation_id,
                outcome: Outcome::Stopped,
                usage: None,
                citations: vec![citation()],
                drawn: vec![Drawn {
                    of: 7,
                    how: "k2_1".into(),
                }],
                model: Some("gpt-5-mini".into()),
            },
            error(None, false),
            error(Some(3), true),
            ServerEvent::SessionClosed {
                reason: CloseReason::Replaced,
            },
            ServerEvent::Queued { position: 2 },
            ServerEvent::ConversationChanged {
                title: Some("Title".into()),
                active_leaf: Some(message_id),
            },
            ServerEvent::Retrieval {
                generation_id,
                sources: vec![citation()],
            },
            ServerEvent::Ingestion { document: document() },
            ServerEvent::Pong,
        ];
        for event in &events {
            match event {
                ServerEvent::SessionInfo { .. }
                | ServerEvent::MessageReceived { .. }
                | ServerEvent::ResponseStart { .. }
                | ServerEvent::ResponseChunk { .. }
                | ServerEvent::ResponseComplete { .. }
                | ServerEvent::Error { .. }
                | ServerEvent::SessionClosed { .. }
                | ServerEvent::Queued { .. }
                | ServerEvent::ConversationChanged { .. }
                | ServerEvent::Retrieval { .. }
                | ServerEvent::Ingestion { .. }
                | ServerEvent::Pong => {}
            }
        }
        events
    }

    #[test]
    fn every_event_is_read_as_the_wire_says_it() {
        for sent in all() {
            let text = serde_json::to_string(&sent).unwrap();
            let heard = Some(sent).filter(|sent| !matches!(sent, ServerEvent::Ingestion { .. }));
            assert_eq!(event(&text), heard, "{text}");
        }
    }

    #[test]
    fn what_is_not_known_here_is_not_heard() {
        assert_eq!(event(r#"{"type":"weather","hits":[]}"#), None);
        assert_eq!(event(r#"{"type":"queued"}"#), None);
        assert_eq!(event("not json"), None);
        assert_eq!(
            event(r#"{"type":"pong","new":{"field":[1]}}"#),
            Some(ServerEvent::Pong)
        );
    }
}
