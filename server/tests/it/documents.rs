//! `/openapi.json` and `/asyncapi.json`, held against what the server does and what the wire has pinned.

mod schema;

use crate::library::shelf::Shelf;
use crate::world::{Answer, Person, TestServer};
use axum::http::Method;
use schema::Schemas;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

async fn document(server: &TestServer, path: &str) -> Value {
    server.anybody().get(path).await.json()
}

/// `GET /chatbot/{id}`, for each operation of the document.
fn documented(document: &Value) -> BTreeSet<String> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().keys();
        methods.map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    operations.collect()
}

/// The same for the router, from what it prints of itself: axum has no list of routes.
fn routed(router: &axum::Router) -> BTreeSet<String> {
    let printed = format!("{router:?}");
    let entries = |text: &str| -> Vec<(String, String)> {
        let entries = text.split("RouteId(").skip(1);
        let pairs = entries.map(|entry| entry.split_once("): ").unwrap());
        pairs.map(|(id, rest)| (id.to_owned(), rest.to_owned())).collect()
    };
    let quoted = |text: &str| text.split('"').nth(1).unwrap().to_owned();
    let (ours, _pages_and_files) = printed.split_once("fallback_router").unwrap();
    let (methods, paths) = ours.split_once("node: Node").unwrap();
    let paths: BTreeMap<String, String> = entries(paths)
        .into_iter()
        .map(|(id, path)| (id, quoted(&path)))
        .collect();
    let routes = entries(methods).into_iter().flat_map(|(id, route)| {
        let (_, allowed) = route.split_once("allow_header").unwrap();
        let methods: Vec<String> = quoted(allowed).split(',').map(Into::into).collect();
        let path = paths[&id].clone();
        methods.into_iter().map(move |method| format!("{method} {path}"))
    });
    // Wherever there is GET, there is HEAD. Links and forms of pages are for people, not for programs.
    let pages = [
        "/bot/",
        "/sign-",
        "/new/",
        "/c/",
        "/account",
        "/admin/",
        "/new-password",
        "/service-worker.js",
    ];
    let is_page =
        |path: &str| pages.iter().any(|page| path.starts_with(page)) && !path.starts_with("/admin/api/");
    routes
        .filter(|route| {
            let (method, path) = route.split_once(' ').unwrap();
            method != "HEAD" && !is_page(path)
        })
        .collect()
}

#[tokio::test]
async fn every_route_is_in_the_document_and_everything_in_it_is_a_route() {
    let server = TestServer::answering(&[]).await;
    let document = document(&server, "/openapi.json").await;
    let router = server::http::router(server.app.clone());
    assert_eq!(routed(&router), documented(&document));
}

#[tokio::test]
async fn every_operation_has_a_name_of_its_own_for_programs_that_write_clients() {
    let server = TestServer::answering(&[]).await;
    let document = document(&server, "/openapi.json").await;
    let paths = document["paths"].as_object().unwrap().values();
    let operations = paths.flat_map(|item| item.as_object().unwrap().values());
    let names: BTreeSet<&str> = operations
        .map(|operation| operation["operationId"].as_str().unwrap())
        .collect();
    assert_eq!(names.len(), documented(&document).len(), "{names:?}");
    assert!(
        names.contains("conversations_list") && names.contains("accounts_log_in"),
        "{names:?}"
    );
}

/// Asks, and holds the answer against the document; notes which operations were asked.
struct Held {
    schemas: Schemas,
    document: Value,
    asked: BTreeSet<String>,
}

impl Held {
    /// The answer to `method template` (with the words for the template's parameters), which must have this status and be
    /// as documented.
    async fn ask(
        &mut self,
        who: &Person,
        (method, template, words): (Method, &str, &[&str]),
        body: Value,
        status: u16,
    ) -> Value {
        let mut path = template.to_owned();
        for word in words {
            let (before, rest) = path.split_once('{').unwrap();
            let (_, after) = rest.split_once('}').unwrap();
            path = format!("{before}{word}{after}");
        }
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let answer = who.request(method.clone(), &path, &body, &[]).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
        let template = template.split('?').next().unwrap_or_default();
        self.asked.insert(format!("{method} {template}"));
        self.hold(&method, template, &answer)
    }

