//! Spans, for who has an OpenTelemetry collector; without one they are not made.
//!
//! Spans have a target of their own ([`TARGET`]): the log never sees them, the exporter sees nothing else, so no event and no
//! library's span reaches a collector. Attributes are ids, words and numbers of ours. A trace is a request, or the taking
//! of a prompt, with the calls of the store in it. A generation is a trace of its own, *linked* to the prompt: it can
//! outlive whoever asked by far. A trace context from outside is not taken: it would be a stranger's.

mod export;

pub use export::Exporter;

use super::metrics::outcome_word;
use crate::chat::generation::LiveGeneration;
use store::session::SessionRecord;
use tracing::{
    Instrument, Span,
    field::{Empty, display},
    info_span,
    instrument::Instrumented,
};
use wire::{
    UserId,
    message::{Outcome, Usage},
};

/// Of every span.
pub const TARGET: &str = "trace";

/// A request that is being answered.
pub fn request(method: &'static str, route: &str) -> Span {
    info_span!(
        target: TARGET,
        parent: None,
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        user.id = Empty,
        request.id = crate::http::request_id::current(),
    )
}

/// What became of it; `None`: its client went away.
pub fn answered(span: &Span, status: Option<u16>, user: Option<UserId>) {
    if let Some(user) = user {
        span.record("user.id", display(user));
    }
    if let Some(status) = status {
        span.record("http.response.status_code", i64::from(status));
        if status >= 500 {
            failed(span);
        }
    }
}

/// A prompt that is being taken in.
pub fn prompt<F: Future>(session: &SessionRecord, taking: F) -> Instrumented<F> {
    taking.instrument(info_span!(
        target: TARGET,
        parent: None,
        "prompt",
        session.id = %session.id,
        conversation.id = %session.conversation_id,
        user.id = %session.user_id,
    ))
}

/// A run of the model, linked to the prompt that is being taken in.
pub fn generation<F: Future>(live: &LiveGeneration, running: F) -> Instrumented<F> {
    let span = info_span!(
        target: TARGET,
        parent: None,
        "generation",
        otel.status_code = Empty,
        gen_ai.operation.name = "chat",
        gen_ai.usage.input_tokens = Empty,
        gen_ai.usage.output_tokens = Empty,
        generation.id = %live.id,
        generation.outcome = Empty,
        generation.chunks = Empty,
        generation.first_token_ms = Empty,
        conversation.id = %live.conversation_id,
        user.id = %live.user_id,
    );
    span.follows_from(Span::current());
    running.instrument(span)
}

/// How the generation that is the current span ended.
pub fn generation_ended(outcome: Outcome, chunks: u64, first_token_ms: Option<f64>, usage: Usage) {
    let span = Span::current();
    span.record("generation.outcome", outcome_word(outcome));
    // Signed: OpenTelemetry knows no other numbers.
    span.record("generation.chunks", i64::try_from(chunks).unwrap_or(i64::MAX));
    span.record("generation.first_token_ms", first_token_ms);
    span.record("gen_ai.usage.input_tokens", usage.prompt_tokens.map(i64::from));
    span.record(
        "gen_ai.usage.output_tokens",
        usage.completion_tokens.map(i64::from),
    );
    if matches!(outcome, Outcome::Failed) {
        failed(&span);
    }
}

/// A call of the store; nothing when it belongs to no trace, as those of the loops in the background.
pub fn store(operation: &'static str) -> Span {
    if Span::current().is_none() {
        return Span::none();
    }
    info_span!(
        target: TARGET,
        "store",
        otel.name = operation,
        otel.kind = "client",
        otel.status_code = Empty,
        db.operation.name = operation,
    )
}

/// It went wrong on our side.
pub fn failed(span: &Span) {
    span.record("otel.status_code", "ERROR");
}
