//! One's own account: profile, password, devices, the export, and the end.

use crate::library::shelf::Shelf;
use crate::world::{PASSWORD, Person, TestServer};
use axum::http::{Method, header};
use flate2::read::DeflateDecoder;
use rawzip::ZipArchive;
use serde_json::{Value, json};
use std::{collections::BTreeMap, io::Read, time::Duration};
use wire::{
    ProblemCode,
    auth::{Device, Theme, User},
    socket::CloseReason,
};

async fn devices(person: &Person) -> Vec<Device> {
    person.get("/auth/sign-in").await.json()
}

async fn submit(person: &Person, path: &str, fields: &[(&str, &str)]) -> crate::world::Answer {
    let token = person.form_token().await;
    let fields: Vec<_> = [("form_token", token.as_str())]
        .into_iter()
        .chain(fields.iter().copied())
        .collect();
    person.submit(path, &fields).await
}

#[tokio::test]
async fn a_name_is_shown_and_can_be_taken_back() {
    let server = TestServer::answering(&[]).await;
    let ada = server.sign_up("ada").await;
    let me: User = ada.patch("/auth/me", r#"{"name":" Ada Lovelace "}"#).await.json();
    assert_eq!(me.name.as_deref(), Some("Ada Lovelace"));
    assert!(ada.page("/").await.body.contains("Ada Lovelace"));
    let answer = submit(&ada, "/account/name", &[("name", "")]).await;
    assert_eq!(answer.location(), "/account?done=name");
    assert!(
        ada.page("/account?done=name")
            .await
            .body
            .contains("Your name is saved.")
    );
    let me: User = ada.get("/auth/me").await.json();
    assert_eq!(me.name, None);
    // What is wrong comes back beside its field.
    let long = "a".repeat(81);
    let back = submit(&ada, "/account/name", &[("name", &long)]).await;
    assert_eq!(back.status, 400);
    assert!(
        back.body.contains("May have at most 80 characters."),
        "{}",
        back.body
    );
    assert!(back.body.contains(&long));
    // Nothing that an address says is repeated.
    assert!(
        !ada.page("/account?done=pwned-by-mallory")
            .await
            .body
            .contains("pwned")
    );
}

#[tokio::test]
async fn a_theme_and_a_language_are_the_users_on_every_device() {
    let server = TestServer::answering(&[]).await;
    let ada = server.sign_up("ada").await;
    assert!(!ada.page("/").await.body.contains("data-theme"));
    let answer = submit(&ada, "/account/look", &[("theme", "dark"), ("language", "ar")]).await;
    assert_eq!(answer.location(), "/account?done=look");
    let cookies = ada.with_cookies_of(&answer).cookies;
    assert!(cookies.contains(&"theme=dark".to_owned()) && cookies.contains(&"language=ar".to_owned()));
    assert!(ada.page("/").await.body.contains("data-theme=\"dark\""));
    let elsewhere = ada.sign_in_again().await;
    assert!(elsewhere.page("/").await.body.contains("data-theme=\"dark\""));
    let me: User = elsewhere.get("/auth/me").await.json();
    assert_eq!((me.theme, me.language.as_deref()), (Theme::Dark, Some("ar")));
    // The sign-in page follows what was chosen in this browser.
    let mut out = server.anybody();
    out.cookies = vec!["theme=light".into()];
    assert!(out.page("/sign-in").await.body.contains("data-theme=\"light\""));
    let wrong = ada.patch("/auth/me", r#"{"language":"en; Path=/"}"#).await;
    assert_eq!(wrong.problem(), ProblemCode::InvalidField);
}

#[tokio::test]
async fn what_is_wrong_with_a_field_is_said_in_the_language_of_its_reader() {
    let server = TestServer::answering(&[]).await;
    let ada = server.sign_up("ada").await;
    submit(&ada, "/account/look", &[("theme", ""), ("language", "ja")]).await;
    let said = async |path: &str, fields: &[(&str, &str)]| {
        let back = submit(&ada, path, fields).await;
        let (_, wrong) = back.body.split_once("class=\"field__wrong\">").unwrap();
        wrong.split_once('<').unwrap().0.to_owned()
    };
    let change = |password, new_password| [("password", password), ("new_password", new_password)];
    assert_eq!(
        said("/account/password", &change("a guess", "another few words")).await,
        "あなたのパスワードではありません。"
    );
    assert_eq!(
        said("/account/password", &change(PASSWORD, "short")).await,
        "8文字以上にしてください。"
    );
    assert_eq!(
        said("/account/name", &[("name", &"a".repeat(81))]).await,
        "80文字以内にしてください。"
    );
}

#[tokio::test]
async fn a_new_password_needs_the_old_one_and_ends_every_other_sign_in() {
    let server = TestServer::answering(&["Hi."]).await;
    let ada = server.sign_up("ada").await;
    let elsewhere = ada.sign_in_again().await;
    let mut chat = elsewhere.open_chat(&server).await;
    chat.next().await;
    let change = |password: &str, new: &str| json!({"password": password, "new_password": new}).to_string();

    let wrong = ada
        .post("/auth/password", &change("a guess", "another few words"))
        .await;
    assert_eq!(wrong.problem(), ProblemCode::WrongCredentials);
    let short = ada.post("/auth/password", &change(PASSWORD, "short")).await;
    assert_eq!(short.problem(), ProblemCode::InvalidField);
    assert!(short.body.contains("new_password: "), "{}", short.body);
    assert_eq!(devices(&ada).await.len(), 2, "nothing has changed");

    let done = ada
        .post("/auth/password", &change(PASSWORD, "another few words"))
        .await;
    assert_eq!(done.status, 204);
    assert_eq!(chat.closed_because().await.0, CloseReason::LoggedOut);
    assert_eq!(
        elsewhere.get("/auth/me").await.problem(),
        ProblemCode::Unauthenticated
    );
    assert_eq!(ada.get("/auth/me").await.status, 200, "this one goes on");
    let log_in = |password: &str| json!({"email": "ada@example.org", "password": password}).to_string();
    let old = server.anybody().post("/auth/login", &log_in(PASSWORD)).await;
    assert_eq!(old.problem(), ProblemCode::WrongCredentials);
    let new = server
        .anybody()
        .post("/auth/login", &log_in("another few words"))
        .await;
    assert_eq!(new.status, 200);
}

#[tokio::test]
async fn a_wrong_old_password_is_said_beside_its_field_and_guesses_are_counted() {
    let server = TestServer::answering(&[]).await;
    let ada = server.sign_up("ada").await;
    let token = ada.form_token().await;
    let fields = [
        ("form_token", token.as_str()),
        ("password", "a guess"),
        ("new_password", "another few words"),
    ];
    let back = ada.submit("/account/password", &fields).await;
    assert_eq!(back.status, 400);
    let field = back.body.split("id=\"password-password-wrong\"").nth(1).unwrap();
    assert!(field.contains("This is not your password."), "{field}");
    assert!(!back.body.contains("a guess") && !back.body.contains("another few words"));
    for _guess in 0..9 {
        ada.submit("/account/password", &fields).await;
    }
    assert_eq!(ada.submit("/account/password", &fields).await.status, 429);
}

#[tokio::test]
async fn devices_are_listed_by_name_and_ended_one_by_one_or_all_others_at_once() {
    let server = TestServer::answering(&["Hi."]).await;
    let ada = server.sign_up("ada").await;
    let body = json!({"email": "ada@example.org", "password": PASSWORD}).to_string();
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
    server.clock.advance(Duration::from_secs(60));
    for _device in 0..2 {
        let headers = [("user-agent", firefox)];
        let answer = server
            .anybody()
            .request(Method::POST, "/auth/login", &body, &headers)
            .await;
        assert_eq!(answer.status, 200);
    }
    let listed = devices(&ada).await;
    let names: Vec<_> = listed.iter().map(|device| device.name.as_deref()).collect();
    assert_eq!(names, [None, Some("Firefox on Linux"), Some("Firefox on Linux")]);
    assert_eq!(
        listed.iter().map(|device| device.current).collect::<Vec<_>>(),
        [true, false, false]
    );
    let page = ada.page("/account").await.body;
    assert!(
        page.contains("Firefox on Linux") && page.contains("This device"),
        "{page}"
    );

    let path = format!("/account/device/{}", listed[1].id);
    assert_eq!(submit(&ada, &path, &[]).await.location(), "/account?done=device");
    assert_eq!(devices(&ada).await.len(), 2);
    let mallory = server.sign_up("mallory").await;
    let theirs = format!("/auth/sign-in/{}", listed[2].id);
    assert_eq!(mallory.delete(&theirs).await.problem(), ProblemCode::NotFound);
    let answer = submit(&ada, "/account/devices", &[]).await;
    assert_eq!(answer.location(), "/account?done=devices");
    assert_eq!(devices(&ada).await.len(), 1);
    assert_eq!(devices(&mallory).await.len(), 1, "nobody else's");
}

#[tokio::test]
async fn a_device_says_when_it_was_last_used_to_within_the_hour() {
    let server = TestServer::answering(&[]).await;
    let ada = server.sign_up("ada").await;
    let start = devices(&ada).await[0].last_used_at;
    server.clock.advance(Duration::from_secs(30 * 60));
    ada.page("/").await;
    assert_eq!(devices(&ada).await[0].last_used_at, start);
    server.clock.advance(Duration::from_secs(31 * 60));
    ada.page("/").await;
    assert_eq!(
        devices(&ada).await[0].last_used_at,
        start.plus(Duration::from_secs(61 * 60))
    );
}

/// The files of an archive, by name.
fn unzipped(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let archive = ZipArchive::from_slice(bytes).unwrap();
    let mut files = BTreeMap::new();
    let mut entries = archive.entries();
    while let Some(entry) = entries.next_entry().unwrap() {
        let name = String::from_utf8(entry.file_path().as_ref().to_vec()).unwrap();
        let found = archive.get_entry(entry.wayfinder()).unwrap();
        let mut content = Vec::new();
        DeflateDecoder::new(found.data())
            .read_to_end(&mut content)
            .unwrap();
        assert_eq!(
            u64::try_from(content.len()).unwrap(),
            entry.uncompressed_size_hint(),
            "{name}"
        );
        files.insert(name, content);
    }
    files
}

#[tokio::test]
async fn the_export_has_everything_that_is_ones_own_and_nothing_of_others() {
    let server = TestServer::answering(&["The kettle sings."]).await;
    let ada = server.sign_up("ada").await;
    let bot: Value = ada
        .post(
            "/chatbot",
            r#"{"name":"Kettle","system_prompt":"You know kettles.","starters":["Does it sing?"]}"#,
        )
        .await
        .json();
    let bot = bot["id"].as_str().unwrap().parse().unwrap();
    let file: Vec<u8> = (0..600_000_u32).flat_map(u32::to_le_bytes).collect();
    let shelf = Shelf::of(&ada, bot);
    shelf.try_upload("kettle.txt", b"The kettle boils.").await;
    shelf.try_upload("odd/name.bin", &file).await;
    let session = ada.open_session(bot).await;
    let mut chat = ada.connect(&session).await;
    chat.say("What does it do?").await;
    chat.reply().await;
    let first = ada
        .get(&format!("/conversation/{}", session.conversation_id))
        .await;
    let first: Value = first.json();
    let edit = wire::socket::ClientEvent::Edit {
        message_id: first["messages"][0]["id"].as_str().unwrap().parse().unwrap(),
        message: "What does it sing?".into(),
        client_message_id: None,
    };
    chat.tell(&edit).await;
    chat.reply().await;
    // What she thinks of the first answer, and how she wants to see the pages.
    let thumb = format!(
        "/conversation/{}/message/{}/feedback",
        session.conversation_id,
        first["messages"][1]["id"].as_str().unwrap()
    );
    let thought = r#"{"verdict":"down","reason":"off_topic","comment":"It boils,\n not sings."}"#;
    assert_eq!(ada.request(Method::PUT, &thumb, thought, &[]).await.status, 200);
    assert_eq!(ada.patch("/auth/me", r#"{"theme":"dark"}"#).await.status, 200);
    let mallory = server.sign_up("mallory").await;
    let mut other = mallory.open_chat(&server).await;
    other.say("A secret of Mallory's").await;
    other.reply().await;

    let answer = ada.get("/auth/export").await;
    assert_eq!(answer.status, 200);
    let named = answer.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert!(
        named.starts_with("attachment; filename=\"parlance-2023-11-14"),
        "{named}"
    );
    let files = unzipped(&answer.bytes);
    let find = |end: &str| -> &Vec<u8> {
        let found = files.iter().find(|(name, _)| name.ends_with(end));
        found
            .unwrap_or_else(|| panic!("no {end} in {:?}", files.keys()))
            .1
    };
    let account: Value = serde_json::from_slice(find("account.json")).unwrap();
    assert_eq!(account["user"]["email"], "ada@example.org");
    assert_eq!(account["sign_ins"].as_array().unwrap().len(), 1);
    let settings = serde_json::json!({"theme": "dark", "language": null});
    assert_eq!(account["settings"], settings);
    assert_eq!(find("documents/001 kettle.txt"), b"The kettle boils.");
    assert_eq!(find(".bin"), &file, "as it was, however large");
    let about: Value = serde_json::from_slice(find("chatbot.json")).unwrap();
    assert_eq!(about["settings"]["system_prompt"], "You know kettles.");
    assert_eq!(about["starters"], serde_json::json!(["Does it sing?"]));
    assert_eq!(about["documents"].as_array().unwrap().len(), 2);

    let conversations: Vec<_> = files
        .iter()
        .filter(|(name, _)| name.starts_with("conversations/"))
        .collect();
    assert_eq!(conversations.len(), 2, "one, in two forms: {:?}", files.keys());
    let (_, json) = conversations
        .iter()
        .find(|(name, _)| name.ends_with(".json"))
        .unwrap();
    let json: Value = serde_json::from_slice(json).unwrap();
    let said = json["messages"].as_array().unwrap();
    assert_eq!(said.len(), 4, "both branches");
    assert_eq!(said[0]["message"], "What does it do?");
    assert_eq!(json["active_message_id"], said[3]["id"]);
    let answer = said
        .iter()
        .find(|message| message["id"] == first["messages"][1]["id"])
        .unwrap();
    assert_eq!(answer["model"], first["messages"][1]["model"]);
    assert!(answer["model"].is_string(), "{answer}");
    let given = serde_json::json!({
        "verdict": "down", "reason": "off_topic", "comment": "It boils,\n not sings.", "at": answer["feedback"]["at"],
    });
    assert_eq!(answer["feedback"], given);
    assert!(given["at"].is_string(), "{answer}");
    assert_eq!(said[0].get("model"), None, "a prompt has none");
    let (_, markdown) = conversations
        .iter()
        .find(|(name, _)| name.ends_with(".md"))
        .unwrap();
    let markdown = String::from_utf8(markdown.to_vec()).unwrap();
    let (shown, others) = markdown.split_once("# Other branches").unwrap();
    // The title is the first prompt's; what stands below it is the branch that is shown.
    let (_, below) = shown.split_once("---").unwrap();
    assert!(
        below.contains("What does it sing?") && !below.contains("What does it do?"),
        "{markdown}"
    );
    assert!(others.contains("What does it do?"), "{markdown}");
    let thought = "> 👎 You did not like this answer (off topic): It boils, not sings.";
    assert!(others.contains(thought), "{markdown}");

    let all = files.values().flatten().copied().collect::<Vec<_>>();
    let all = String::from_utf8_lossy(&all);
    for absent in ["Mallory", "mallory", "argon2"] {
        assert!(!all.contains(absent), "{absent}");
    }
    // A link on a page downloads the same by cookie.
    let by_link = ada.page("/account/export").await;
    assert_eq!(by_link.status, 200);
    assert_eq!(unzipped(&by_link.bytes).len(), files.len());
    assert_eq!(
        server.anybody().page("/account/export").await.problem(),
        ProblemCode::Unauthenticated
    );
}

#[tokio::test]
async fn a_conversation_is_taken_along_as_a_file_by_its_owner_only() {
    let server = TestServer::answering(&["At 100 °C."]).await;
    let ada = server.sign_up("ada").await;
    let mut chat = ada.open_chat(&server).await;
    chat.say("When does a kettle boil?").await;
    chat.reply().await;
    let id = chat.session.as_ref().unwrap().conversation_id;
    let path = |format: &str| format!("/conversation/{id}/export?format={format}");

    let file = ada.get(&path("json")).await;
    let written: Value = file.json();
    assert_eq!(written["id"], id.to_string());
    assert_eq!(written["messages"][1]["message"], "At 100 °C.");
    let named = file.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert!(named.starts_with("attachment; filename*=UTF-8''When%20does") && named.ends_with(".json"));
    let file = ada.get(&path("md")).await;
    assert_eq!(file.headers[header::CONTENT_TYPE], "text/markdown; charset=utf-8");
    assert!(file.body.starts_with("# When does"), "{}", file.body);
    assert!(file.body.contains("At 100 °C."), "{}", file.body);
    // A link on a page downloads the same by cookie.
    assert_eq!(ada.page(&path("md")).await.bytes, file.bytes);

    let anybody = server.anybody().get(&path("md")).await;
    assert_eq!(anybody.problem(), ProblemCode::Unauthenticated);
    let mallory = server.sign_up("mallory").await;
    assert_eq!(mallory.get(&path("md")).await.problem(), ProblemCode::NotFound);
    for format in ["pdf", ""] {
        assert_eq!(
            ada.get(&path(format)).await.problem(),
            ProblemCode::InvalidRequest
        );
    }
}

/// Waits until nothing of somebody is left.
async fn gone(server: &TestServer, person: &Person) {
    let id = person.user.as_ref().unwrap().id;
    loop {
        let store = server.store();
        let conversations = store.all_conversations(id, None, 10).await.unwrap();
        let bots = store.chatbots_visible_to(id, false).await.unwrap();
        let owned = bots.iter().any(|bot| bot.owner_id == Some(id));
        if conversations.is_empty() && !owned {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_deleted_account_is_gone_with_all_that_was_in_it_and_others_stay() {
    let server = TestServer::answering(&["Hi."]).await;
    let (ada, bob) = (server.sign_up("ada").await, server.sign_up("bob").await);
    let new = r#"{"name":"Kettle","visibility":"everyone"}"#;
    let bot: Value = ada.post("/chatbot", new).await.json();
    let bot: wire::ChatbotId = bot["id"].as_str().unwrap().parse().unwrap();
    let shelf = Shelf::of(&ada, bot);
    shelf.try_upload("kettle.txt", b"The kettle boils.").await;
    let document = shelf.settled("kettle.txt").await.id;
    let mut bobs = bob.connect(&bob.open_session(bot).await).await;
    bobs.say("Hello, Kettle").await;
    bobs.reply().await;
    let session = ada.open_session(bot).await;
    let mut chat = ada.connect(&session).await;
    chat.say("Hello").await;
    let prompt = chat.prompt_told().await.0;
    chat.reply().await;

    let wrong = ada
        .request(Method::DELETE, "/auth/me", r#"{"password":"a guess"}"#, &[])
        .await;
    assert_eq!(wrong.problem(), ProblemCode::WrongCredentials);
    assert_eq!(ada.get("/auth/me").await.status, 200);
    let asks = ada.page("/account/delete").await.body;
    assert!(
        asks.contains("your chatbots") && asks.contains("for good"),
        "{asks}"
    );
    let answer = submit(&ada, "/account/delete", &[("password", PASSWORD)]).await;
    assert_eq!(answer.location(), "/sign-in?out=1&deleted=1");
    assert_eq!(ada.with_cookies_of(&answer).cookies, [""; 0]);

    chat.closed_because().await;
    assert_eq!(ada.get("/auth/me").await.problem(), ProblemCode::Unauthenticated);
    gone(&server, &ada).await;
    let id = ada.user.as_ref().unwrap().id;
    let store = server.store();
    assert_eq!(store.user(id).await.unwrap(), None);
    assert_eq!(store.sign_ins_of(id, server.app.clock.now()).await.unwrap(), []);
    assert_eq!(store.session_of(id).await.unwrap(), None);
    assert_eq!(store.message(prompt).await.unwrap(), None);
    assert_eq!(store.document(document).await.unwrap(), None);
    assert_eq!(store.part(document, 0).await.unwrap(), None);
    assert_eq!(
        bob.get(&format!("/chatbot/{bot}")).await.problem(),
        ProblemCode::NotFound
    );
    let theirs: wire::conversation::ConversationPage = bob.get("/conversation").await.json();
    assert_eq!(theirs.conversations.len(), 1, "what others said stays theirs");
    // The address is free again, and has nothing.
    let anew = server.sign_up("ada").await;
    assert_ne!(anew.user.as_ref().unwrap().id, id);
    let page: wire::conversation::ConversationPage = anew.get("/conversation").await.json();
    assert_eq!(page.conversations.len(), 0);
}

#[tokio::test]
async fn a_deletion_that_was_broken_off_goes_on_at_the_next_start_and_is_forgotten_in_the_end() {
    let server = TestServer::answering(&["Hi."]).await;
    let ada = server.sign_up("ada").await;
    let mut chat = ada.open_chat(&server).await;
    chat.say("Hello").await;
    chat.reply().await;
    let id = ada.user.as_ref().unwrap().id;
    // The process died after its first step: it is written down, and nothing else has happened.
    let note = json!([{"user": id, "at": server.app.clock.now()}]).to_string();
    assert!(
        server
            .store()
            .replace_note("account_deletions", None, &note)
            .await
            .unwrap()
    );
    drop(chat);
    let stopped = server.stop().await;
    let model = llm::ScriptedModel::answering(|_| ["Hi."]);
    let server = stopped.start_again(std::sync::Arc::new(model)).await;
    gone(&server, &ada).await;
    assert_eq!(server.store().user(id).await.unwrap(), None);

    let noted = async || server.store().note("account_deletions").await.unwrap().unwrap();
    server::account::deletion::round(&server.app).await.unwrap();
    assert!(
        noted().await.contains(&id.to_string()),
        "it looks again for a while"
    );
    server.clock.advance(Duration::from_secs(6 * 60));
    server::account::deletion::round(&server.app).await.unwrap();
    assert_eq!(noted().await, "[]");
}

#[tokio::test]
async fn an_answer_that_is_being_written_ends_with_its_account() {
    let (server, mut script) = TestServer::scripted().await;
    let ada = server.sign_up("ada").await;
    let mut chat = ada.open_chat(&server).await;
    chat.say("Hello").await;
    let mut call = script.next_call().await;
    call.say("On and on");
    chat.chunk().await;
    let body = json!({"password": PASSWORD}).to_string();
    let deleted = ada.request(Method::DELETE, "/auth/me", &body, &[]).await;
    assert_eq!(deleted.status, 204);
    call.cancelled().await;
    gone(&server, &ada).await;
}
