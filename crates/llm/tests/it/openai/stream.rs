//! What is made of the bytes, wherever they are cut and however they end.

use super::start;
use crate::ask::{Heard, hear, prompt, soon};
use crate::upstream::{Exchange, text_delta};
use llm::{FinishReason, ModelError, TokenUsage};
use serde_json::json;
use std::sync::Arc;

/// A short answer with letters of every length, as bytes.
fn answer() -> Vec<u8> {
    let finish = json!({"choices": [{"delta": {}, "finish_reason": "stop"}]});
    let usage = json!({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}});
    let (hello, letters) = (text_delta("Hello"), text_delta(", é漢🙂"));
    format!(": ping\n\ndata: {hello}\r\n\r\nevent: delta\ndata: {letters}\n\ndata: {finish}\n\ndata: {usage}\n\ndata: [DONE]\n\n")
        .into_bytes()
}

/// Asks once, and lets `play` answer.
async fn heard_of<F: Future<Output = ()>>(play: impl FnOnce(Exchange) -> F) -> Heard {
    let (mut upstream, model) = start().await;
    let asked = tokio::spawn(async move { hear(&model, prompt("Hi")).await });
    play(soon(upstream.next()).await).await;
    soon(asked).await.unwrap()
}

fn is_whole(heard: &Heard) -> bool {
    let usage = TokenUsage {
        prompt_tokens: Some(3),
        completion_tokens: Some(2),
    };
    heard.deltas == ["Hello", ", é漢🙂"] && heard.finished == Some((FinishReason::Stop, usage))
}

#[tokio::test]
async fn an_answer_cut_at_any_byte_is_the_same_answer() {
    let (mut upstream, model) = start().await;
    let model = Arc::new(model);
    let answer = answer();
    for cut in 0..=answer.len() {
        let asked = tokio::spawn({
            let model = Arc::clone(&model);
            async move { hear(&*model, prompt("Hi")).await }
        });
        let mut exchange = soon(upstream.next()).await;
        let (head, tail) = answer.split_at(cut);
        exchange.begin().await;
        exchange.chunk(head).await;
        exchange.chunk(tail).await;
        exchange.end().await;
        exchange.keep_alive();
        let heard = soon(asked).await.unwrap();
        assert!(is_whole(&heard), "cut at {cut}: {heard:?}");
    }
}

#[tokio::test]
async fn an_answer_in_single_bytes_is_the_same_answer() {
    let heard = heard_of(|mut exchange| async move {
        exchange.begin().await;
        for byte in answer() {
            exchange.chunk(&[byte]).await;
        }
        exchange.end().await;
    });
    assert!(is_whole(&heard.await));
}

/// Whatever of the answer arrived whole is told; then that it broke off, unless the server had said that it was the end.
#[tokio::test]
async fn a_connection_that_closes_at_any_byte_loses_no_text_and_is_told() {
    let (mut upstream, model) = start().await;
    let model = Arc::new(model);
    let answer = answer();
    let position = |text: &str| {
        answer
            .windows(text.len())
            .position(|window| window == text.as_bytes())
            .unwrap()
    };
    // A delta counts once its closing brace is there; an end, too.
    let hello = position("\r\n\r\nevent");
    let letters = position("\n\ndata: {\"choices\":[{\"delta\":{},");
    let finish = position("\n\ndata: {\"choices\":[],");
    let usage = position("\n\ndata: [DONE]");
    for end in 0..=answer.len() {
        let asked = tokio::spawn({
            let model = Arc::clone(&model);
            async move { hear(&*model, prompt("Hi")).await }
        });
        let mut exchange = soon(upstream.next()).await;
        exchange.begin_until_close().await;
        exchange.write(&answer[..end]).await;
        drop(exchange);
        let heard = soon(asked).await.unwrap();
        let text = if end >= letters {
            "Hello, é漢🙂"
        } else if end >= hello {
            "Hello"
        } else {
            ""
        };
        assert_eq!(heard.text(), text, "closed at {end}");
        assert_eq!(
            heard.finished.is_some(),
            end >= finish,
            "closed at {end}: {heard:?}"
        );
        assert_eq!(is_whole(&heard), end >= usage, "closed at {end}: {heard:?}");
        assert_eq!(
            matches!(heard.error, Some(ModelError::BrokeOff(_))),
            end < finish,
            "closed at {end}: {heard:?}"
        );
    }
}

