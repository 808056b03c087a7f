//! Two servers on one store act as one. The store is SQLite here, shared within the process; real processes on MongoDB
//! are the ledger's matter.

use crate::world::{Chat, PASSWORD, PATIENCE, Person, TestServer, two_nodes, two_nodes_with};
use server::chat::generation::run::empty_answer;
use std::time::Duration;
use store::{
    generation::{ChunkBatch, GenerationRecord},
    message::{Appended, NewMessage},
};
use uuid::Uuid;
use wire::{
    ClientMessageId, ConversationId, GenerationId, MessageId, ProblemCode, SessionId,
    document::DocumentStatus,
    message::{MessageRole, MessageStatus, Outcome},
    session::OpenSession,
    socket::{ClientEvent, CloseReason, ServerEvent, close_code},
};

/// A dead node is known as one after this; a living one on a busy machine renews its own in time.
const SHORT_LEASE: Duration = Duration::from_secs(1);

/// What was said at `chat` last, as the other sockets hear of it.
async fn prompt_told(chat: &mut Chat) -> (MessageId, String) {
    chat.until(|event| match event {
        ServerEvent::MessageReceived {
            message_id, message, ..
        } => Some((*message_id, message.clone())),
        _ => None,
    })
    .await
}

/// A second tab of the same person, on the other node.
async fn tab_on(server: &TestServer, person: &Person, chat: &Chat) -> Chat {
    person.on(server).connect(chat.session.as_ref().unwrap()).await
}

