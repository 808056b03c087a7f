//! Thumbs: given, changed and taken back by the reader; counted for who looks after the chatbot, who learns no more.

use crate::world::{Answer, Chat, Person, TestServer};
use axum::http::Method;
use serde_json::{Value, json};
use wire::{
    MessageId, ProblemCode,
    chatbot::Chatbot,
    conversation::ConversationDetail,
    feedback::{FeedbackSummary, Reason, Verdict},
    message::MessageRole,
};

/// Where a message's feedback is said.
fn path(chat: &Chat, message: MessageId) -> String {
    let conversation = chat.session.as_ref().unwrap().conversation_id;
    format!("/conversation/{conversation}/message/{message}/feedback")
}

async fn give(person: &Person, chat: &Chat, message: MessageId, body: Value) -> Answer {
    let body = body.to_string();
    person
        .request(Method::PUT, &path(chat, message), &body, &[])
        .await
}

/// The last message, as the history has it.
async fn last(person: &Person, chat: &Chat) -> wire::message::Message {
    let id = chat.session.as_ref().unwrap().conversation_id;
    let detail: ConversationDetail = person.get(&format!("/conversation/{id}")).await.json();
    detail.messages.into_iter().next_back().unwrap()
}

/// A chatbot of this person's, for everyone.
async fn bot_of(person: &Person) -> Chatbot {
    let body = json!({"name": "Kettle", "visibility": "everyone"}).to_string();
    person.post("/chatbot", &body).await.json()
}

#[tokio::test]
async fn a_thumb_comes_back_with_the_history_is_changed_and_taken_back() {
    let (server, mut script) = TestServer::scripted().await;
    let ada = server.sign_up("ada").await;
    let mut chat = ada.open_chat(&server).await;
    chat.say("hello").await;
    let (prompt, _) = chat.prompt_told().await;
    let mut call = script.next_call().await;
    call.say("Hi");
    let generation = chat.response_start().await;
    assert!(!generation.to_string().is_empty());
    // It stands in the history once its first words are stored.
    let answer = loop {
        let last = last(&ada, &chat).await;
        if last.role == MessageRole::Assistant {
            break last.id;
        }
    };
    let early = give(&ada, &chat, answer, json!({"verdict": "up"})).await;
    assert_eq!(early.problem(), ProblemCode::GenerationRunning);
    call.finish();
    chat.rest_of_reply(0).await;

    let wrong = json!({"verdict": "down", "reason": "wrong", "comment": " It is not so. "});
    for (said, expected) in [
        (json!({"verdict": "up"}), json!({"verdict": "up"})),
        (
            wrong,
            json!({"verdict": "down", "reason": "wrong", "comment": "It is not so."}),
        ),
    ] {
        let given: Value = give(&ada, &chat, answer, said).await.json();
        assert_eq!(given, expected);
        let stored = serde_json::to_value(last(&ada, &chat).await.feedback).unwrap();
        assert_eq!(stored, expected);
    }
    for _twice in 0..2 {
        assert_eq!(ada.delete(&path(&chat, answer)).await.status, 204);
        assert_eq!(last(&ada, &chat).await.feedback, None);
    }
    for (message, body) in [
        (prompt, json!({"verdict": "up"})),
        (answer, json!({"verdict": "up", "reason": "wrong"})),
        (answer, json!({"verdict": "down", "comment": "x".repeat(1_001)})),
    ] {
        let refused = give(&ada, &chat, message, body).await;
        assert_eq!(refused.problem(), ProblemCode::InvalidField);
    }
    let misspelt = give(&ada, &chat, answer, json!({"verdict": "up", "coment": "x"})).await;
    assert_eq!(misspelt.problem(), ProblemCode::InvalidRequest);
}

#[tokio::test]
async fn nobody_rates_what_others_were_told() {
    let (server, mut script) = TestServer::scripted().await;
    let (ada, bob) = (server.sign_up("ada").await, server.sign_up("bob").await);
    let mut chat = ada.open_chat(&server).await;
    chat.say("hello").await;
    let mut call = script.next_call().await;
    call.say("Hi");
    call.finish();
    let answer = chat.reply().await.message_id;
    let foreign = give(&bob, &chat, answer, json!({"verdict": "up"})).await;
    assert_eq!(foreign.problem(), ProblemCode::NotFound);
    assert_eq!(
        bob.delete(&path(&chat, answer)).await.problem(),
        ProblemCode::NotFound
    );
    let elsewhere = MessageId::from_uuid(uuid::Uuid::now_v7());
    let unknown = give(&ada, &chat, elsewhere, json!({"verdict": "up"})).await;
    assert_eq!(unknown.problem(), ProblemCode::NotFound);
    assert_eq!(last(&ada, &chat).await.feedback, None);
}

#[tokio::test]
async fn who_looks_after_a_chatbot_learns_counts_reasons_and_words_and_nothing_else() {
    let (server, mut script) = TestServer::scripted().await;
    let (ada, bob) = (server.sign_up("ada").await, server.sign_up("bob").await);
    let bot = bot_of(&ada).await;
    let feedback = format!("/chatbot/{}/feedback", bot.id);
    let mut chat = bob.connect(&bob.open_session(bot.id).await).await;
    for (number, said) in [
        json!({"verdict": "up"}),
        json!({"verdict": "down", "reason": "unclear"}),
        json!({"verdict": "down", "reason": "unclear", "comment": "Which lid?"}),
    ]
    .into_iter()
    .enumerate()
    {
        chat.say(&format!("a secret question, {number}")).await;
        let mut call = script.next_call().await;
        call.say("a private answer");
        call.finish();
        let answer = chat.reply().await.message_id;
        assert_eq!(give(&bob, &chat, answer, said).await.status, 200);
    }
    let told = ada.get(&feedback).await;
    let summary: FeedbackSummary = told.json();
    assert_eq!((summary.up, summary.down), (1, 2));
    assert_eq!(summary.reasons.len(), 1);
    assert_eq!(
        (summary.reasons[0].reason, summary.reasons[0].count),
        (Reason::Unclear, 2)
    );
    let [comment] = summary.comments.as_slice() else {
        panic!("{summary:?}");
    };
    assert_eq!(
        (comment.verdict, comment.comment.as_str()),
        (Verdict::Down, "Which lid?")
    );
    let bob_is = bob.user.as_ref().unwrap();
    let conversation = chat.session.as_ref().unwrap().conversation_id.to_string();
    for private in [
        "secret",
        "private",
        &bob_is.email,
        &bob_is.id.to_string(),
        &conversation,
    ] {
        assert!(!told.body.contains(private), "{private}: {}", told.body);
        let page = ada.page(&format!("/bot/{}/feedback", bot.id)).await;
        assert!(page.body.contains("Which lid?"), "{}", page.body);
        assert!(!page.body.contains(private), "{private} on the page");
    }
    assert_eq!(bob.get(&feedback).await.problem(), ProblemCode::Forbidden);
    let page = bob.page(&format!("/bot/{}/feedback", bot.id)).await;
    assert!(!page.body.contains("Which lid?"), "not the reader's either");
}
