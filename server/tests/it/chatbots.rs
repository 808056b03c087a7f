//! Chatbots: who sees them, who edits them, what may be written into them.

use crate::rest::{Person, TestApp};
use serde_json::{Value, json};

async fn create(person: &mut Person, body: Value) -> Value {
    person.post("/chatbot", body).await.expect(201)
}

fn path(bot: &Value) -> String {
    format!("/chatbot/{}", bot["id"].as_str().unwrap())
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|bot| bot["name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn the_first_start_is_not_empty() {
    let app = TestApp::start().await;
    let list = app.sign_up("ada").await.get("/chatbot").await.expect(200);
    assert_eq!(names(&list), ["Assistant", "Parlance guide"]);
    for bot in list.as_array().unwrap() {
        assert_eq!(
            (&bot["visibility"], &bot["owner_id"]),
            (&json!("everyone"), &Value::Null)
        );
        assert!(
            bot.get("settings").is_none(),
            "a system prompt is its owner's business"
        );
    }
}

#[tokio::test]
async fn a_second_start_changes_nothing_that_the_administrator_changed() {
    let app = TestApp::start().await;
    let mut admin = app.administrator().await;
    let list = admin.get("/chatbot").await.expect(200);
    admin
        .patch(&path(&list[0]), json!({"name": "Helper"}))
        .await
        .expect(200);
    admin.delete(&path(&list[1])).await.expect(204);
    let again = app.app();
    server::chatbot::builtin::seed(&*again.store, again.clock.now(), again.ids)
        .await
        .unwrap();
    assert_eq!(names(&admin.get("/chatbot").await.expect(200)), ["Helper"]);
}

#[tokio::test]
async fn a_new_chatbot_is_its_owners_alone_until_it_is_shown_to_everyone() {
    let app = TestApp::start().await;
    let (mut ada, mut bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let bot = create(
        &mut ada,
        json!({"name": " Poet ", "system_prompt": "Rhyme.", "temperature": 1.5}),
    )
    .await;
    assert_eq!(bot["name"], "Poet");
    assert_eq!(
        bot["settings"],
        json!({"system_prompt": "Rhyme.", "model": null, "temperature": 1.5, "documents_only": false})
    );
    assert_eq!(
        (&bot["colour"], &bot["visibility"]),
        (&json!("teal"), &json!("private"))
    );
    assert_eq!(ada.get(&path(&bot)).await.expect(200), bot);

    assert!(!names(&bob.get("/chatbot").await.expect(200)).contains(&"Poet"));
    bob.get(&path(&bot)).await.expect_problem(404, "not_found");
    bob.patch(&path(&bot), json!({"name": "Mine"}))
        .await
        .expect_problem(404, "not_found");
    bob.delete(&path(&bot)).await.expect_problem(404, "not_found");

    ada.patch(&path(&bot), json!({"visibility": "everyone"}))
        .await
        .expect(200);
    let seen = bob.get(&path(&bot)).await.expect(200);
    assert_eq!(seen["name"], "Poet");
    assert!(seen.get("settings").is_none());
    bob.patch(&path(&bot), json!({"name": "Mine"}))
        .await
        .expect_problem(403, "forbidden");
    bob.delete(&path(&bot)).await.expect_problem(403, "forbidden");
    assert_eq!(ada.get(&path(&bot)).await.expect(200)["name"], "Poet");
}

#[tokio::test]
async fn an_administrator_manages_everybodys() {
    let app = TestApp::start().await;
    let (mut admin, mut ada) = (app.administrator().await, app.sign_up("ada").await);
    let bot = create(&mut ada, json!({"name": "Poet"})).await;
    assert!(names(&admin.get("/chatbot").await.expect(200)).contains(&"Poet"));
    admin
        .patch(&path(&bot), json!({"name": "Bard"}))
        .await
        .expect(200);
    assert_eq!(ada.get(&path(&bot)).await.expect(200)["name"], "Bard");
    admin.delete(&path(&bot)).await.expect(204);
    ada.get(&path(&bot)).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_null_clears() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("ada").await;
    let bot = create(
        &mut ada,
        json!({"name": "Poet", "model": "gpt-5-mini", "temperature": 0.5, "colour": "plum"}),
    )
    .await;
    let changed = ada
        .patch(&path(&bot), json!({"description": "Rhymes.", "model": null}))
        .await
        .expect(200);
    let mut expected = bot.clone();
    expected["description"] = "Rhymes.".into();
    expected["settings"]["model"] = Value::Null;
    assert_eq!(changed, expected);
    assert_eq!(ada.get(&path(&bot)).await.expect(200), expected);
}

#[tokio::test]
async fn what_cannot_be_kept_is_refused_by_field() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("ada").await;
    let bot = create(&mut ada, json!({"name": "Poet"})).await;
    for (field, value) in [
        ("name", json!("")),
        ("name", json!(" \t")),
        ("name", json!("two\nlines")),
        ("name", json!("n".repeat(81))),
        ("description", json!("d".repeat(501))),
        ("description", json!("a\u{0}b")),
        ("system_prompt", json!("s".repeat(16_001))),
        ("system_prompt", json!("a\u{0}b")),
        ("model", json!("m".repeat(201))),
        ("temperature", json!(2.1)),
        ("temperature", json!(-0.1)),
    ] {
        let mut new = json!({"name": "Poet"});
        new[field] = value.clone();
        for reply in [
            ada.post("/chatbot", new).await,
            ada.patch(&path(&bot), json!({field: value})).await,
        ] {
            let problem = reply.expect_problem(400, "invalid_field");
            let detail = problem["detail"].as_str().unwrap();
            assert!(detail.starts_with(&format!("{field}: ")), "{detail}");
        }
    }
    for wrong in [
        json!({}),
        json!({"name": 7}),
        json!({"name": "x", "colour": "#fff"}),
        json!({"name": "x", "age": 1}),
    ] {
        ada.post("/chatbot", wrong)
            .await
            .expect_problem(400, "invalid_request");
    }
    assert_eq!(ada.get(&path(&bot)).await.expect(200), bot, "nothing was changed");
}

#[tokio::test]
async fn the_largest_chatbot_fits() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("ada").await;
    let body = json!({"name": "🦀".repeat(80), "description": "🦀".repeat(150), "system_prompt": "🦀".repeat(16_000)});
    let bot = create(&mut ada, body).await;
    assert_eq!(
        bot["settings"]["system_prompt"].as_str().unwrap().chars().count(),
        16_000
    );
}

