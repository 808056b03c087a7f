//! What the browser says, as JSON.

use std::fmt::Display;
use wire::{
    SessionId,
    auth::{Login, Register},
    session::OpenSession,
    socket::ClientEvent,
};

/// A text in quotation marks.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            c if c < ' ' => {
                let code = u32::from(c);
                let digit = |digit| char::from_digit(digit, 16).unwrap_or_default();
                quoted.push_str("\\u00");
                quoted.extend([digit(code / 16), digit(code % 16)]);
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// An object of these fields; what is `None` is left out. The values are JSON already.
pub(crate) fn object<const N: usize>(fields: [(&str, Option<String>); N]) -> String {
    joined(&fields)
}

// Apart from `object`, which is there once for each number of fields.
fn joined(fields: &[(&str, Option<String>)]) -> String {
    let mut object = "{".to_owned();
    for (name, value) in fields {
        if let Some(value) = value {
            if object.len() > 1 {
                object.push(',');
            }
            object.extend(["\"", *name, "\":", value.as_str()]);
        }
    }
    object.push('}');
    object
}

fn id(id: impl Display) -> Option<String> {
    Some(["\"", &id.to_string(), "\""].concat())
}

/// What is said on the socket.
pub(crate) fn event(event: &ClientEvent) -> String {
    let kind = |word: &str| ("message_type", Some(quoted(word)));
    match event {
        ClientEvent::Text {
            message,
            client_message_id,
        } => object([
            kind("text"),
            ("message", Some(quoted(message))),
            ("client_message_id", client_message_id.and_then(id)),
        ]),
        ClientEvent::Stop => object([kind("stop")]),
        ClientEvent::Regenerate { message_id } => {
            object([kind("regenerate"), ("message_id", id(message_id))])
        }
        ClientEvent::Edit {
            message_id,
            message,
            client_message_id,
        } => object([
            kind("edit"),
            ("message_id", id(message_id)),
            ("message", Some(quoted(message))),
            ("client_message_id", client_message_id.and_then(id)),
        ]),
        ClientEvent::Continue { message_id } => object([kind("continue"), ("message_id", id(message_id))]),
        ClientEvent::Resume {
            generation_id,
            after_seq,
        } => object([
            kind("resume"),
            ("generation_id", id(generation_id)),
            ("after_seq", Some(after_seq.to_string())),
        ]),
        ClientEvent::Ping => object([kind("ping")]),
    }
}

/// The body of `POST /chatbot/{id}/session`.
pub(crate) fn open_session(request: OpenSession) -> String {
    object([
        ("conversation_id", request.conversation_id.and_then(id)),
        (
            "new_conversation",
            request.new_conversation.then(|| "true".to_owned()),
        ),
    ])
}

/// The body of `POST /auth/ticket`.
pub(crate) fn ticket_request(session: SessionId) -> String {
    object([("session_id", id(session))])
}

/// The body of `POST /auth/login`.
pub(crate) fn login(login: &Login) -> String {
    object([
        ("email", Some(quoted(&login.email))),
        ("password", Some(quoted(&login.password))),
    ])
}

/// The body of `POST /auth/register`.
pub(crate) fn register(register: &Register) -> String {
    object([
        ("email", Some(quoted(&register.email))),
        ("password", Some(quoted(&register.password))),
        ("invitation", register.invitation.as_deref().map(quoted)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;
    use wire::{ClientMessageId, ConversationId, GenerationId, MessageId, auth::TicketRequest};

    #[test]
    fn texts_are_read_as_they_were_said() {
        for text in [
            "",
            "\"\\/\n\r\t\u{0}\u{1f}\u{7f}",
            "Grüße 🫖\u{2028}",
            "{\"a\":1}",
        ] {
            let read: String = serde_json::from_str(&quoted(text)).unwrap();
            assert_eq!(read, text);
        }
    }

    /// Every kind of event, bare and full. A new variant does not compile until it is listed.
    fn all() -> Vec<ClientEvent> {
        let id = Uuid::from_u128(7);
        let message_id = MessageId::from_uuid(id);
        let (message, client) = ("\"Hi\"\n".to_owned(), Some(ClientMessageId::from_uuid(id)));
        let text = |client_message_id| ClientEvent::Text {
            message: message.clone(),
            client_message_id,
        };
        let edit = |client_message_id| ClientEvent::Edit {
            message_id,
            message: message.clone(),
            client_message_id,
        };
        let events = vec![
            text(None),
            text(client),
            edit(None),
            edit(client),
            ClientEvent::Stop,
            ClientEvent::Regenerate { message_id },
            ClientEvent::Continue { message_id },
            ClientEvent::Resume {
                generation_id: GenerationId::from_uuid(id),
                after_seq: 12,
            },
            ClientEvent::Ping,
        ];
        for event in &events {
            match event {
                ClientEvent::Text { .. }
                | ClientEvent::Edit { .. }
                | ClientEvent::Stop
                | ClientEvent::Regenerate { .. }
                | ClientEvent::Continue { .. }
                | ClientEvent::Resume { .. }
                | ClientEvent::Ping => {}
            }
        }
        events
    }

    #[test]
    fn every_event_is_said_as_the_wire_reads_it() {
        for said in all() {
            let text = event(&said);
            let heard: ClientEvent = serde_json::from_str(&text).unwrap();
            assert_eq!(heard, said, "{text}");
        }
    }

    #[test]
    fn every_body_is_what_its_type_reads() {
        let conversation_id = Some(ConversationId::from_uuid(Uuid::from_u128(7)));
        for (conversation_id, new_conversation) in [(None, true), (conversation_id, false), (None, false)] {
            let request = OpenSession {
                conversation_id,
                new_conversation,
            };
            let read: OpenSession = serde_json::from_str(&open_session(request)).unwrap();
            assert_eq!(read, request);
        }
        let session_id = SessionId::from_uuid(Uuid::from_u128(7));
        let read: TicketRequest = serde_json::from_str(&ticket_request(session_id)).unwrap();
        assert_eq!(read.session_id, session_id);
        let (email, password) = ("ada@example.org".to_owned(), "pass \"word\"".to_owned());
        let read: Login = serde_json::from_str(&login(&Login {
            email: email.clone(),
            password: password.clone(),
        }))
        .unwrap();
        assert_eq!((read.email, read.password), (email.clone(), password.clone()));
        for invitation in [None, Some("code".to_owned())] {
            let said = Register {
                email: email.clone(),
                password: password.clone(),
                invitation: invitation.clone(),
            };
            let read: Register = serde_json::from_str(&register(&said)).unwrap();
            assert_eq!(
                (read.email, read.password, read.invitation),
                (email.clone(), password.clone(), invitation)
            );
        }
    }
}
