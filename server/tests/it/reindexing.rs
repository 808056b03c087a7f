//! Another embedding model: a second index grows beside the first, which answers until the second is whole.

use crate::{
    library::shelf::Shelf,
    world::{Meaning, PATIENCE, TestServer},
};
use llm::{ChatModel, ScriptedModel};
use server::embedding::Embedders;
use std::sync::Arc;
use wire::document::{DocumentStatus, SearchResult};

fn silent() -> Arc<dyn ChatModel> {
    Arc::new(ScriptedModel::answering(|_| ["Hello."]))
}

async fn asked(shelf: &Shelf, query: &str) -> SearchResult {
    shelf.search(query).await
}

/// Waits until it is so.
async fn until(done: impl AsyncFn() -> bool) {
    let waiting = async {
        while !done().await {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap();
}

async fn models(server: &TestServer, shelf: &Shelf) -> Vec<Vec<String>> {
    let documents = server.store().documents(shelf.bot).await.unwrap();
    documents
        .into_iter()
        .map(|document| document.embedding_models)
        .collect()
}

async fn compared_by(server: &TestServer, shelf: &Shelf) -> Option<String> {
    server.store().library(shelf.bot).await.unwrap().model
}

fn is_by_meaning(found: &SearchResult) -> bool {
    found.hits.iter().any(|hit| hit.vector_score.is_some())
}

#[tokio::test]
async fn questions_are_compared_by_the_first_model_until_all_documents_have_vectors_of_the_second() {
    let first = Meaning::of("first");
    let home = TestServer::home(|_| {});
    let server = home.start_embedding(silent(), Embedders::of(first.clone())).await;
    let alice = server.sign_up("alice").await;
    let shelf = alice.new_bot("Kettle", false).await;
    shelf
        .put(
            "zephyr.md",
            "# Zephyr\n\nThe warranty of the Zephyr lasts 27 months.",
        )
        .await;
    shelf
        .put(
            "aeolus.md",
            "# Aeolus\n\nThe Aeolus boils a litre in two minutes.",
        )
        .await;
    assert_eq!(compared_by(&server, &shelf).await.as_deref(), Some("first"));
    assert!(is_by_meaning(&asked(&shelf, "How long is the warranty?").await));
    assert_eq!(first.questions(), 1);
    let passages = shelf.chunks(&server).await;
    let server = server.stop().await;

    let second = Meaning::held("second");
    let embedders = Embedders::of(second.clone()).after(first.clone());
    let server = server.start_embedding(silent(), embedders).await;
    let alice = alice.on(&server);
    let shelf = shelf.as_seen_by(&alice);
    until(async || {
        shelf
            .list()
            .await
            .iter()
            .any(|document| document.progress.is_some())
    })
    .await;
    let listed = shelf.list().await;
    assert!(
        listed
            .iter()
            .all(|document| document.status == DocumentStatus::Ready),
        "they are answered from: {listed:?}"
    );
    assert!(is_by_meaning(&asked(&shelf, "How long is the warranty?").await));
    assert_eq!((first.questions(), second.questions()), (2, 0));

    // One of two has them: still the first.
    second.allow(1);
    until(async || {
        models(&server, &shelf)
            .await
            .contains(&vec!["first".into(), "second".into()])
    })
    .await;
    assert_eq!(compared_by(&server, &shelf).await.as_deref(), Some("first"));
    assert!(is_by_meaning(&asked(&shelf, "How long is the warranty?").await));
    assert_eq!((first.questions(), second.questions()), (3, 0));

    // What comes in the middle of it is found by the first as well.
    second.allow(1_000);
    shelf
        .put("notus.md", "# Notus\n\nThe Notus whistles at ninety degrees.")
        .await;
    until(async || compared_by(&server, &shelf).await.as_deref() == Some("second")).await;
    assert!(is_by_meaning(
        &asked(&shelf, "When does the Notus whistle?").await
    ));
    assert_eq!(second.questions(), 1);
    until(async || {
        models(&server, &shelf)
            .await
            .iter()
            .all(|models| *models == ["second"])
    })
    .await;
    let after = shelf.chunks(&server).await;
    assert!(
        passages.iter().all(|passage| after.contains(passage)),
        "nothing was cut anew"
    );
}

#[tokio::test]
async fn without_the_first_model_the_words_decide_until_there_are_vectors_again() {
    let home = TestServer::home(|_| {});
    let server = home
        .start_embedding(silent(), Embedders::of(Meaning::of("first")))
        .await;
    let alice = server.sign_up("alice").await;
    let shelf = alice.new_bot("Kettle", false).await;
    shelf
        .put(
            "zephyr.md",
            "# Zephyr\n\nThe warranty of the Zephyr lasts 27 months.",
        )
        .await;
    let server = server.stop().await;
    let second = Meaning::held("second");
    let server = server
        .start_embedding(silent(), Embedders::of(second.clone()))
        .await;
    let alice = alice.on(&server);
    let shelf = shelf.as_seen_by(&alice);
    let found = asked(&shelf, "warranty of the Zephyr").await;
    assert!(found.hits[0].text.contains("27 months"), "{found:?}");
    assert!(!is_by_meaning(&found));
    second.allow(1_000);
    until(async || compared_by(&server, &shelf).await.as_deref() == Some("second")).await;
    assert!(is_by_meaning(&asked(&shelf, "warranty of the Zephyr").await));
}

#[tokio::test]
async fn a_library_that_had_no_model_gets_one() {
    let home = TestServer::home(|_| {});
    let server = home.start_embedding(silent(), Embedders::none()).await;
    let alice = server.sign_up("alice").await;
    let shelf = alice.new_bot("Kettle", false).await;
    shelf
        .put(
            "zephyr.md",
            "# Zephyr\n\nThe warranty of the Zephyr lasts 27 months.",
        )
        .await;
    assert_eq!(compared_by(&server, &shelf).await, None);
    let server = server.stop().await;
    let meaning = Meaning::of("first");
    let server = server.start_embedding(silent(), Embedders::of(meaning)).await;
    let alice = alice.on(&server);
    let shelf = shelf.as_seen_by(&alice);
    until(async || compared_by(&server, &shelf).await.as_deref() == Some("first")).await;
    assert!(is_by_meaning(&asked(&shelf, "How long is the warranty?").await));
}
