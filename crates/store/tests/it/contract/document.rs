//! Documents: a file becomes passages, whoever dies on the way.

use super::{
    Database, all_at_once,
    given::{a_chatbot, a_document, at, document_id, user_id},
};
use std::sync::Arc;
use store::{
    Store, StoreError,
    document::{
        ChunkRecord, ChunkVector, DocumentReady, DocumentRecord, DocumentUse, LibraryRecord, PageStart, Room,
        Sealed,
    },
};
use wire::{
    ChatbotId, DocumentId, UserId,
    document::{DocumentFailure, DocumentFault, DocumentStatus, Progress},
};

const SUM: [u8; 32] = [7; 32];

async fn a_library(store: &dyn Store) -> ChatbotId {
    let bot = a_chatbot(None);
    store.create_chatbot(bot.clone()).await.unwrap();
    bot.id
}

/// A file of two parts, whole.
async fn uploaded(store: &dyn Store, chatbot: ChatbotId, sum: [u8; 32]) -> DocumentRecord {
    let document = a_document(chatbot, user_id());
    store.add_document(document.clone()).await.unwrap();
    store.put_part(document.id, 0, b"first ".to_vec()).await.unwrap();
    store.put_part(document.id, 1, b"second".to_vec()).await.unwrap();
    sealed(store, document.id, 12, sum).await
}

/// With room for everything; the one that was there, if there was one.
async fn sealed(store: &dyn Store, id: DocumentId, bytes: u64, sum: [u8; 32]) -> DocumentRecord {
    match store
        .seal_document(id, bytes, sum, Room::UNLIMITED, at(1))
        .await
        .unwrap()
    {
        Sealed::New(document) | Sealed::Known(document) => document,
        refused => panic!("{refused:?}"),
    }
}

/// Ready under a fence of its own, with two chunks that have vectors of this model.
async fn made(store: &dyn Store, chatbot: ChatbotId, sum: [u8; 32], model: &str) -> DocumentRecord {
    let id = uploaded(store, chatbot, sum).await.id;
    let fence = claim(store, 1).await.unwrap().fence;
    let chunks = vec![a_chunk(0, "zero"), a_chunk(1, "one")];
    store.put_chunks(id, fence, chunks).await.unwrap();
    let vectors = vec![a_vector(0, 0.5), a_vector(1, 0.25)];
    store.put_vectors(id, fence, model, vectors).await.unwrap();
    let ready = DocumentReady {
        embedding_models: vec![model.into()],
        ..ready(2)
    };
    assert!(store.finish_document(id, fence, ready).await.unwrap());
    store.document(id).await.unwrap().unwrap()
}

fn a_vector(index: u32, first: f32) -> ChunkVector {
    ChunkVector {
        index,
        vector: vec![first, -0.25, 1.0e-7],
    }
}

fn a_chunk(index: u32, text: &str) -> ChunkRecord {
    ChunkRecord {
        index,
        start: index * 10,
        end: index * 10 + 5,
        pages: vec![PageStart {
            page: index + 1,
            at: index * 10,
        }],
        headings: vec!["Zephyr".into(), "Warranty".into()],
        context: text.into(),
        tokens: 3,
    }
}

fn ready(chunks: u32) -> DocumentReady {
    DocumentReady {
        pages: Some(3),
        chunks,
        embedding_models: vec!["minilm".into()],
    }
}

async fn claim(store: &dyn Store, now: u64) -> Option<DocumentRecord> {
    store
        .claim_document("node-a", at(now), at(now + 10))
        .await
        .unwrap()
}

async fn texts_of(store: &dyn Store, id: DocumentId, fence: u64) -> Vec<String> {
    let chunks = store.chunks(id, fence, 0, 100).await.unwrap();
    chunks.into_iter().map(|chunk| chunk.context).collect()
}

