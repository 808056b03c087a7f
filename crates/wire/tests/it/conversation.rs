//! The history and one conversation.

use crate::{
    message::answer,
    pin::{Pinned, id, time},
};
use wire::{
    conversation::{
        Conversation, ConversationDetail, ConversationPage, ConversationPatch, Found, MessagePage,
        SnippetPiece,
    },
    message::MessageRole,
};

fn conversation(title: Option<&str>) -> Conversation {
    Conversation {
        id: id(1),
        chatbot_id: id(2),
        chatbot_name: "Assistant".into(),
        title: title.map(Into::into),
        created_at: time(),
        updated_at: time(),
        pinned: false,
        running: false,
        found: None,
    }
}

#[test]
fn the_history_keeps_its_fields() {
    let page = |conversations, next_cursor| ConversationPage {
        conversations,
        next_cursor,
    };
    let mut pinned = Pinned::default();
    pinned.add(
        "ConversationPage",
        &page(vec![conversation(Some("Kettles"))], Some("cursor".into())),
    );
    pinned.add("ConversationPage", &page(vec![], None));
    let piece = |text: &str, matched| SnippetPiece {
        text: text.into(),
        matched,
    };
    let found = Conversation {
        found: Some(Found {
            message_id: id(3),
            role: MessageRole::Assistant,
            created_at: time(),
            snippet: vec![piece("…fill the ", false), piece("kettle", true)],
        }),
        ..conversation(Some("Kettles"))
    };
    pinned.add("ConversationPage", &page(vec![found], None));
    let marked = Conversation {
        pinned: true,
        running: true,
        ..conversation(Some("Kettles"))
    };
    pinned.add("ConversationPage", &page(vec![marked], None));
    assert_pinned!("conversation_page", pinned);
}

#[test]
fn one_conversation_keeps_its_fields() {
    let empty = ConversationDetail {
        conversation: conversation(None),
        messages: vec![],
        has_more: false,
        session_id: None,
        other_branch: false,
    };
    let open = ConversationDetail {
        messages: vec![answer()],
        has_more: true,
        session_id: Some(id(3)),
        other_branch: true,
        ..empty.clone()
    };
    let mut pinned = Pinned::default();
    pinned.add("ConversationDetail", &empty);
    pinned.add("ConversationDetail", &open);
    pinned.add(
        "MessagePage",
        &MessagePage {
            messages: vec![answer()],
            has_more: true,
        },
    );
    pinned.add(
        "ConversationPatch",
        &ConversationPatch {
            title: Some("Kettles".into()),
            ..ConversationPatch::default()
        },
    );
    pinned.add(
        "ConversationPatch",
        &ConversationPatch {
            active_message_id: Some(id(3)),
            ..ConversationPatch::default()
        },
    );
    pinned.add(
        "ConversationPatch",
        &ConversationPatch {
            pinned: Some(false),
            ..ConversationPatch::default()
        },
    );
    assert_pinned!("conversation", pinned);
}

#[test]
fn a_patch_with_an_unknown_field_is_refused() {
    assert!(serde_json::from_str::<ConversationPatch>(r#"{"titel":"Kettles"}"#).is_err());
}
