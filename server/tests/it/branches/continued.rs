//! Answers that broke off and go on: the same message, a generation more.

use super::{detail, last, refused, shown, talk};
use crate::world::{Chat, Person, TestServer};
use llm::{FinishReason, ModelError, scripted::Script};
use server::clock::Clock;
use std::time::Duration;
use store::message::{Appended, NewMessage};
use uuid::Uuid;
use wire::{
    GenerationId, MessageId, ProblemCode,
    message::{MessageRole, MessageStatus, Outcome},
    socket::{ClientEvent, ServerEvent},
};

fn go_on(message_id: MessageId) -> ClientEvent {
    ClientEvent::Continue { message_id }
}

/// An answer that its reader stopped after these words.
async fn stopped(chat: &mut Chat, script: &mut Script, words: &str) -> (GenerationId, MessageId) {
    chat.say("Tell me a story.").await;
    let mut call = script.next_call().await;
    let generation = chat.response_start().await;
    call.say(words);
    assert_eq!(chat.chunk().await, words);
    chat.tell(&ClientEvent::Stop).await;
    (generation, chat.rest_of_reply(1).await.message_id)
}

async fn told(person: &Person, chat: &Chat) -> (String, MessageStatus) {
    let last = last(person, chat).await;
    (last.message, last.status)
}

#[tokio::test]
async fn it_goes_on_behind_its_text_and_the_model_sees_where_it_was() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    let (_, answer) = stopped(&mut chat, &mut script, "Once upon ").await;
    chat.tell(&go_on(answer)).await;
    let mut call = script.next_call().await;
    let turns = &call.request().turns;
    assert_eq!(turns.last().unwrap().role, llm::ChatRole::Assistant);
    assert_eq!(call.prompt(), "Once upon ");
    let (message, _, continues) = chat.answer_told().await;
    assert_eq!((message, continues), (answer, true));
    assert_eq!(
        told(&alice, &chat).await,
        ("Once upon ".into(), MessageStatus::Generating)
    );
    call.say("a ");
    call.say("time.");
    call.finish();
    // Its chunks are numbered from 1, and it says its own text alone.
    let reply = chat.rest_of_reply(0).await;
    assert_eq!((reply.text.as_str(), reply.message_id), ("a time.", answer));
    assert_eq!(
        told(&alice, &chat).await,
        ("Once upon a time.".into(), MessageStatus::Complete)
    );
    chat.tell(&go_on(answer)).await;
    let (code, sentence) = refused(&mut chat).await;
    assert_eq!(code, ProblemCode::InvalidField);
    assert!(sentence.contains("complete"), "{sentence}");

    // The chat goes on, with all of it.
    chat.say("more").await;
    let call = script.next_call().await;
    assert_eq!(call.request().turns[2].text, "Once upon a time.");
    call.finish();
}

#[tokio::test]
async fn it_breaks_off_and_goes_on_as_often_as_it_must_and_keeps_all_that_was_shown() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    let (_, answer) = stopped(&mut chat, &mut script, "1 ").await;
    // Stopped again; failed; to its end.
    chat.tell(&go_on(answer)).await;
    let mut call = script.next_call().await;
    call.say("2 ");
    assert_eq!(chat.chunk().await, "2 ");
    chat.tell(&ClientEvent::Stop).await;
    assert_eq!(chat.rest_of_reply(1).await.outcome, Outcome::Stopped);
    assert_eq!(told(&alice, &chat).await, ("1 2 ".into(), MessageStatus::Stopped));
    chat.tell(&go_on(answer)).await;
    let mut call = script.next_call().await;
    assert_eq!(call.prompt(), "1 2 ");
    call.say("3 ");
    call.fail(ModelError::BrokeOff("the cable".into()));
    assert_eq!(chat.reply().await.outcome, Outcome::Failed);
    assert_eq!(
        told(&alice, &chat).await,
        ("1 2 3 ".into(), MessageStatus::Failed)
    );
    chat.tell(&go_on(answer)).await;
    let mut call = script.next_call().await;
    assert_eq!(call.prompt(), "1 2 3 ");
    call.say("4");
    call.finish();
    assert_eq!(chat.reply().await.text, "4");
    assert_eq!(
        told(&alice, &chat).await,
        ("1 2 3 4".into(), MessageStatus::Complete)
    );
}