pub(crate) async fn a_file_comes_back_part_by_part(db: &dyn Database) {
    let store = db.open().await;
    let chatbot = a_library(&*store).await;
    let document = uploaded(&*store, chatbot, SUM).await;
    assert_eq!(
        (document.bytes, document.sha256, document.sealed),
        (12, SUM, true)
    );
    let parts = [
        store.part(document.id, 0).await.unwrap(),
        store.part(document.id, 1).await.unwrap(),
        store.part(document.id, 2).await.unwrap(),
    ];
    assert_eq!(parts, [Some(b"first ".to_vec()), Some(b"second".to_vec()), None]);
    let late = store.put_part(document.id, 2, vec![1]).await;
    assert!(matches!(late, Err(StoreError::Conflict("sealed"))), "{late:?}");
    let nowhere = store.put_part(document_id(), 0, vec![1]).await;
    assert!(
        matches!(nowhere, Err(StoreError::NotFound("document"))),
        "{nowhere:?}"
    );
}

pub(crate) async fn a_document_needs_its_chatbot(db: &dyn Database) {
    let store = db.open().await;
    let orphan = store
        .add_document(a_document(a_chatbot(None).id, user_id()))
        .await;
    assert!(
        matches!(orphan, Err(StoreError::NotFound("chatbot"))),
        "{orphan:?}"
    );
}

pub(crate) async fn the_same_file_twice_is_one_document_of_a_chatbot(db: &dyn Database) {
    let store = db.open().await;
    let (one, other) = (a_library(&*store).await, a_library(&*store).await);
    let first = uploaded(&*store, one, SUM).await;
    let again = uploaded(&*store, one, SUM).await;
    assert_eq!(again.id, first.id, "the one that was there");
    let elsewhere = uploaded(&*store, other, SUM).await;
    assert_ne!(elsewhere.id, first.id, "another chatbot's is another one");
    let listed: Vec<_> = store.documents(one).await.unwrap();
    assert_eq!(listed.iter().map(|d| d.id).collect::<Vec<_>>(), [first.id]);
    assert!(store.delete_document(first.id).await.unwrap());
    let anew = uploaded(&*store, one, SUM).await;
    assert_ne!(anew.id, first.id, "what was deleted may come again");
    assert!(anew.sealed);
}

pub(crate) async fn of_many_workers_one_claims_a_document(db: &dyn Database) {
    let store = db.open().await;
    let chatbot = a_library(&*store).await;
    let document = uploaded(&*store, chatbot, SUM).await;
    let claims = all_at_once(8, |_| {
        let store = store.clone();
        async move { claim(&*store, 1).await }
    })
    .await;
    let claimed: Vec<_> = claims.into_iter().flatten().collect();
    assert_eq!(claimed.len(), 1, "{claimed:?}");
    assert_eq!((claimed[0].id, claimed[0].fence), (document.id, 1));
    assert_eq!(claimed[0].status, DocumentStatus::Extracting);
}

pub(crate) async fn what_is_not_whole_yet_is_nobodys_work(db: &dyn Database) {
    let store = db.open().await;
    let chatbot = a_library(&*store).await;
    store.add_document(a_document(chatbot, user_id())).await.unwrap();
    assert_eq!(claim(&*store, 1).await, None);
    assert_eq!(store.documents(chatbot).await.unwrap(), []);
}

pub(crate) async fn a_ready_document_is_read_under_the_fence_that_made_it(db: &dyn Database) {
    let store = db.open().await;
    let chatbot = a_library(&*store).await;
    let id = uploaded(&*store, chatbot, SUM).await.id;
    let fence = claim(&*store, 1).await.unwrap().fence;
    let progress = Some(Progress {
        done: 1,
        total: Some(3),
    });
    assert!(
        store
            .report_document(id, fence, DocumentStatus::Embedding, progress, at(20))
            .await
            .unwrap()
    );
    assert!(store.set_media_type(id, fence, "application/pdf").await.unwrap());
    let under_way = store.document(id).await.unwrap().unwrap();
    assert_eq!(
        (under_way.status, under_way.progress),
        (DocumentStatus::Embedding, progress)
    );
    store.put_text(id, fence, 0, b"[...]".to_vec()).await.unwrap();
    let chunks = vec![a_chunk(0, "zero"), a_chunk(1, "one"), a_chunk(2, "two")];
    store.put_chunks(id, fence, chunks.clone()).await.unwrap();
    store.put_chunks(id, fence, chunks[1..].to_vec()).await.unwrap();
    assert!(store.finish_document(id, fence, ready(3)).await.unwrap());
    assert!(
        store.finish_document(id, fence, ready(3)).await.unwrap(),
        "repeated after a lost answer"
    );
    let document = store.document(id).await.unwrap().unwrap();
    assert_eq!(
        (
            document.status,
            document.ready_fence,
            document.chunks,
            document.pages
        ),
        (DocumentStatus::Ready, Some(fence), Some(3), Some(3))
    );
    assert_eq!(
        (document.lease, document.progress, document.attempts),
        (None, None, 0)
    );
    assert_eq!(document.media_type.as_deref(), Some("application/pdf"));
    assert_eq!(store.text(id, fence, 0).await.unwrap(), Some(b"[...]".to_vec()));
    assert_eq!(store.chunks(id, fence, 0, 100).await.unwrap(), chunks);
    assert_eq!(store.chunks(id, fence, 1, 1).await.unwrap(), chunks[1..2]);
    assert_eq!(claim(&*store, 99).await, None, "nothing waits");
}

