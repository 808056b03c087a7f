//! Branches among several nodes: what one does, the sockets of the other hear of; who dies leaves nothing half done.

use super::{edit, last, show, shown, talk};
use crate::world::{Chat, PATIENCE, Person, TestServer, two_nodes, two_nodes_with};
use std::time::Duration;
use store::generation::{ChunkBatch, GenerationRecord};
use uuid::Uuid;
use wire::{
    GenerationId, MessageId, ProblemCode,
    message::{MessageStatus, Outcome},
    session::OpenSession,
    socket::{ClientEvent, ServerEvent},
};

/// A dead node is known as one after this; a living one on a busy machine renews its own in time.
const SHORT_LEASE: Duration = Duration::from_secs(1);

/// A second tab of the same person, on the other node, which has heard all so far.
async fn tab_on(server: &TestServer, person: &Person, chat: &Chat) -> Chat {
    let mut tab = person.on(server).connect(chat.session.as_ref().unwrap()).await;
    tab.until(|event| matches!(event, ServerEvent::SessionInfo { .. }).then_some(()))
        .await;
    tab
}

#[tokio::test]
async fn another_answer_and_an_edited_prompt_reach_the_tabs_of_the_other_node() {
    let [(here, mut script), (there, _)] = two_nodes().await;
    let alice = here.sign_up("alice").await;
    let mut chat = alice.open_chat(&here).await;
    let (prompt, old) = talk(&mut chat, &mut script, "Why?", "Because.").await;
    let mut tab = tab_on(&there, &alice, &chat).await;

    chat.tell(&ClientEvent::Regenerate { message_id: old }).await;
    let mut call = script.next_call().await;
    call.say("For a reason.");
    call.finish();
    let (new, parent, continues) = tab.answer_told().await;
    assert_eq!((parent, continues), (prompt, false));
    assert_ne!(new, old);
    assert_eq!(tab.rest_of_reply(0).await.text, "For a reason.");
    chat.reply().await;

    chat.tell(&edit(prompt, "How?")).await;
    let mut call = script.next_call().await;
    call.say("Like this.");
    call.finish();
    let (edited, parent) = tab.prompt_told().await;
    assert_eq!(parent, None);
    assert_eq!(tab.answer_told().await.1, edited);
    assert_eq!(tab.rest_of_reply(0).await.text, "Like this.");
    chat.reply().await;

    assert!(show(&alice, &chat, old).await.status.is_success());
    assert_eq!(tab.branch_told().await, old);
    assert_eq!(shown(&alice.on(&there), &chat).await, ["Why?", "Because."]);
    // One that the other node shows is told here.
    assert!(show(&alice.on(&there), &chat, edited).await.status.is_success());
    chat.branch_told().await;
    assert_eq!(shown(&alice, &chat).await, ["How?", "Like this."]);
}

/// An answer that its reader stopped after these words.
async fn stopped(chat: &mut Chat, script: &mut llm::scripted::Script, words: &str) -> MessageId {
    chat.say("Tell me a story.").await;
    let mut call = script.next_call().await;
    call.say(words);
    assert_eq!(chat.chunk().await, words);
    chat.tell(&ClientEvent::Stop).await;
    chat.rest_of_reply(1).await.message_id
}

#[tokio::test]
async fn an_answer_that_goes_on_reaches_the_tabs_of_the_other_node() {
    let [(here, mut script), (there, mut other_script)] = two_nodes().await;
    let alice = here.sign_up("alice").await;
    let mut chat = alice.open_chat(&here).await;
    let answer = stopped(&mut chat, &mut script, "Once ").await;
    let mut tab = tab_on(&there, &alice, &chat).await;
    // On this node, with a reader on the other.
    here.clock.advance(Duration::from_secs(1));
    chat.tell(&ClientEvent::Continue { message_id: answer }).await;
    let mut call = script.next_call().await;
    call.say("upon ");
    assert_eq!(chat.chunk().await, "upon ");
    chat.tell(&ClientEvent::Stop).await;
    let (message, _, continues) = tab.answer_told().await;
    assert_eq!((message, continues), (answer, true));
    let reply = tab.rest_of_reply(0).await;
    assert_eq!((reply.text.as_str(), reply.outcome), ("upon ", Outcome::Stopped));
    chat.rest_of_reply(1).await;
    // And the other way round.
    here.clock.advance(Duration::from_secs(1));
    tab.tell(&ClientEvent::Continue { message_id: answer }).await;
    let mut call = other_script.next_call().await;
    assert_eq!(call.prompt(), "Once upon ");
    call.say("a time.");
    call.finish();
    assert_eq!(tab.reply().await.text, "a time.");
    assert!(chat.answer_told().await.2);
    assert_eq!(chat.rest_of_reply(0).await.text, "a time.");
    let last = last(&alice, &chat).await;
    assert_eq!(
        (last.message.as_str(), last.status),
        ("Once upon a time.", MessageStatus::Complete)
    );
}

#[tokio::test]
async fn nothing_is_regenerated_or_shown_while_the_other_node_answers() {
    let [(here, mut script), (there, _)] = two_nodes().await;
    let alice = here.sign_up("alice").await;
    let mut chat = alice.open_chat(&here).await;
    let (_, old) = talk(&mut chat, &mut script, "Why?", "Because.").await;
    let mut tab = tab_on(&there, &alice, &chat).await;
    chat.tell(&ClientEvent::Regenerate { message_id: old }).await;
    let call = script.next_call().await;
    tab.tell(&ClientEvent::Regenerate { message_id: old }).await;
    let refused = tab
        .until(|event| match event {
            ServerEvent::Error { code, .. } => Some(*code),
            _ => None,
        })
        .await;
    assert_eq!(refused, ProblemCode::GenerationRunning);
    let answer = show(&alice.on(&there), &chat, old).await;
    assert_eq!(answer.problem(), ProblemCode::GenerationRunning);
    call.finish();
    chat.reply().await;
}

