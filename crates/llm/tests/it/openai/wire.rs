//! What is sent, and over which connection.

use super::{KEY, start, start_with};
use crate::ask::{hear, hear_out, prompt, soon};
use llm::openai::BadOpenAiConfig;
use llm::{ChatModel as _, ChatRequest, ChatRole, ChatTurn, OpenAiConfig, OpenAiModel};
use serde_json::json;

#[tokio::test]
async fn the_request_is_what_the_servers_document() {
    let (mut upstream, model) = start_with(|config| config.max_tokens = Some(100)).await;
    let turn = |role, text: &str| ChatTurn {
        role,
        text: text.to_owned(),
    };
    let turns = vec![
        turn(ChatRole::System, "Be brief."),
        turn(ChatRole::User, "Hi \"you\"\n🙂"),
        turn(ChatRole::Assistant, "Hello."),
        turn(ChatRole::User, "Bye."),
    ];
    let request = ChatRequest {
        turns,
        model: Some("other-model".to_owned()),
        temperature: Some(0.5),
        max_tokens: Some(50),
    };
    let asked = tokio::spawn(async move { hear(&model, request).await });
    let mut exchange = upstream.next().await;
    assert!(
        exchange
            .head
            .starts_with("POST /v1/chat/completions HTTP/1.1\r\n"),
        "{}",
        exchange.head
    );
    assert_eq!(
        exchange.header("authorization"),
        Some(format!("Bearer {KEY}").as_str())
    );
    assert_eq!(exchange.header("content-type"), Some("application/json"));
    assert_eq!(
        exchange.body,
        json!({
            "model": "other-model",
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "Hi \"you\"\n🙂"},
                {"role": "assistant", "content": "Hello."},
                {"role": "user", "content": "Bye."},
            ],
            "stream": true,
            "stream_options": {"include_usage": true},
            "temperature": 0.5,
            "max_tokens": 50,
        })
    );
    exchange.begin().await;
    exchange.finish("stop", 1, 1).await;
    asked.await.unwrap();
}

#[tokio::test]
async fn an_answer_that_goes_on_is_asked_for_by_a_question_behind_its_beginning() {
    let (mut upstream, model) = start().await;
    let turn = |role, text: &str| ChatTurn {
        role,
        text: text.to_owned(),
    };
    let turns = vec![
        turn(ChatRole::User, "Count."),
        turn(ChatRole::Assistant, "one, two, thr"),
    ];
    let request = ChatRequest { turns, ..prompt("") };
    let asked = tokio::spawn(async move { hear(&model, request).await });
    let mut exchange = upstream.next().await;
    let sent: Vec<_> = exchange.messages().collect();
    assert_eq!(sent[..2], [("user", "Count."), ("assistant", "one, two, thr")]);
    let [(role, question)] = &sent[2..] else {
        panic!("{sent:?}");
    };
    assert_eq!(*role, "user", "no server refuses a user's turn at the end");
    assert!(question.contains("exactly where it stops"), "{question}");
    exchange.begin().await;
    exchange.text("ee").await;
    exchange.finish("stop", 1, 1).await;
    assert_eq!(asked.await.unwrap().text(), "ee");
}

#[tokio::test]
async fn what_is_not_set_is_not_sent() {
    let (mut upstream, model) = start_with(|config| config.api_key = Some(" ".into())).await;
    let asked = tokio::spawn(async move {
        model
            .answer(ChatRequest {
                temperature: None,
                ..prompt("Hi")
            })
            .await
    });
    let exchange = upstream.next().await;
    assert_eq!(exchange.header("authorization"), None);
    assert_eq!(exchange.body["model"], "test-model");
    assert_eq!(exchange.body.get("temperature"), None);
    assert_eq!(exchange.body.get("max_tokens"), None);
    drop(exchange);
    asked.abort();
}

#[tokio::test]
async fn a_connection_that_was_read_to_its_end_is_used_again() {
    let (mut upstream, model) = start().await;
    let asked = tokio::spawn(async move {
        let first = hear(&model, prompt("One")).await;
        (first, hear(&model, prompt("Two")).await)
    });
    let mut exchange = upstream.next().await;
    exchange.begin().await;
    exchange.text("One").await;
    exchange.finish("stop", 1, 1).await;
    // Only this connection is read any more: a second one would never be answered.
    exchange.keep_alive();
    let mut exchange = soon(upstream.next()).await;
    exchange.begin().await;
    exchange.text("Two").await;
    exchange.finish("stop", 1, 1).await;
    let (first, second) = soon(asked).await.unwrap();
    assert_eq!((first.text().as_str(), second.text().as_str()), ("One", "Two"));
}

#[tokio::test]
async fn a_dropped_answer_closes_its_connection() {
    let (mut upstream, model) = start().await;
    let asked = tokio::spawn(async move { model.answer(prompt("Hi")).await });
    let mut exchange = upstream.next().await;
    exchange.begin().await;
    exchange.text("Hello").await;
    let mut stream = asked.await.unwrap().unwrap();
    crate::ask::first_word(&mut stream).await;
    drop(stream);
    let asked_to_stop = std::time::Instant::now();
    soon(exchange.closed_by_client()).await;
    assert!(
        asked_to_stop.elapsed().as_millis() < 250,
        "{:?}",
        asked_to_stop.elapsed()
    );
}

#[tokio::test]
async fn a_request_dropped_before_the_server_says_anything_closes_its_connection() {
    let (mut upstream, model) = start().await;
    let asked = tokio::spawn(async move { model.answer(prompt("Hi")).await.map(hear_out) });
    let mut exchange = upstream.next().await;
    asked.abort();
    soon(exchange.closed_by_client()).await;
}

#[test]
fn a_base_url_is_taken_with_and_without_its_last_slash_and_only_of_http() {
    for url in [
        "http://localhost:11434/v1",
        "https://example.org/v1/",
        " http://[::1]:8080 ",
    ] {
        assert!(OpenAiModel::new(OpenAiConfig::new(url, "m")).is_ok(), "{url}");
    }
    for url in ["", "localhost:11434/v1", "ftp://example.org/v1", "/v1"] {
        let refused = OpenAiModel::new(OpenAiConfig::new(url, "m"));
        assert!(matches!(refused, Err(BadOpenAiConfig::BaseUrl(_))), "{url}");
    }
}

#[test]
fn a_key_with_a_line_break_is_refused_and_no_key_is_ever_printed() {
    let mut config = OpenAiConfig::new("http://user:password@localhost/v1", "m");
    config.api_key = Some(KEY.into());
    let model = OpenAiModel::new(config.clone()).unwrap();
    let printed = format!("{config:?} {model:?}");
    assert!(!printed.contains(KEY), "{printed}");
    config.api_key = Some("two\nlines".into());
    assert_eq!(OpenAiModel::new(config).err(), Some(BadOpenAiConfig::Key));
}
