//! Copying a whole SQLite file into MongoDB.

use super::OnServer;
use crate::{
    contract::{
        Database,
        given::{
            a_batch, a_chatbot, a_conversation, a_document, a_prompt, a_session, a_sign_in, a_user,
            an_answer_to, append, at, chatbot_id, conversation_id, counting, generation_id, opened,
            running_in, stored, user_id,
        },
    },
    sqlite::File,
};
use mongodb::bson::{Document, doc};
use std::{ops::ControlFlow, time::Duration};
use store::{
    MongoStore, SqliteStore, Store, StoreError,
    audit::AuditFilter,
    chatbot::ChatbotRecord,
    copy::{CopyError, CopyOutcome, Progress, Subject, copy},
    document::{ChunkRecord, ChunkVector, DocumentReady, DocumentRecord, PageStart, Room},
    generation::{Ended, GenerationRecord},
    message::{Appended, GivenFeedback, MessageRecord},
    session::SessionRecord,
    sign_in::{Rotation, SignIn},
    standing::PasswordLink,
    usage::Day,
    user::UserRecord,
};
use wire::{
    AuditId, ChatbotId, UserId,
    admin::{AuditEntry, AuditKind},
    document::DocumentStatus,
    feedback::{Feedback, Reason, Verdict},
    message::Outcome,
};

/// A file with something of everything in it.
struct Life {
    file: File,
    user: UserRecord,
    sign_in: SignIn,
    deleted: ChatbotRecord,
    prompt: MessageRecord,
    session: SessionRecord,
    closed: SessionRecord,
    sealed: GenerationRecord,
    finished: GenerationRecord,
    /// Goes on with an answer that was stopped.
    going_on: GenerationRecord,
    /// Ready, and its file; and one whose worker died in the middle.
    document: DocumentRecord,
    half_read: DocumentRecord,
}

/// A part of a file that is no text, and larger than what is read at a time when there are many.
fn a_part(seed: u8) -> Vec<u8> {
    (0..70_000_u32).map(|n| n.to_le_bytes()[0] ^ seed).collect()
}

fn a_chunk(index: u32) -> ChunkRecord {
    ChunkRecord {
        index,
        start: index * 10,
        end: index * 10 + 5,
        pages: vec![PageStart { page: 1, at: 0 }],
        headings: vec!["Zephyr".into()],
        context: format!("Passage {index}"),
        tokens: 3,
    }
}

fn a_vector(index: u32) -> ChunkVector {
    ChunkVector {
        index,
        vector: vec![0.5, -1.0e-7],
    }
}

/// More passages than are copied at a time.
const PASSAGES: u32 = 600;

async fn read(store: &dyn Store, bot: ChatbotId, user: UserId) -> (DocumentRecord, DocumentRecord) {
    let mut documents = Vec::new();
    for sum in [[1; 32], [2; 32]] {
        let document = a_document(bot, user);
        store.add_document(document.clone()).await.unwrap();
        for part in 0..3 {
            let bytes = a_part(sum[0]);
            store.put_part(document.id, part, bytes).await.unwrap();
        }
        store
            .seal_document(document.id, 210_000, sum, Room::UNLIMITED, at(1))
            .await
            .unwrap();
        let claimed = store.claim_document("old", at(1), at(50)).await.unwrap().unwrap();
        let (id, fence) = (claimed.id, claimed.fence);
        store.put_text(id, fence, 0, a_part(9)).await.unwrap();
        let chunks = (0..PASSAGES).map(a_chunk).collect();
        store.put_chunks(id, fence, chunks).await.unwrap();
        documents.push(claimed);
    }
    let (id, fence) = (documents[0].id, documents[0].fence);
    for model in ["minilm", "e5"] {
        let vectors = (0..PASSAGES).map(a_vector).collect();
        store.put_vectors(id, fence, model, vectors).await.unwrap();
    }
    let ready = DocumentReady {
        pages: Some(1),
        chunks: PASSAGES,
        embedding_models: vec!["minilm".into(), "e5".into()],
    };
    assert!(store.finish_document(id, fence, ready).await.unwrap());
    assert!(store.switch_library(bot, None, "minilm").await.unwrap());
    assert!(store.replace_note("guide", None, "noted").await.unwrap());
    let half_read = store.document(documents[1].id).await.unwrap().unwrap();
    (store.document(id).await.unwrap().unwrap(), half_read)
}

