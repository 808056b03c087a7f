//! Traces, as a collector receives them from the program.

use super::story;
use crate::program::serve;
use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, KeyValue, any_value::Value},
    trace::v1::Span,
};
use prost::Message;
use std::sync::{Arc, Mutex};

type Batches = Arc<Mutex<Vec<Bytes>>>;

/// Keeps what it is sent; its base URL.
async fn collector() -> (String, Batches) {
    async fn take(State(batches): State<Batches>, headers: HeaderMap, body: Bytes) {
        assert_eq!(headers["content-type"], "application/x-protobuf");
        batches.lock().unwrap().push(body);
    }
    let batches = Batches::default();
    let router = Router::new()
        .route("/v1/traces", post(take))
        .with_state(Arc::clone(&batches));
    (format!("http://{}", serve(router).await), batches)
}

fn text<'a>(attributes: &'a [KeyValue], key: &str) -> Option<&'a str> {
    let attribute = attributes.iter().find(|attribute| attribute.key == key)?;
    match &attribute.value {
        Some(AnyValue {
            value: Some(Value::StringValue(text)),
        }) => Some(text),
        _ => None,
    }
}

fn number(attributes: &[KeyValue], key: &str) -> Option<i64> {
    let attribute = attributes.iter().find(|attribute| attribute.key == key)?;
    match &attribute.value {
        Some(AnyValue {
            value: Some(Value::IntValue(number)),
        }) => Some(*number),
        _ => None,
    }
}

#[track_caller]
fn one<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    let found: Vec<&Span> = spans.iter().filter(|span| span.name == name).collect();
    let names: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(found.len(), 1, "{name} among {names:?}");
    found[0]
}

#[tokio::test]
async fn a_collector_gets_the_requests_the_prompt_and_the_generation_and_no_word_of_the_chat() {
    let (url, batches) = collector().await;
    let program = story::start(&[], &[("OTEL_EXPORTER_OTLP_ENDPOINT", &url)]).await;
    let secrets = story::chat(&program).await;
    let log = program.stop().await;
    assert!(!log.contains("http.route"), "spans are not in the log:\n{log}");

    let batches = batches.lock().unwrap().clone();
    let (mut spans, mut services) = (Vec::new(), Vec::new());
    for batch in &batches {
        // Text stands in protobuf as it is.
        secrets.assert_none_in("traces", &String::from_utf8_lossy(batch));
        for resource in ExportTraceServiceRequest::decode(batch.clone())
            .unwrap()
            .resource_spans
        {
            let attributes = resource.resource.unwrap().attributes;
            services.push(text(&attributes, "service.name").unwrap().to_owned());
            spans.extend(resource.scope_spans.into_iter().flat_map(|scope| scope.spans));
        }
    }
    assert!(services.iter().all(|name| name == "parlance"), "{services:?}");

    let register = one(&spans, "POST /auth/register");
    assert_eq!(register.kind, 2, "a server's span");
    assert_eq!(
        number(&register.attributes, "http.response.status_code"),
        Some(200)
    );
    let stored: Vec<&Span> = spans
        .iter()
        .filter(|span| span.parent_span_id == register.span_id)
        .collect();
    assert!(stored.iter().any(|span| span.name == "create_user"), "{stored:?}");

    let prompt = one(&spans, "prompt");
    let generation = one(&spans, "generation");
    assert!(prompt.parent_span_id.is_empty() && generation.parent_span_id.is_empty());
    assert_ne!(prompt.trace_id, generation.trace_id);
    assert_eq!(generation.links.len(), 1);
    assert_eq!(generation.links[0].span_id, prompt.span_id);
    assert_eq!(generation.links[0].trace_id, prompt.trace_id);
    assert_eq!(
        text(&generation.attributes, "generation.outcome"),
        Some("complete")
    );
    assert_eq!(
        number(&generation.attributes, "gen_ai.usage.output_tokens"),
        Some(3)
    );
    let finished = one(&spans, "finish_generation");
    assert_eq!(finished.parent_span_id, generation.span_id);
    assert!(
        spans
            .iter()
            .all(|span| span.name != "append_chunks" && span.name != "sessions_silent_since")
    );
    assert!(
        spans.iter().all(|span| span.events.is_empty()),
        "no log line travels along"
    );
}

#[tokio::test]
async fn a_collector_that_is_not_there_holds_nobody_up() {
    // A port where nobody listens: it was free a moment ago.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let program = story::start(
        &[],
        &[("OTEL_EXPORTER_OTLP_ENDPOINT", &format!("http://{nobody}"))],
    )
    .await;
    story::chat(&program).await;
    let log = program.stop().await;
    assert!(
        log.contains("WARN") || log.contains("ERROR"),
        "the loss is said:\n{log}"
    );
}