#[tokio::test]
async fn only_the_last_message_that_is_shown_goes_on() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    let (_, answer) = stopped(&mut chat, &mut script, "Once").await;
    let (_, last) = talk(&mut chat, &mut script, "never mind", "Fine.").await;
    chat.tell(&go_on(answer)).await;
    let (code, sentence) = refused(&mut chat).await;
    assert_eq!(code, ProblemCode::InvalidField);
    assert!(sentence.contains("the last message"), "{sentence}");
    assert_eq!(shown(&alice, &chat).await.len(), 4);
    assert!(script.try_next_call().is_none());
    assert_eq!(detail(&alice, &chat).await.messages[3].id, last);
}

#[tokio::test]
async fn an_answer_that_failed_before_its_first_word_is_begun_anew_in_its_place() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    chat.say("hello").await;
    script
        .next_call()
        .await
        .fail(ModelError::BrokeOff("the cable".into()));
    let answer = chat.reply().await.message_id;
    chat.tell(&go_on(answer)).await;
    let mut call = script.next_call().await;
    assert_eq!(call.prompt(), "hello", "there is nothing to go on with");
    assert_eq!(chat.answer_told().await.0, answer);
    call.say("Hi.");
    call.finish();
    assert_eq!(chat.rest_of_reply(0).await.text, "Hi.");
    assert_eq!(shown(&alice, &chat).await, ["hello", "Hi."]);
}

#[tokio::test]
async fn who_comes_in_the_middle_gets_the_text_from_the_history_and_the_rest_from_the_socket() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    let (_, answer) = stopped(&mut chat, &mut script, "Once upon ").await;
    chat.tell(&go_on(answer)).await;
    let mut call = script.next_call().await;
    call.say("a ");
    assert_eq!(chat.chunk().await, "a ");
    let bot = chat.session.as_ref().unwrap().chatbot_id;
    let session = alice.open_session(bot).await;
    let history: Vec<_> = session
        .previous_messages
        .iter()
        .map(|message| message.message.as_str())
        .collect();
    assert_eq!(history, ["Tell me a story.", "Once upon "]);
    let mut late = alice.connect(&session).await;
    let running = late
        .until(|event| match event {
            ServerEvent::SessionInfo { running, .. } => Some(*running),
            _ => None,
        })
        .await
        .unwrap();
    assert_eq!((running.message_id, running.continues), (answer, true));
    assert!(late.answer_told().await.2);
    call.say("time.");
    call.finish();
    assert_eq!(late.rest_of_reply(0).await.text, "a time.");
}

#[tokio::test]
async fn each_part_is_read_back_as_its_own_also_when_the_logs_are_gone() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    let (first, answer) = stopped(&mut chat, &mut script, "Once upon ").await;
    server.clock.advance(Duration::from_millis(1));
    chat.tell(&go_on(answer)).await;
    let mut call = script.next_call().await;
    let second = chat.response_start().await;
    call.say("a time.");
    call.finish();
    chat.rest_of_reply(0).await;
    server.clock.advance(Duration::from_secs(2 * 60 * 60));
    assert_eq!(server.store().collect_logs(server.clock.now()).await.unwrap(), 2);
    for (generation_id, text) in [(first, "Once upon "), (second, "a time.")] {
        chat.tell(&ClientEvent::Resume {
            generation_id,
            after_seq: 9,
        })
        .await;
        assert_eq!(chat.reply().await.text, text);
    }
}

