//! The guide of the first start knows Parlance's own docs, and what people did to them stays done.

use crate::world::{PATIENCE, TestServer, two_nodes_with};
use llm::ScriptedModel;
use server::{app::AppState, config::Switch, library::guide};
use std::{collections::BTreeSet, sync::Arc};
use store::{chatbot::ChatbotRecord, document::DocumentRecord};
use wire::{ChatbotId, UserId, document::DocumentStatus, session::OpenSession};

async fn the_guide(app: &AppState) -> ChatbotRecord {
    let nobody = UserId::from_uuid(uuid::Uuid::nil());
    let all = app.store.chatbots_visible_to(nobody, true).await.unwrap();
    all.into_iter()
        .find(|bot| bot.builtin.as_deref() == Some("guide"))
        .unwrap()
}

async fn documents(app: &AppState, bot: ChatbotId) -> Vec<DocumentRecord> {
    app.store.documents(bot).await.unwrap()
}

/// Once all are read.
async fn read(app: &AppState, bot: ChatbotId, count: usize) -> Vec<DocumentRecord> {
    let reading = async {
        loop {
            let documents = documents(app, bot).await;
            let is_ready = |document: &DocumentRecord| document.status == DocumentStatus::Ready;
            if documents.len() == count && documents.iter().all(is_ready) {
                return documents;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE * 3, reading).await.unwrap()
}

fn names(documents: &[DocumentRecord]) -> BTreeSet<String> {
    documents.iter().map(|document| document.name.clone()).collect()
}

/// How many the program has.
const ALL: usize = 7;

#[tokio::test]
async fn the_guide_answers_from_parlances_own_docs() {
    let (server, mut script) =
        TestServer::scripted_with(|config| config.documents.guide_documents = Switch::On).await;
    let guide = the_guide(&server.app).await;
    let there = read(&server.app, guide.id, ALL).await;
    assert!(names(&there).contains("README.md") && names(&there).contains("config.md"));
    let alice = server.sign_up("alice").await;
    let session = alice.open_session_with(guide.id, OpenSession::default()).await;
    let mut chat = alice.connect(&session).await;
    chat.say("Which variable sets the folder of the database and the secret key?")
        .await;
    let call = script.next_call().await;
    let told = &call.request().turns[0].text;
    assert!(told.contains("PARLANCE_DATA"), "{told}");
    call.finish();
    chat.reply().await;
}

#[tokio::test]
async fn a_restart_changes_nothing_and_what_was_deleted_stays_away() {
    let (server, script) =
        TestServer::scripted_with(|config| config.documents.guide_documents = Switch::On).await;
    let guide = the_guide(&server.app).await;
    let before = read(&server.app, guide.id, ALL).await;
    let deleted = before
        .iter()
        .find(|document| document.name == "mongodb.md")
        .unwrap();
    assert!(server.store().delete_document(deleted.id).await.unwrap());
    let server = server.stop().await;
    drop(script);
    let server = server.start_again(Arc::new(ScriptedModel::new().0)).await;
    guide::stock(&server.app).await.unwrap();
    let after = documents(&server.app, guide.id).await;
    let kept: Vec<_> = before
        .iter()
        .filter(|document| document.id != deleted.id)
        .collect();
    let ids = |documents: Vec<&DocumentRecord>| -> Vec<_> {
        documents
            .iter()
            .map(|document| (document.id, document.fence))
            .collect()
    };
    assert_eq!(
        ids(after.iter().collect()),
        ids(kept),
        "none of them was read again"
    );
}

#[tokio::test]
async fn a_newer_program_replaces_what_changed_and_takes_away_what_it_has_no_more() {
    let (server, _script) = TestServer::scripted().await;
    let guide = the_guide(&server.app).await;
    guide::stock(&server.app).await.unwrap();
    let before = read(&server.app, guide.id, ALL).await;
    // As if an older program had put another README there, and a page that is gone.
    let id = |name: &str| before.iter().find(|document| document.name == name).unwrap().id;
    let note = server.store().note("guide-documents").await.unwrap().unwrap();
    let mut placed: serde_json::Value = serde_json::from_str(&note).unwrap();
    let sum = placed["README.md"]["sha256"].as_str().unwrap().to_owned();
    let older = DocumentRecord {
        id: wire::DocumentId::from_uuid(uuid::Uuid::now_v7()),
        name: "README.md".into(),
        ..before[0].clone()
    };
    assert!(server.store().delete_document(id("README.md")).await.unwrap());
    server.store().add_document(older.clone()).await.unwrap();
    server
        .store()
        .put_part(older.id, 0, b"An older README".to_vec())
        .await
        .unwrap();
    let room = store::document::Room::UNLIMITED;
    server
        .store()
        .seal_document(older.id, 15, [1; 32], room, older.created_at)
        .await
        .unwrap();
    placed["README.md"] = serde_json::json!({"sha256": "older", "id": older.id});
    placed["gone.md"] = placed["operations.md"].clone();
    placed.as_object_mut().unwrap().remove("operations.md");
    let renamed = id("protocol.md");
    placed["socket.md"] = placed["protocol.md"].clone();
    placed.as_object_mut().unwrap().remove("protocol.md");
    let placed = placed.to_string();
    let stood = server
        .store()
        .replace_note("guide-documents", Some(&note), &placed);
    assert!(stood.await.unwrap());

    guide::stock(&server.app).await.unwrap();
    let after = read(&server.app, guide.id, ALL).await;
    assert_eq!(names(&after), names(&before));
    assert!(after.iter().all(|document| document.id != older.id));
    assert!(
        after.iter().any(|document| document.id == renamed),
        "it has another name"
    );
    let sums: BTreeSet<_> = after
        .iter()
        .map(|document| {
            document
                .sha256
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>()
        })
        .collect();
    assert!(sums.contains(&sum), "this program's README");
    let config = |documents: &[DocumentRecord]| documents.iter().find(|d| d.name == "config.md").unwrap().id;
    assert_eq!(config(&after), config(&before), "what is the same stays");
}

#[tokio::test]
async fn an_older_program_leaves_alone_what_a_newer_one_has_put_there() {
    let (server, _script) = TestServer::scripted().await;
    let guide = the_guide(&server.app).await;
    guide::stock(&server.app).await.unwrap();
    let before = read(&server.app, guide.id, ALL).await;
    let note = server.store().note("guide-documents").await.unwrap().unwrap();
    let mut newer: serde_json::Value = serde_json::from_str(&note).unwrap();
    for name in ["README.md", "config.md"] {
        newer[name]["by"] = serde_json::json!([999, 0, 0]);
        newer[name]["sha256"] = "of the newer program's text".into();
    }
    newer["new-page.md"] = newer["config.md"].clone();
    let newer = newer.to_string();
    let store = server.store();
    assert!(
        store
            .replace_note("guide-documents", Some(&note), &newer)
            .await
            .unwrap()
    );

    guide::stock(&server.app).await.unwrap();
    let after = read(&server.app, guide.id, ALL).await;
    let ids = |documents: &[DocumentRecord]| documents.iter().map(|one| one.id).collect::<BTreeSet<_>>();
    assert_eq!(ids(&after), ids(&before));
    assert_eq!(store.note("guide-documents").await.unwrap(), Some(newer));
}

#[tokio::test]
async fn of_several_servers_one_puts_them_there() {
    let [(here, _one), (there, _other)] =
        two_nodes_with(|config| config.documents.guide_documents = Switch::On).await;
    let guide = the_guide(&here.app).await;
    let (one, other, again) = tokio::join!(
        guide::stock(&here.app),
        guide::stock(&there.app),
        guide::stock(&there.app)
    );
    one.and(other).and(again).unwrap();
    let there = read(&here.app, guide.id, ALL).await;
    assert_eq!(names(&there).len(), ALL);
}