#[tokio::test]
async fn a_chunked_answer_that_is_cut_off_is_told() {
    let heard = heard_of(|mut exchange| async move {
        exchange.begin().await;
        exchange.text("Hel").await;
    });
    let heard = heard.await;
    assert_eq!(heard.text(), "Hel");
    assert_eq!(
        heard.error,
        Some(ModelError::BrokeOff("the connection was lost".to_owned()))
    );
}

#[tokio::test]
async fn a_missing_done_is_forgiven_once_a_reason_was_given() {
    let heard = heard_of(|mut exchange| async move {
        exchange.begin().await;
        exchange.text("Hello").await;
        exchange
            .event(&json!({"choices": [{"delta": {"content": ""}, "finish_reason": "length"}]}))
            .await;
        exchange.end().await;
    });
    let heard = heard.await;
    assert_eq!(heard.deltas, ["Hello"]);
    assert_eq!(
        heard.finished,
        Some((FinishReason::Length, TokenUsage::default()))
    );
}

#[tokio::test]
async fn a_done_without_a_reason_is_an_end() {
    let heard = heard_of(|mut exchange| async move {
        exchange.begin().await;
        exchange.text("Hello").await;
        exchange.chunk(b"data: [DONE]\n\n").await;
        exchange.end().await;
    });
    assert_eq!(
        heard.await.finished,
        Some((FinishReason::Stop, TokenUsage::default()))
    );
}

#[tokio::test]
async fn after_done_nobody_waits_for_a_server_that_keeps_the_response_open() {
    let (mut upstream, model) = start().await;
    let asked = tokio::spawn(async move { hear(&model, prompt("Hi")).await });
    let mut exchange = upstream.next().await;
    exchange.begin().await;
    exchange.text("Hello").await;
    exchange.chunk(b"data: [DONE]\n\ndata: nonsense\n\n").await;
    let heard = soon(asked).await.unwrap();
    assert!(heard.finished.is_some(), "{heard:?}");
    drop(exchange);
}

#[tokio::test]
async fn unknown_events_empty_deltas_and_reasoning_are_no_text() {
    let heard = heard_of(|mut exchange| async move {
        exchange.begin().await;
        exchange
            .event(&json!({"choices": [{"delta": {"role": "assistant", "content": ""}}]}))
            .await;
        exchange
            .event(&json!({"choices": [{"delta": {"reasoning_content": "Let me think", "content": null}}]}))
            .await;
        exchange
            .chunk(
                b"event: thread.run\ndata: {\"object\":\"thread.run\",\"delta\":[1]}\n\n: ping\n\ndata:\n\n",
            )
            .await;
        exchange.text("Yes").await;
        exchange
            .event(&json!({"choices": [], "obfuscation": "abc", "usage": null, "error": null}))
            .await;
        exchange.finish("content_filter", 1, 1).await;
    });
    let heard = heard.await;
    assert_eq!(heard.deltas, ["Yes"]);
    assert_eq!(
        heard.finished.map(|(reason, _)| reason),
        Some(FinishReason::ContentFilter)
    );
}

#[tokio::test]
async fn an_event_that_cannot_be_read_breaks_the_answer_off_after_its_text() {
    let heard = heard_of(|mut exchange| async move {
        exchange.begin().await;
        exchange
            .chunk(format!("data: {}\n\ndata: <html>\n\n", text_delta("Hel")).as_bytes())
            .await;
        exchange.text("lo").await;
    });
    let heard = heard.await;
    assert_eq!(heard.text(), "Hel");
    assert_eq!(
        heard.error,
        Some(ModelError::BrokeOff(
            "an event of its answer cannot be read".to_owned()
        ))
    );
}

#[tokio::test]
async fn an_event_without_an_end_breaks_the_answer_off() {
    let (mut upstream, model) = start().await;
    let asked = tokio::spawn(async move { hear(&model, prompt("Hi")).await });
    let mut exchange = upstream.next().await;
    exchange.begin().await;
    let flood = tokio::spawn(async move {
        loop {
            exchange.chunk(&[b'x'; 64 * 1024]).await;
        }
    });
    let heard = soon(asked).await.unwrap();
    assert_eq!(
        heard.error,
        Some(ModelError::BrokeOff(
            "an event of its answer has no end".to_owned()
        ))
    );
    flood.abort();
}