    fn hold(&self, method: &Method, template: &str, answer: &Answer) -> Value {
        let responses = &self.document["paths"][template][method.as_str().to_lowercase()]["responses"];
        let status = answer.status.as_str();
        let response = [&responses[status], &responses["default"]]
            .into_iter()
            .find(|response| !response.is_null())
            .unwrap();
        let Some(content) = response["content"].as_object() else {
            assert_eq!(
                answer.body, "",
                "{method} {template} has a body that is not in the document"
            );
            return Value::Null;
        };
        let kind = answer.headers["content-type"].to_str().unwrap();
        let kind = kind.split(';').next().unwrap();
        let content = content
            .get(kind)
            .unwrap_or_else(|| panic!("{method} {template} answers with {kind}: {response:#}"));
        if !kind.ends_with("json") {
            return Value::Null;
        }
        let body = serde_json::from_str(&answer.body).unwrap();
        self.schemas.hold(
            &content["schema"],
            &body,
            &format!("{method} {template} {status}"),
        );
        body
    }
}

#[tokio::test]
async fn real_answers_are_as_the_document_says() {
    use Method as M;
    let server = TestServer::answering(&["Hello."]).await;
    let document = document(&server, "/openapi.json").await;
    let mut held = Held {
        schemas: Schemas::of(&document),
        document,
        asked: BTreeSet::new(),
    };
    let anybody = server.anybody();
    let none = Value::Null;
    let credentials = json!({"email": "ada@example.org", "password": crate::world::PASSWORD});
    let signed_in = held
        .ask(
            &anybody,
            (M::POST, "/auth/register", &[]),
            credentials.clone(),
            200,
        )
        .await;
    held.ask(
        &anybody,
        (M::POST, "/auth/register", &[]),
        credentials.clone(),
        409,
    )
    .await;
    held.ask(&anybody, (M::POST, "/auth/login", &[]), credentials, 200)
        .await;
    held.ask(&anybody, (M::POST, "/auth/login", &[]), json!({"email": 1}), 400)
        .await;
    held.ask(&anybody, (M::POST, "/auth/refresh", &[]), none.clone(), 401)
        .await;
    let ada = Person {
        token: signed_in["access_token"].as_str().unwrap().into(),
        ..anybody.clone()
    };
    held.ask(&ada, (M::GET, "/auth/me", &[]), none.clone(), 200).await;
    held.ask(&anybody, (M::GET, "/auth/me", &[]), none.clone(), 401)
        .await;
    for path in [
        "/info",
        "/healthz",
        "/readyz",
        "/metrics",
        "/openapi.json",
        "/asyncapi.json",
    ] {
        held.ask(&anybody, (M::GET, path, &[]), none.clone(), 200).await;
    }

    // The builder and the picker.
    let new = json!({"name": "Kettle", "system_prompt": "You know kettles.", "temperature": 0.5});
    let bot = held.ask(&ada, (M::POST, "/chatbot", &[]), new, 201).await;
    let bot = bot["id"].as_str().unwrap();
    held.ask(
        &ada,
        (M::POST, "/chatbot", &[]),
        json!({"nickname": "Kettle"}),
        400,
    )
    .await;
    held.ask(&ada, (M::GET, "/chatbot", &[]), none.clone(), 200).await;
    held.ask(&ada, (M::GET, "/chatbot/{id}", &[bot]), none.clone(), 200)
        .await;
    let patch = json!({"temperature": null, "colour": "plum"});
    held.ask(&ada, (M::PATCH, "/chatbot/{id}", &[bot]), patch, 200)
        .await;

    // Its documents.
    let shelf = Shelf::of(&ada, bot.parse().unwrap());
    let uploaded = shelf.try_upload("kettle.txt", b"The kettle boils.").await;
    held.hold(&M::POST, "/chatbot/{id}/document", &uploaded);
    held.asked.insert("POST /chatbot/{id}/document".into());
    let document = shelf.settled("kettle.txt").await.id.to_string();
    let it: &[&str] = &[bot, &document];
    held.ask(
        &ada,
        (M::GET, "/chatbot/{id}/document", &[bot]),
        none.clone(),
        200,
    )
    .await;
    for (path, status) in [
        ("/chatbot/{id}/document/{document}", 200),
        ("/chatbot/{id}/document/{document}/content", 200),
        ("/chatbot/{id}/document/{document}/text", 200),
    ] {
        held.ask(&ada, (M::GET, path, it), none.clone(), status).await;
    }
    let query = json!({"query": "Does it boil?", "k": 3});
    held.ask(&ada, (M::POST, "/chatbot/{id}/search", &[bot]), query, 200)
        .await;
    let anew = (M::POST, "/chatbot/{id}/document/{document}/reindex", it);
    held.ask(&ada, anew, none.clone(), 202).await;
    let away = (M::DELETE, "/chatbot/{id}/document/{document}", it);
    held.ask(&ada, away, none.clone(), 204).await;

    // A chat, and its history.
    let opened = held
        .ask(
            &ada,
            (M::POST, "/chatbot/{id}/session", &[bot]),
            none.clone(),
            200,
        )
        .await;
    let (session, conversation) = (
        opened["session_id"].as_str().unwrap(),
        opened["conversation_id"].as_str().unwrap(),
    );
    let body = json!({"session_id": session});
    held.ask(&ada, (M::POST, "/auth/ticket", &[]), body, 200).await;
    let mut chat = crate::world::Chat::connect(&ada, session, "").await.unwrap();
    chat.say("Hello").await;
    chat.reply().await;
    held.ask(&ada, (M::POST, "/chatbot/{id}/session", &[bot]), json!({}), 200)
        .await;
    held.ask(
        &anybody,
        (M::GET, "/ws/chat/{session_id}", &[session]),
        none.clone(),
        400,
    )
    .await;
    held.ask(&ada, (M::GET, "/conversation", &[]), none.clone(), 200)
        .await;
    let here: &[&str] = &[conversation];
    held.ask(&ada, (M::GET, "/conversation/{id}", here), none.clone(), 200)
        .await;
    held.ask(
        &ada,
        (M::GET, "/conversation/{id}/message", here),
        none.clone(),
        200,
    )
    .await;
    held.ask(
        &ada,
        (M::GET, "/conversation/{id}/export?format=md", here),
        none.clone(),
        200,
    )
    .await;
    let detail: wire::conversation::ConversationDetail =
        ada.get(&format!("/conversation/{conversation}")).await.json();
    let answer = detail.messages.last().unwrap().id.to_string();
    let thumb: &[&str] = &[conversation, &answer];
    let given = "/conversation/{id}/message/{message}/feedback";
    let down = json!({"verdict": "down", "reason": "wrong"});
    held.ask(&ada, (M::PUT, given, thumb), down, 200).await;
    held.ask(
        &ada,
        (M::GET, "/chatbot/{id}/feedback", &[bot]),
        none.clone(),
        200,
    )
    .await;
    held.ask(&ada, (M::DELETE, given, thumb), none.clone(), 204).await;
    let title = json!({"title": "Kettles"});
    held.ask(&ada, (M::PATCH, "/conversation/{id}", here), title, 200)
        .await;

    // And away with all of it.
    let this = (M::DELETE, "/chatbot/session/{session_id}", &[session][..]);
    held.ask(&ada, this, none.clone(), 204).await;
    held.ask(&ada, (M::DELETE, "/conversation/{id}", here), none.clone(), 204)
        .await;
    held.ask(&ada, (M::GET, "/conversation/{id}", here), none.clone(), 404)
        .await;
    held.ask(&ada, (M::DELETE, "/chatbot/{id}", &[bot]), none.clone(), 204)
        .await;
    held.ask(&ada, (M::POST, "/auth/logout", &[]), none.clone(), 204)
        .await;

    // Another account, which is looked after and then deleted.
    let (bob, there) = (server.sign_up("bob").await, server.sign_up("carol").await);
    let patch = json!({"name": "Bob", "theme": "dark", "language": "ar"});
    held.ask(&bob, (M::PATCH, "/auth/me", &[]), patch, 200).await;
    held.ask(&bob, (M::PATCH, "/auth/me", &[]), json!({"nickname": "B"}), 400)
        .await;
    let devices = held
        .ask(&bob, (M::GET, "/auth/sign-in", &[]), none.clone(), 200)
        .await;
    assert_eq!(devices[0]["current"], true);
    let theirs = held
        .ask(&there, (M::GET, "/auth/sign-in", &[]), none.clone(), 200)
        .await;
    let theirs: &[&str] = &[theirs[0]["id"].as_str().unwrap()];
    let end = (M::DELETE, "/auth/sign-in/{id}", theirs);
    held.ask(&bob, end.clone(), none.clone(), 404).await;
    held.ask(&there, end, none.clone(), 204).await;
    held.ask(&bob, (M::DELETE, "/auth/sign-in", &[]), none.clone(), 204)
        .await;
    held.ask(&bob, (M::GET, "/auth/export", &[]), none, 200).await;
    let change = json!({"password": crate::world::PASSWORD, "new_password": "another few words"});
    held.ask(&bob, (M::POST, "/auth/password", &[]), change, 204)
        .await;
    let wrong = json!({"password": crate::world::PASSWORD});
    held.ask(&bob, (M::DELETE, "/auth/me", &[]), wrong, 401).await;
    let right = json!({"password": "another few words"});
    held.ask(&bob, (M::DELETE, "/auth/me", &[]), right, 204).await;
    administered(&server, &mut held).await;
    assert_eq!(held.asked, documented(&held.document), "each operation was asked");
}