pub(crate) async fn a_worker_held_for_dead_changes_nothing_any_more(db: &dyn Database) {
    let store = db.open().await;
    let chatbot = a_library(&*store).await;
    let id = uploaded(&*store, chatbot, SUM).await.id;
    let old = claim(&*store, 1).await.unwrap().fence;
    assert_eq!(claim(&*store, 5).await, None, "its lease has not run out");
    let new = claim(&*store, 12).await.unwrap();
    assert_eq!((new.fence, new.attempts), (old + 1, 2));
    store
        .put_chunks(id, old, vec![a_chunk(0, "stale")])
        .await
        .unwrap();
    store
        .put_chunks(id, new.fence, vec![a_chunk(0, "fresh")])
        .await
        .unwrap();
    assert!(!store.finish_document(id, old, ready(1)).await.unwrap());
    assert!(
        !store
            .report_document(id, old, DocumentStatus::Embedding, None, at(99))
            .await
            .unwrap()
    );
    assert!(store.finish_document(id, new.fence, ready(1)).await.unwrap());
    let document = store.document(id).await.unwrap().unwrap();
    let read = texts_of(&*store, id, document.ready_fence.unwrap()).await;
    assert_eq!(read, ["fresh"]);
    assert_eq!(store.collect_documents(at(0)).await.unwrap(), 1);
    assert_eq!(texts_of(&*store, id, old).await, [""; 0]);
    assert_eq!(texts_of(&*store, id, new.fence).await, ["fresh"]);
    assert_eq!(store.collect_documents(at(0)).await.unwrap(), 0, "all is clean");
}

pub(crate) async fn a_failure_says_why_and_can_be_tried_again(db: &dyn Database) {
    let store = db.open().await;
    let chatbot = a_library(&*store).await;
    let id = uploaded(&*store, chatbot, SUM).await.id;
    let fence = claim(&*store, 1).await.unwrap().fence;
    let failure = DocumentFailure {
        fault: DocumentFault::Encrypted,
        detail: "It needs a password.".into(),
    };
    assert!(store.fail_document(id, fence, failure.clone()).await.unwrap());
    assert!(store.fail_document(id, fence, failure.clone()).await.unwrap());
    let failed = store.document(id).await.unwrap().unwrap();
    assert_eq!(
        (failed.status, failed.failure.as_ref(), failed.ready_fence),
        (DocumentStatus::Failed, Some(&failure), None)
    );
    assert_eq!(claim(&*store, 99).await, None, "it does not try by itself");
    assert!(store.requeue_document(id, at(1)).await.unwrap());
    assert!(
        !store.requeue_document(id, at(1)).await.unwrap(),
        "it waits already"
    );
    let again = claim(&*store, 99).await.unwrap();
    assert_eq!((again.failure, again.attempts, again.fence), (None, 1, fence + 1));
}

