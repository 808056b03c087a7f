//! The embedding model behind a URL, before servers that behave, misbehave and break.

use super::KEY;
use crate::ask::soon;
use crate::upstream::{Exchange, Upstream};
use llm::{
    EmbedError, EmbedKind, EmbedPriority, Embedder as _, ModelError, OpenAiEmbedder, OpenAiEmbedderConfig,
};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

use EmbedKind::{Passage, Query};
use EmbedPriority::{Background, Interactive};

type Answer = Result<Vec<Vec<f32>>, EmbedError>;

struct World {
    upstream: Upstream,
    embedder: Arc<OpenAiEmbedder>,
}

impl World {
    async fn start() -> Self {
        Self::start_with(|_| ()).await
    }

    async fn start_with(change: impl FnOnce(&mut OpenAiEmbedderConfig)) -> Self {
        let upstream = Upstream::start().await;
        let mut config = OpenAiEmbedderConfig::new(upstream.url(), "test-embedder");
        config.api_key = Some(KEY.into());
        config.retry_delay = Duration::from_millis(1);
        change(&mut config);
        let embedder = Arc::new(OpenAiEmbedder::new(config).unwrap());
        Self { upstream, embedder }
    }

    fn ask(&self, texts: &[&str], kind: EmbedKind, priority: EmbedPriority) -> JoinHandle<Answer> {
        let embedder = Arc::clone(&self.embedder);
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        tokio::spawn(async move { embedder.embed(texts, kind, priority).await })
    }

    async fn next(&mut self) -> Exchange {
        soon(self.upstream.next()).await
    }

    /// Whether no request is under way, once all that was asked is over.
    async fn is_quiet(&mut self) -> bool {
        tokio::time::timeout(Duration::ZERO, self.upstream.next())
            .await
            .is_err()
    }
}

/// The texts of a request.
fn input(exchange: &Exchange) -> Vec<&str> {
    let input = exchange.body["input"].as_array().unwrap();
    input.iter().map(|text| text.as_str().unwrap()).collect()
}

async fn give(exchange: &mut Exchange, vectors: &[Value]) {
    let data: Vec<Value> = vectors
        .iter()
        .enumerate()
        .map(|(index, vector)| json!({"object": "embedding", "index": index, "embedding": vector}))
        .collect();
    let answer =
        json!({"object": "list", "data": data, "model": "test-embedder", "usage": {"prompt_tokens": 1}});
    exchange.respond("200 OK", "", &answer.to_string()).await;
}

/// Each text becomes a vector that tells its number: `"7"` points to 7.
async fn give_numbers(exchange: &mut Exchange) {
    let number = |text: &str| json!([text.trim().parse::<f32>().unwrap(), 1.0]);
    let vectors: Vec<Value> = input(exchange).into_iter().map(number).collect();
    give(exchange, &vectors).await;
}

#[tokio::test]
async fn the_request_is_what_the_servers_document() {
    let mut world = World::start().await;
    let asked = world.ask(&["a \"kettle\"\n🙂", "b"], Passage, Background);
    let mut exchange = world.next().await;
    assert!(
        exchange.head.starts_with("POST /v1/embeddings HTTP/1.1\r\n"),
        "{}",
        exchange.head
    );
    let bearer = format!("Bearer {KEY}");
    assert_eq!(exchange.header("authorization"), Some(bearer.as_str()));
    assert_eq!(exchange.header("accept"), Some("application/json"));
    assert_eq!(
        exchange.body,
        json!({"model": "test-embedder", "input": ["a \"kettle\"\n🙂", "b"]})
    );
    give(&mut exchange, &[json!([3, 4]), json!([0, -2])]).await;
    assert_eq!(soon(asked).await.unwrap().unwrap(), [[0.6, 0.8], [0.0, -1.0]]);
    assert_eq!(world.embedder.model_id(), "test-embedder");
}

#[tokio::test]
async fn a_model_that_wants_to_be_told_what_a_text_is_for_is_told() {
    let mut world = World::start_with(|config| {
        config.query_prefix = "query: ".to_owned();
        config.passage_prefix = "passage: ".to_owned();
    })
    .await;
    for (kind, expected) in [(Query, "query: kettle"), (Passage, "passage: kettle")] {
        let asked = world.ask(&["kettle"], kind, Interactive);
        let mut exchange = world.next().await;
        assert_eq!(input(&exchange), [expected]);
        give(&mut exchange, &[json!([1])]).await;
        soon(asked).await.unwrap().unwrap();
    }
    assert_eq!(
        world.embedder.model_id(),
        "test-embedder+\"passage: \"",
        "other words before passages make other vectors"
    );
}

#[tokio::test]
async fn many_texts_go_in_requests_that_servers_take_and_come_back_in_order() {
    let mut world = World::start().await;
    let texts: Vec<String> = (0..70).map(|number| number.to_string()).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let asked = world.ask(&texts, Passage, Background);
    let mut sizes = Vec::new();
    for _ in 0..3 {
        let mut exchange = world.next().await;
        sizes.push(input(&exchange).len());
        give_numbers(&mut exchange).await;
    }
    assert_eq!(sizes, [32, 32, 6]);
    let vectors = soon(asked).await.unwrap().unwrap();
    let numbers: Vec<f32> = vectors
        .iter()
        .map(|vector| (vector[0] / vector[1]).round())
        .collect();
    let expected: Vec<f32> = texts.iter().map(|text| text.parse().unwrap()).collect();
    assert_eq!(numbers, expected);
}

