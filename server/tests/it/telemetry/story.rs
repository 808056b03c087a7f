//! A whole chat with all that could leak from it: what was said, who said it, from where, by which token.

use crate::{
    program::{Program, model_server},
    world::{Chat, PASSWORD, Person},
};
use axum::http::Method;
use serde_json::json;
use wire::{ChatbotId, chatbot::Chatbot, message::Outcome};

const EMAIL: &str = "ada.lovelace@example.org";
const PROMPT: &str = "Where did Mr Babbage hide the teapot?";
const ADDRESS: &str = "203.0.113.77";
const KEY: &str = "sk-the-key-of-the-model-server";
const CURSOR: &str = "a-cursor-out-of-a-query";
const TITLE: &str = "A title that is nobody else's";

/// What the model says, in three deltas.
const ANSWER: [&str; 3] = ["Behind ", "the difference ", "engine."];

/// Secrets of a chat, to be looked for.
pub(super) struct Secrets(Vec<String>);

impl Secrets {
    /// None of them is in there.
    #[track_caller]
    pub(super) fn assert_none_in(&self, where_from: &str, said: &str) {
        for secret in &self.0 {
            assert!(
                !said.contains(secret.as_str()),
                "{secret} is in the {where_from}:\n{said}"
            );
        }
    }
}

/// Starts the program with these flags and variables, in front of a model server.
pub(super) async fn start(flags: &[&str], environment: &[(&str, &str)]) -> Program {
    let url = model_server(&ANSWER).await;
    let flags = [
        &["--openai-url", &url, "--openai-key", KEY, "--trust-proxy"],
        flags,
    ]
    .concat();
    Program::start(&flags, environment).await
}

/// Signs up, guesses wrong, chats, comes back, reads, errs and logs out.
pub(super) async fn chat(program: &Program) -> Secrets {
    let credentials = json!({"email": EMAIL, "password": PASSWORD}).to_string();
    let from: &[(&'static str, &str)] = &[("x-forwarded-for", ADDRESS)];
    let anybody = program.anybody();
    let ada = anybody.clone().signed_in("/auth/register", &credentials).await;
    let wrong = json!({"email": EMAIL, "password": "wrong password of hers"}).to_string();
    let guess = anybody.request(Method::POST, "/auth/login", &wrong, from).await;
    assert_eq!(guess.status, 401);
    // The e-mail where no e-mail belongs, by mistake.
    anybody
        .request(Method::POST, "/auth/login", &format!("{{\"{EMAIL}"), from)
        .await;
    anybody.get(&format!("/auth/{EMAIL}?token={CURSOR}")).await;
    anybody.page(&format!("/sign-in?email={EMAIL}")).await;
    ada.page("/").await;
    ada.request(Method::GET, &format!("/conversation?cursor={CURSOR}"), "", from)
        .await;
    let answer_id = talk(&ada).await;
    let ended = ada.request(Method::POST, "/auth/logout", "", from).await;
    assert_eq!(ended.status, 204);
    let of_cookies = ada
        .cookies
        .iter()
        .map(|cookie| cookie.split_once('=').unwrap().1.to_owned());
    let fixed = [
        EMAIL,
        "ada.lovelace",
        PROMPT,
        "teapot",
        "difference engine",
        ANSWER[1],
        PASSWORD,
        "wrong password",
        ADDRESS,
        KEY,
        CURSOR,
        TITLE,
        &ada.token,
    ];
    let fixed = fixed.into_iter().map(str::to_owned);
    Secrets(fixed.chain(of_cookies).chain([answer_id]).collect())
}

/// Talks over a socket that is opened by ticket, and by token; the ticket is given back.
async fn talk(ada: &Person) -> String {
    let bots: Vec<Chatbot> = ada.get("/chatbot").await.json();
    let bot: ChatbotId = bots[0].id;
    let session = ada.open_session(bot).await;
    let body = json!({"session_id": session.session_id}).to_string();
    let ticket: wire::auth::Ticket = ada.post("/auth/ticket", &body).await.json();
    let session_id = session.session_id.to_string();
    let by_ticket = format!("token={}", ticket.ticket);
    let mut chat = Chat::connect_with(ada, &session_id, &by_ticket, &[("x-forwarded-for", ADDRESS)])
        .await
        .unwrap();
    chat.say(PROMPT).await;
    let reply = chat.reply().await;
    assert_eq!(
        (reply.text.as_str(), reply.outcome),
        (ANSWER.concat().as_str(), Outcome::Complete)
    );
    chat.vanish();
    let title = json!({"title": TITLE}).to_string();
    let path = format!("/conversation/{}", session.conversation_id);
    ada.request(Method::PATCH, &path, &title, &[]).await;
    // Comes back with the token in the URL, and says what nobody understands.
    let mut back = Chat::connect(ada, &session_id, "").await.unwrap();
    back.next().await;
    back.send(tokio_tungstenite::tungstenite::Message::text(format!(
        "{{\"{PROMPT}"
    )))
    .await;
    back.next_error().await;
    ticket.ticket
}
