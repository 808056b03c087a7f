//! `/readyz`: can a prompt be taken now, and which part is in the way?

use crate::{
    rest::TestApp,
    world::{Person, TestServer},
};
use axum::http::header;
use llm::ModelStatus;
use serde_json::json;

#[tokio::test]
async fn a_server_with_all_its_parts_is_ready() {
    let app = TestApp::start().await;
    let ready = app.anyone().get("/readyz").await.expect(200);
    assert_eq!(
        ready,
        json!({"server": "ready", "database": "ready", "model": "ready"})
    );
}

#[tokio::test]
async fn a_database_that_stands_still_is_called_slow_before_it_answers() {
    let app = TestApp::start().await;
    // Another process that writes, and takes its time: the store would wait for it for 5 s.
    let other = rusqlite::Connection::open(app.folder.path().join("parlance.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let reply = app.anyone().get("/readyz").await;
    assert_eq!(reply.headers[header::RETRY_AFTER], "2");
    assert_eq!(reply.expect(503)["database"], "slow");

    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(app.anyone().get("/readyz").await.expect(200)["database"], "ready");
}

#[tokio::test]
async fn a_database_that_is_gone_is_called_unavailable_and_the_process_still_lives() {
    let app = TestApp::start().await;
    app.app().store.close().await;
    assert_eq!(
        app.anyone().get("/readyz").await.expect(503)["database"],
        "unavailable"
    );
    app.anyone().get("/healthz").await.expect(200);
}

#[tokio::test]
async fn a_server_that_was_asked_to_stop_takes_no_more_prompts() {
    let app = TestApp::start().await;
    app.app().shutdown.cancel();
    let readiness = app.anyone().get("/readyz").await.expect(503);
    assert_eq!(
        readiness,
        json!({"server": "shutting_down", "database": "ready", "model": "ready"})
    );
}

#[tokio::test]
async fn a_model_that_is_loading_or_broken_is_named_and_why_is_not_said_to_strangers() {
    let (server, script) = TestServer::scripted().await;
    let ask = async |anybody: &Person| anybody.get("/readyz").await;
    script.set_status(ModelStatus::Loading { progress: 0.5 });
    let answer = ask(&server.anybody()).await;
    assert_eq!(answer.status, 503);
    assert!(answer.body.contains(r#""model":"loading""#), "{}", answer.body);

    script.set_status(ModelStatus::Failed("/secret/path is not there".into()));
    let answer = ask(&server.anybody()).await;
    assert_eq!(answer.status, 503);
    assert!(answer.body.contains(r#""model":"failed""#), "{}", answer.body);
    assert!(!answer.body.contains("/secret/path"), "{}", answer.body);
}
