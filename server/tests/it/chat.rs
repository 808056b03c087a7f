//! Prompts and answers: what streams, what is stored, what stops.

use crate::world::{Chat, PATIENCE, TestServer};
use llm::{ChatModel, ChatRequest, ChatStream, ModelError, ModelStatus, ScriptedModel};
use server::clock::Clock;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use store::generation::{ChunkBatch, GenerationRecord};
use uuid::Uuid;
use wire::{
    ClientMessageId, GenerationId, MessageId, ProblemCode,
    conversation::ConversationDetail,
    message::{MessageStatus, Outcome},
    socket::{ClientEvent, ServerEvent},
};

fn client_message_id() -> ClientMessageId {
    ClientMessageId::from_uuid(Uuid::now_v7())
}

#[tokio::test]
async fn chunks_reach_the_client_as_the_model_says_them() {
    let (server, mut script) = TestServer::scripted().await;
    let mut chat = server.sign_up("alice").await.open_chat(&server).await;
    chat.say("hello").await;
    let mut call = script.next_call().await;
    for word in ["One", " two", " three"] {
        call.say(word);
        assert_eq!(chat.chunk().await, word);
    }
    call.finish();
    let reply = chat.rest_of_reply(3).await;
    assert_eq!(
        (reply.text.as_str(), reply.outcome),
        ("One two three", Outcome::Complete)
    );
}

#[tokio::test]
async fn the_model_is_given_the_system_prompt_and_the_conversation_so_far() {
    let (server, mut script) = TestServer::scripted().await;
    let mut chat = server.sign_up("alice").await.open_chat(&server).await;
    for (prompt, answer) in [
        ("My name is Alice.", "Hello Alice."),
        ("What is my name?", "Alice."),
    ] {
        chat.say(prompt).await;
        let mut call = script.next_call().await;
        call.say(answer);
        if prompt.starts_with("What") {
            let turns: Vec<_> = call
                .request()
                .turns
                .iter()
                .skip(1)
                .map(|turn| turn.text.as_str())
                .collect();
            assert_eq!(turns, ["My name is Alice.", "Hello Alice.", "What is my name?"]);
        }
        call.finish();
        chat.reply().await;
    }
}

#[tokio::test]
async fn the_prompt_is_stored_before_it_is_acknowledged_and_the_model_called() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    chat.say("keep this").await;
    let call = script.next_call().await;
    let id = chat
        .until(|event| match event {
            ServerEvent::MessageReceived { message_id, .. } => Some(*message_id),
            _ => None,
        })
        .await;
    assert_eq!(
        server.store().message(id).await.unwrap().unwrap().text,
        "keep this"
    );
    call.finish();
}

#[tokio::test]
async fn an_answer_goes_on_and_is_stored_when_its_reader_is_gone() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    let conversation = chat.session.as_ref().unwrap().conversation_id;
    chat.say("tell me a story").await;
    let mut call = script.next_call().await;
    chat.vanish();
    call.say("Once upon ");
    call.say("a time.");
    call.finish();
    let detail = loop {
        let detail: ConversationDetail = alice.get(&format!("/conversation/{conversation}")).await.json();
        if detail
            .messages
            .last()
            .is_some_and(|last| last.status == MessageStatus::Complete && detail.messages.len() == 2)
        {
            break detail;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(detail.messages[1].message, "Once upon a time.");
}

#[tokio::test]
async fn who_comes_back_in_the_middle_gets_the_whole_answer() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    let session = chat.session.clone().unwrap();
    chat.say("hello").await;
    let mut call = script.next_call().await;
    call.say("One");
    assert_eq!(chat.chunk().await, "One");
    chat.vanish();
    call.say(" two");
    let mut late = alice.connect(&session).await;
    assert!(matches!(
        late.next().await,
        ServerEvent::SessionInfo { running: Some(_), .. }
    ));
    late.response_start().await;
    call.say(" three");
    call.finish();
    assert_eq!(late.rest_of_reply(0).await.text, "One two three");
}

