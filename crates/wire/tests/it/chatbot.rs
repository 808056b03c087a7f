//! Chatbots, and what their owners send.

use crate::pin::{Pinned, id, time};
use wire::chatbot::{Chatbot, ChatbotPatch, ChatbotSettings, Colour, NewChatbot, Visibility};

#[test]
fn colours_and_visibilities_keep_their_words() {
    let colours =
        every!(Colour: Clay, Coral, Amber, Moss, Leaf, Teal, Sky, Indigo, Violet, Plum, Rose, Slate);
    assert_pinned!("colour", colours);
    assert_pinned!("visibility", every!(Visibility: Private, Everyone));
}

#[test]
fn a_colours_class_name_is_its_word_on_the_wire_and_the_palette_has_each_once() {
    let named: Vec<String> = Colour::ALL
        .iter()
        .map(|colour| format!("\"{}\"", colour.name()))
        .collect();
    let sent: Vec<String> = Colour::ALL
        .iter()
        .map(|colour| serde_json::to_string(colour).unwrap())
        .collect();
    assert_eq!(named, sent);
    let distinct: std::collections::HashSet<_> = Colour::ALL.into_iter().collect();
    assert_eq!(distinct.len(), 12);
}

#[test]
fn chatbots_keep_their_fields() {
    let settings = ChatbotSettings {
        system_prompt: "You know kettles.".into(),
        model: Some("gpt-5-mini".into()),
        temperature: Some(0.5),
        documents_only: true,
    };
    let bot = Chatbot {
        id: id(1),
        name: "Kettle".into(),
        description: "Answers about kettles.".into(),
        colour: Colour::Amber,
        visibility: Visibility::Everyone,
        starters: vec!["How long does it boil?".into()],
        owner_id: Some(id(2)),
        created_at: time(),
        settings: Some(settings.clone()),
    };
    let for_others = Chatbot {
        settings: None,
        starters: vec![],
        owner_id: None,
        ..bot.clone()
    };
    let of_the_default_model = ChatbotSettings {
        model: None,
        temperature: None,
        ..settings
    };
    let mut pinned = Pinned::default();
    pinned.add("Chatbot", &bot);
    pinned.add("Chatbot", &for_others);
    pinned.add("ChatbotSettings", &of_the_default_model);
    assert_pinned!("chatbot", pinned);
}

#[test]
fn a_new_chatbot_needs_a_name_and_nothing_else() {
    let bot: NewChatbot = serde_json::from_str(r#"{"name":"Kettle"}"#).unwrap();
    let expected = NewChatbot {
        name: "Kettle".into(),
        description: String::new(),
        system_prompt: String::new(),
        model: None,
        temperature: None,
        colour: Colour::Teal,
        visibility: Visibility::Private,
        documents_only: false,
        starters: vec![],
    };
    assert_eq!(bot, expected);
    assert!(serde_json::from_str::<NewChatbot>("{}").is_err());
    let mut pinned = Pinned::default();
    pinned.add("NewChatbot", &bot);
    assert_pinned!("new_chatbot", pinned);
}

#[test]
fn a_patch_tells_what_is_absent_from_what_is_null() {
    let parse = |json| serde_json::from_str::<ChatbotPatch>(json).unwrap();
    assert_eq!(parse("{}"), ChatbotPatch::default());
    assert_eq!(
        parse(r#"{"model":null}"#),
        ChatbotPatch {
            model: Some(None),
            ..ChatbotPatch::default()
        }
    );
    let named = ChatbotPatch {
        model: Some(Some("gpt-5-mini".into())),
        ..ChatbotPatch::default()
    };
    assert_eq!(parse(r#"{"model":"gpt-5-mini"}"#), named);
    let cleared = ChatbotPatch {
        temperature: Some(None),
        ..ChatbotPatch::default()
    };
    assert_eq!(parse(r#"{"temperature":null}"#), cleared);
    assert_eq!(
        parse(r#"{"name":null}"#),
        ChatbotPatch::default(),
        "a name cannot be cleared, only kept"
    );
}

#[test]
fn patches_keep_their_fields() {
    let all = ChatbotPatch {
        name: Some("Kettle".into()),
        description: Some(String::new()),
        system_prompt: Some("You know kettles.".into()),
        model: Some(Some("gpt-5-mini".into())),
        temperature: Some(Some(1.0)),
        colour: Some(Colour::Rose),
        visibility: Some(Visibility::Private),
        documents_only: Some(true),
        starters: Some(vec!["How long does it boil?".into()]),
    };
    let cleared = ChatbotPatch {
        model: Some(None),
        temperature: Some(None),
        ..ChatbotPatch::default()
    };
    let mut pinned = Pinned::default();
    for patch in [ChatbotPatch::default(), all, cleared] {
        pinned.add("ChatbotPatch", &patch);
    }
    assert_pinned!("chatbot_patch", pinned);
}

#[test]
fn a_misspelt_field_is_refused_not_ignored() {
    let error = serde_json::from_str::<NewChatbot>(r#"{"name":"Kettle","sytem_prompt":"x"}"#).unwrap_err();
    assert!(error.to_string().contains("sytem_prompt"), "{error}");
    assert!(serde_json::from_str::<ChatbotPatch>(r#"{"color":"rose"}"#).is_err());
}
