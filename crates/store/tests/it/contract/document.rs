//! Documents: a file becomes passages, whoever dies on the way.

use super::{
    Database, all_at_once,
    given::{a_chatbot, a_document, at, document_id, user_id},
};
use store::{
    Store, StoreError,
    document::{ChunkRecord, DocumentReady, DocumentRecord, DocumentUse, PageStart},
};
use wire::{
    ChatbotId, DocumentId,
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
    store.seal_document(document.id, 12, sum).await.unwrap()
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
        vector: Some(vec![0.5, -0.25, 1.0e-7]),
    }
}

fn ready(chunks: u32) -> DocumentReady {
    DocumentReady {
        pages: Some(3),
        chunks,
        embedding_model: Some("minilm".into()),
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
    assert!(store.requeue_document(id).await.unwrap());
    assert!(!store.requeue_document(id).await.unwrap(), "it waits already");
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
    let others = store.documents_of_other_models(Some("e5"), 10).await.unwrap();
    assert_eq!(others.iter().map(|d| d.id).collect::<Vec<_>>(), [id]);
    assert_eq!(
        store.documents_of_other_models(Some("minilm"), 10).await.unwrap(),
        []
    );
    assert!(store.requeue_document(id).await.unwrap());
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
    assert_eq!(store.library_version(chatbot).await.unwrap(), 0);
    let mut last = 0;
    let mut raised = async |what: &str| {
        let version = store.library_version(chatbot).await.unwrap();
        assert!(version > last, "{what}: {version} after {last}");
        last = version;
    };
    let id = uploaded(&*store, chatbot, SUM).await.id;
    raised("upload").await;
    let fence = claim(&*store, 1).await.unwrap().fence;
    store.finish_document(id, fence, ready(0)).await.unwrap();
    raised("ready").await;
    store.delete_document(id).await.unwrap();
    raised("delete").await;
    assert_eq!(store.library_version(other).await.unwrap(), 0);
}

pub(crate) async fn what_a_user_has_uploaded_is_counted(db: &dyn Database) {
    let store = db.open().await;
    let chatbot = a_library(&*store).await;
    let user = user_id();
    for sum in [[1; 32], [2; 32]] {
        let document = a_document(chatbot, user);
        store.add_document(document.clone()).await.unwrap();
        store.seal_document(document.id, 100, sum).await.unwrap();
    }
    uploaded(&*store, chatbot, SUM).await;
    let expected = DocumentUse {
        documents: 2,
        bytes: 200,
    };
    assert_eq!(store.document_use(user).await.unwrap(), expected);
    assert_eq!(
        store.document_use(user_id()).await.unwrap(),
        DocumentUse::default()
    );
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