#[tokio::test]
async fn who_resumes_gets_only_what_is_missing_also_after_the_end() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    let session = chat.session.clone().unwrap();
    chat.say("hello").await;
    let mut call = script.next_call().await;
    let generation = chat.response_start().await;
    for word in ["One", " two", " three"] {
        call.say(word);
        chat.chunk().await;
    }
    call.finish();
    chat.rest_of_reply(3).await;
    chat.vanish();
    let query = format!("&generation_id={generation}&after_seq=1");
    let mut back = crate::world::Chat::connect(&alice, &session.session_id.to_string(), &query)
        .await
        .unwrap();
    assert!(matches!(
        back.next().await,
        ServerEvent::SessionInfo { running: None, .. }
    ));
    match back.next().await {
        ServerEvent::ResponseChunk {
            chunk,
            first_seq: 2,
            seq: 3,
            ..
        } => assert_eq!(chunk, " two three"),
        other => panic!("{other:?}"),
    }
    assert!(matches!(
        back.next().await,
        ServerEvent::ResponseComplete {
            outcome: Outcome::Complete,
            ..
        }
    ));
}

#[tokio::test]
async fn who_resumes_an_answer_of_long_ago_gets_it_whole_from_its_message() {
    let server = TestServer::answering(&["Long ", "ago."]).await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    let session = chat.session.clone().unwrap();
    chat.say("hello").await;
    let generation = chat.response_start().await;
    chat.rest_of_reply(0).await;
    server.clock.advance(std::time::Duration::from_secs(2 * 60 * 60));
    server.store().collect_logs(server.clock.now()).await.unwrap();
    assert_eq!(server.store().chunks_after(generation, 0, 1).await.unwrap(), []);
    let mut back = alice.connect(&session).await;
    back.tell(&ClientEvent::Resume {
        generation_id: generation,
        after_seq: 2,
    })
    .await;
    assert_eq!(back.reply().await.text, "Long ago.");
}

#[tokio::test]
async fn every_tab_sees_the_prompt_and_the_answer() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let mut one = alice.open_chat(&server).await;
    let mut two = alice.connect(&one.session.clone().unwrap()).await;
    one.say("hello").await;
    let mut call = script.next_call().await;
    call.say("Hello, Alice.");
    call.finish();
    let prompt = two
        .until(|event| match event {
            ServerEvent::MessageReceived { message, .. } => Some(message.clone()),
            _ => None,
        })
        .await;
    assert_eq!(prompt, "hello");
    assert_eq!(two.reply().await.text, "Hello, Alice.");
    assert_eq!(one.reply().await.text, "Hello, Alice.");
}

#[tokio::test]
async fn stop_keeps_exactly_what_was_shown_and_ends_the_call() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    chat.say("count to a million").await;
    let mut call = script.next_call().await;
    call.say("1 2 3");
    assert_eq!(chat.chunk().await, "1 2 3");
    chat.tell(&ClientEvent::Stop).await;
    let reply = chat.rest_of_reply(1).await;
    assert_eq!((reply.text.as_str(), reply.outcome), ("1 2 3", Outcome::Stopped));
    tokio::time::timeout(PATIENCE, call.cancelled()).await.unwrap();
    let stored = server.store().message(reply.message_id).await.unwrap().unwrap();
    assert_eq!(
        (stored.text.as_str(), stored.status),
        ("1 2 3", MessageStatus::Stopped)
    );
}

#[tokio::test]
async fn stop_works_before_the_first_token() {
    let (server, mut script) = TestServer::scripted().await;
    let mut chat = server.sign_up("alice").await.open_chat(&server).await;
    chat.say("hello").await;
    let call = script.next_call().await;
    chat.tell(&ClientEvent::Stop).await;
    let reply = chat.reply().await;
    assert_eq!((reply.text.as_str(), reply.outcome), ("", Outcome::Stopped));
    tokio::time::timeout(PATIENCE, call.cancelled()).await.unwrap();
}

#[tokio::test]
async fn a_failing_model_is_told_and_what_it_said_is_kept() {
    let (server, mut script) = TestServer::scripted().await;
    let mut chat = server.sign_up("alice").await.open_chat(&server).await;
    chat.say("hello").await;
    let mut call = script.next_call().await;
    call.say("I was about to");
    call.fail(ModelError::BrokeOff("the cable".into()));
    let reply = chat.reply().await;
    assert_eq!(reply.error, Some(ProblemCode::ModelFailed));
    assert_eq!(
        (reply.text.as_str(), reply.outcome),
        ("I was about to", Outcome::Failed)
    );

    // The chat goes on.
    chat.say("again").await;
    let mut call = script.next_call().await;
    call.say("Here I am.");
    call.finish();
    assert_eq!(chat.reply().await.text, "Here I am.");
}

