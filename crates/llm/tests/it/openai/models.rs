//! Asking a server which models it has.

use super::{KEY, start};
use crate::ask::soon;
use llm::openai::ModelsAnswer;

async fn told_of(status: &'static str, body: &'static str) -> ModelsAnswer {
    let (mut upstream, model) = start().await;
    let asked = tokio::spawn(async move { model.models().await });
    let mut exchange = soon(upstream.next()).await;
    assert!(
        exchange.head.starts_with("GET /v1/models HTTP/1.1"),
        "{}",
        exchange.head
    );
    assert_eq!(
        exchange.header("authorization"),
        Some(format!("Bearer {KEY}").as_str())
    );
    exchange.respond(status, "", body).await;
    soon(asked).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_server_says_which_models_it_has() {
    let answer = told_of(
        "200 OK",
        r#"{"object":"list","data":[{"id":"a","object":"model"},{"id":"b"}]}"#,
    )
    .await;
    assert_eq!(
        (answer.status, answer.models),
        (200, vec!["a".to_owned(), "b".to_owned()])
    );
}

#[tokio::test]
async fn what_is_no_list_is_still_an_answer() {
    let refused = told_of("401 Unauthorized", r#"{"error":{"message":"no"}}"#).await;
    assert_eq!((refused.status, refused.models.len()), (401, 0));
    let page = told_of("200 OK", "<html></html>").await;
    assert_eq!((page.status, page.models.len()), (200, 0));
}
