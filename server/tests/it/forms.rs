//! Forms of pages, as a browser without scripts posts them: who may send them, and what they do.

mod files;

use crate::world::{Answer, PASSWORD, Person, TestServer};
use axum::http::header;
use llm::scripted::{Script, ScriptedCall};
use wire::{
    ProblemCode,
    conversation::{ConversationDetail, ConversationPage},
    message::{MessageRole, MessageStatus},
};

/// Where a page of the assistant's new chat is, and what its form carries.
async fn new_chat(server: &TestServer, person: &Person) -> (String, String, String) {
    let path = format!("/new/{}", server.assistant(person).await);
    let page = person.page(&path).await;
    (path, page.hidden("form_token"), page.hidden("client_message_id"))
}

async fn detail(person: &Person, page: &str) -> ConversationDetail {
    let id = page.strip_prefix("/c/").unwrap();
    person.get(&format!("/conversation/{id}")).await.json()
}

async fn conversations(person: &Person) -> ConversationPage {
    person.get("/conversation").await.json()
}

/// Waits until the answer is stored, and nothing runs any more: that ends a moment later.
async fn answered(person: &Person, page: &str) -> ConversationDetail {
    loop {
        let detail = detail(person, page).await;
        let last = detail.messages.last();
        let is_done = last.is_some_and(|last| {
            last.role == MessageRole::Assistant && last.status != MessageStatus::Generating
        });
        if is_done && !detail.conversation.running {
            return detail;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn without_scripts_somebody_signs_up_asks_and_reads_the_answer() {
    let server = TestServer::answering(&["The kettle ", "sings."]).await;
    let nobody = server.anybody();
    let fields = [("email", "Ada@example.org"), ("password", PASSWORD)];
    let entered = nobody.submit("/sign-up", &fields).await;
    assert_eq!(entered.location(), "/");
    let mut ada = nobody.with_cookies_of(&entered);
    assert!(ada.page("/").await.body.contains("Assistant"));
    // What the API says is asked by another sign-in of the same person.
    ada.token = nobody
        .signed_in(
            "/auth/login",
            &format!(r#"{{"email":"ada@example.org","password":"{PASSWORD}"}}"#),
        )
        .await
        .token;

    let (path, token, id) = new_chat(&server, &ada).await;
    let fields = [
        ("form_token", token.as_str()),
        ("client_message_id", &id),
        ("message", "What does\r\nit do?"),
    ];
    let sent = ada.submit(&path, &fields).await;
    let there = sent.location().to_owned();
    let detail = answered(&ada, &there).await;
    let said: Vec<&str> = detail
        .messages
        .iter()
        .map(|message| message.message.as_str())
        .collect();
    assert_eq!(said, ["What does\nit do?", "The kettle sings."]);
    let page = ada.page(&there).await.body;
    assert!(page.contains("The kettle sings."), "{page}");
    assert!(!page.contains("http-equiv=\"refresh\""), "it is done");

    // And on in the same conversation.
    let page = ada.page(&there).await;
    let fields = [
        ("form_token", page.hidden("form_token")),
        ("client_message_id", page.hidden("client_message_id")),
        ("message", "Why?".to_owned()),
    ];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(ada.submit(&there, &fields).await.location(), there);
    assert_eq!(answered(&ada, &there).await.messages.len(), 4);
}

#[tokio::test]
async fn a_form_that_is_sent_twice_says_it_once() {
    let server = TestServer::answering(&["Once."]).await;
    let ada = server.sign_up("ada").await;
    let (path, token, id) = new_chat(&server, &ada).await;
    let fields = [
        ("form_token", token.as_str()),
        ("client_message_id", &id),
        ("message", "Hello"),
    ];
    let (first, second) = tokio::join!(ada.submit(&path, &fields), ada.submit(&path, &fields));
    assert_eq!(first.location(), second.location());
    let there = first.location().to_owned();
    answered(&ada, &there).await;
    // The reader goes back, and sends it once more.
    assert_eq!(ada.submit(&path, &fields).await.location(), there);
    assert_eq!(answered(&ada, &there).await.messages.len(), 2);
    assert_eq!(conversations(&ada).await.conversations.len(), 1);
}

async fn asked(server: &TestServer, script: &mut Script, ada: &Person) -> (String, ScriptedCall) {
    let (path, token, id) = new_chat(server, ada).await;
    let fields = [
        ("form_token", token.as_str()),
        ("client_message_id", &id),
        ("message", "Hello"),
    ];
    let there = ada.submit(&path, &fields).await.location().to_owned();
    let call = script.next_call().await;
    (there, call)
}

#[tokio::test]
async fn a_page_whose_answer_is_being_written_says_so_and_loads_itself_again() {
    let (server, mut script) = TestServer::scripted().await;
    let ada = server.sign_up("ada").await;
    let (there, mut call) = asked(&server, &mut script, &ada).await;
    let page = ada.page(&there).await;
    let again = page.without_scripts("http-equiv=\"refresh\"");
    assert!(
        again.is_some_and(|again| again.contains(&format!("href=\"{there}\""))),
        "{}",
        page.body
    );
    call.say("It is ");
    call.say("**so** [1]");
    ada.page_with(&there, "<p>It is <strong>so</strong> [1]</p>")
        .await;
    call.finish();
    answered(&ada, &there).await;
    let page = ada.page(&there).await;
    assert_eq!(page.without_scripts("http-equiv=\"refresh\""), None);
    assert_eq!(page.without_scripts("It is"), None, "it is in its message");
}

#[tokio::test]
async fn a_prompt_that_cannot_be_taken_comes_back_with_the_reason_and_all_that_was_typed() {
    let (server, mut script) = TestServer::scripted().await;
    let ada = server.sign_up("ada").await;
    let (there, mut call) = asked(&server, &mut script, &ada).await;
    call.say("It is ");
    let token = ada.form_token().await;
    let fields = [
        ("form_token", token.as_str()),
        ("message", "And </textarea><b>this</b>?"),
    ];
    let back = ada.submit(&there, &fields).await;
    assert_eq!(back.status, 409);
    assert!(
        back.body.contains("An answer is still being written"),
        "{}",
        back.body
    );
    assert!(
        back.body
            .contains("And &lt;/textarea&gt;&lt;b&gt;this&lt;/b&gt;?"),
        "{}",
        back.body
    );

    // The button stops the answer meanwhile.
    let fields = [("form_token", token.as_str()), ("act", "stop")];
    assert_eq!(ada.submit(&there, &fields).await.location(), there);
    let detail = answered(&ada, &there).await;
    assert_eq!(detail.messages[1].status, MessageStatus::Stopped);
    drop(call);

    for wrong in ["", " \n", &"a".repeat(32_001)] {
        let fields = [("form_token", token.as_str()), ("message", wrong)];
        assert_eq!(ada.submit(&there, &fields).await.status, 400);
    }
    assert_eq!(detail.messages.len(), 2);
}

#[tokio::test]
async fn forms_are_limited_as_sockets_are() {
    let (server, _script) = TestServer::scripted_with(|config| {
        config.chat.message_burst = std::num::NonZeroU32::MIN;
    })
    .await;
    let ada = server.sign_up("ada").await;
    let (path, token, _) = new_chat(&server, &ada).await;
    let fields = [("form_token", token.as_str()), ("message", "Hello")];
    let there = ada.submit(&path, &fields).await.location().to_owned();
    let refused = ada.submit(&there, &fields).await;
    assert_eq!(refused.status, 429);
    assert!(refused.headers.contains_key(header::RETRY_AFTER));
}

/// Every way to post a form that changes something, by somebody who is signed in.
async fn ways(server: &TestServer, ada: &Person) -> Vec<String> {
    let bot = server.assistant(ada).await;
    vec![
        format!("/new/{bot}"),
        format!("/c/{}", ada.open_session(bot).await.conversation_id),
        "/account/name".into(),
        "/account/look".into(),
        "/account/password".into(),
        "/account/devices".into(),
        format!("/account/device/{}", uuid::Uuid::nil()),
        "/account/delete".into(),
        format!("/bot/{bot}/document/{}", uuid::Uuid::nil()),
        "/sign-out".into(),
    ]
}

fn is_refused(answer: &Answer) {
    assert_eq!(answer.status, 403, "{}", answer.body);
    assert!(
        answer.headers.get(header::SET_COOKIE).is_none() && answer.body.contains("could not be taken"),
        "{}",
        answer.body
    );
}

#[tokio::test]
async fn a_page_elsewhere_cannot_make_a_browser_send_anything() {
    let server = TestServer::answering(&["Hi."]).await;
    let ada = server.sign_up("ada").await;
    // As if it had read the token, which it cannot.
    let token = ada.form_token().await;
    let fields = [
        ("form_token", token.as_str()),
        ("message", "Hello"),
        ("name", "Mallory"),
        ("password", PASSWORD),
        ("new_password", "another few words"),
    ];
    let own = format!("http://{}", ada.address);
    for path in ways(&server, &ada).await {
        let foreign: [&[(&'static str, &str)]; 5] = [
            &[],
            &[("origin", "null")],
            &[("origin", "https://evil.example")],
            &[("origin", &own), ("sec-fetch-site", "cross-site")],
            &[("origin", &own), ("sec-fetch-site", "same-site")],
        ];
        for from in foreign {
            is_refused(&ada.submit_from(&path, &fields, from).await);
        }
    }
    assert_eq!(conversations(&ada).await.conversations.len(), 0);
    let me: wire::auth::User = ada.get("/auth/me").await.json();
    assert_eq!(me.name, None);
    // The same from a page of our own, as browsers say it where they say it.
    let from = [("origin", own.as_str()), ("sec-fetch-site", "same-origin")];
    let done = ada.submit_from("/account/name", &fields, &from).await;
    assert_eq!(done.location(), "/account?done=name");
}

#[tokio::test]
async fn a_form_is_taken_from_a_page_of_the_same_sign_in_only() {
    let server = TestServer::answering(&["Hi."]).await;
    let ada = server.sign_up("ada").await;
    let other_device = ada.sign_in_again().await.form_token().await;
    let mallory = server.sign_up("mallory").await.form_token().await;
    let own = ada.form_token().await;
    let cut = &own[..own.len() - 1];
    for path in ways(&server, &ada).await {
        for token in ["", "x", cut, &other_device, &mallory] {
            let fields = [("form_token", token), ("name", "Mallory"), ("message", "Hello")];
            is_refused(&ada.submit(&path, &fields).await);
        }
    }
    assert_eq!(conversations(&ada).await.conversations.len(), 0);
}

#[tokio::test]
async fn who_is_not_signed_in_is_sent_to_sign_in_with_whatever_they_post() {
    let server = TestServer::answering(&["Hi."]).await;
    let ada = server.sign_up("ada").await;
    let token = ada.form_token().await;
    for path in ways(&server, &ada).await {
        let answer = server.anybody().submit(&path, &[("form_token", &token)]).await;
        assert_eq!(answer.location(), "/sign-in", "{path}");
    }
}

#[tokio::test]
async fn nobody_says_anything_in_somebody_elses_conversation() {
    let server = TestServer::answering(&["Hi."]).await;
    let (ada, mallory) = (server.sign_up("ada").await, server.sign_up("mallory").await);
    let (path, token, id) = new_chat(&server, &ada).await;
    let fields = [
        ("form_token", token.as_str()),
        ("client_message_id", &id),
        ("message", "Mine"),
    ];
    let there = ada.submit(&path, &fields).await.location().to_owned();
    answered(&ada, &there).await;
    let token = mallory.form_token().await;
    for act in ["send", "stop"] {
        let fields = [("form_token", token.as_str()), ("message", "Yours"), ("act", act)];
        assert_eq!(mallory.submit(&there, &fields).await.status, 404);
    }
    // Nor by naming the other's prompt.
    let fields = [
        ("form_token", token.as_str()),
        ("client_message_id", &id),
        ("message", "Yours"),
    ];
    assert_eq!(mallory.submit(&path, &fields).await.status, 404);
    assert_eq!(answered(&ada, &there).await.messages.len(), 2);
}

#[tokio::test]
async fn a_wrong_password_at_the_door_is_said_and_the_address_kept_and_guesses_are_counted() {
    let server = TestServer::answering(&["Hi."]).await;
    server.sign_up("ada").await;
    let fields = [("email", "ada@example.org"), ("password", "secret-guess")];
    let back = server.anybody().submit("/sign-in", &fields).await;
    assert_eq!(back.status, 401);
    assert!(back.headers.get(header::SET_COOKIE).is_none());
    // Beside the password, which is where one goes on.
    let field = back.tag("input", "name=\"password\"");
    assert!(
        field.contains("aria-invalid=\"true\"") && field.contains("autofocus"),
        "{field}"
    );
    assert!(back.body.contains("ada@example.org"), "{}", back.body);
    assert!(!back.body.contains("secret-guess"), "{}", back.body);
    for _guess in 0..9 {
        server.anybody().submit("/sign-in", &fields).await;
    }
    assert_eq!(server.anybody().submit("/sign-in", &fields).await.status, 429);
    // The same count as the API's.
    let body = format!(r#"{{"email":"ada@example.org","password":"{PASSWORD}"}}"#);
    let refused = server.anybody().post("/auth/login", &body).await;
    assert_eq!(refused.problem(), ProblemCode::RateLimited);
}

#[tokio::test]
async fn an_address_that_has_an_account_is_said_beside_it_and_an_invitation_is_kept() {
    let server = TestServer::answering(&["Hi."]).await;
    server.sign_up("ada").await;
    let fields = [("email", "ada@example.org"), ("password", "another few words")];
    let back = server.anybody().submit("/sign-up", &fields).await;
    assert_eq!(back.status, 409);
    let field = back.tag("input", "name=\"email\"");
    assert!(
        field.contains("aria-invalid=\"true\"") && field.contains("value=\"ada@example.org\""),
        "{field}"
    );
    let mistyped = [fields[0], fields[1], ("invitation", "K3TT LE")];
    let back = server.anybody().submit("/sign-up", &mistyped).await;
    assert_eq!(back.status, 403);
    assert_eq!(back.hidden("invitation"), "K3TT LE");
    // The browser says it before; who has none is told by the server.
    let short = [("email", "bob@example.org"), ("password", "short")];
    let back = server.anybody().submit("/sign-up", &short).await;
    assert_eq!(back.status, 400);
    let field = back.tag("input", "name=\"password\"");
    assert!(
        field.contains("aria-invalid=\"true\"") && field.contains("minlength=\"8\""),
        "{field}"
    );
    // What concerns no field stands above them, and has the focus.
    let locked = server.sign_up("carol").await.user.unwrap().id;
    let now = wire::Timestamp::from_millis(1);
    server.store().set_lock(locked, Some(now)).await.unwrap();
    let fields = [("email", "carol@example.org"), ("password", PASSWORD)];
    let back = server.anybody().submit("/sign-in", &fields).await;
    assert_eq!(back.status, 403);
    assert!(
        back.tag("p", "class=\"problem\"").contains("autofocus"),
        "{}",
        back.body
    );
}

#[tokio::test]
async fn who_comes_in_fetches_no_script_and_what_was_kept_goes_with_who_went_out() {
    let server = TestServer::answering(&["Hi."]).await;
    for path in ["/sign-in", "/sign-up", "/sign-in?out=1", "/new-password?code=x"] {
        let page = server.anybody().page(path).await.body;
        assert!(page.contains("data-hydrated"), "it is awake: {page}");
        assert!(
            !page.contains(".wasm") && !page.contains(".js\""),
            "{path}: {page}"
        );
        assert!(!page.contains("id=\"texts\""), "nobody says words: {page}");
        let forgets = page.contains("localStorage.clear()");
        assert_eq!(forgets, path.contains("out=1"), "{path}: {page}");
    }
}

#[tokio::test]
async fn who_signs_out_by_a_form_is_out() {
    let server = TestServer::answering(&["Hi."]).await;
    let ada = server.sign_up("ada").await;
    let token = ada.form_token().await;
    let out = ada.submit("/sign-out", &[("form_token", &token)]).await;
    assert_eq!(out.location(), "/sign-in?out=1");
    assert_eq!(ada.with_cookies_of(&out).cookies, [""; 0]);
    assert_eq!(
        ada.page("/").await.location(),
        "/sign-in",
        "also with the old cookies"
    );
    assert_eq!(ada.get("/auth/me").await.problem(), ProblemCode::Unauthenticated);
}