#[tokio::test]
async fn a_model_that_refuses_leaves_the_prompt_stored() {
    let (server, script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    script.refuse_next(ModelError::Busy { retry_after: None });
    chat.say("hello").await;
    let reply = chat.reply().await;
    assert_eq!(
        (reply.error, reply.outcome),
        (Some(ProblemCode::ModelBusy), Outcome::Failed)
    );
    let again = alice.open_session(chat.session.unwrap().chatbot_id).await;
    assert_eq!(again.previous_messages[0].message, "hello");
}

#[tokio::test]
async fn a_prompt_sent_ten_times_with_one_id_is_one_message_and_one_answer() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    let id = client_message_id();
    for _ in 0..10 {
        chat.say_with_id("once", id).await;
    }
    let mut call = script.next_call().await;
    call.say("Once.");
    let mut ids = Vec::new();
    while ids.len() < 10 {
        if let ServerEvent::MessageReceived {
            message_id,
            client_message_id,
            ..
        } = chat.next().await
        {
            assert_eq!(client_message_id, Some(id));
            ids.push(message_id);
        }
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    call.finish();
    chat.until(|event| matches!(event, ServerEvent::ResponseComplete { .. }).then_some(()))
        .await;
    chat.say_with_id("once", id).await;
    assert!(matches!(chat.next().await, ServerEvent::MessageReceived { .. }));
    assert!(script.try_next_call().is_none(), "one prompt, one answer");
    chat.say_with_id("something else", id).await;
    assert_eq!(chat.next_error().await, ProblemCode::ClientMessageIdReused);
}

#[tokio::test]
async fn a_second_prompt_during_an_answer_is_refused_and_nothing_of_it_is_stored() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    chat.say("first").await;
    let call = script.next_call().await;
    chat.response_start().await;
    chat.say("second").await;
    let code = chat
        .until(|event| match event {
            ServerEvent::Error { code, .. } => Some(*code),
            _ => None,
        })
        .await;
    assert_eq!(code, ProblemCode::GenerationRunning);
    call.finish();
    chat.until(|event| matches!(event, ServerEvent::ResponseComplete { .. }).then_some(()))
        .await;
    let again = alice.open_session(chat.session.unwrap().chatbot_id).await;
    let prompts: Vec<_> = again
        .previous_messages
        .iter()
        .map(|message| message.message.as_str())
        .collect();
    assert_eq!(prompts, ["first", ""]);
}

#[tokio::test]
async fn what_people_write_comes_back_as_they_wrote_it() {
    let server = TestServer::with_model(Arc::new(llm::ScriptedModel::answering(|request| {
        let prompt = request
            .turns
            .last()
            .map(|turn| turn.text.clone())
            .unwrap_or_default();
        prompt.chars().map(String::from).collect::<Vec<_>>()
    })))
    .await;
    let mut chat = server.sign_up("alice").await.open_chat(&server).await;
    for text in [
        "🫖👩‍👩‍👧‍👦🇨🇭",
        "שלום עולם",
        "日本語のテキスト",
        "a\u{202e}b\u{200d}",
        "  \n\ttabs\r\n",
        "\"\\/\u{1}<script>",
    ] {
        chat.say(text).await;
        assert_eq!(chat.reply().await.text, text);
    }
}

#[tokio::test]
async fn an_answer_of_many_tokens_comes_in_few_frames_and_whole() {
    let words: &'static [&'static str] = &["word "; 5_000];
    let server = TestServer::answering(words).await;
    let mut chat = server.sign_up("alice").await.open_chat(&server).await;
    chat.say("go").await;
    let reply = chat.reply().await;
    assert_eq!(reply.text, "word ".repeat(5_000));
    assert!(
        reply.frames < 2_500,
        "{} frames for 5,000 tokens said at once",
        reply.frames
    );
}

#[tokio::test]
async fn the_first_prompt_becomes_the_title() {
    let server = TestServer::answering(&["Fine."]).await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    chat.say("How is the weather?\nIn Bern.").await;
    let title = chat
        .until(|event| match event {
            ServerEvent::ConversationChanged { title, .. } => title.clone(),
            _ => None,
        })
        .await;
    assert_eq!(title, "How is the weather?");
    let page: wire::conversation::ConversationPage = alice.get("/conversation").await.json();
    assert_eq!(
        page.conversations[0].title.as_deref(),
        Some("How is the weather?")
    );
}

/// A model with a defect, which shows at its first call.
#[derive(Debug)]
struct Defective {
    model: ScriptedModel,
    has_failed: AtomicBool,
}

#[async_trait::async_trait]
impl ChatModel for Defective {
    fn name(&self) -> String {
        self.model.name()
    }

    fn status(&self) -> ModelStatus {
        self.model.status()
    }

