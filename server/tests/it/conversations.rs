//! The history: whose conversations, which page, which messages.

use crate::{
    rest::{Person, TestApp},
    world::{PATIENCE, TestServer},
};
use axum::http::Method;
use serde_json::{Value, json};
use std::time::Duration;
use store::{conversation::ConversationRecord, generation::GenerationRecord, message::NewMessage};
use wire::{
    ChatbotId, ConversationId, GenerationId, MessageId, SessionId, UserId,
    message::{MessageRole, MessageStatus},
    socket::ServerEvent,
};

/// A conversation with so many messages, made in the store as the chat makes it.
async fn talk(app: &TestApp, user: UserId, bot: ChatbotId, messages: u32) -> ConversationId {
    let server = app.app();
    let now = server.clock.now();
    let id = ConversationId::from_uuid(server.ids.new_uuid());
    let conversation = ConversationRecord {
        id,
        user_id: user,
        chatbot_id: bot,
        chatbot_name: "As it was".into(),
        title: None,
        active_leaf: None,
        created_at: now,
        updated_at: now,
        pinned: false,
    };
    server.store.create_conversation(conversation).await.unwrap();
    let mut parent = None;
    for number in 0..messages {
        parent = Some(
            say(
                app,
                id,
                parent,
                &format!("message {number}"),
                MessageStatus::Complete,
            )
            .await,
        );
    }
    id
}

async fn say(
    app: &TestApp,
    conversation: ConversationId,
    parent: Option<MessageId>,
    text: &str,
    status: MessageStatus,
) -> MessageId {
    app.clock.advance(Duration::from_secs(1));
    let message = NewMessage {
        id: MessageId::from_uuid(app.app().ids.new_uuid()),
        conversation_id: conversation,
        parent_id: parent,
        client_message_id: None,
        role: if status == MessageStatus::Complete {
            MessageRole::User
        } else {
            MessageRole::Assistant
        },
        text: text.into(),
        status,
        generation_id: None,
        model: None,
        created_at: app.app().clock.now(),
    };
    let id = message.id;
    app.app()
        .store
        .append_visible_message(message, parent, None)
        .await
        .unwrap();
    id
}

async fn bots(person: &mut Person) -> Vec<ChatbotId> {
    let list = person.get("/chatbot").await.expect(200);
    list.as_array()
        .unwrap()
        .iter()
        .map(|bot| bot["id"].as_str().unwrap().parse().unwrap())
        .collect()
}

fn ids(page: &Value) -> Vec<String> {
    page["conversations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap().into())
        .collect()
}

fn texts(messages: &Value) -> Vec<&str> {
    messages
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["message"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn the_history_comes_page_by_page_latest_first_without_gap_or_repetition() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("ada").await;
    let (user, bots) = (ada.id().await, bots(&mut ada).await);
    let mut expected = Vec::new();
    for _ in 0..7 {
        expected.insert(0, talk(&app, user, bots[0], 1).await.to_string());
    }
    talk(&app, user, bots[0], 0).await;
    let mut seen = Vec::new();
    let mut path = "/conversation?limit=3".to_owned();
    loop {
        let page = ada.get(&path).await.expect(200);
        seen.push(ids(&page));
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/conversation?limit=3&cursor={cursor}");
    }
    assert_eq!(seen.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 1]);
    assert_eq!(seen.concat(), expected, "and none that nothing was said in");
}

#[tokio::test]
async fn the_history_can_be_one_chatbots() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("ada").await;
    let (user, bots) = (ada.id().await, bots(&mut ada).await);
    talk(&app, user, bots[0], 1).await;
    let with_guide = talk(&app, user, bots[1], 1).await;
    let page = ada
        .get(&format!("/conversation?chatbot_id={}", bots[1]))
        .await
        .expect(200);
    assert_eq!(ids(&page), [with_guide.to_string()]);
    assert_eq!(
        page["conversations"][0]["chatbot_name"], "Parlance guide",
        "its name now"
    );
}

#[tokio::test]
async fn a_query_that_is_not_ours_is_refused() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("ada").await;
    for query in ["cursor=x", "cursor=", "limit=many", "limit=-1", "chatbot_id=x"] {
        ada.get(&format!("/conversation?{query}"))
            .await
            .expect_problem(400, "invalid_request");
    }
    ada.get("/conversation?limit=0").await.expect(200);
    ada.get("/conversation?limit=100000").await.expect(200);
}

