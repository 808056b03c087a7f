//! Documents: what is uploaded is answered from, cited, and nobody else's.

mod broken_off;
pub(crate) mod shelf;

use crate::world::{Person, TestServer};
use axum::http::StatusCode;
use shelf::Shelf;
use wire::{
    ProblemCode,
    conversation::ConversationDetail,
    document::{DocumentFault, DocumentStatus, DocumentText, SearchResult},
    socket::{ClientEvent, ServerEvent},
};

const ZEPHYR: &str = "# Zephyr kettle\n\nThe Zephyr is a kettle of steel that boils a litre in two minutes.\n\n\
    ## Warranty\n\nThe warranty of the Zephyr kettle lasts 27 months from the day of purchase.\n\n\
    ## Cleaning\n\nRinse it with vinegar once a month.\n";

async fn zephyr(alice: &Person) -> Shelf {
    let shelf = alice.new_bot("Kettle", false).await;
    shelf.put("zephyr.md", ZEPHYR).await;
    shelf
}

#[tokio::test]
async fn an_answer_rests_on_what_was_uploaded_and_says_on_what() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let shelf = zephyr(&alice).await;
    let mut chat = alice.connect(&alice.open_session(shelf.bot).await).await;
    chat.say("How long does the warranty of the Zephyr last?").await;
    let mut call = script.next_call().await;
    let told = &call.request().turns[0].text;
    assert!(told.contains("27 months"), "{told}");
    call.say("27 months [1].");
    call.finish();
    let kinds = std::cell::RefCell::new(Vec::new());
    let citations = chat
        .until(|event| {
            let json = serde_json::to_value(event).unwrap();
            kinds.borrow_mut().push(json["type"].as_str().unwrap().to_owned());
            match event {
                ServerEvent::ResponseComplete { citations, .. } => Some(citations.clone()),
                _ => None,
            }
        })
        .await;
    let kinds = kinds.into_inner();
    let order: Vec<_> = kinds
        .iter()
        .map(String::as_str)
        .filter(|kind| !matches!(*kind, "session_info" | "conversation_changed" | "ingestion"))
        .collect();
    assert_eq!(
        order,
        [
            "message_received",
            "response_start",
            "retrieval",
            "response_chunk",
            "response_complete"
        ]
    );
    assert_eq!(citations[0].number, 1);
    assert!(citations[0].snippet.contains("27 months"), "{citations:?}");
    let conversation = chat.session.as_ref().unwrap().conversation_id;
    let detail: ConversationDetail = alice.get(&format!("/conversation/{conversation}")).await.json();
    assert_eq!(detail.messages[1].citations, citations, "stored with the message");
    let text: DocumentText = alice
        .get(&format!(
            "/chatbot/{}/document/{}/text",
            shelf.bot, citations[0].document_id
        ))
        .await
        .json();
    let plain: Vec<_> = text.blocks.iter().map(|block| block.text.as_str()).collect();
    let plain: Vec<char> = plain.join("\n\n").chars().collect();
    let place = |at: u32| usize::try_from(at).unwrap();
    let (start, end) = (place(citations[0].start), place(citations[0].end));
    let cited: String = plain[start..end].iter().collect();
    assert!(cited.contains("27 months"), "it points to {cited:?}");
}

#[tokio::test]
async fn a_late_tab_is_told_what_the_answer_rests_on_too() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let shelf = zephyr(&alice).await;
    let session = alice.open_session(shelf.bot).await;
    let mut chat = alice.connect(&session).await;
    chat.say("How long is the warranty?").await;
    let mut call = script.next_call().await;
    call.say("27");
    assert_eq!(chat.chunk().await, "27");
    let mut late = alice.connect(&session).await;
    let sources = late
        .until(|event| match event {
            ServerEvent::Retrieval { sources, .. } => Some(sources.clone()),
            ServerEvent::ResponseChunk { .. } => panic!("a chunk before its sources"),
            _ => None,
        })
        .await;
    assert!(!sources.is_empty());
    call.finish();
    assert_eq!(late.rest_of_reply(0).await.text, "27");
}

#[tokio::test]
async fn a_chatbot_without_documents_answers_as_ever() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let mut chat = alice.open_chat(&server).await;
    chat.say("Hello").await;
    let call = script.next_call().await;
    assert!(!call.request().turns[0].text.contains("source"));
    call.finish();
    chat.reply().await;
}

