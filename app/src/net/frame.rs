//! A frame as the browser reads it: all fields of all events, each of them optional. One plain struct costs the
//! wasm a quarter of what the tagged enum's own reader does; the test below holds the two together.

use serde::Deserialize;
use wire::{
    ClientMessageId, GenerationId, MessageId, ProblemCode, SessionId, Timestamp,
    document::Citation,
    drawn::Drawn,
    message::{MessageRole, Outcome},
    socket::{CloseReason, Running, ServerEvent},
};

#[derive(Deserialize)]
struct Frame {
    r#type: String,
    session_id: Option<SessionId>,
    chatbot_name: Option<String>,
    message: Option<String>,
    running: Option<Running>,
    message_id: Option<MessageId>,
    timestamp: Option<Timestamp>,
    client_message_id: Option<ClientMessageId>,
    role: Option<MessageRole>,
    generation_id: Option<GenerationId>,
    chunk: Option<String>,
    first_seq: Option<u64>,
    seq: Option<u64>,
    full_response: Option<String>,
    outcome: Option<Outcome>,
    code: Option<ProblemCode>,
    retry_after: Option<u32>,
    fatal: Option<bool>,
    reason: Option<CloseReason>,
    position: Option<u32>,
    title: Option<String>,
    parent_id: Option<MessageId>,
    prompts_left: Option<u32>,
    offset: Option<u64>,
    active_leaf: Option<MessageId>,
    #[serde(default)]
    citations: Vec<Citation>,
    #[serde(default)]
    sources: Vec<Citation>,
    #[serde(default)]
    drawn: Vec<Drawn>,
}

/// The event in a frame. `None`: a type that is not known here, from a newer server, and not for us. What an
/// answer took (`usage`) is not read: no page shows it. Nor is how a document goes on: the page that shows it has no
/// socket, since a socket is a session's, and asks.
pub(super) fn event(text: &str) -> Option<ServerEvent> {
    let frame: Frame = serde_json::from_str(text).ok()?;
    let event = match frame.r#type.as_str() {
        "session_info" => ServerEvent::SessionInfo {
            session_id: frame.session_id?,
            chatbot_name: frame.chatbot_name?,
            message: frame.message?,
            running: frame.running,
        },
        "message_received" => ServerEvent::MessageReceived {
            message_id: frame.message_id?,
            timestamp: frame.timestamp?,
            client_message_id: frame.client_message_id,
            role: frame.role?,
            message: frame.message?,
            parent_id: frame.parent_id,
            prompts_left: frame.prompts_left,
        },
        "response_start" => {
            let offset = frame.offset.unwrap_or_default();
            ServerEvent::ResponseStart {
                message: frame.message?,
                generation_id: frame.generation_id?,
                message_id: frame.message_id?,
                parent_id: frame.parent_id?,
                continues: offset > 0,
                offset,
            }
        }
        "response_chunk" => ServerEvent::ResponseChunk {
            chunk: frame.chunk?,
            generation_id: frame.generation_id?,
            first_seq: frame.first_seq?,
            seq: frame.seq?,
        },
        "response_complete" => ServerEvent::ResponseComplete {
            message_id: frame.message_id?,
            timestamp: frame.timestamp?,
            full_response: frame.full_response?,
            generation_id: frame.generation_id?,
            outcome: frame.outcome?,
            usage: None,
            citations: frame.citations,
            drawn: frame.drawn,
        },
        "retrieval" => ServerEvent::Retrieval {
            generation_id: frame.generation_id?,
            sources: frame.sources,
        },
        "error" => ServerEvent::Error {
            message: frame.message?,
            code: frame.code?,
            retry_after: frame.retry_after,
            fatal: frame.fatal.unwrap_or_default(),
        },
        "session_closed" => ServerEvent::SessionClosed {
            reason: frame.reason?,
        },
        "queued" => ServerEvent::Queued {
            position: frame.position?,
        },
        "conversation_changed" => ServerEvent::ConversationChanged {
            title: frame.title,
            active_leaf: frame.active_leaf,
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
    use wire::document::Document;

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