#[tokio::test]
async fn a_conversation_opens_with_its_newest_messages_and_goes_back_page_by_page() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("ada").await;
    let (user, bots) = (ada.id().await, bots(&mut ada).await);
    let id = talk(&app, user, bots[0], 105).await;
    let detail = ada.get(&format!("/conversation/{id}")).await.expect(200);
    let newest = texts(&detail["messages"]);
    assert_eq!(
        (newest.len(), newest[0], newest[99]),
        (100, "message 5", "message 104")
    );
    assert_eq!(
        (&detail["has_more"], &detail["session_id"]),
        (&json!(true), &Value::Null)
    );

    let before = detail["messages"][0]["id"].as_str().unwrap();
    let older = ada
        .get(&format!("/conversation/{id}/message?before={before}&limit=3"))
        .await
        .expect(200);
    assert_eq!(texts(&older["messages"]), ["message 2", "message 3", "message 4"]);
    assert_eq!(older["has_more"], true);
    let before = older["messages"][0]["id"].as_str().unwrap();
    let oldest = ada
        .get(&format!("/conversation/{id}/message?before={before}"))
        .await
        .expect(200);
    assert_eq!(
        (texts(&oldest["messages"]), &oldest["has_more"]),
        (vec!["message 0", "message 1"], &json!(false))
    );
    let before = oldest["messages"][0]["id"].as_str().unwrap();
    let none = ada
        .get(&format!("/conversation/{id}/message?before={before}"))
        .await
        .expect(200);
    assert_eq!(none, json!({"messages": [], "has_more": false}));
    let newest = ada
        .get(&format!("/conversation/{id}/message?limit=1"))
        .await
        .expect(200);
    assert_eq!(texts(&newest["messages"]), ["message 104"]);
}

#[tokio::test]
async fn an_answer_that_is_being_written_is_there_and_has_no_text_yet() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("ada").await;
    let (user, bots) = (ada.id().await, bots(&mut ada).await);
    let id = talk(&app, user, bots[0], 0).await;
    let prompt = say(&app, id, None, "Hello?", MessageStatus::Complete).await;
    let answer = say(&app, id, Some(prompt), "", MessageStatus::Generating).await;
    let now = app.app().clock.now();
    let generation = GenerationRecord {
        id: GenerationId::from_uuid(app.app().ids.new_uuid()),
        prompt_id: prompt,
        message_id: answer,
        offset: 0,
        conversation_id: id,
        user_id: user,
        session_id: SessionId::from_uuid(app.app().ids.new_uuid()),
        node_id: app.app().node_id.clone(),
        fence: 1,
        lease_until: now.plus(Duration::from_secs(5)),
        started_at: now,
        ended: None,
        settled: false,
    };
    app.app().store.start_generation(generation).await.unwrap();
    let detail = ada.get(&format!("/conversation/{id}")).await.expect(200);
    let answer = &detail["messages"][1];
    assert_eq!(answer["status"], "generating");
    assert_eq!(answer["role"], "assistant");
    assert_eq!(answer["message"], "");
    assert_eq!(answer["parent_id"], prompt.to_string());
}

#[tokio::test]
async fn a_page_may_join_the_session_that_is_in_its_conversation() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("ada").await;
    let bot = bots(&mut ada).await[0];
    let opened = ada
        .post_nothing(&format!("/chatbot/{bot}/session"))
        .await
        .expect(200);
    let conversation = opened["conversation_id"].as_str().unwrap();
    let detail = ada
        .get(&format!("/conversation/{conversation}"))
        .await
        .expect(200);
    assert_eq!(detail["session_id"], opened["session_id"]);
    let user = ada.id().await;
    let other = talk(&app, user, bot, 1).await;
    assert_eq!(
        ada.get(&format!("/conversation/{other}")).await.expect(200)["session_id"],
        Value::Null
    );
}