async fn documents_are_there(life: &Life, store: &MongoStore) {
    use store::{document::Documents, note::Notes};
    let document = DocumentRecord {
        change: 0,
        ..life.document.clone()
    };
    let (id, fence) = (document.id, document.ready_fence.unwrap());
    assert_eq!(store.document(id).await.unwrap(), Some(document.clone()));
    for part in 0..3 {
        assert_eq!(store.part(id, part).await.unwrap(), Some(a_part(1)));
    }
    assert_eq!(store.part(id, 3).await.unwrap(), None);
    assert_eq!(store.text(id, fence, 0).await.unwrap(), Some(a_part(9)));
    let chunks = store.chunks(id, fence, 0, 1_000).await.unwrap();
    assert_eq!(chunks, (0..PASSAGES).map(a_chunk).collect::<Vec<_>>());
    for model in ["minilm", "e5"] {
        let vectors = store.vectors(id, fence, model, 0, 1_000).await.unwrap();
        assert_eq!(vectors, (0..PASSAGES).map(a_vector).collect::<Vec<_>>());
    }
    let library = store.library(document.chatbot_id).await.unwrap();
    assert_eq!(library.model.as_deref(), Some("minilm"));
    assert!(
        library.version > 0,
        "an index of before is not taken for this one"
    );
    assert_eq!(store.note("guide").await.unwrap().as_deref(), Some("noted"));
    // The one whose worker died is taken up, and the same file is known.
    let claimed = store
        .claim_document("new", at(60), at(99))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (claimed.id, claimed.fence),
        (life.half_read.id, life.half_read.fence + 1)
    );
    assert_eq!(claimed.status, DocumentStatus::Extracting);
    let again = a_document(document.chatbot_id, document.user_id);
    store.add_document(again.clone()).await.unwrap();
    let again = store
        .seal_document(again.id, 210_000, [1; 32], Room::UNLIMITED, at(1))
        .await;
    assert_eq!(again.unwrap(), store::document::Sealed::Known(document));
}

async fn lived() -> Life {
    let file = File::fresh();
    let store = file.open().await;
    let user = a_user("ada@example.org");
    store.create_user(user.clone()).await.unwrap();
    store.create_user(a_user("bob@example.org")).await.unwrap();
    store.create_invitation([1; 32], at(100)).await.unwrap();
    store.create_invitation([2; 32], at(100)).await.unwrap();
    assert!(store.redeem_invitation([2; 32], user.id, at(1)).await.unwrap());
    let sign_in = a_sign_in(user.id);
    store.create_sign_in(sign_in.clone(), [10; 32]).await.unwrap();
    let grace = Duration::from_secs(30);
    store
        .rotate_refresh_token([10; 32], [11; 32], at(5), grace, at(1000))
        .await
        .unwrap();
    store.redeem_ticket([20; 32], at(900)).await.unwrap();
    let bot = a_chatbot(Some(user.id));
    store.create_chatbot(bot.clone()).await.unwrap();
    let deleted = ChatbotRecord {
        builtin: Some("guide".into()),
        ..a_chatbot(None)
    };
    store.create_chatbot(deleted.clone()).await.unwrap();
    store.delete_chatbot(deleted.id, at(2)).await.unwrap();
    let conversation = a_conversation(user.id, bot.id);
    store.create_conversation(conversation.clone()).await.unwrap();
    store
        .create_conversation(a_conversation(user.id, bot.id))
        .await
        .unwrap();
    let prompt = a_prompt(conversation.id, None, "What is an engine?");
    let (prompt, _) = store.append_visible_message(prompt, None, None).await.unwrap();
    let (Appended::New(prompt) | Appended::Existing(prompt)) = prompt;
    let answer = stored(&*store, an_answer_to(&prompt)).await;
    let writer = answer.generation_id.unwrap();
    store
        .settle_message(answer.id, writer, "It turns heat into work.", Outcome::Complete)
        .await
        .unwrap();
    let feedback = Feedback {
        verdict: Verdict::Down,
        reason: Some(Reason::Incomplete),
        comment: "Which work?".into(),
    };
    let given = Some(GivenFeedback { feedback, at: at(12) });
    assert!(store.note_feedback(answer.id, given).await.unwrap());
    let closed = opened(&*store, a_session(user_id(), conversation_id(), 10)).await;
    store.close_session(closed.id).await.unwrap();
    let session = opened(&*store, a_session(user.id, conversation.id, 20)).await;
    let other = a_conversation(user.id, bot.id);
    store.create_conversation(other.clone()).await.unwrap();
    let sealed = running_in(&*store, &other, 3).await;
    append(&*store, a_batch(sealed.id, 1, &["Half ", "an ans"]))
        .await
        .unwrap();
    store
        .interrupt_generation(sealed.id, sealed.lease_until, at(60))
        .await
        .unwrap();
    let finished = running_in(&*store, &conversation, 30).await;
    append(&*store, a_batch(finished.id, 1, &["Whole"]))
        .await
        .unwrap();
    let ended = Ended {
        outcome: Outcome::Complete,
        at: at(40),
        usage: None,
    };
    store.finish_generation(finished.id, 1, ended).await.unwrap();
    store.mark_settled(finished.id, &counting()).await.unwrap();
    let going_on = going_on(&*store, user.id).await;
    administer(&*store, user.id).await;
    let (document, half_read) = read(&*store, bot.id, user.id).await;
    store.close().await;
    Life {
        file,
        user,
        sign_in,
        deleted,
        prompt,
        session,
        closed,
        sealed,
        finished,
        going_on,
        document,
        half_read,
    }
}

