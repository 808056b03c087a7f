//! The program ends, in good order and in none, and starts again: what was said is there.

use crate::world::TestServer;
use llm::ScriptedModel;
use std::sync::Arc;
use store::{
    conversation::{ConversationRecord, Conversations as _},
    generation::{GenerationRecord, Generations as _},
    usage::Day,
};
use uuid::Uuid;
use wire::{
    ConversationId, GenerationId, MessageId, SessionId, Timestamp,
    message::{MessageStatus, Outcome},
    socket::{CloseReason, ServerEvent},
};

#[tokio::test]
async fn a_stop_waits_for_the_answer_and_tells_the_socket() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    let bot = chat.session.as_ref().unwrap().chatbot_id;
    chat.say("hello").await;
    let mut call = script.next_call().await;
    let stopping = tokio::spawn(server.stop());
    let reason = chat
        .until(|event| match event {
            ServerEvent::SessionClosed { reason } => Some(*reason),
            _ => None,
        })
        .await;
    assert_eq!(
        (reason, chat.close_code().await),
        (CloseReason::ServerShutdown, 1012)
    );
    call.say("Good ");
    call.say("night.");
    call.finish();
    let server = stopping
        .await
        .unwrap()
        .start_again(Arc::new(ScriptedModel::new().0))
        .await;
    let alice = crate::world::Person {
        address: server.address.clone(),
        ..alice
    };
    let session = alice.open_session(bot).await;
    assert_eq!(session.previous_messages[1].message, "Good night.");
    assert_eq!(session.previous_messages[1].status, MessageStatus::Complete);
}

#[tokio::test]
async fn an_answer_that_outlasts_the_drain_is_an_exact_prefix_marked_interrupted() {
    let (server, mut script) =
        TestServer::scripted_with(|config| config.chat.drain = std::time::Duration::from_millis(1)).await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    let bot = chat.session.as_ref().unwrap().chatbot_id;
    chat.say("hello").await;
    let mut call = script.next_call().await;
    let generation = chat.response_start().await;
    call.say("An exact ");
    call.say("prefix");
    let mut shown = String::new();
    while shown != "An exact prefix" {
        shown.push_str(&chat.chunk().await);
    }
    let server = server
        .stop()
        .await
        .start_again(Arc::new(ScriptedModel::new().0))
        .await;
    let alice = crate::world::Person {
        address: server.address.clone(),
        ..alice
    };
    let session = alice.open_session(bot).await;
    let answer = &session.previous_messages[1];
    assert_eq!(
        (answer.message.as_str(), answer.status),
        ("An exact prefix", MessageStatus::Interrupted)
    );

    // Whoever was reading when it happened gets the rest and the end.
    let query = format!("&generation_id={generation}&after_seq=1");
    let id = session.session_id.to_string();
    let mut back = crate::world::Chat::connect(&alice, &id, &query).await.unwrap();
    let (chunk, outcome) = (back.chunk().await, back.rest_of_reply(2).await.outcome);
    assert_eq!((chunk.as_str(), outcome), ("prefix", Outcome::Interrupted));
}

/// More than the program reads at once, and all of one instant.
const LEFT_BEHIND: u64 = 450;

#[tokio::test]
async fn of_many_answers_that_a_dead_process_left_none_is_forgotten() {
    let (server, _script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let bot = server.assistant(&alice).await;
    let user_id = alice.user.as_ref().unwrap().id;
    let stopped = server.stop().await;
    let store = stopped.store();
    let noon = Timestamp::from_millis(1_700_000_000_000);
    for number in 0..LEFT_BEHIND {
        let id = Uuid::from_u64_pair(0x0192_f0c1_2a3b_7c4d, 0x8e5f_0000_0000_0000 + number);
        let conversation = ConversationRecord {
            id: ConversationId::from_uuid(id),
            user_id,
            chatbot_id: bot,
            chatbot_name: "Assistant".into(),
            title: None,
            active_leaf: None,
            pinned: false,
            created_at: noon,
            updated_at: noon,
        };
        store.create_conversation(conversation).await.unwrap();
        let generation = GenerationRecord {
            id: GenerationId::from_uuid(id),
            prompt_id: MessageId::from_uuid(id),
            message_id: MessageId::from_uuid(id),
            offset: 0,
            conversation_id: ConversationId::from_uuid(id),
            user_id,
            session_id: SessionId::from_uuid(id),
            node_id: "a dead one".into(),
            fence: 1,
            lease_until: noon,
            started_at: noon,
            ended: None,
            settled: false,
        };
        store.start_generation(generation).await.unwrap();
    }
    drop(store);
    let server = stopped.start_again(Arc::new(ScriptedModel::new().0)).await;
    let left = server.store().unsettled_generations(noon, 1_000).await.unwrap();
    assert_eq!(left, []);
    let usage = server
        .store()
        .usage_of(user_id, Day::from_number(0))
        .await
        .unwrap();
    assert_eq!((usage.prompts, usage.failures), (LEFT_BEHIND, LEFT_BEHIND));
}