#[tokio::test]
async fn a_title_is_changed_and_a_conversation_deleted() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("ada").await;
    let (user, bots) = (ada.id().await, bots(&mut ada).await);
    let path = format!("/conversation/{}", talk(&app, user, bots[0], 1).await);
    assert_eq!(ada.get(&path).await.expect(200)["title"], Value::Null);
    let renamed = ada.patch(&path, json!({"title": "  שלום 🦀 "})).await.expect(200);
    assert_eq!(renamed["title"], "שלום 🦀");
    assert_eq!(ada.get(&path).await.expect(200)["title"], "שלום 🦀");
    for wrong in ["", " ", "a\nb", "a\u{0}b", &"t".repeat(201)] {
        ada.patch(&path, json!({"title": wrong}))
            .await
            .expect_problem(400, "invalid_field");
    }
    ada.delete(&path).await.expect(204);
    ada.get(&path).await.expect_problem(404, "not_found");
    ada.delete(&path).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn open_tabs_are_told_of_a_new_title() {
    let server = TestServer::answering(&["Hi."]).await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    let path = format!("/conversation/{}", chat.session.as_ref().unwrap().conversation_id);
    let answer = alice
        .request(Method::PATCH, &path, r#"{"title":"Kettles"}"#, &[])
        .await;
    assert_eq!(answer.status, 200);
    let title = chat
        .until(|event| match event {
            ServerEvent::ConversationChanged { title, .. } => title.clone(),
            _ => None,
        })
        .await;
    assert_eq!(title, "Kettles");
}

#[tokio::test]
async fn deleting_a_conversation_ends_its_session_and_the_answer_that_is_written_in_it() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    let session = chat.session.clone().unwrap();
    chat.say("never mind").await;
    let mut call = script.next_call().await;
    call.say("I was");
    chat.chunk().await;
    assert_eq!(
        alice
            .delete(&format!("/conversation/{}", session.conversation_id))
            .await
            .status,
        204
    );
    tokio::time::timeout(PATIENCE, call.cancelled())
        .await
        .expect("the model is not asked any longer");
    assert_eq!(chat.close_code().await, 1000);
    let next = alice.open_session(session.chatbot_id).await;
    assert_ne!(next.conversation_id, session.conversation_id);
    let mut chat = alice.connect(&next).await;
    chat.say("hello again").await;
    let mut call = script.next_call().await;
    call.say("Hello.");
    call.finish();
    assert_eq!(chat.reply().await.text, "Hello.");
}

#[tokio::test]
async fn a_conversation_outlives_its_chatbot_under_the_name_it_had() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("ada").await;
    let user = ada.id().await;
    let bot = ada.post("/chatbot", json!({"name": "Poet"})).await.expect(201)["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let id = talk(&app, user, bot.parse().unwrap(), 1).await;
    ada.delete(&format!("/chatbot/{bot}")).await.expect(204);
    let detail = ada.get(&format!("/conversation/{id}")).await.expect(200);
    assert_eq!(detail["chatbot_name"], "As it was");
    assert_eq!(texts(&detail["messages"]), ["message 0"]);
    assert_eq!(
        ada.get("/conversation").await.expect(200)["conversations"][0]["chatbot_name"],
        "As it was"
    );
}

#[tokio::test]
async fn a_stranger_and_even_an_administrator_gets_what_an_unknown_id_gets() {
    let app = TestApp::start().await;
    let (mut ada, mut bob, mut admin) = (
        app.sign_up("ada").await,
        app.sign_up("bob").await,
        app.administrator().await,
    );
    let (user, bots) = (ada.id().await, bots(&mut ada).await);
    let id = talk(&app, user, bots[0], 2).await;
    let unknown = ConversationId::from_uuid(uuid::Uuid::now_v7());
    let answer = async |person: &mut Person, id: ConversationId| {
        let path = format!("/conversation/{id}");
        let replies = [
            person.get(&path).await,
            person.get(&format!("{path}/message")).await,
            person.patch(&path, json!({"title": "mine"})).await,
            person.delete(&path).await,
        ];
        replies.map(|reply| {
            let mut problem = reply.expect_problem(404, "not_found");
            problem.as_object_mut().unwrap().remove("request_id");
            problem
        })
    };
    for stranger in [&mut bob, &mut admin] {
        assert_eq!(answer(stranger, id).await, answer(stranger, unknown).await);
        assert_eq!(
            stranger.get("/conversation").await.expect(200)["conversations"],
            json!([])
        );
    }
    assert_eq!(
        ada.get(&format!("/conversation/{id}")).await.expect(200)["title"],
        Value::Null,
        "still there"
    );
}

