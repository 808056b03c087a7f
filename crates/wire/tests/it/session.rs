//! Opening a session.

use crate::{
    message::answer,
    pin::{Pinned, id},
};
use wire::session::{OpenSession, SessionOpened};

#[test]
fn opening_a_session_keeps_its_fields() {
    let opened = SessionOpened {
        session_id: id(1),
        conversation_id: id(2),
        chatbot_id: id(3),
        chatbot_name: "My Assistant".into(),
        previous_messages: vec![answer()],
        has_more: false,
    };
    let mut pinned = Pinned::default();
    pinned.add(
        "OpenSession",
        &OpenSession {
            conversation_id: None,
            new_conversation: false,
        },
    );
    pinned.add(
        "OpenSession",
        &OpenSession {
            conversation_id: Some(id(2)),
            new_conversation: false,
        },
    );
    pinned.add(
        "OpenSession",
        &OpenSession {
            conversation_id: None,
            new_conversation: true,
        },
    );
    pinned.add("SessionOpened", &opened);
    assert_pinned!("session", pinned);
}

#[test]
fn a_body_that_asks_for_something_unknown_is_refused() {
    assert!(serde_json::from_str::<OpenSession>(r#"{"conversation":"x"}"#).is_err());
}