/// A node begins to go on with this answer, stores a few words, and dies.
async fn left_by_a_dead_node(server: &TestServer, chat: &Chat, answer: MessageId) -> GenerationRecord {
    let store = server.store();
    let message = store.message(answer).await.unwrap().unwrap();
    let before = store.generations_of(answer).await.unwrap().pop().unwrap();
    let generation = GenerationRecord {
        id: GenerationId::from_uuid(Uuid::now_v7()),
        offset: u64::try_from(message.text.len()).unwrap(),
        session_id: chat.session.as_ref().unwrap().session_id,
        node_id: "a dead node".into(),
        fence: 1,
        lease_until: server.app.clock.now().plus(Duration::from_secs(5)),
        started_at: server.app.clock.now().plus(Duration::from_millis(1)),
        ended: None,
        settled: false,
        ..before
    };
    store.start_generation(generation.clone()).await.unwrap();
    let last = message.generation_id;
    assert!(store.reopen_message(answer, generation.id, last).await.unwrap());
    let now = server.app.clock.now();
    let leaf = Some(answer);
    assert!(
        store
            .move_active_leaf(message.conversation_id, leaf, answer, now)
            .await
            .unwrap()
    );
    let batch = ChunkBatch {
        generation_id: generation.id,
        fence: 1,
        first_seq: 1,
        text: "upon ".into(),
        lengths: vec![5],
    };
    store.append_chunks(vec![batch]).await.unwrap().remove(0).unwrap();
    generation
}

#[tokio::test]
async fn an_answer_that_goes_on_on_a_node_that_dies_keeps_both_parts_and_goes_on_again() {
    let [(here, mut script), (there, _)] = two_nodes_with(|config| config.chat.lease = SHORT_LEASE).await;
    let alice = here.sign_up("alice").await;
    let mut chat = alice.open_chat(&here).await;
    let answer = stopped(&mut chat, &mut script, "Once ").await;
    let mut tab = tab_on(&there, &alice, &chat).await;
    here.clock.advance(Duration::from_secs(1));
    let generation = left_by_a_dead_node(&here, &chat, answer).await;
    for reader in [&mut chat, &mut tab] {
        assert!(reader.answer_told().await.2);
        let reply = reader.rest_of_reply(0).await;
        assert_eq!(
            (reply.text.as_str(), reply.outcome),
            ("upon ", Outcome::Interrupted)
        );
    }
    let ended = last(&alice, &chat).await;
    assert_eq!(
        (ended.message.as_str(), ended.status),
        ("Once upon ", MessageStatus::Interrupted)
    );
    chat.tell(&ClientEvent::Continue { message_id: answer }).await;
    let mut call = script.next_call().await;
    call.say("a time.");
    call.finish();
    assert_eq!(chat.reply().await.text, "a time.");
    // The dead node comes back to life: what it says changes nothing.
    let stale = here
        .store()
        .settle_message(answer, generation.id, "upon a chair", Outcome::Complete)
        .await;
    assert!(!stale.unwrap());
    assert_eq!(last(&alice, &chat).await.message, "Once upon a time.");
}

#[tokio::test]
async fn a_node_that_dies_before_its_other_answer_is_shown_leaves_the_old_one() {
    let [(here, mut script), _there] = two_nodes_with(|config| config.chat.lease = SHORT_LEASE).await;
    let alice = here.sign_up("alice").await;
    let mut chat = alice.open_chat(&here).await;
    let (prompt, old) = talk(&mut chat, &mut script, "Why?", "Because.").await;
    let store = here.store();
    let before = store.generations_of(old).await.unwrap().pop().unwrap();
    let generation = GenerationRecord {
        id: GenerationId::from_uuid(Uuid::now_v7()),
        message_id: MessageId::from_uuid(Uuid::now_v7()),
        node_id: "a dead node".into(),
        ended: None,
        settled: false,
        ..before
    };
    store.start_generation(generation.clone()).await.unwrap();
    let answer = server::chat::generation::run::empty_answer(&generation, None);
    store.append_message(answer.clone()).await.unwrap();
    let gone = async {
        while store.message(answer.id).await.unwrap().is_some() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.unwrap();
    let last = last(&alice, &chat).await;
    assert_eq!(
        (last.id, last.parent_id, last.siblings),
        (old, Some(prompt), vec![])
    );
}

#[tokio::test]
async fn a_session_that_was_replaced_changes_nothing_any_more() {
    let [(here, mut script), (there, _)] = two_nodes().await;
    let alice = here.sign_up("alice").await;
    let mut chat = alice.open_chat(&here).await;
    let (prompt, answer) = talk(&mut chat, &mut script, "Why?", "Because.").await;
    let (bot, conversation) = {
        let session = chat.session.as_ref().unwrap();
        (session.chatbot_id, session.conversation_id)
    };
    let new = OpenSession {
        new_conversation: true,
        ..OpenSession::default()
    };
    alice.on(&there).open_session_with(bot, new).await;
    for ask in [
        ClientEvent::Regenerate { message_id: answer },
        edit(prompt, "How?"),
    ] {
        chat.tell(&ask).await;
    }
    // By the refusal of what it asked, or because this node has looked meanwhile.
    let code = chat.close_code().await;
    assert!([4404, 4409].contains(&code), "{code}");
    let children = here
        .store()
        .children(conversation, &[None, Some(prompt)])
        .await
        .unwrap();
    assert_eq!(children.len(), 2, "{children:?}");
    assert!(script.try_next_call().is_none());
}