pub(crate) async fn a_document_that_is_made_anew_stays_readable_meanwhile(db: &dyn Database) {
    let store = db.open().await;
    let chatbot = a_library(&*store).await;
    let id = uploaded(&*store, chatbot, SUM).await.id;
    let first = claim(&*store, 1).await.unwrap().fence;
    store
        .put_chunks(id, first, vec![a_chunk(0, "first")])
        .await
        .unwrap();
    store.finish_document(id, first, ready(1)).await.unwrap();
    assert!(store.requeue_document(id, at(1)).await.unwrap());
    let second = claim(&*store, 20).await.unwrap();
    assert_eq!(second.ready_fence, Some(first));
    assert_eq!(texts_of(&*store, id, first).await, ["first"]);
    assert!(store.release_document(id, second.fence).await.unwrap());
    let released = store.document(id).await.unwrap().unwrap();
    assert_eq!(
        (released.status, released.attempts, released.ready_fence),
        (DocumentStatus::Queued, 0, Some(first))
    );
}

pub(crate) async fn what_is_deleted_is_gone_at_once_with_all_it_held(db: &dyn Database) {
    let store = db.open().await;
    let chatbot = a_library(&*store).await;
    let id = uploaded(&*store, chatbot, SUM).await.id;
    let fence = claim(&*store, 1).await.unwrap().fence;
    store.put_text(id, fence, 0, vec![1]).await.unwrap();
    store
        .put_chunks(id, fence, vec![a_chunk(0, "zero")])
        .await
        .unwrap();
    assert!(store.delete_document(id).await.unwrap());
    assert!(!store.delete_document(id).await.unwrap());
    assert_eq!(store.document(id).await.unwrap(), None);
    assert_eq!(store.part(id, 0).await.unwrap(), None);
    assert_eq!(store.text(id, fence, 0).await.unwrap(), None);
    assert_eq!(texts_of(&*store, id, fence).await, [""; 0]);
    store
        .put_chunks(id, fence, vec![a_chunk(1, "late")])
        .await
        .unwrap();
    assert_eq!(texts_of(&*store, id, fence).await, [""; 0], "its worker was late");
    assert!(!store.finish_document(id, fence, ready(1)).await.unwrap());
}

pub(crate) async fn a_deleted_chatbots_documents_go_and_others_stay(db: &dyn Database) {
    let store = db.open().await;
    let (one, other) = (a_library(&*store).await, a_library(&*store).await);
    uploaded(&*store, one, SUM).await;
    uploaded(&*store, one, [8; 32]).await;
    let kept = uploaded(&*store, other, SUM).await;
    assert_eq!(store.delete_documents_of(one).await.unwrap(), 2);
    assert_eq!(store.documents(one).await.unwrap(), []);
    assert_eq!(store.documents(other).await.unwrap(), [kept]);
}

pub(crate) async fn everything_that_changes_a_library_raises_its_version(db: &dyn Database) {
    let store = db.open().await;
    let (chatbot, other) = (a_library(&*store).await, a_library(&*store).await);
    assert_eq!(store.library(chatbot).await.unwrap(), LibraryRecord::default());
    let mut last = 0;
    let mut raised = async |what: &str| {
        let version = store.library(chatbot).await.unwrap().version;
        assert!(version > last, "{what}: {version} after {last}");
        last = version;
    };
    let id = uploaded(&*store, chatbot, SUM).await.id;
    raised("upload").await;
    let fence = claim(&*store, 1).await.unwrap().fence;
    store.finish_document(id, fence, ready(0)).await.unwrap();
    raised("ready").await;
    let node = "node-a";
    let claimed = store
        .claim_embedding(id, "e5", node, at(20), at(30))
        .await
        .unwrap();
    store
        .finish_embedding(id, claimed.unwrap().fence, "e5")
        .await
        .unwrap();
    raised("other vectors").await;
    assert!(store.switch_library(chatbot, None, "e5").await.unwrap());
    raised("another model").await;
    store.forget_vectors(id, "e5").await.unwrap();
    raised("vectors forgotten").await;
    store.delete_document(id).await.unwrap();
    raised("delete").await;
    assert_eq!(store.library(other).await.unwrap().version, 0);
}