async fn administer(store: &dyn Store, user: UserId) {
    store.set_lock(user, Some(at(7))).await.unwrap();
    let link = PasswordLink {
        user_id: user,
        mark: [8; 32],
        expires_at: at(900),
    };
    store.create_password_link([40; 32], link).await.unwrap();
    store.create_password_link([41; 32], link).await.unwrap();
    assert!(store.use_password_link([41; 32], at(8)).await.unwrap());
    store.append_audit(a_line(user)).await.unwrap();
}

fn a_line(user: UserId) -> AuditEntry {
    AuditEntry {
        id: AuditId::from_uuid(uuid::Uuid::from_u128(7)),
        at: at(7),
        kind: AuditKind::Locked,
        actor: None,
        email: String::new(),
        about: Some(user),
        detail: "ada@example.org".into(),
        address: None,
    }
}

async fn what_was_administered_is_there(life: &Life, store: &MongoStore) {
    use store::{audit::Audits, standing::Standings, usage::Usages};
    let user = life.user.id;
    assert_eq!(store.standing(user).await.unwrap().locked_at, Some(at(7)));
    assert!(store.password_link([40; 32], at(9)).await.unwrap().is_some());
    assert!(store.password_link([41; 32], at(9)).await.unwrap().is_none());
    let lines = store.audit(AuditFilter::default(), None, 9).await.unwrap();
    assert_eq!(lines, [a_line(user)]);
    let sums = store.usage_since(Day::from_number(0)).await.unwrap();
    assert_eq!(sums.models["smollm2"].prompts, 2, "{sums:?}");
}

async fn going_on(store: &dyn Store, user: UserId) -> GenerationRecord {
    let conversation = a_conversation(user, chatbot_id());
    store.create_conversation(conversation.clone()).await.unwrap();
    let first = running_in(store, &conversation, 3).await;
    let ended = Ended {
        outcome: Outcome::Stopped,
        at: at(5),
        usage: None,
    };
    store.finish_generation(first.id, 1, ended).await.unwrap();
    let settled = store.settle_message(first.message_id, first.id, "Half", Outcome::Stopped);
    assert!(settled.await.unwrap());
    store.mark_settled(first.id, &counting()).await.unwrap();
    let second = GenerationRecord {
        id: generation_id(),
        offset: 4,
        started_at: at(6),
        ..first.clone()
    };
    store.start_generation(second.clone()).await.unwrap();
    let reopened = store.reopen_message(first.message_id, second.id, Some(first.id));
    assert!(reopened.await.unwrap());
    second
}

