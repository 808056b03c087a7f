//! What is told when it goes wrong, and when it is tried again.

use super::{KEY, start, start_with};
use crate::ask::{hear, prompt, soon};
use llm::{ModelError, OpenAiConfig, OpenAiModel};
use serde_json::json;
use std::time::Duration;

/// What one response with this status becomes.
async fn told_of(status: &'static str, headers: &'static str, body: &'static str) -> ModelError {
    let (mut upstream, model) = start().await;
    let asked = tokio::spawn(async move { hear(&model, prompt("Hi")).await });
    soon(upstream.next()).await.respond(status, headers, body).await;
    let told = soon(asked).await.unwrap().error.unwrap();
    drop(upstream);
    told
}

#[tokio::test]
async fn a_refusal_is_told_in_the_servers_words_and_is_not_tried_again() {
    let unknown = told_of(
        "404 Not Found",
        "",
        r#"{"error":{"message":"model 'x' not found","code":null}}"#,
    )
    .await;
    assert_eq!(
        unknown,
        ModelError::Refused("HTTP 404: model 'x' not found".to_owned())
    );
    let plain = told_of("400 Bad Request", "", r#"{"error":"too\n  long"}"#).await;
    assert_eq!(plain, ModelError::Refused("HTTP 400: too long".to_owned()));
    let detail = told_of("422 Unprocessable Entity", "", r#"{"detail":"no messages"}"#).await;
    assert_eq!(detail, ModelError::Refused("HTTP 422: no messages".to_owned()));
    let page = told_of("403 Forbidden", "", "<html>Go away</html>").await;
    assert_eq!(page, ModelError::Refused("HTTP 403 Forbidden".to_owned()));
    let moved = told_of("307 Temporary Redirect", "location: http://example.org/\r\n", "").await;
    assert_eq!(
        moved,
        ModelError::Refused("HTTP 307 Temporary Redirect".to_owned())
    );
}

#[tokio::test]
async fn a_server_that_quotes_the_key_is_not_quoted() {
    let told = told_of(
        "401 Unauthorized",
        "",
        r#"{"error":{"message":"Wrong key sk-a-very-secret-key given"}}"#,
    )
    .await;
    assert_eq!(
        told,
        ModelError::Refused("HTTP 401: Wrong key (the key) given".to_owned())
    );
    assert!(!format!("{told:?} {told}").contains(KEY));
}

#[tokio::test]
async fn a_long_complaint_is_cut() {
    let body = format!(r#"{{"error":{{"message":"{}"}}}}"#, "é".repeat(5000));
    let ModelError::Refused(told) = told_of("400 Bad Request", "", body.leak()).await else {
        panic!("refused")
    };
    assert_eq!(told.chars().count(), "HTTP 400: ".len() + 201);
}

#[tokio::test]
async fn a_busy_server_is_told_with_the_time_it_asks_for() {
    let seconds = told_of("429 Too Many Requests", "retry-after: 7\r\n", "{}").await;
    assert_eq!(
        seconds,
        ModelError::Busy {
            retry_after: Some(Duration::from_secs(7))
        }
    );
    let unknown = told_of("429 Too Many Requests", "retry-after: soon\r\n", "").await;
    assert_eq!(unknown, ModelError::Busy { retry_after: None });
}

#[tokio::test]
async fn a_server_that_stumbles_twice_is_asked_a_third_time() {
    let (mut upstream, model) = start().await;
    let asked = tokio::spawn(async move { hear(&model, prompt("Hi")).await });
    soon(upstream.next())
        .await
        .respond("503 Service Unavailable", "", "")
        .await;
    drop(soon(upstream.next()).await); // closes without a word
    let mut exchange = soon(upstream.next()).await;
    exchange.begin().await;
    exchange.text("Hello").await;
    exchange.finish("stop", 1, 1).await;
    assert_eq!(soon(asked).await.unwrap().text(), "Hello");
}

#[tokio::test]
async fn a_server_that_stumbles_three_times_is_unavailable() {
    let (mut upstream, model) = start().await;
    let asked = tokio::spawn(async move { hear(&model, prompt("Hi")).await });
    for _ in 0..3 {
        soon(upstream.next())
            .await
            .respond("500 Internal Server Error", "", r#"{"error":{"message":"oops"}}"#)
            .await;
    }
    let told = soon(asked).await.unwrap().error;
    assert_eq!(told, Some(ModelError::Unavailable("HTTP 500: oops".to_owned())));
}

#[tokio::test]
async fn after_the_first_word_nothing_is_tried_again() {
    let (mut upstream, model) = start().await;
    let asked = tokio::spawn(async move { hear(&model, prompt("Hi")).await });
    let mut exchange = soon(upstream.next()).await;
    exchange.begin().await;
    exchange.text("Hel").await;
    drop(exchange);
    let heard = soon(asked).await.unwrap();
    assert_eq!(heard.text(), "Hel");
    assert!(matches!(heard.error, Some(ModelError::BrokeOff(_))));
    // The model is gone with its task: had it asked again, the request would be here.
    assert!(
        tokio::time::timeout(Duration::ZERO, upstream.next())
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable_and_the_key_is_not_told() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap(); // closed again at once
    let mut config = OpenAiConfig::new(format!("http://{closed}/v1"), "m");
    config.api_key = Some(KEY.into());
    config.retry_delay = Duration::ZERO;
    let told = hear(&OpenAiModel::new(config).unwrap(), prompt("Hi"))
        .await
        .error
        .unwrap();
    assert!(
        told.to_string()
            .starts_with("the model cannot be reached: Connection refused"),
        "{told}"
    );
    assert!(!format!("{told:?} {told}").contains(KEY));
}

#[tokio::test]
async fn an_error_inside_the_answer_is_told_after_the_text_before_it() {
    let (mut upstream, model) = start().await;
    let asked = tokio::spawn(async move { hear(&model, prompt("Hi")).await });
    let mut exchange = soon(upstream.next()).await;
    exchange.begin().await;
    exchange.text("Hel").await;
    exchange
        .event(
            &json!({"error": {"message": format!("overloaded {KEY}"), "type": "server_error", "code": 529}}),
        )
        .await;
    exchange.text("lo").await;
    exchange.end().await;
    let heard = soon(asked).await.unwrap();
    assert_eq!(heard.text(), "Hel");
    assert_eq!(
        heard.error,
        Some(ModelError::BrokeOff("overloaded (the key)".to_owned()))
    );
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let (mut upstream, model) = start_with(|config| config.idle_timeout = Duration::from_millis(50)).await;
    let told = soon(hear(&model, prompt("Hi"))).await.error;
    assert!(matches!(told, Some(ModelError::Unavailable(_))), "{told:?}");
    soon(upstream.next()).await.closed_by_client().await;
}

#[tokio::test]
async fn a_server_that_falls_silent_is_given_up() {
    let (mut upstream, model) = start_with(|config| config.idle_timeout = Duration::from_millis(200)).await;
    let asked = tokio::spawn(async move { hear(&model, prompt("Hi")).await });
    let mut exchange = soon(upstream.next()).await;
    exchange.begin().await;
    exchange.text("Hel").await;
    soon(exchange.closed_by_client()).await;
    let heard = soon(asked).await.unwrap();
    assert_eq!(heard.text(), "Hel");
    assert_eq!(
        heard.error,
        Some(ModelError::BrokeOff("nothing came for too long".to_owned()))
    );
}

#[tokio::test]
async fn a_server_that_does_not_stream_is_told_so() {
    let told = told_of("200 OK", "", r#"{"choices":[{"message":{"content":"Hello"}}]}"#).await;
    assert_eq!(
        told,
        ModelError::BrokeOff("it answers with application/json, not with a stream of events".to_owned())
    );
}