#[tokio::test]
async fn documents_only_says_that_there_is_nothing() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let shelf = alice.new_bot("Strict", true).await;
    shelf.put("zephyr.md", ZEPHYR).await;
    let mut chat = alice.connect(&alice.open_session(shelf.bot).await).await;
    chat.say("Who painted the ceiling of the Sistine Chapel?").await;
    let call = script.next_call().await;
    let told = &call.request().turns[0].text;
    assert!(told.contains("Do not answer from what you know"), "{told}");
    call.finish();
    chat.reply().await;
}

#[tokio::test]
async fn documents_only_says_that_they_cannot_be_searched_and_makes_nothing_up() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let shelf = alice.new_bot("Strict", true).await;
    shelf.put("zephyr.md", ZEPHYR).await;
    let store = server.store();
    let document = store.documents(shelf.bot).await.unwrap().remove(0);
    let damaged = b"{\"damaged".to_vec();
    let fence = document.ready_fence.unwrap();
    store.put_text(document.id, fence, 0, damaged).await.unwrap();
    let mut chat = alice.connect(&alice.open_session(shelf.bot).await).await;
    chat.say("How long does the warranty of the Zephyr last?").await;
    let call = script.next_call().await;
    let told = &call.request().turns[0].text;
    assert!(told.contains("could not be searched"), "{told}");
    assert!(told.contains("Do not answer from what you know"), "{told}");
    call.finish();
    chat.reply().await;
}

#[tokio::test]
async fn an_answer_that_goes_on_rests_on_what_its_marks_stand_for() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let shelf = zephyr(&alice).await;
    let id = shelf.list().await[0].id;
    let mut chat = alice.connect(&alice.open_session(shelf.bot).await).await;
    chat.say("How long does the warranty of the Zephyr last?").await;
    let mut call = script.next_call().await;
    call.say("It is 27 months [1], ");
    assert_eq!(chat.chunk().await, "It is 27 months [1], ");
    chat.tell(&ClientEvent::Stop).await;
    let stopped = chat.rest_of_reply(1).await;
    // Meanwhile the library says something else.
    assert_eq!(shelf.delete(id).await, StatusCode::NO_CONTENT);
    shelf
        .put("other.md", &ZEPHYR.replace("27 months", "31 months"))
        .await;
    chat.tell(&ClientEvent::Continue {
        message_id: stopped.message_id,
    })
    .await;
    let mut call = script.next_call().await;
    let told = &call.request().turns[0].text;
    assert!(told.contains("<source id=\"1\" document=\"zephyr.md\""), "{told}");
    assert!(
        told.contains("27 months") && !told.contains("31 months"),
        "{told}"
    );
    call.say("from the day of purchase.");
    call.finish();
    let citations = chat
        .until(|event| match event {
            ServerEvent::ResponseComplete { citations, .. } => Some(citations.clone()),
            _ => None,
        })
        .await;
    assert_eq!(citations[0].document_id, id, "as it is stored");
}

#[tokio::test]
async fn a_follow_up_is_looked_up_with_what_was_asked_before() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let shelf = zephyr(&alice).await;
    let mut chat = alice.connect(&alice.open_session(shelf.bot).await).await;
    for (prompt, answer) in [
        ("Is there a warranty for the Zephyr kettle?", "Yes."),
        ("And how long does it last?", "27 months."),
    ] {
        chat.say(prompt).await;
        let mut call = script.next_call().await;
        assert!(call.request().turns[0].text.contains("27 months"), "{prompt}");
        call.say(answer);
        call.finish();
        chat.reply().await;
    }
}

