//! Whose turn it is: limits on answers at once, the queue before the model, and what is left of a burst.

use crate::world::{Chat, PATIENCE, TestServer};
use llm::{ScriptedModel, scripted::Script};
use server::config::Config;
use std::{num::NonZeroU32, sync::Arc};
use wire::{
    ProblemCode,
    message::{MessageStatus, Outcome},
    session::OpenSession,
    socket::{ClientEvent, ServerEvent},
};

fn one_at_a_time(config: &mut Config) {
    config.chat.generations = NonZeroU32::MIN;
}

async fn chat_of(server: &TestServer, name: &str) -> Chat {
    server.sign_up(name).await.open_chat(server).await
}

async fn answer(script: &mut Script, prompt: &str, text: &str) {
    let mut call = script.next_call().await;
    assert_eq!(call.prompt(), prompt);
    call.say(text);
    call.finish();
}

#[tokio::test]
async fn who_waits_is_told_how_many_are_before_and_moves_up() {
    let (server, mut script) = TestServer::scripted_with(one_at_a_time).await;
    let mut alice = chat_of(&server, "alice").await;
    let mut bob = chat_of(&server, "bob").await;
    let mut carol = chat_of(&server, "carol").await;
    alice.say("first").await;
    let mut first = script.next_call().await;
    bob.say("second").await;
    assert_eq!(bob.queued().await, 0);
    carol.say("third").await;
    assert_eq!(carol.queued().await, 1);
    assert!(
        script.try_next_call().is_none(),
        "the model is asked one at a time"
    );

    first.say("One.");
    first.finish();
    assert_eq!(carol.queued().await, 0);
    answer(&mut script, "second", "Two.").await;
    answer(&mut script, "third", "Three.").await;
    assert_eq!(alice.reply().await.text, "One.");
    assert_eq!(bob.rest_of_reply(0).await.text, "Two.");
    assert_eq!(carol.rest_of_reply(0).await.text, "Three.");
}

#[tokio::test]
async fn one_person_has_so_many_answers_at_once_and_keeps_nobody_waiting() {
    let (server, mut script) = TestServer::scripted_with(|config| {
        config.chat.generations_per_user = NonZeroU32::MIN;
    })
    .await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    chat.say("one").await;
    let one = script.next_call().await;
    let bot = chat.session.as_ref().unwrap().chatbot_id;
    let new = OpenSession {
        new_conversation: true,
        ..OpenSession::default()
    };
    let session = alice.open_session_with(bot, new).await;
    let mut other = alice.connect(&session).await;
    other.say("two").await;
    assert_eq!(other.queued().await, 0);
    let mut bob = chat_of(&server, "bob").await;
    bob.say("three").await;
    answer(&mut script, "three", "For Bob.").await;
    assert_eq!(bob.reply().await.text, "For Bob.");
    one.finish();
    answer(&mut script, "two", "For Alice.").await;
    assert_eq!(other.rest_of_reply(0).await.text, "For Alice.");
}

#[tokio::test]
async fn a_stop_leaves_the_queue_at_once_and_the_model_is_never_called() {
    let (server, mut script) = TestServer::scripted_with(one_at_a_time).await;
    let mut alice = chat_of(&server, "alice").await;
    let mut bob = chat_of(&server, "bob").await;
    alice.say("first").await;
    let first = script.next_call().await;
    bob.say("second").await;
    bob.queued().await;
    bob.tell(&ClientEvent::Stop).await;
    let reply = bob.rest_of_reply(0).await;
    assert_eq!((reply.text.as_str(), reply.outcome), ("", Outcome::Stopped));
    first.finish();
    alice.reply().await;
    bob.say("third").await;
    answer(&mut script, "third", "Three.").await;
    assert_eq!(bob.reply().await.text, "Three.");
}

#[tokio::test]
async fn what_finds_the_queue_full_is_refused_before_it_is_stored() {
    let (server, mut script) = TestServer::scripted_with(|config| {
        one_at_a_time(config);
        config.chat.generation_queue = 0;
    })
    .await;
    let mut alice = chat_of(&server, "alice").await;
    alice.say("first").await;
    let first = script.next_call().await;
    let bob = server.sign_up("bob").await;
    let mut chat = bob.open_chat(&server).await;
    chat.say("second").await;
    let refused = chat
        .until(|event| match event {
            ServerEvent::Error {
                code, retry_after, ..
            } => Some((*code, *retry_after)),
            _ => None,
        })
        .await;
    assert_eq!(refused, (ProblemCode::ModelBusy, Some(5)));
    let again = bob.open_session(chat.session.as_ref().unwrap().chatbot_id).await;
    assert_eq!(again.previous_messages, []);
    first.finish();
    alice.reply().await;
    chat.say("second").await;
    answer(&mut script, "second", "Two.").await;
    assert_eq!(chat.reply().await.text, "Two.");
}

#[tokio::test]
async fn what_waits_when_the_program_ends_does_not_keep_it_waiting() {
    let (server, mut script) = TestServer::scripted_with(one_at_a_time).await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    chat.say("first").await;
    let mut first = script.next_call().await;
    let bob = server.sign_up("bob").await;
    let mut waiting = bob.open_chat(&server).await;
    waiting.say("second").await;
    waiting.queued().await;
    let bot = waiting.session.as_ref().unwrap().chatbot_id;
    let stopping = tokio::spawn(server.stop());
    waiting.closed_because().await;
    first.say("To its end.");
    first.finish();
    let stopped = tokio::time::timeout(PATIENCE, stopping).await.unwrap().unwrap();
    assert!(script.try_next_call().is_none());
    let server = stopped.start_again(Arc::new(ScriptedModel::new().0)).await;
    let session = bob.on(&server).open_session(bot).await;
    let said: Vec<_> = session
        .previous_messages
        .iter()
        .map(|message| (message.message.as_str(), message.status))
        .collect();
    assert_eq!(
        said,
        [
            ("second", MessageStatus::Complete),
            ("", MessageStatus::Interrupted)
        ]
    );
}

#[tokio::test]
async fn who_has_few_prompts_left_is_told_with_the_acknowledgement() {
    let (server, mut script) = TestServer::scripted_with(|config| {
        config.chat.message_burst = NonZeroU32::new(4).unwrap();
        config.chat.messages_per_minute = NonZeroU32::MIN;
    })
    .await;
    let mut chat = chat_of(&server, "alice").await;
    for expected in [None, Some(2), Some(1), Some(0)] {
        chat.say("hello").await;
        let left = chat
            .until(|event| match event {
                ServerEvent::MessageReceived { prompts_left, .. } => Some(*prompts_left),
                _ => None,
            })
            .await;
        assert_eq!(left, expected);
        script.next_call().await.finish();
        chat.reply().await;
    }
    chat.say("one more").await;
    assert_eq!(chat.next_error().await, ProblemCode::RateLimited);
}