    async fn answer(&self, request: ChatRequest) -> Result<ChatStream, ModelError> {
        assert!(
            self.has_failed.swap(true, Ordering::SeqCst),
            "the defect of this test"
        );
        self.model.answer(request).await
    }
}

#[tokio::test]
async fn a_defect_in_the_middle_of_an_answer_leaves_the_conversation_free() {
    let model = Arc::new(Defective {
        model: ScriptedModel::answering(|_| ["Hi."]),
        has_failed: AtomicBool::new(false),
    });
    let home = TestServer::home(|config| config.chat.lease = Duration::from_millis(600));
    let server = home.start_again(model).await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    let session = chat.session.clone().unwrap();
    chat.say("hello").await;
    assert_eq!(
        chat.close_code().await,
        1012,
        "its page comes back and reads what there is"
    );
    let mut back = alice.connect(&session).await;
    back.say("hello?").await;
    let reply = back.reply().await;
    assert_eq!((reply.text.as_str(), reply.outcome), ("Hi.", Outcome::Complete));
}

/// A generation of this server's in the conversation of this chat, as it stands in the store when nobody writes it.
async fn left_behind(server: &TestServer, chat: &Chat) -> GenerationRecord {
    let session = chat.session.as_ref().unwrap();
    let session = server.store().session(session.session_id).await.unwrap().unwrap();
    let now = server.clock.now();
    let record = GenerationRecord {
        id: GenerationId::from_uuid(Uuid::now_v7()),
        prompt_id: MessageId::from_uuid(Uuid::now_v7()),
        message_id: MessageId::from_uuid(Uuid::now_v7()),
        offset: 0,
        conversation_id: session.conversation_id,
        user_id: session.user_id,
        session_id: session.id,
        node_id: server.app.node_id.clone(),
        fence: 1,
        lease_until: now.plus(Duration::from_secs(1)),
        started_at: now,
        ended: None,
        settled: false,
    };
    server.store().start_generation(record.clone()).await.unwrap();
    record
}

#[tokio::test]
async fn a_claim_that_was_left_behind_is_waited_for_and_costs_no_answer() {
    let (server, mut script) =
        TestServer::scripted_with(|config| config.chat.lease = Duration::from_millis(600)).await;
    let mut chat = server.sign_up("alice").await.open_chat(&server).await;
    left_behind(&server, &chat).await;
    chat.say("hello").await;
    let mut call = script.next_call().await;
    call.say("Hi.");
    assert_eq!(chat.chunk().await, "Hi.", "nobody waits for it to be read");
    call.finish();
    let reply = chat.rest_of_reply(1).await;
    assert_eq!((reply.outcome, reply.error), (Outcome::Complete, None));
    let stored = server.store().message(reply.message_id).await.unwrap().unwrap();
    assert_eq!(
        (stored.text.as_str(), stored.status),
        ("Hi.", MessageStatus::Complete)
    );
}

#[tokio::test]
async fn who_stops_an_answer_does_not_wait_for_what_was_left_behind() {
    let (server, mut script) =
        TestServer::scripted_with(|config| config.chat.lease = Duration::from_secs(3600)).await;
    let mut chat = server.sign_up("alice").await.open_chat(&server).await;
    left_behind(&server, &chat).await;
    chat.say("hello").await;
    let mut call = script.next_call().await;
    call.say("Hi.");
    assert_eq!(chat.chunk().await, "Hi.");
    chat.tell(&ClientEvent::Stop).await;
    let reply = chat.rest_of_reply(1).await;
    assert_eq!(reply.error, Some(ProblemCode::StoreUnavailable));
}

#[tokio::test]
async fn an_answer_that_nobody_writes_any_more_is_read_to_an_end() {
    let (server, _script) = TestServer::scripted().await;
    let mut chat = server.sign_up("alice").await.open_chat(&server).await;
    let lost = left_behind(&server, &chat).await;
    let batch = ChunkBatch {
        generation_id: lost.id,
        fence: lost.fence,
        first_seq: 1,
        text: "A begin".into(),
        lengths: vec![2, 5],
    };
    for written in server.store().append_chunks(vec![batch]).await.unwrap() {
        written.unwrap();
    }
    chat.next().await;
    chat.tell(&ClientEvent::Resume {
        generation_id: lost.id,
        after_seq: 1,
    })
    .await;
    let reply = chat.rest_of_reply(1).await;
    assert_eq!(
        (reply.text.as_str(), reply.outcome),
        ("A begin", Outcome::Interrupted)
    );
}