#[tokio::test]
async fn long_texts_go_in_smaller_requests() {
    let mut world = World::start_with(|config| config.max_tokens = 1_000_000).await;
    let long = format!("{:>60000}", 1);
    let asked = world.ask(&[&long, &long, &long], Passage, Background);
    let mut sizes = Vec::new();
    for _ in 0..2 {
        let mut exchange = world.next().await;
        sizes.push(input(&exchange).len());
        give_numbers(&mut exchange).await;
    }
    assert_eq!(sizes, [2, 1]);
    assert_eq!(soon(asked).await.unwrap().unwrap().len(), 3);
}

#[tokio::test]
async fn no_text_is_no_request() {
    let mut world = World::start().await;
    assert_eq!(
        soon(world.ask(&[], Passage, Background)).await.unwrap(),
        Ok(Vec::new())
    );
    assert!(world.is_quiet().await);
}

#[tokio::test]
async fn a_text_that_is_too_long_is_refused_with_its_length_and_not_sent() {
    let mut world = World::start_with(|config| config.max_tokens = 20).await;
    let long = "word ".repeat(50);
    let told = soon(world.ask(&["short", &long], Query, Interactive))
        .await
        .unwrap();
    let expected = EmbedError::TooLong {
        index: 1,
        tokens: 52,
        limit: 20,
    };
    assert_eq!(told, Err(expected));
    assert!(world.is_quiet().await);
    let cut = world.embedder.cut(&long);
    assert_eq!((cut.text.split_whitespace().count(), cut.cut_tokens), (18, 32));
}

#[tokio::test]
async fn a_busy_server_is_asked_again_at_the_time_it_names() {
    let mut world = World::start_with(|config| config.retry_delay = Duration::from_secs(3600)).await;
    let asked = world.ask(&["1"], Passage, Background);
    for status in ["429 Too Many Requests", "503 Service Unavailable"] {
        // Were its word not heard, an hour would pass.
        world
            .next()
            .await
            .respond(status, "retry-after: 0\r\n", "{}")
            .await;
    }
    give_numbers(&mut world.next().await).await;
    assert!(soon(asked).await.unwrap().is_ok());
}

#[tokio::test]
async fn a_person_does_not_wait_for_a_busy_server() {
    let mut world = World::start().await;
    let asked = world.ask(&["1"], Query, Interactive);
    world
        .next()
        .await
        .respond("429 Too Many Requests", "retry-after: 30\r\n", "{}")
        .await;
    let busy = ModelError::Busy {
        retry_after: Some(Duration::from_secs(30)),
    };
    assert_eq!(soon(asked).await.unwrap(), Err(busy.into()));
    assert!(world.is_quiet().await);
}

#[tokio::test]
async fn a_server_that_stumbles_is_asked_again_and_in_the_end_given_up() {
    let mut world = World::start().await;
    let asked = world.ask(&["1"], Query, Interactive);
    world
        .next()
        .await
        .respond("500 Internal Server Error", "", "")
        .await;
    drop(world.next().await); // closes without a word
    give_numbers(&mut world.next().await).await;
    assert!(soon(asked).await.unwrap().is_ok());

    let asked = world.ask(&["1"], Query, Interactive);
    for _ in 0..3 {
        let oops = r#"{"error":{"message":"oops"}}"#;
        world.next().await.respond("502 Bad Gateway", "", oops).await;
    }
    let given_up = ModelError::Unavailable("HTTP 502: oops".to_owned());
    assert_eq!(soon(asked).await.unwrap(), Err(given_up.into()));
}

#[tokio::test]
async fn a_refusal_is_told_in_the_servers_words_without_the_key_and_is_final() {
    let mut world = World::start().await;
    let asked = world.ask(&["1"], Passage, Background);
    let body = format!(r#"{{"error":{{"message":"no model for {KEY}"}}}}"#);
    world.next().await.respond("404 Not Found", "", &body).await;
    let refused = ModelError::Refused("HTTP 404: no model for (the key)".to_owned());
    assert_eq!(soon(asked).await.unwrap(), Err(refused.into()));
    assert!(world.is_quiet().await);
}

#[tokio::test]
async fn an_error_inside_an_answer_is_told_without_the_key() {
    let mut world = World::start().await;
    let asked = world.ask(&["1"], Passage, Background);
    let body = format!(r#"{{"error":{{"message":"overloaded {KEY}"}}}}"#);
    world.next().await.respond("200 OK", "", &body).await;
    let told = ModelError::BrokeOff("overloaded (the key)".to_owned());
    assert_eq!(soon(asked).await.unwrap(), Err(told.into()));
}

#[tokio::test]
async fn vectors_of_another_width_than_before_are_refused() {
    let mut world = World::start().await;
    assert_eq!(world.embedder.width(), None);
    let asked = world.ask(&["1"], Passage, Background);
    give(&mut world.next().await, &[json!([1, 0])]).await;
    soon(asked).await.unwrap().unwrap();
    assert_eq!(world.embedder.width(), Some(2));
    let asked = world.ask(&["1"], Passage, Background);
    give(&mut world.next().await, &[json!([1, 0, 0])]).await;
    let mismatched = EmbedError::MismatchedWidth { expected: 2, got: 3 };
    assert_eq!(soon(asked).await.unwrap(), Err(mismatched));
}

#[tokio::test]
async fn vectors_of_two_widths_in_one_answer_are_refused() {
    let mut world = World::start().await;
    let asked = world.ask(&["1", "2"], Passage, Background);
    give(&mut world.next().await, &[json!([1, 0]), json!([1])]).await;
    let mismatched = EmbedError::MismatchedWidth { expected: 2, got: 1 };
    assert_eq!(soon(asked).await.unwrap(), Err(mismatched));
}

#[tokio::test]
async fn nobody_who_waits_any_more_closes_the_connection() {
    let mut world = World::start().await;
    let asked = world.ask(&["1"], Passage, Background);
    let mut exchange = world.next().await;
    asked.abort();
    soon(exchange.closed_by_client()).await;
}
