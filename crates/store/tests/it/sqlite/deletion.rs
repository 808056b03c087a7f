//! A large document is deleted piece by piece: others write in between, and what a dead process left of it is found.

use super::File;
use crate::contract::{
    Database,
    given::{a_chatbot, a_document, at, user_id},
};
use futures::FutureExt;
use std::sync::Arc;
use store::{
    Store,
    document::{PART_BYTES, Room},
};
use wire::DocumentId;

/// Parts of the file: 25 MB.
const PARTS: u32 = 100;

async fn a_large_document(store: &dyn Store) -> DocumentId {
    let bot = a_chatbot(None);
    store.create_chatbot(bot.clone()).await.unwrap();
    let document = a_document(bot.id, user_id());
    store.add_document(document.clone()).await.unwrap();
    for index in 0..PARTS {
        let part = vec![7; PART_BYTES];
        store.put_part(document.id, index, part).await.unwrap();
    }
    let sealed = store.seal_document(document.id, 25_000_000, [7; 32], Room::UNLIMITED, at(1));
    sealed.await.unwrap();
    document.id
}

async fn parts(store: &dyn Store, id: DocumentId) -> usize {
    let parts = (0..PARTS).map(|index| store.part(id, index));
    let found = futures::future::join_all(parts).await;
    found
        .into_iter()
        .filter(|part| part.as_ref().unwrap().is_some())
        .count()
}

#[tokio::test]
async fn others_write_while_a_large_document_is_deleted() {
    let store = File::fresh();
    let store = store.open().await;
    let id = a_large_document(&*store).await;
    let deleting = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.delete_document(id).await }
    });
    let mut writes = 0;
    while !deleting.is_finished() {
        store.ping().await.unwrap();
        writes += 1;
    }
    assert!(deleting.await.unwrap().unwrap());
    assert!(writes >= 4, "only {writes} others wrote meanwhile");
    assert_eq!(parts(&*store, id).await, 0);
}

#[tokio::test]
async fn what_a_deletion_left_that_was_broken_off_is_taken_away_later() {
    let store = File::fresh();
    let store = store.open().await;
    let id = a_large_document(&*store).await;
    // Its first step is on its way to the writer, then whoever waits for it is gone.
    assert!(store.delete_document(id).now_or_never().is_none());
    store.ping().await.unwrap();
    assert_eq!(store.document(id).await.unwrap(), None);
    assert_ne!(parts(&*store, id).await, 0);
    store.heal_documents().await.unwrap();
    assert_eq!(parts(&*store, id).await, 0);
}