#[tokio::test]
async fn what_is_deleted_is_answered_from_no_more() {
    let (server, mut script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let shelf = zephyr(&alice).await;
    let id = shelf.list().await[0].id;
    assert_eq!(shelf.delete(id).await, StatusCode::NO_CONTENT);
    assert_eq!(shelf.list().await, []);
    let mut chat = alice.connect(&alice.open_session(shelf.bot).await).await;
    chat.say("How long does the warranty of the Zephyr last?").await;
    let call = script.next_call().await;
    assert!(
        call.request()
            .turns
            .iter()
            .all(|turn| !turn.text.contains("27 months"))
    );
    call.finish();
    chat.reply().await;
}

#[tokio::test]
async fn the_same_file_twice_is_one_document() {
    let server = TestServer::answering(&["Hello."]).await;
    let alice = server.sign_up("alice").await;
    let shelf = zephyr(&alice).await;
    let again = shelf.upload("copy of zephyr.md", ZEPHYR.as_bytes()).await;
    assert!(again[0].known);
    assert_eq!(again[0].name, "zephyr.md", "as it is called there");
    assert_eq!(shelf.list().await.len(), 1);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_says_why_and_harms_nobody() {
    let server = TestServer::answering(&["Hello."]).await;
    let alice = server.sign_up("alice").await;
    let shelf = zephyr(&alice).await;
    shelf.upload("broken.pdf", b"%PDF-1.7\nnothing of it").await;
    let broken = shelf.settled("broken.pdf").await;
    assert_eq!(broken.status, DocumentStatus::Failed);
    let failure = broken.failure.unwrap();
    assert_eq!(failure.fault, DocumentFault::Damaged, "{failure:?}");
    assert!(!failure.detail.is_empty());
    assert_eq!(broken.media_type.as_deref(), Some("application/pdf"));
    shelf
        .upload("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
        .await;
    let picture = shelf.settled("picture.png").await;
    assert_eq!(picture.media_type, None);
    assert_eq!(picture.failure.unwrap().fault, DocumentFault::Unsupported);
    let zephyr = shelf.settled("zephyr.md").await;
    assert_eq!(zephyr.status, DocumentStatus::Ready);
    assert_eq!(zephyr.media_type.as_deref(), Some("text/markdown"));
}

#[tokio::test]
async fn uploads_have_limits_that_are_named() {
    let (server, _script) = TestServer::scripted_with(|config| {
        config.documents.document_bytes = 1_000;
        config.documents.document_quota = 1_500;
    })
    .await;
    let alice = server.sign_up("alice").await;
    let shelf = alice.new_bot("Kettle", false).await;
    let large = shelf.try_upload("large.txt", &[b'a'; 1_001]).await;
    assert_eq!(large.problem(), ProblemCode::TooLarge);
    shelf.upload("one.txt", &[b'b'; 900]).await;
    let second = shelf.try_upload("two.txt", &[b'c'; 900]).await;
    assert_eq!(second.problem(), ProblemCode::QuotaExceeded);
    let empty = shelf.try_upload("empty.txt", b"").await;
    assert_eq!(empty.problem(), ProblemCode::InvalidField);
    let form_less = alice
        .post(&format!("/chatbot/{}/document", shelf.bot), "{}")
        .await;
    assert_eq!(form_less.problem(), ProblemCode::UnsupportedMediaType);
    let names: Vec<_> = shelf
        .list()
        .await
        .into_iter()
        .map(|document| document.name)
        .collect();
    assert_eq!(names, ["one.txt"], "nothing is left of what was refused");
}

#[tokio::test]
async fn a_chatbot_has_no_more_passages_than_there_is_memory_to_search() {
    let (server, _script) = TestServer::scripted_with(|config| {
        config.documents.index_memory = 16 * 1024;
    })
    .await;
    let alice = server.sign_up("alice").await;
    let shelf = zephyr(&alice).await;
    let paragraph = |number: u32| format!("Kettle number {number} boils. {}", "It sings a song. ".repeat(40));
    let large: Vec<_> = (0..60).map(paragraph).collect();
    shelf.upload("large.txt", large.join("\n\n").as_bytes()).await;
    let refused = shelf.settled("large.txt").await;
    assert_eq!(refused.status, DocumentStatus::Failed);
    let failure = refused.failure.unwrap();
    assert_eq!(failure.fault, DocumentFault::LibraryFull);
    assert!(failure.detail.contains("library is full"), "{}", failure.detail);
    assert_eq!(shelf.settled("zephyr.md").await.status, DocumentStatus::Ready);
}

#[tokio::test]
async fn uploads_that_end_at_the_same_time_do_not_pass_the_quota_together() {
    let (server, _script) = TestServer::scripted_with(|config| {
        config.documents.document_quota = 1_500;
    })
    .await;
    let alice = server.sign_up("alice").await;
    let shelf = alice.new_bot("Kettle", false).await;
    let contents: Vec<Vec<u8>> = (b'a'..b'g').map(|letter| vec![letter; 600]).collect();
    let uploads = contents
        .iter()
        .map(|content| shelf.try_upload("kettle.txt", content));
    let answers = futures::future::join_all(uploads).await;
    let (taken, refused): (Vec<_>, Vec<_>) = answers
        .iter()
        .partition(|answer| answer.status == StatusCode::ACCEPTED);
    assert_eq!((taken.len(), refused.len()), (2, 4));
    for answer in refused {
        assert_eq!(answer.problem(), ProblemCode::QuotaExceeded);
    }
    assert_eq!(shelf.list().await.len(), 2);
}

#[tokio::test]
async fn strangers_get_what_an_unknown_chatbot_gets() {
    let server = TestServer::answering(&["Hello."]).await;
    let alice = server.sign_up("alice").await;
    let shelf = zephyr(&alice).await;
    let id = shelf.list().await[0].id;
    let mallory = server.sign_up("mallory").await;
    let theirs = shelf.as_seen_by(&mallory);
    let bot = shelf.bot;
    for path in [
        format!("/chatbot/{bot}/document"),
        format!("/chatbot/{bot}/document/{id}"),
        format!("/chatbot/{bot}/document/{id}/content"),
        format!("/chatbot/{bot}/document/{id}/text"),
    ] {
        assert_eq!(
            mallory.get(&path).await.problem(),
            ProblemCode::NotFound,
            "{path}"
        );
    }
    assert_eq!(theirs.delete(id).await, StatusCode::NOT_FOUND);
    let search = mallory
        .post(&format!("/chatbot/{bot}/search"), r#"{"query":"warranty"}"#)
        .await;
    assert_eq!(search.problem(), ProblemCode::NotFound);
    let upload = theirs.try_upload("x.txt", b"x").await;
    assert_eq!(upload.problem(), ProblemCode::NotFound);
    // Nor does a chatbot of one's own open another's documents.
    let own = mallory.new_bot("Own", false).await;
    let mixed = mallory
        .get(&format!("/chatbot/{}/document/{id}/text", own.bot))
        .await;
    assert_eq!(mixed.problem(), ProblemCode::NotFound);
}

#[tokio::test]
async fn the_file_comes_back_as_a_download_and_nothing_else() {
    let server = TestServer::answering(&["Hello."]).await;
    let alice = server.sign_up("alice").await;
    let shelf = alice.new_bot("Kettle", false).await;
    let page = "<p>Hello</p><script>alert(1)</script>";
    shelf.put("evil.html", page).await;
    let id = shelf.list().await[0].id;
    let file = alice
        .get(&format!("/chatbot/{}/document/{id}/content", shelf.bot))
        .await;
    assert_eq!(file.body, page);
    let header = |name: &str| file.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/octet-stream");
    assert!(header("content-disposition").starts_with("attachment;"));
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert!(header("content-security-policy").contains("sandbox"));
}

#[tokio::test]
async fn who_builds_the_bot_sees_what_would_be_found() {
    let server = TestServer::answering(&["Hello."]).await;
    let alice = server.sign_up("alice").await;
    let shelf = zephyr(&alice).await;
    let found: SearchResult = alice
        .post(
            &format!("/chatbot/{}/search", shelf.bot),
            r#"{"query":"How long is the warranty?","k":3}"#,
        )
        .await
        .json();
    assert!(found.hits[0].text.contains("27 months"), "{found:?}");
    assert!(found.hits[0].keyword_score.is_some_and(|score| score > 0.0));
    let stages: Vec<_> = found.times.iter().map(|time| time.stage.as_str()).collect();
    assert_eq!(stages, ["load", "embed", "keyword", "vector", "fuse"]);
    let empty = alice
        .post(&format!("/chatbot/{}/search", shelf.bot), r#"{"query":"  "}"#)
        .await;
    assert_eq!(empty.problem(), ProblemCode::InvalidField);
}

#[tokio::test]
async fn its_owner_is_told_how_a_document_goes_on() {
    let (server, _script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let shelf = alice.new_bot("Kettle", false).await;
    let mut chat = alice.open_chat(&server).await;
    shelf.upload("zephyr.md", ZEPHYR.as_bytes()).await;
    chat.until(|event| match event {
        ServerEvent::Ingestion { document } => (document.status == DocumentStatus::Ready).then_some(()),
        _ => None,
    })
    .await;
}

#[tokio::test]
async fn a_document_of_a_worker_that_died_is_read_by_the_next_server() {
    let (server, script) = TestServer::scripted().await;
    let alice = server.sign_up("alice").await;
    let shelf = zephyr(&alice).await;
    let before = shelf.chunks(&server).await;
    let id = shelf.list().await[0].id;
    let store = server.store();
    // As if a worker had died in the middle.
    store
        .requeue_document(id, wire::Timestamp::from_millis(0))
        .await
        .unwrap();
    let server = server.stop().await;
    drop(script);
    let (model, _script) = llm::ScriptedModel::new();
    let server = server.start_again(std::sync::Arc::new(model)).await;
    let alice = alice.on(&server);
    let shelf = shelf.as_seen_by(&alice);
    assert_eq!(shelf.settled("zephyr.md").await.status, DocumentStatus::Ready);
    assert_eq!(shelf.chunks(&server).await, before, "the same passages");
}