pub(crate) async fn what_a_user_has_uploaded_is_counted(db: &dyn Database) {
    let store = db.open().await;
    let chatbot = a_library(&*store).await;
    let user = user_id();
    for sum in [[1; 32], [2; 32]] {
        let document = a_document(chatbot, user);
        store.add_document(document.clone()).await.unwrap();
        sealed(&*store, document.id, 100, sum).await;
    }
    uploaded(&*store, chatbot, SUM).await;
    store.add_document(a_document(chatbot, user)).await.unwrap();
    let expected = DocumentUse {
        documents: 3,
        bytes: 200,
        unsealed: 1,
    };
    assert_eq!(store.document_use(user).await.unwrap(), expected);
    assert_eq!(
        store.document_use(user_id()).await.unwrap(),
        DocumentUse::default()
    );
}

pub(crate) async fn what_many_workers_left_is_collected_in_one_round(db: &dyn Database) {
    let store = db.open().await;
    let chatbot = a_library(&*store).await;
    // More than are looked at at a time.
    const MANY: u8 = 130;
    let mut left = Vec::new();
    for n in 0..MANY {
        let id = uploaded(&*store, chatbot, [n; 32]).await.id;
        let fence = claim(&*store, 1).await.unwrap().fence;
        store
            .put_chunks(id, fence, vec![a_chunk(0, "of no use")])
            .await
            .unwrap();
        let failure = DocumentFailure {
            fault: DocumentFault::Internal,
            detail: "It broke.".into(),
        };
        assert!(store.fail_document(id, fence, failure).await.unwrap());
        left.push((id, fence));
    }
    assert_eq!(store.collect_documents(at(0)).await.unwrap(), u64::from(MANY));
    for (id, fence) in left {
        assert_eq!(texts_of(&*store, id, fence).await, [""; 0]);
    }
    assert_eq!(store.collect_documents(at(0)).await.unwrap(), 0, "all is clean");
}

pub(crate) async fn an_upload_that_was_broken_off_is_collected(db: &dyn Database) {
    let store = db.open().await;
    let chatbot = a_library(&*store).await;
    let broken_off = a_document(chatbot, user_id());
    store.add_document(broken_off.clone()).await.unwrap();
    store.put_part(broken_off.id, 0, vec![1]).await.unwrap();
    let whole = uploaded(&*store, chatbot, SUM).await;
    assert_eq!(store.collect_documents(at(0)).await.unwrap(), 0, "it is young");
    assert_eq!(store.collect_documents(at(99)).await.unwrap(), 1);
    assert_eq!(store.document(broken_off.id).await.unwrap(), None);
    assert_eq!(store.part(broken_off.id, 0).await.unwrap(), None);
    assert_eq!(store.document(whole.id).await.unwrap(), Some(whole));
}

pub(crate) async fn more_broken_off_uploads_than_are_looked_at_at_a_time_are_collected_in_one_round(
    db: &dyn Database,
) {
    let store = db.open().await;
    let chatbot = a_library(&*store).await;
    const MANY: u64 = 130;
    for _ in 0..MANY {
        store.add_document(a_document(chatbot, user_id())).await.unwrap();
    }
    assert_eq!(store.collect_documents(at(99)).await.unwrap(), MANY);
}

pub(crate) async fn documents_that_a_deleted_chatbot_left_are_collected(db: &dyn Database) {
    let store = db.open().await;
    let (gone, stays) = (a_library(&*store).await, a_library(&*store).await);
    let left = uploaded(&*store, gone, SUM).await;
    let kept = uploaded(&*store, stays, SUM).await;
    assert_eq!(store.collect_documents(at(0)).await.unwrap(), 0);
    // As if whoever deletes the bot had died before its documents.
    store.delete_chatbot(gone, at(2)).await.unwrap();
    assert_eq!(store.collect_documents(at(0)).await.unwrap(), 1);
    assert_eq!(store.document(left.id).await.unwrap(), None);
    assert_eq!(store.part(left.id, 0).await.unwrap(), None);
    assert_eq!(store.document(kept.id).await.unwrap(), Some(kept));
}