/// A prompt and what a process left of its answer: a message that says it is being written.
async fn orphan(server: &TestServer, chat: &Chat, text: &str) -> MessageId {
    let conversation_id = chat.session.as_ref().unwrap().conversation_id;
    let prompt = NewMessage {
        id: MessageId::from_uuid(Uuid::now_v7()),
        conversation_id,
        parent_id: None,
        client_message_id: None,
        role: MessageRole::User,
        text: "hello".into(),
        status: MessageStatus::Complete,
        generation_id: None,
        model: None,
        created_at: server.app.clock.now(),
    };
    let answer = NewMessage {
        id: MessageId::from_uuid(Uuid::now_v7()),
        parent_id: Some(prompt.id),
        role: MessageRole::Assistant,
        text: text.into(),
        status: MessageStatus::Generating,
        generation_id: Some(GenerationId::from_uuid(Uuid::now_v7())),
        ..prompt.clone()
    };
    let mut leaf = None;
    for message in [prompt, answer] {
        let id = message.id;
        let appended = server.store().append_visible_message(message, leaf, None).await;
        assert!(matches!(appended.unwrap(), (Appended::New(_), true)));
        leaf = Some(id);
    }
    leaf.unwrap()
}

#[tokio::test]
async fn an_answer_that_nobody_writes_any_more_ends_when_it_is_read() {
    let (server, _script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let chat = alice.open_chat(&server).await;
    let answer = orphan(&server, &chat, "Half a ").await;
    assert_eq!(
        told(&alice, &chat).await,
        ("Half a ".into(), MessageStatus::Interrupted)
    );
    let stored = server.store().message(answer).await.unwrap().unwrap();
    assert_eq!(stored.status, MessageStatus::Interrupted);
}

#[tokio::test]
async fn an_answer_that_nobody_writes_any_more_ends_when_the_chat_goes_on() {
    let (server, mut script) = TestServer::scripted().await;
    for (name, way) in [("alice", 0), ("bob", 1), ("carol", 2)] {
        let person = server.sign_up(name).await;
        let mut chat = person.open_chat(&server).await;
        let answer = orphan(&server, &chat, "Half a ").await;
        match way {
            0 => chat.say("and then?").await,
            1 => chat.tell(&go_on(answer)).await,
            _ => chat.tell(&ClientEvent::Regenerate { message_id: answer }).await,
        }
        let call = script.next_call().await;
        let turns: Vec<_> = call
            .request()
            .turns
            .iter()
            .skip(1)
            .map(|turn| turn.text.as_str())
            .collect();
        let expected: &[&str] = match way {
            0 => &["hello", "Half a ", "and then?"],
            1 => &["hello", "Half a "],
            _ => &["hello"],
        };
        assert_eq!(turns, expected);
        call.finish();
        chat.reply().await;
        let stored = server.store().message(answer).await.unwrap().unwrap();
        let status = if way == 1 {
            MessageStatus::Complete
        } else {
            MessageStatus::Interrupted
        };
        assert_eq!((stored.text.as_str(), stored.status), ("Half a ", status));
    }
}

#[tokio::test]
async fn an_answer_that_waits_for_the_model_is_nobodys_orphan() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    chat.say("hello").await;
    let call = script.next_call().await;
    chat.response_start().await;
    // Its empty message comes behind its start.
    while detail(&alice, &chat).await.messages.len() < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(last(&alice, &chat).await.status, MessageStatus::Generating);
    call.finish();
    assert_eq!(chat.rest_of_reply(0).await.outcome, Outcome::Complete);
}

#[tokio::test]
async fn an_answer_that_reached_its_limit_says_so_and_goes_on() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    chat.say("Tell me a story.").await;
    let mut call = script.next_call().await;
    call.say("Once upon a ");
    call.finish_because(FinishReason::Length);
    let reply = chat.reply().await;
    assert_eq!((reply.outcome, reply.error), (Outcome::Cut, None));
    assert_eq!(
        told(&alice, &chat).await,
        ("Once upon a ".into(), MessageStatus::Cut)
    );
    chat.tell(&go_on(reply.message_id)).await;
    let mut call = script.next_call().await;
    assert_eq!(call.prompt(), "Once upon a ");
    call.say("time.");
    call.finish();
    let rest = chat.reply().await;
    assert_eq!(
        (rest.message_id, rest.outcome),
        (reply.message_id, Outcome::Complete)
    );
    assert_eq!(
        told(&alice, &chat).await,
        ("Once upon a time.".into(), MessageStatus::Complete)
    );
}