#[tokio::test]
async fn requests_that_the_wire_has_pinned_are_as_the_document_says() {
    let server = TestServer::answering(&[]).await;
    let document = document(&server, "/openapi.json").await;
    let schemas = Schemas::of(&document);
    for (snapshot, names) in [
        (
            "auth__auth",
            &[
                "Register",
                "Login",
                "SignedIn",
                "User",
                "UserPatch",
                "PasswordChange",
                "AccountDeletion",
                "Device",
                "TicketRequest",
                "Ticket",
            ][..],
        ),
        ("chatbot__new_chatbot", &["NewChatbot"]),
        ("chatbot__chatbot_patch", &["ChatbotPatch"]),
        ("session__session", &["OpenSession", "SessionOpened"]),
    ] {
        let samples = schema::pinned(snapshot);
        for name in names {
            let of_type: Vec<_> = samples.iter().filter(|(of, _)| of == name).collect();
            assert!(!of_type.is_empty(), "{snapshot} has no {name}");
            for (_, sample) in of_type {
                let reference = json!({"$ref": format!("#/components/schemas/{name}")});
                schemas.hold(&reference, sample, name);
            }
        }
    }
}

#[tokio::test]
async fn every_frame_that_the_wire_has_pinned_is_a_message_of_the_socket_and_the_reverse() {
    let server = TestServer::answering(&[]).await;
    let document = document(&server, "/asyncapi.json").await;
    let schemas = Schemas::of(&document);
    let messages = document["components"]["messages"].as_object().unwrap();
    let mut seen = BTreeSet::new();
    for (snapshot, from, tag) in [
        ("socket__client_event", "client", "message_type"),
        ("socket__server_event", "server", "type"),
    ] {
        for (_, sample) in schema::pinned(snapshot) {
            let key = format!("{from}.{}", sample[tag].as_str().unwrap());
            let message = messages.get(&key).unwrap_or_else(|| panic!("no message {key}"));
            schemas.hold(&message["payload"], &sample, &key);
            seen.insert(key);
        }
    }
    assert_eq!(seen, messages.keys().cloned().collect());
}