pub(crate) async fn who_brings_many_files_does_not_keep_others_waiting(db: &dyn Database) {
    let store = db.open().await;
    let chatbot = a_library(&*store).await;
    let (many, one) = (user_id(), user_id());
    let whole = async |user, sum, now| {
        let document = a_document(chatbot, user);
        store.add_document(document.clone()).await.unwrap();
        let sealed = store.seal_document(document.id, 1, [sum; 32], Room::UNLIMITED, at(now));
        assert!(matches!(sealed.await.unwrap(), Sealed::New(_)));
        document.id
    };
    let first = whole(many, 1, 10).await;
    let second = whole(many, 2, 11).await;
    let third = whole(many, 3, 12).await;
    let other = whole(one, 4, 13).await;
    let mut order = Vec::new();
    while let Some(claimed) = claim(&*store, 5_000).await {
        store
            .finish_document(claimed.id, claimed.fence, ready(0))
            .await
            .unwrap();
        order.push(claimed.id);
        // The oldest of all, made anew again and again.
        if order.len() == 1 {
            assert!(store.requeue_document(first, at(14)).await.unwrap());
        }
    }
    assert_eq!(order, [first, other, second, third, first]);
}

/// Uploads that end at the same time, a file of so many bytes each: how many were taken.
async fn taken(
    store: &Arc<dyn Store>,
    chatbot: ChatbotId,
    user: UserId,
    files: u8,
    bytes: u64,
    room: Room,
) -> Vec<Sealed> {
    let mut ids = Vec::new();
    for _ in 0..files {
        let document = a_document(chatbot, user);
        store.add_document(document.clone()).await.unwrap();
        store.put_part(document.id, 0, vec![1]).await.unwrap();
        ids.push(document.id);
    }
    all_at_once(ids.len(), |n| {
        let (store, id) = (store.clone(), ids[n]);
        let sum = [u8::try_from(n).unwrap() + 1; 32];
        async move { store.seal_document(id, bytes, sum, room, at(1)).await.unwrap() }
    })
    .await
}

pub(crate) async fn of_files_that_come_at_once_only_as_many_are_taken_as_the_user_has_room_for(
    db: &dyn Database,
) {
    let store = db.open().await;
    let (one, other) = (a_library(&*store).await, a_library(&*store).await);
    let user = user_id();
    let room = Room {
        user_bytes: 350,
        chatbot_documents: 100,
    };
    let before = a_document(other, user);
    store.add_document(before.clone()).await.unwrap();
    sealed(&*store, before.id, 50, SUM).await;
    let results = taken(&store, one, user, 8, 100, room).await;
    let new = results.iter().filter(|sealed| matches!(sealed, Sealed::New(_)));
    assert_eq!(new.count(), 3, "{results:?}");
    let refused = results
        .iter()
        .filter(|sealed| matches!(sealed, Sealed::NoRoomForUser));
    assert_eq!(refused.count(), 5, "{results:?}");
    assert_eq!(store.document_use(user).await.unwrap().bytes, 350);

    // What is deleted makes room, and what was refused takes none.
    store.delete_document(before.id).await.unwrap();
    let small = a_document(other, user);
    store.add_document(small.clone()).await.unwrap();
    let small = store.seal_document(small.id, 50, SUM, room, at(1)).await.unwrap();
    assert!(matches!(small, Sealed::New(_)), "{small:?}");
    let Sealed::New(small) = small else { return };
    let repeated = store.seal_document(small.id, 50, SUM, room, at(1)).await.unwrap();
    assert!(
        matches!(repeated, Sealed::New(_)),
        "after a lost answer: {repeated:?}"
    );
}

pub(crate) async fn of_files_that_come_at_once_only_as_many_are_taken_as_the_chatbot_may_have(
    db: &dyn Database,
) {
    let store = db.open().await;
    let chatbot = a_library(&*store).await;
    let room = Room {
        user_bytes: 1_000,
        chatbot_documents: 2,
    };
    let results = taken(&store, chatbot, user_id(), 6, 1, room).await;
    let new = results.iter().filter(|sealed| matches!(sealed, Sealed::New(_)));
    assert_eq!(new.count(), 2, "{results:?}");
    assert!(results.contains(&Sealed::NoRoomInChatbot));
    assert_eq!(store.documents(chatbot).await.unwrap().len(), 2);
}