/// Waits until the store says so.
async fn until(done: impl AsyncFn() -> bool) {
    let waiting = async {
        while !done().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap();
}

#[tokio::test]
async fn an_answer_written_on_one_node_streams_on_another() {
    let [(here, mut script), (there, _)] = two_nodes().await;
    let alice = here.sign_up("alice").await;
    let mut chat = alice.open_chat(&here).await;
    chat.say("hello").await;
    let mut call = script.next_call().await;
    call.say("Good ");
    chat.chunk().await;
    let mut tab = tab_on(&there, &alice, &chat).await;
    tab.response_start().await;
    assert_eq!(tab.chunk().await, "Good ");
    call.say("morn");
    call.say("ing.");
    call.finish();
    let (first, second) = (chat.rest_of_reply(1).await, tab.rest_of_reply(1).await);
    assert_eq!(
        (first.text.as_str(), first.outcome),
        ("Good morning.", Outcome::Complete)
    );
    assert_eq!((second.text, second.outcome), (first.text, first.outcome));
}

#[tokio::test]
async fn a_page_of_another_node_shows_what_there_is_of_an_answer() {
    let [(here, mut script), (there, _)] = two_nodes().await;
    let alice = here.sign_up("alice").await;
    let mut chat = alice.open_chat(&here).await;
    chat.say("hello").await;
    let mut call = script.next_call().await;
    call.say("Good ");
    call.say("*morn*");
    let page = format!("/c/{}", chat.session.as_ref().unwrap().conversation_id);
    // No socket follows it there: the log in the store is all that node knows.
    let words = "<p>Good <em>morn</em></p>";
    alice.on(&there).page_with(&page, words).await;
    call.finish();
    chat.reply().await;
    assert_eq!(alice.on(&there).page(&page).await.without_scripts(words), None);
}

#[tokio::test]
async fn a_socket_that_was_there_before_hears_prompts_and_answers_of_the_other_node() {
    let [(here, mut script), (there, _)] = two_nodes().await;
    let alice = here.sign_up("alice").await;
    let mut chat = alice.open_chat(&here).await;
    let mut tab = tab_on(&there, &alice, &chat).await;
    chat.say("hello").await;
    let (id, _) = prompt_told(&mut chat).await;
    assert_eq!(prompt_told(&mut tab).await, (id, "hello".into()));
    let mut call = script.next_call().await;
    call.say("Hi.");
    call.finish();
    // The title may come before, within or after the answer.
    let (mut title, mut answer) = (None, None);
    while title.is_none() || answer.is_none() {
        match tab.next().await {
            ServerEvent::ConversationChanged { title: new, .. } => title = new,
            ServerEvent::ResponseComplete { full_response, .. } => answer = Some(full_response),
            _ => {}
        }
    }
    assert_eq!(
        (title.unwrap().as_str(), answer.unwrap().as_str()),
        ("hello", "Hi.")
    );
}

#[tokio::test]
async fn the_turn_passes_from_node_to_node_and_history_with_it() {
    let [(here, mut script), (there, mut other_script)] = two_nodes().await;
    let alice = here.sign_up("alice").await;
    let mut chat = alice.open_chat(&here).await;
    chat.say("one").await;
    let mut call = script.next_call().await;
    call.say("1");
    call.finish();
    chat.reply().await;
    let mut tab = tab_on(&there, &alice, &chat).await;
    tab.say("two").await;
    let mut call = other_script.next_call().await;
    let turns: Vec<String> = call
        .request()
        .turns
        .iter()
        .skip(1)
        .map(|turn| turn.text.clone())
        .collect();
    assert_eq!(turns, ["one", "1", "two"]);
    call.say("2");
    call.finish();
    assert_eq!(tab.reply().await.text, "2");
    assert_eq!(prompt_told(&mut chat).await.1, "two");
    assert_eq!(chat.reply().await.text, "2");
}

#[tokio::test]
async fn a_prompt_is_refused_while_another_node_answers() {
    let [(here, mut script), (there, _)] = two_nodes().await;
    let alice = here.sign_up("alice").await;
    let mut chat = alice.open_chat(&here).await;
    chat.say("hello").await;
    let call = script.next_call().await;
    let mut tab = tab_on(&there, &alice, &chat).await;
    tab.response_start().await;
    tab.say("me too").await;
    assert_eq!(tab.next_error().await, ProblemCode::GenerationRunning);
    call.finish();
    chat.reply().await;
    let session = chat.session.as_ref().unwrap();
    let stored = here
        .store()
        .conversation(session.conversation_id)
        .await
        .unwrap()
        .unwrap();
    let (branch, _) = here
        .store()
        .branch(stored.active_leaf.unwrap(), 10)
        .await
        .unwrap();
    assert_eq!(branch.len(), 2, "{branch:?}");
}

#[tokio::test]
async fn a_stop_ends_an_answer_of_the_other_node() {
    let [(here, mut script), (there, _)] = two_nodes().await;
    let alice = here.sign_up("alice").await;
    let mut chat = alice.open_chat(&here).await;
    chat.say("hello").await;
    let mut call = script.next_call().await;
    call.say("A long ");
    let mut tab = tab_on(&there, &alice, &chat).await;
    assert_eq!(tab.chunk().await, "A long ");
    tab.tell(&ClientEvent::Stop).await;
    call.cancelled().await;
    let (first, second) = (chat.reply().await, tab.rest_of_reply(1).await);
    assert_eq!(
        (first.text.as_str(), first.outcome),
        ("A long ", Outcome::Stopped)
    );
    assert_eq!(
        (second.text.as_str(), second.outcome),
        ("A long ", Outcome::Stopped)
    );
}

#[tokio::test]
async fn a_session_opened_on_one_node_closes_the_one_on_the_other() {
    let [(here, _), (there, _)] = two_nodes().await;
    let alice = here.sign_up("alice").await;
    let mut chat = alice.open_chat(&here).await;
    // Something was said, so that another conversation is another one.
    seed_prompt(&here, &chat, "hello").await;
    let bot = chat.session.as_ref().unwrap().chatbot_id;
    let new = OpenSession {
        new_conversation: true,
        ..OpenSession::default()
    };
    alice.on(&there).open_session_with(bot, new).await;
    assert_eq!(
        chat.closed_because().await,
        (CloseReason::Replaced, close_code::REPLACED)
    );
}

#[tokio::test]
async fn a_session_closed_on_one_node_is_closed_on_the_other() {
    let [(here, _), (there, _)] = two_nodes().await;
    let alice = here.sign_up("alice").await;
    let mut chat = alice.open_chat(&here).await;
    let id = chat.session.as_ref().unwrap().session_id;
    alice.on(&there).delete(&format!("/chatbot/session/{id}")).await;
    assert_eq!(chat.closed_because().await, (CloseReason::Closed, 1000));
}

#[tokio::test]
async fn a_log_out_on_one_node_ends_sockets_on_the_other() {
    let [(here, _), (there, _)] = two_nodes().await;
    let alice = here.sign_up("alice").await;
    let mut chat = alice.open_chat(&here).await;
    let cookies = alice.cookies.join("; ");
    let origin = format!("http://{}", there.address);
    let headers = [("cookie", cookies.as_str()), ("origin", origin.as_str())];
    let answer = alice
        .on(&there)
        .request(axum::http::Method::POST, "/auth/logout", "", &headers)
        .await;
    assert!(answer.status.is_success(), "{}", answer.body);
    assert_eq!(
        chat.closed_because().await,
        (CloseReason::LoggedOut, close_code::CREDENTIALS_ENDED)
    );
}

#[tokio::test]
async fn a_session_whose_sockets_moved_to_another_node_stays_open() {
    let [(here, _), (there, _)] = two_nodes().await;
    let alice = here.sign_up("alice").await;
    let chat = alice.open_chat(&here).await;
    let session = chat.session.clone().unwrap();
    let mut tab = tab_on(&there, &alice, &chat).await;
    tab.until(|event| matches!(event, ServerEvent::SessionInfo { .. }).then_some(()))
        .await;
    chat.vanish();
    until(async || here.app.sessions.socket_count() == 0).await;
    here.clock.advance(Duration::from_secs(31));
    until(async || !here.app.sessions.has(session.session_id)).await;
    assert!(there.store().session(session.session_id).await.unwrap().is_some());
    tab.tell(&ClientEvent::Ping).await;
    assert_eq!(tab.next().await, ServerEvent::Pong);
}

/// A prompt and an answer of which two deltas are stored, written by a node that says nothing any more.
async fn left_by_a_dead_node(server: &TestServer, chat: &Chat) -> GenerationRecord {
    let prompt_id = seed_prompt(server, chat, "hello").await;
    let generation = claim_of_a_dead_node(server, chat, prompt_id).await;
    let store = server.store();
    store.start_generation(generation.clone()).await.unwrap();
    store
        .append_visible_message(empty_answer(&generation, None), Some(prompt_id), None)
        .await
        .unwrap();
    let batch = ChunkBatch {
        generation_id: generation.id,
        fence: 1,
        first_seq: 1,
        text: "An exact prefix".into(),
        lengths: vec![9, 6],
    };
    store.append_chunks(vec![batch]).await.unwrap().remove(0).unwrap();
    generation
}

/// The record of a generation that nobody writes.
async fn claim_of_a_dead_node(server: &TestServer, chat: &Chat, prompt_id: MessageId) -> GenerationRecord {
    let session = chat.session.as_ref().unwrap();
    GenerationRecord {
        id: GenerationId::from_uuid(Uuid::now_v7()),
        prompt_id,
        message_id: MessageId::from_uuid(Uuid::now_v7()),
        offset: 0,
        conversation_id: session.conversation_id,
        user_id: server
            .store()
            .session(session.session_id)
            .await
            .unwrap()
            .unwrap()
            .user_id,
        session_id: session.session_id,
        node_id: "a dead node".into(),
        fence: 1,
        lease_until: server.app.clock.now().plus(Duration::from_secs(5)),
        started_at: server.app.clock.now(),
        ended: None,
        settled: false,
    }
}

async fn seed_prompt(server: &TestServer, chat: &Chat, text: &str) -> MessageId {
    let prompt = invisible_prompt(server, chat.session.as_ref().unwrap().conversation_id, text);
    let (Appended::New(prompt), true) = server
        .store()
        .append_visible_message(prompt, None, None)
        .await
        .unwrap()
    else {
        panic!("the conversation was empty")
    };
    prompt.id
}

fn invisible_prompt(server: &TestServer, conversation_id: ConversationId, text: &str) -> NewMessage {
    NewMessage {
        id: MessageId::from_uuid(Uuid::now_v7()),
        conversation_id,
        parent_id: None,
        client_message_id: Some(ClientMessageId::from_uuid(Uuid::now_v7())),
        role: MessageRole::User,
        text: text.into(),
        status: MessageStatus::Complete,
        generation_id: None,
        model: None,
        created_at: server.app.clock.now(),
    }
}

#[tokio::test]
async fn an_answer_of_a_dead_node_ends_as_an_exact_prefix_and_its_readers_are_told() {
    let [(here, _), (there, mut script)] = two_nodes_with(|config| config.chat.lease = SHORT_LEASE).await;
    let alice = here.sign_up("alice").await;
    let mut chat = alice.open_chat(&here).await;
    let mut tab = tab_on(&there, &alice, &chat).await;
    let generation = left_by_a_dead_node(&here, &chat).await;
    for reader in [&mut chat, &mut tab] {
        let reply = reader.reply().await;
        assert_eq!(
            (reply.text.as_str(), reply.outcome),
            ("An exact prefix", Outcome::Interrupted)
        );
    }
    let settled = async || {
        here.store()
            .generation(generation.id)
            .await
            .unwrap()
            .unwrap()
            .settled
    };
    until(settled).await;
    let answer = here
        .store()
        .message(generation.message_id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (answer.text.as_str(), answer.status),
        ("An exact prefix", MessageStatus::Interrupted)
    );
    // And the conversation goes on, on whichever node.
    tab.say("go on").await;
    let mut call = script.next_call().await;
    call.say("Here.");
    call.finish();
    assert_eq!(tab.reply().await.text, "Here.");
}

#[tokio::test]
async fn a_node_that_slept_through_its_lease_writes_nothing_more_and_its_sockets_read_again() {
    let [(here, mut script), (there, _)] = two_nodes().await;
    let alice = here.sign_up("alice").await;
    let mut chat = alice.open_chat(&here).await;
    chat.say("hello").await;
    let mut call = script.next_call().await;
    let generation = chat.response_start().await;
    call.say("Stored. ");
    chat.chunk().await;
    let store = here.store();
    until(async || store.log_text(generation).await.unwrap().seq == 1).await;
    // Another node held it for dead.
    let record = store.generation(generation).await.unwrap().unwrap();
    let taken = store.interrupt_generation(generation, record.lease_until, here.app.clock.now());
    assert!(taken.await.unwrap());
    call.say("Said while asleep.");
    assert_eq!(chat.close_code().await, close_code::SERVICE_RESTART);
    assert_eq!(store.log_text(generation).await.unwrap().text, "Stored. ");

    let query = format!("&generation_id={generation}&after_seq=2");
    let id: SessionId = chat.session.as_ref().unwrap().session_id;
    let mut back = Chat::connect(&alice.on(&there), &id.to_string(), &query)
        .await
        .unwrap();
    let reply = back.reply().await;
    assert_eq!(
        (reply.text.as_str(), reply.outcome),
        ("Stored. ", Outcome::Interrupted)
    );
}

#[tokio::test]
async fn a_prompt_that_a_dead_process_stored_but_never_showed_is_answered_when_it_is_sent_again() {
    let [(here, mut script), _there] = two_nodes().await;
    let alice = here.sign_up("alice").await;
    let mut chat = alice.open_chat(&here).await;
    let conversation = chat.session.as_ref().unwrap().conversation_id;
    let lost = invisible_prompt(&here, conversation, "hello");
    here.store().append_message(lost.clone()).await.unwrap();
    // Meanwhile something else became visible.
    chat.say("first").await;
    let call = script.next_call().await;
    call.finish();
    chat.reply().await;

    chat.say_with_id("hello", lost.client_message_id.unwrap()).await;
    let (id, text) = prompt_told(&mut chat).await;
    assert_eq!(text, "hello");
    let mut call = script.next_call().await;
    call.say("Hi.");
    call.finish();
    assert_eq!(chat.reply().await.text, "Hi.");
    let store = here.store();
    assert_eq!(store.message(lost.id).await.unwrap(), None);
    assert!(store.message(id).await.unwrap().is_some());
}

#[tokio::test]
async fn the_first_administrators_link_of_one_node_is_good_on_another_and_once() {
    let [(here, _), (there, _)] = two_nodes().await;
    let link = server::auth::invitation::offer_first_admin(&here.app, "")
        .await
        .unwrap()
        .unwrap();
    let code = link.split_once("invite=").unwrap().1;
    let register = async |server: &TestServer, name: &str| {
        let body = serde_json::json!({
            "email": format!("{name}@example.org"), "password": PASSWORD, "invitation": code,
        });
        server.anybody().post("/auth/register", &body.to_string()).await
    };
    let ada: wire::auth::SignedIn = register(&there, "ada").await.json();
    assert_eq!(ada.user.role, wire::auth::Role::Admin);
    let second = register(&here, "mallory").await.problem();
    assert_eq!(second, ProblemCode::RegistrationNotAllowed);
}

#[tokio::test]
async fn a_prompt_whose_node_died_before_showing_it_is_acknowledged_when_it_is_shown_and_not_before() {
    let [(here, _), (there, mut script)] = two_nodes_with(|config| config.chat.lease = SHORT_LEASE).await;
    let alice = here.sign_up("alice").await;
    let chat = alice.open_chat(&here).await;
    let session = chat.session.clone().unwrap();
    let store = here.store();
    // Its claim, and its prompt, which it did not come to show.
    let lost = invisible_prompt(&here, session.conversation_id, "hello");
    let claim = claim_of_a_dead_node(&here, &chat, lost.id).await;
    store.start_generation(claim.clone()).await.unwrap();
    store.append_message(lost.clone()).await.unwrap();

    let mut tab = tab_on(&there, &alice, &chat).await;
    tab.say_with_id("hello", lost.client_message_id.unwrap()).await;
    let (id, _) = prompt_told(&mut tab).await;
    let leaf = async || {
        let conversation = store
            .conversation(session.conversation_id)
            .await
            .unwrap()
            .unwrap();
        conversation.active_leaf
    };
    assert!(
        leaf().await.is_some(),
        "{id} was acknowledged before it was shown"
    );
    let mut call = script.next_call().await;
    call.say("Hi.");
    call.finish();
    assert_eq!(tab.reply().await.text, "Hi.");
    let conversation = store
        .conversation(session.conversation_id)
        .await
        .unwrap()
        .unwrap();
    let (branch, _) = store.branch(conversation.active_leaf.unwrap(), 10).await.unwrap();
    let said: Vec<&str> = branch.iter().map(|message| message.text.as_str()).collect();
    assert_eq!(said, ["hello", "Hi."]);
}

#[tokio::test]
async fn who_uploads_at_one_node_is_told_on_another_how_the_document_goes_on() {
    let [(here, _), (there, _)] = two_nodes().await;
    let alice = here.sign_up("alice").await;
    let mut chat = alice.open_chat(&here).await;
    let bob = there.sign_up("bob").await;
    let mut stranger = bob.open_chat(&there).await;
    let shelf = alice.on(&there).new_bot("Kettle", false).await;
    let uploaded = shelf.upload("zephyr.md", b"The Zephyr boils.").await;
    let told = async |chat: &mut Chat| {
        chat.until(|event| match event {
            ServerEvent::Ingestion { document } => {
                (document.status == DocumentStatus::Ready).then_some(document.id)
            }
            _ => None,
        })
        .await
    };
    assert_eq!(told(&mut chat).await, uploaded[0].document_id);
    // And again, when it is read anew; by whichever node.
    let id = uploaded[0].document_id;
    let path = format!("/chatbot/{}/document/{id}/reindex", shelf.bot);
    assert!(alice.on(&there).post(&path, "").await.status.is_success());
    assert_eq!(told(&mut chat).await, id);
    // Nobody else hears of it.
    let theirs = bob.on(&here).new_bot("Own", false).await;
    let own = theirs.upload("own.md", b"Something of Bob's own.").await;
    assert_eq!(told(&mut stranger).await, own[0].document_id);
}
