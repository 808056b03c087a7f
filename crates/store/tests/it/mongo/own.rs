//! What the store owes to several nodes on one server: making a database together, hints, versions, bad addresses.

use super::{OnServer, patient};
use crate::contract::{
    all_at_once,
    given::{a_batch, a_prompt, a_session, append, generation_id, running, stored_conversation},
};
use mongodb::bson::{Document, doc};
use std::time::Duration;
use store::{
    Hint, Hints, MongoStore, Store, StoreError, conversation::Conversations, generation::Generations,
    message::Messages, session::Sessions,
};
use wire::message::{MessageStatus, Outcome};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_start_together_make_one_database() {
    let database = std::sync::Arc::new(OnServer::fresh());
    let nodes = all_at_once(4, |_| {
        let database = database.clone();
        async move { database.store().await }
    })
    .await;
    let conversation = stored_conversation(&nodes[0]).await.id;
    for node in &nodes {
        assert!(node.conversation(conversation).await.unwrap().is_some());
        assert!(!node.is_exclusive());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_of_a_newer_parlance_is_refused() {
    let database = OnServer::fresh();
    database.store().await.close().await;
    let client = mongodb::Client::with_uri_str(&database.uri).await.unwrap();
    let meta = client
        .database(&database.name)
        .collection::<mongodb::bson::Document>("meta");
    let newer = doc! { "$set": { "version": 99_i64 } };
    meta.update_one(doc! { "_id": "schema" }, newer).await.unwrap();
    let refused = MongoStore::open(&patient(&database.uri), &database.name).await;
    let sentence = refused.unwrap_err().to_string();
    assert!(sentence.contains("newer Parlance"), "{sentence}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_cannot_be_used_is_named_without_its_password() {
    for uri in ["localhost:27017", "mongodb://ada:secret@host:port/", ""] {
        let refused = MongoStore::open(uri, "parlance").await.unwrap_err();
        let sentence = refused.to_string();
        assert!(
            matches!(refused, StoreError::Unusable(_)) && sentence.contains("MONGODB_URI"),
            "{sentence}"
        );
        assert!(!sentence.contains("secret"), "{sentence}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_not_there_is_unavailable_soon() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let uri = format!("mongodb://127.0.0.1:{port}/?directConnection=true&serverSelectionTimeoutMS=100");
    let refused = MongoStore::open(&uri, "parlance").await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
}

/// Waits for this hint among others; the stand-in, and a replica set, tell at once.
async fn heard(hints: &mut Hints, wanted: Hint) {
    let listening = async { while hints.recv().await.unwrap() != wanted {} };
    tokio::time::timeout(Duration::from_secs(60), listening)
        .await
        .unwrap_or_else(|_| panic!("never heard of {wanted:?}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_from_before_answers_could_go_on_are_read_and_ended() {
    let database = OnServer::fresh();
    let store = database.store().await;
    let generation = running(&store).await;
    let client = mongodb::Client::with_uri_str(&database.uri).await.unwrap();
    for (collection, field) in [("message", "generation_id"), ("generation", "offset")] {
        let collection = client.database(&database.name).collection::<Document>(collection);
        let done = collection
            .update_many(doc! {}, doc! { "$unset": { field: "" } })
            .await;
        assert!(done.unwrap().modified_count > 0, "{field}");
    }
    assert_eq!(
        store.generation(generation.id).await.unwrap(),
        Some(generation.clone())
    );
    let message = store.message(generation.message_id).await.unwrap().unwrap();
    assert_eq!(
        (message.status, message.generation_id),
        (MessageStatus::Generating, None)
    );
    let settled = store.settle_message(message.id, generation.id, "A machine", Outcome::Stopped);
    assert!(settled.await.unwrap());
    let next = generation_id();
    assert!(store.reopen_message(message.id, next, None).await.unwrap());
    let stale = store.settle_message(message.id, generation.id, "A machine", Outcome::Stopped);
    assert!(!stale.await.unwrap(), "another writes it now");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_nodes_changes_are_hinted_at() {
    let database = OnServer::fresh();
    let (node, other) = (database.store().await, database.store().await);
    // A server that is no replica set gives none: it is not one to test with.
    let mut hints = other.hints().unwrap();
    let generation = running(&node).await;
    append(&node, a_batch(generation.id, 1, &["Hello"]))
        .await
        .unwrap();
    heard(&mut hints, Hint::Generation(generation.id)).await;
    node.request_stop(generation.id).await.unwrap();
    heard(&mut hints, Hint::Generation(generation.id)).await;
    let id = generation.conversation_id;
    node.append_visible_message(a_prompt(id, None, "Hello"), None, None)
        .await
        .unwrap();
    heard(&mut hints, Hint::Conversation(id)).await;
    node.set_title(id, "Greetings").await.unwrap();
    heard(&mut hints, Hint::Conversation(id)).await;
    let session = a_session(generation.user_id, id, 1);
    node.open_session(session.clone()).await.unwrap();
    heard(&mut hints, Hint::Session(session.id)).await;
    let next = a_session(generation.user_id, crate::contract::given::conversation_id(), 2);
    node.open_session(next.clone()).await.unwrap();
    heard(&mut hints, Hint::Session(next.id)).await;
    node.close_session(next.id).await.unwrap();
    heard(&mut hints, Hint::Session(next.id)).await;
    // A closed store tells nothing, and refuses.
    other.close().await;
    assert!(other.hints().is_none());
}