pub(crate) async fn vectors_of_another_model_grow_beside_the_first(db: &dyn Database) {
    let store = db.open().await;
    let chatbot = a_library(&*store).await;
    let document = made(&*store, chatbot, SUM, "minilm").await;
    let (id, fence) = (document.id, document.ready_fence.unwrap());
    assert_eq!(document.embedding_models, ["minilm"]);
    assert_eq!(store.documents_without("minilm", 10).await.unwrap(), []);
    let without = store.documents_without("e5", 10).await.unwrap();
    assert_eq!(without.iter().map(|d| d.id).collect::<Vec<_>>(), [id]);

    let claimed = store
        .claim_embedding(id, "e5", "node-a", at(20), at(30))
        .await
        .unwrap();
    let claimed = claimed.unwrap();
    assert_eq!(claimed.status, DocumentStatus::Ready, "it is answered from");
    assert_eq!((claimed.ready_fence, claimed.fence), (Some(fence), fence + 1));
    let second = store.claim_embedding(id, "e5", "node-b", at(25), at(40)).await;
    assert_eq!(second.unwrap(), None, "somebody works on it");
    assert_eq!(claim(&*store, 25).await, None, "it is no new document");
    let progress = Some(Progress {
        done: 1,
        total: Some(2),
    });
    assert!(
        store
            .report_document(id, claimed.fence, DocumentStatus::Ready, progress, at(40))
            .await
            .unwrap()
    );
    for vectors in [vec![a_vector(0, 1.0)], vec![a_vector(0, 2.0), a_vector(1, 3.0)]] {
        store.put_vectors(id, fence, "e5", vectors).await.unwrap();
    }
    let under_way = store.document(id).await.unwrap().unwrap();
    assert_eq!(
        (under_way.progress, under_way.embedding_models),
        (progress, vec!["minilm".to_owned()])
    );
    assert!(store.finish_embedding(id, claimed.fence, "e5").await.unwrap());
    assert!(
        store.finish_embedding(id, claimed.fence, "e5").await.unwrap(),
        "repeated after a lost answer"
    );
    let both = store.document(id).await.unwrap().unwrap();
    assert_eq!(both.embedding_models, ["minilm", "e5"]);
    assert_eq!((both.lease, both.progress), (None, None));
    let vectors =
        async |model: &str, from, limit| store.vectors(id, fence, model, from, limit).await.unwrap();
    assert_eq!(
        vectors("minilm", 0, 10).await,
        [a_vector(0, 0.5), a_vector(1, 0.25)]
    );
    assert_eq!(vectors("e5", 0, 10).await, [a_vector(0, 2.0), a_vector(1, 3.0)]);
    assert_eq!(vectors("e5", 1, 10).await, [a_vector(1, 3.0)]);
    assert_eq!(vectors("e5", 0, 1).await, [a_vector(0, 2.0)]);

    store.forget_vectors(id, "e5").await.unwrap();
    store.forget_vectors(id, "e5").await.unwrap();
    assert_eq!(vectors("minilm", 0, 10).await, []);
    assert_eq!(vectors("e5", 0, 10).await.len(), 2);
    let left = store.document(id).await.unwrap().unwrap();
    assert_eq!(left.embedding_models, ["e5"]);
    assert!(store.delete_document(id).await.unwrap());
    assert_eq!(vectors("e5", 0, 10).await, []);
}