#[tokio::test]
async fn a_message_of_another_conversation_is_no_place_to_go_back_from() {
    let app = TestApp::start().await;
    let (mut ada, mut bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let (ada_id, bob_id, bots) = (ada.id().await, bob.id().await, bots(&mut ada).await);
    let adas = talk(&app, ada_id, bots[0], 2).await;
    let bobs = talk(&app, bob_id, bots[0], 2).await;
    let theirs = ada.get(&format!("/conversation/{adas}")).await.expect(200)["messages"][1]["id"].clone();
    let path = format!("/conversation/{bobs}/message?before={}", theirs.as_str().unwrap());
    bob.get(&path).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn what_was_said_is_found_in_ones_own_conversations_only() {
    let app = TestApp::start().await;
    let (mut ada, mut eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let (user, bots) = (ada.id().await, bots(&mut ada).await);
    let tea = talk(&app, user, bots[0], 0).await;
    let prompt = say(
        &app,
        tea,
        None,
        "How do I descale a kettle?",
        MessageStatus::Complete,
    )
    .await;
    let answer = say(&app, tea, Some(prompt), "", MessageStatus::Generating).await;
    let text = "Fill the kettle with vinegar. Boil the kettle twice.";
    let outcome = wire::message::Outcome::Complete;
    let generation = GenerationId::from_uuid(app.app().ids.new_uuid());
    assert!(
        app.app()
            .store
            .settle_message(answer, generation, text, outcome)
            .await
            .unwrap()
    );
    let other = talk(&app, user, bots[1], 1).await;

    let page = ada.get("/conversation?q=vinegar+kett").await.expect(200);
    assert_eq!(ids(&page), [tea.to_string()]);
    let found = &page["conversations"][0]["found"];
    assert_eq!(found["message_id"], json!(answer));
    let pieces = found["snippet"].as_array().unwrap();
    let joined: String = pieces
        .iter()
        .map(|piece| piece["text"].as_str().unwrap())
        .collect();
    assert_eq!(joined, text);
    let matched = pieces.iter().filter(|piece| piece["matched"] == true);
    let matched: Vec<_> = matched.map(|piece| piece["text"].as_str().unwrap()).collect();
    assert_eq!(matched, ["kettle", "vinegar", "kettle"]);

    let page = ada.get("/conversation?q=message").await.expect(200);
    assert_eq!(ids(&page), [other.to_string()]);
    let path = format!("/conversation?q=message&chatbot_id={}", bots[0]);
    assert_eq!(ids(&ada.get(&path).await.expect(200)), [""; 0]);
    assert_eq!(ids(&eve.get("/conversation?q=kettle").await.expect(200)), [""; 0]);
    let all = ada.get("/conversation?q=+++").await.expect(200);
    assert_eq!(ids(&all).len(), 2, "nothing to search for: the history");
    let long = format!("/conversation?q={}", "x".repeat(201));
    ada.get(&long).await.expect_problem(400, "invalid_field");
}

#[tokio::test]
async fn pinned_conversations_stand_before_the_others_on_the_first_page_only() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("ada").await;
    let (user, bots) = (ada.id().await, bots(&mut ada).await);
    let mut said = Vec::new();
    for _ in 0..5 {
        said.push(talk(&app, user, bots[0], 1).await.to_string());
    }
    let pin = |pinned: bool| json!({ "pinned": pinned });
    let answer = ada
        .patch(&format!("/conversation/{}", said[0]), pin(true))
        .await
        .expect(200);
    assert_eq!(answer["pinned"], true);
    ada.patch(&format!("/conversation/{}", said[4]), pin(true))
        .await
        .expect(200);

    let page = ada.get("/conversation?limit=2").await.expect(200);
    assert_eq!(ids(&page), [&said[4], &said[0], &said[3]].map(String::as_str));
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = ada
        .get(&format!("/conversation?cursor={cursor}"))
        .await
        .expect(200);
    assert_eq!(ids(&rest), [&said[2], &said[1]].map(String::as_str));
    let other = ada
        .get(&format!("/conversation?chatbot_id={}", bots[1]))
        .await
        .expect(200);
    assert!(
        ids(&other).is_empty(),
        "pinned or not, these are with another chatbot"
    );

    ada.patch(&format!("/conversation/{}", said[0]), pin(false))
        .await
        .expect(200);
    let page = ada.get("/conversation").await.expect(200);
    assert_eq!(ids(&page), [4, 3, 2, 1, 0].map(|at: usize| said[at].as_str()));

    let mut bob = app.sign_up("bob").await;
    bob.patch(&format!("/conversation/{}", said[1]), pin(true))
        .await
        .expect(404);
}

#[tokio::test]
async fn there_is_an_end_to_pins_and_it_is_said() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("ada").await;
    let (user, bots) = (ada.id().await, bots(&mut ada).await);
    let mut last = String::new();
    for _ in 0..50 {
        last = talk(&app, user, bots[0], 1).await.to_string();
        ada.patch(&format!("/conversation/{last}"), json!({ "pinned": true }))
            .await
            .expect(200);
    }
    let more = talk(&app, user, bots[0], 1).await.to_string();
    let refused = ada
        .patch(&format!("/conversation/{more}"), json!({ "pinned": true }))
        .await
        .expect(400);
    assert_eq!(refused["code"], "invalid_field");
    // What is pinned already stays so.
    ada.patch(&format!("/conversation/{last}"), json!({ "pinned": true }))
        .await
        .expect(200);
}