/// Copies until `enough` says so.
async fn copied(
    life: &Life,
    target: &OnServer,
    mut enough: impl FnMut(Progress) -> bool + Send,
) -> Result<CopyOutcome, CopyError> {
    let from = SqliteStore::open(&life.file.path()).unwrap();
    let mut progress = |word| {
        if enough(word) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let uri = super::patient(&target.uri);
    let done = copy(&from, &uri, &target.name, "here", &mut progress).await;
    from.close().await;
    done
}

async fn raw(target: &OnServer, collection: &str) -> mongodb::Collection<Document> {
    let client = mongodb::Client::with_uri_str(&target.uri).await.unwrap();
    client.database(&target.name).collection(collection)
}

async fn is_all_there(life: &Life, store: &MongoStore) {
    use store::{
        chatbot::Chatbots, generation::Generations, message::Messages, session::Sessions, sign_in::SignIns,
        user::Users,
    };
    assert_eq!(
        store.user_by_email("ada@example.org").await.unwrap(),
        Some(life.user.clone())
    );
    what_was_administered_is_there(life, store).await;
    assert!(store.redeem_invitation([1; 32], user_id(), at(1)).await.unwrap());
    assert!(!store.redeem_invitation([2; 32], user_id(), at(1)).await.unwrap());
    let grace = Duration::from_secs(30);
    let again = store
        .rotate_refresh_token([10; 32], [11; 32], at(6), grace, at(1000))
        .await
        .unwrap();
    let used = SignIn {
        last_used_at: at(6),
        ..life.sign_in.clone()
    };
    assert_eq!(again, Rotation::Repeated(used));
    assert!(!store.redeem_ticket([20; 32], at(900)).await.unwrap());
    let back = store.create_chatbot(life.deleted.clone()).await;
    assert!(matches!(back, Err(StoreError::Conflict("builtin"))), "{back:?}");
    assert_eq!(store.chatbot(life.deleted.id).await.unwrap(), None);
    assert_eq!(
        store.session(life.session.id).await.unwrap(),
        Some(life.session.clone())
    );
    assert_eq!(store.session_of(life.closed.user_id).await.unwrap(), None);
    let sealed = store.generation(life.sealed.id).await.unwrap().unwrap();
    assert_eq!(sealed.ended.unwrap().outcome, Outcome::Interrupted);
    assert_eq!(store.log_text(life.sealed.id).await.unwrap().text, "Half an ans");
    let late = append(store, a_batch(life.sealed.id, 3, &["wer"])).await;
    assert!(matches!(late, Err(StoreError::Fenced(_))), "{late:?}");
    assert_eq!(store.log_text(life.finished.id).await.unwrap().text, "Whole");

    // And life goes on where it was.
    let going_on = &life.going_on;
    assert_eq!(
        store.generation(going_on.id).await.unwrap().as_ref(),
        Some(going_on)
    );
    let settle = async |by| {
        let settled = store.settle_message(going_on.message_id, by, " and half", Outcome::Complete);
        settled.await.unwrap()
    };
    assert!(!settle(generation_id()).await);
    assert!(settle(going_on.id).await);
    let whole = store.message(going_on.message_id).await.unwrap().unwrap();
    assert_eq!(whole.text, "Half and half");
    let repeated = store
        .message_by_client_id(
            life.prompt.conversation_id,
            life.prompt.client_message_id.unwrap(),
        )
        .await
        .unwrap();
    assert_eq!(repeated.as_ref(), Some(&life.prompt));
    let next = a_prompt(life.prompt.conversation_id, Some(life.prompt.id), "Go on");
    let (Appended::New(next), true) = store
        .append_visible_message(next, Some(life.prompt.id), Some(life.session.fence))
        .await
        .unwrap()
    else {
        panic!("the session is still the user's");
    };
    assert!(next.position > life.prompt.position);
    let reopened = a_session(life.closed.user_id, life.closed.conversation_id, 90);
    assert!(opened(store, reopened).await.fence > life.closed.fence + 1);
    let hits = store
        .search_messages(life.user.id, "heat", None, 10)
        .await
        .unwrap();
    assert_eq!(hits.len(), 1);
    documents_are_there(life, store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_is_copied_and_life_goes_on_there() {
    let (life, target) = (lived().await, OnServer::fresh());
    let mut verified = Vec::new();
    let outcome = copied(&life, &target, |word| {
        if let Progress::Verified(subject, count) = word {
            verified.push((subject, count));
        }
        false
    })
    .await
    .unwrap();
    assert_eq!(outcome, CopyOutcome::Copied);
    let verified: Vec<_> = verified
        .iter()
        .map(|(subject, count)| (*subject, *count > 0))
        .collect();
    let all: Vec<_> = Subject::ALL.iter().map(|subject| (*subject, true)).collect();
    assert_eq!(verified, all);
    is_all_there(&life, &target.store().await).await;
    assert_eq!(
        copied(&life, &target, |_| false).await.unwrap(),
        CopyOutcome::DoneBefore,
        "it is in use"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_is_broken_off_anywhere_goes_on() {
    let (life, target) = (lived().await, OnServer::fresh());
    // One step further each time, and none of them finishes.
    for _ in 0..Subject::ALL.len() {
        let broken = copied(&life, &target, |_| true).await;
        assert!(matches!(broken, Err(CopyError::BrokenOff)), "{broken:?}");
        let served = MongoStore::open(&target.uri, &target.name).await;
        let refused = served.unwrap_err().to_string();
        assert!(refused.contains("parlance migrate"), "{refused}");
    }
    assert_eq!(
        copied(&life, &target, |_| false).await.unwrap(),
        CopyOutcome::Copied
    );
    is_all_there(&life, &target.store().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_was_damaged_is_not_taken_for_whole() {
    for (subject, damage) in [
        (Subject::User, doc! { "$set": { "password_hash": "another" } }),
        (
            Subject::Message,
            doc! { "$set": { "text": "What is an angina?" } },
        ),
        (Subject::ChunkBatch, doc! { "$set": { "fence": 9_i64 } }),
        (Subject::DocumentVector, doc! { "$set": { "number": 9_999_i64 } }),
    ] {
        let (life, target) = (lived().await, OnServer::fresh());
        let last = *Subject::ALL.last().unwrap();
        let broken = copied(
            &life,
            &target,
            |word| matches!(word, Progress::Copied(of, _) if of == last),
        )
        .await;
        assert!(matches!(broken, Err(CopyError::BrokenOff)), "{broken:?}");
        let name = match subject {
            Subject::User => "user",
            Subject::Message => "message",
            Subject::DocumentVector => "document_vector",
            _ => "chunk_batch",
        };
        raw(&target, name)
            .await
            .update_one(doc! {}, damage)
            .await
            .unwrap();
        let found = copied(&life, &target, |_| false).await;
        let Err(CopyError::Differs { subject: found, .. }) = found else {
            panic!("{found:?}")
        };
        assert_eq!(found, subject);
    }
    let (life, target) = (lived().await, OnServer::fresh());
    let broken = copied(&life, &target, |word| matches!(word, Progress::Verified(..))).await;
    assert!(matches!(broken, Err(CopyError::BrokenOff)), "{broken:?}");
    raw(&target, "message").await.delete_one(doc! {}).await.unwrap();
    let sentence = copied(&life, &target, |_| false).await.unwrap_err().to_string();
    assert!(
        sentence.contains("messages") && sentence.contains("copy again"),
        "{sentence}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_is_in_use_is_left_alone() {
    use store::user::Users;
    let (life, target) = (lived().await, OnServer::fresh());
    let theirs = target.store().await;
    theirs.create_user(a_user("eve@example.org")).await.unwrap();
    let refused = copied(&life, &target, |_| false).await;
    assert!(matches!(refused, Err(CopyError::Occupied)), "{refused:?}");
    assert_eq!(theirs.users(None, 10).await.unwrap().len(), 1);

    let begun = OnServer::fresh();
    let broken = copied(&life, &begun, |_| true).await;
    assert!(matches!(broken, Err(CopyError::BrokenOff)), "{broken:?}");
    let from = SqliteStore::open(&life.file.path()).unwrap();
    let mut silent = |_| ControlFlow::Continue(());
    let other = copy(
        &from,
        &super::patient(&begun.uri),
        &begun.name,
        "elsewhere",
        &mut silent,
    )
    .await;
    assert!(matches!(other, Err(CopyError::AnotherSource(_))), "{other:?}");
}