pub(crate) async fn who_makes_other_vectors_and_dies_is_followed_by_another(db: &dyn Database) {
    let store = db.open().await;
    let chatbot = a_library(&*store).await;
    let id = made(&*store, chatbot, SUM, "minilm").await.id;
    let claimed = async |node: &str, now, until| {
        let claimed = store.claim_embedding(id, "e5", node, at(now), at(until)).await;
        claimed.unwrap()
    };
    let old = claimed("node-a", 20, 30).await.unwrap().fence;
    assert_eq!(claimed("node-b", 29, 40).await, None);
    let new = claimed("node-b", 31, 40).await.unwrap().fence;
    assert!(!store.finish_embedding(id, old, "e5").await.unwrap());
    assert!(!store.release_embedding(id, old).await.unwrap());
    assert!(store.release_embedding(id, new).await.unwrap());
    let third = claimed("node-c", 32, 50).await.unwrap().fence;
    // Made anew meanwhile: those vectors are of no use.
    assert!(store.requeue_document(id, at(1)).await.unwrap());
    assert!(!store.finish_embedding(id, third, "e5").await.unwrap());
    let queued = store.document(id).await.unwrap().unwrap();
    assert_eq!((queued.status, queued.lease), (DocumentStatus::Queued, None));
    assert_eq!(claimed("node-a", 60, 70).await, None, "it is not ready");
    assert!(claim(&*store, 60).await.is_some());
}

pub(crate) async fn a_library_is_compared_by_one_model_at_a_time(db: &dyn Database) {
    let store = db.open().await;
    let (chatbot, other) = (a_library(&*store).await, a_library(&*store).await);
    assert_eq!(store.library(chatbot).await.unwrap().model, None);
    assert!(store.switch_library(chatbot, None, "minilm").await.unwrap());
    assert!(!store.switch_library(chatbot, None, "e5").await.unwrap());
    let raced = all_at_once(4, |n| {
        let (store, to) = (store.clone(), format!("model-{n}"));
        async move { store.switch_library(chatbot, Some("minilm"), &to).await.unwrap() }
    })
    .await;
    assert_eq!(raced.iter().filter(|switched| **switched).count(), 1);
    let model = store.library(chatbot).await.unwrap().model.unwrap();
    let repeated = store.switch_library(chatbot, Some("minilm"), &model).await;
    assert!(repeated.unwrap(), "after a lost answer");
    assert_eq!(store.library(other).await.unwrap().model, None);
}

pub(crate) async fn who_follows_a_users_documents_sees_every_change_of_them(db: &dyn Database) {
    let store = db.open().await;
    let chatbot = a_library(&*store).await;
    let document = uploaded(&*store, chatbot, SUM).await;
    let (id, user) = (document.id, document.user_id);
    let mut last = 0;
    let mut changed = async |status: DocumentStatus| {
        let numbers = store.document_changes(&[user, user_id()]).await.unwrap();
        let [(of, number)] = numbers[..] else {
            panic!("{numbers:?}")
        };
        assert_eq!(of, user);
        assert!(number > last, "{status:?}");
        let found = store.changed_documents(user, last, 10).await.unwrap();
        let found: Vec<_> = found.iter().map(|d| (d.id, d.status, d.change)).collect();
        assert_eq!(found, [(id, status, number)]);
        assert_eq!(store.changed_documents(user, number, 10).await.unwrap(), []);
        last = number;
    };
    changed(DocumentStatus::Queued).await;
    let fence = claim(&*store, 1).await.unwrap().fence;
    changed(DocumentStatus::Extracting).await;
    store
        .report_document(id, fence, DocumentStatus::Embedding, None, at(20))
        .await
        .unwrap();
    changed(DocumentStatus::Embedding).await;
    store.finish_document(id, fence, ready(0)).await.unwrap();
    changed(DocumentStatus::Ready).await;
    let claimed = store.claim_embedding(id, "e5", "node-a", at(20), at(30)).await;
    let fence = claimed.unwrap().unwrap().fence;
    changed(DocumentStatus::Ready).await;
    store.release_embedding(id, fence).await.unwrap();
    changed(DocumentStatus::Ready).await;
    store.requeue_document(id, at(1)).await.unwrap();
    changed(DocumentStatus::Queued).await;

    // Two of them, in the order in which they changed.
    let second = a_document(chatbot, user);
    store.add_document(second.clone()).await.unwrap();
    sealed(&*store, second.id, 1, [9; 32]).await;
    claim(&*store, 50).await.unwrap();
    let found = store.changed_documents(user, 0, 10).await.unwrap();
    assert_eq!(found.iter().map(|d| d.id).collect::<Vec<_>>(), [second.id, id]);
    assert_eq!(store.changed_documents(user, 0, 1).await.unwrap().len(), 1);
}