#[tokio::test]
async fn unknown_ids_text_that_is_no_id_and_strangers_are_told_the_same() {
    let app = TestApp::start().await;
    let mut ada = app.sign_up("ada").await;
    for id in [
        uuid::Uuid::now_v7().to_string(),
        "selected_chatbot_id".into(),
        "%00".into(),
        "%FF".into(),
    ] {
        ada.get(&format!("/chatbot/{id}"))
            .await
            .expect_problem(404, "not_found");
    }
    app.anyone()
        .get("/chatbot")
        .await
        .expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn the_page_before_signing_in_learns_what_it_needs_and_no_more() {
    let app = TestApp::start().await;
    let info = app.anyone().get("/info").await.expect(200);
    assert_eq!(info["registration"], "open");
    assert_eq!(info["model"]["state"], "ready");
    assert_eq!(info["model"]["starter"], false);
    assert_eq!(info.as_object().unwrap().len(), 3);
}

#[tokio::test]
async fn starters_are_seen_by_who_may_talk_with_the_chatbot() {
    let app = TestApp::start().await;
    let (mut ada, mut bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let bot = create(
        &mut ada,
        json!({"name": "Poet", "visibility": "everyone", "starters": ["A haiku, please.", " ", "Rhyme on “tea”."]}),
    )
    .await;
    let expected = json!(["A haiku, please.", "Rhyme on “tea”."]);
    assert_eq!(bot["starters"], expected);
    assert_eq!(bob.get(&path(&bot)).await.expect(200)["starters"], expected);
    let renamed = ada.patch(&path(&bot), json!({"name": "Bard"})).await.expect(200);
    assert_eq!(renamed["starters"], expected, "what is absent stays");
    let none = ada.patch(&path(&bot), json!({"starters": []})).await.expect(200);
    assert_eq!(none["starters"], json!([]));
    for wrong in [
        json!(["1", "2", "3", "4", "5", "6", "7"]),
        json!(["two\nlines"]),
        json!(["x".repeat(201)]),
    ] {
        ada.patch(&path(&bot), json!({"starters": wrong}))
            .await
            .expect_problem(400, "invalid_field");
    }
}