#[tokio::test]
async fn a_schema_refuses_what_is_not_on_the_wire() {
    let server = TestServer::answering(&[]).await;
    let document = document(&server, "/asyncapi.json").await;
    let schemas = Schemas::of(&document);
    let payload = |key: &str| document["components"]["messages"][key]["payload"].clone();
    let resume =
        |id: Value, seq: Value| json!({"message_type": "resume", "generation_id": id, "after_seq": seq});
    let id = json!("0192f0c1-2a3b-7c4d-8e5f-000000000001");
    assert!(schemas.takes(&payload("client.resume"), &resume(id.clone(), json!(3))));
    for wrong in [
        resume(id.clone(), json!("3")),
        resume(id.clone(), json!(-1)),
        resume(json!("1"), json!(3)),
        json!({"message_type": "resume", "generation_id": id}),
        json!({"message_type": "text", "message": "Hello"}),
    ] {
        assert!(!schemas.takes(&payload("client.resume"), &wrong), "{wrong}");
    }
}

#[tokio::test]
async fn documents_say_nothing_of_the_code_they_were_made_from() {
    let server = TestServer::answering(&[]).await;
    for path in ["/openapi.json", "/asyncapi.json"] {
        let text = server.anybody().get(path).await.body;
        assert!(
            !["[`", "::", "`None`", "Some("]
                .iter()
                .any(|code| text.contains(code)),
            "{path}: {text}"
        );
    }
}

/// What an administrator asks for.
async fn administered(server: &TestServer, held: &mut Held) {
    use Method as M;
    let head = crate::admin::administrator(server, "head").await;
    let eve = server.sign_up("eve").await;
    let id = eve.user.as_ref().unwrap().id.to_string();
    let one: &[&str] = &[&id];
    for path in [
        "/admin/api/user",
        "/admin/api/usage",
        "/admin/api/health",
        "/admin/api/audit",
        "/admin/api/audit.csv",
    ] {
        held.ask(&head, (M::GET, path, &[]), Value::Null, 200).await;
        held.ask(&eve, (M::GET, path, &[]), Value::Null, 404).await;
    }
    let this = "/admin/api/user/{id}";
    held.ask(&head, (M::GET, this, one), Value::Null, 200).await;
    let change = json!({"limits": {"prompts_per_day": 7}});
    held.ask(&head, (M::PATCH, this, one), change, 200).await;
    let link = (M::POST, "/admin/api/user/{id}/password-link", one);
    held.ask(&head, link, Value::Null, 200).await;
    let invitation = (M::POST, "/admin/api/invitation", &[][..]);
    held.ask(&head, invitation, json!({"days": 2}), 200).await;
    let end = (M::DELETE, "/admin/api/user/{id}/sign-in", one);
    held.ask(&head, end, Value::Null, 204).await;
    held.ask(&head, (M::DELETE, this, one), Value::Null, 204).await;
}
