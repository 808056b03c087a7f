//! Messages, and how they end.

use crate::{
    document::citation,
    feedback::feedback,
    pin::{Pinned, id, time},
};
use wire::{
    drawn::Drawn,
    message::{Message, MessageRole, MessageStatus, Outcome, Usage},
};

pub(crate) fn answer() -> Message {
    Message {
        id: id(11),
        role: MessageRole::Assistant,
        message: "With water. 🫖".into(),
        created_at: time(),
        parent_id: Some(id(10)),
        status: MessageStatus::Complete,
        siblings: vec![],
        citations: vec![],
        drawn: vec![],
        model: None,
        feedback: None,
    }
}

/// How `let` is drawn.
pub(crate) fn drawn() -> Drawn {
    Drawn {
        of: 7,
        how: "k3".into(),
    }
}

#[test]
fn roles_states_and_outcomes_keep_their_words() {
    assert_pinned!("message_role", every!(MessageRole: User, Assistant));
    let states = every!(MessageStatus: Generating, Complete, Stopped, Interrupted, Failed, Cut);
    assert_pinned!("message_status", states);
    assert_pinned!(
        "outcome",
        every!(Outcome: Complete, Stopped, Interrupted, Failed, Cut)
    );
}

#[test]
fn a_message_is_called_what_its_generations_end_is_called() {
    for outcome in [
        Outcome::Complete,
        Outcome::Stopped,
        Outcome::Interrupted,
        Outcome::Failed,
        Outcome::Cut,
    ] {
        let status = serde_json::to_string(&MessageStatus::from(outcome)).unwrap();
        assert_eq!(status, serde_json::to_string(&outcome).unwrap());
    }
}

#[test]
fn messages_keep_their_fields() {
    let mut pinned = Pinned::default();
    pinned.add("Message", &answer());
    pinned.add(
        "Message",
        &Message {
            parent_id: None,
            role: MessageRole::User,
            siblings: vec![id(11), id(12)],
            citations: vec![citation()],
            drawn: vec![drawn()],
            ..answer()
        },
    );
    pinned.add(
        "Message",
        &Message {
            model: Some("gpt-5-mini".into()),
            feedback: Some(feedback()),
            ..answer()
        },
    );
    pinned.add(
        "Usage",
        &Usage {
            prompt_tokens: Some(12),
            completion_tokens: Some(34),
        },
    );
    pinned.add(
        "Usage",
        &Usage {
            prompt_tokens: None,
            completion_tokens: None,
        },
    );
    assert_pinned!("message", pinned);
}
