//! Numbers for Prometheus.
//!
//! Must not know: who a user is, and any path as it was typed. Every label is a word of ours out of a short list, so that
//! no client can make series. A counted event costs an atomic or a short lock; what can be looked up (open sockets,
//! running answers, the process) is looked up when somebody asks for the page.

use super::process::Process;
use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{
        counter::Counter,
        family::{Family, MetricConstructor},
        gauge::Gauge,
        histogram::Histogram,
        info::Info,
    },
    registry::{Registry, Unit},
};
use std::{fmt, time::Duration};
use wire::{ProblemCode, message::Outcome, socket::ServerEvent};

/// From the call of the model to its first word: a local model in a queue can take a minute.
const FIRST_TOKEN: &[f64] = &[0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];
/// Between one word and the next: what a reader sees as smooth ends near 0.1.
const TOKEN_GAP: &[f64] = &[0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
const GENERATION: &[f64] = &[0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0];
const STORE: &[f64] = &[
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0,
];
const REQUEST: &[f64] = &[0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Everything that is counted in this process.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Histogram, Buckets>,
    first_token: Histogram,
    token_gap: Histogram,
    generation: Histogram,
    generations: Family<OutcomeLabel, Counter>,
    tokens: Family<TokenLabel, Counter>,
    store: Family<StoreLabels, Histogram, Buckets>,
    resumes: Counter,
    retrieval: Histogram,
    documents: Family<OutcomeLabel, Counter>,
    limits: Family<LimitLabel, Counter>,
    now: Now,
}

/// What is looked up when the page is asked for.
#[derive(Debug, Default)]
struct Now {
    sockets: Gauge,
    running: Gauge,
    waiting: Gauge,
    model_ready: Gauge,
}

/// What this process is doing as the page is written.
#[derive(Debug, Clone, Copy)]
pub struct Snapshot {
    /// Open sockets.
    pub sockets: usize,
    /// Answers being written here.
    pub running: usize,
    /// Answers that wait for their turn here.
    pub waiting: usize,
    /// Whether the model can answer.
    pub model_ready: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    method: &'static str,
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StoreLabels {
    operation: &'static str,
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TokenLabel {
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LimitLabel {
    limit: &'static str,
}

/// Makes the histograms of a family.
#[derive(Debug, Clone, Copy)]
struct Buckets(&'static [f64]);

impl MetricConstructor<Histogram> for Buckets {
    fn new_metric(&self) -> Histogram {
        Histogram::new(self.0.iter().copied())
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let metrics = Self {
            registry: Registry::default(),
            requests: Family::new_with_constructor(Buckets(REQUEST)),
            first_token: Buckets(FIRST_TOKEN).new_metric(),
            token_gap: Buckets(TOKEN_GAP).new_metric(),
            generation: Buckets(GENERATION).new_metric(),
            generations: Family::default(),
            tokens: Family::default(),
            store: Family::new_with_constructor(Buckets(STORE)),
            resumes: Counter::default(),
            retrieval: Buckets(STORE).new_metric(),
            documents: Family::default(),
            limits: Family::default(),
            now: Now::default(),
        };
        // An alert on a series that is not there yet is no alert: those of short lists are there from the start, at 0.
        for outcome in [
            Outcome::Complete,
            Outcome::Stopped,
            Outcome::Interrupted,
            Outcome::Failed,
            Outcome::Cut,
        ] {
            drop(metrics.generations.get_or_create(&label_of(outcome)));
        }
        for outcome in ["ready", "failed", "gone"] {
            drop(metrics.documents.get_or_create(&OutcomeLabel { outcome }));
        }
        for limit in LIMITS.into_iter().filter_map(limit_word) {
            drop(metrics.limits.get_or_create(&LimitLabel { limit }));
        }
        metrics.registered()
    }
}

impl Metrics {
    fn registered(mut self) -> Self {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Process::default()));
        let ours = registry.sub_registry_with_prefix("parlance");
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        ours.register("build", "The program that runs", version);
        let seconds = || Unit::Seconds;
        ours.register_with_unit(
            "http_request_duration",
            "Time to the head of an answer, by route, method and status class; `gone`: the client went away first",
            seconds(),
            self.requests.clone(),
        );
        ours.register_with_unit(
            "retrieval",
            "What an answer rests on, looked up, in chatbots with documents",
            seconds(),
            self.retrieval.clone(),
        );
        ours.register(
            "documents",
            "Documents that were worked on, by what came of it; `gone`: deleted meanwhile, or taken over",
            self.documents.clone(),
        );
        ours.register_with_unit(
            "first_token",
            "From the call of the model to the first piece of text, waiting included",
            seconds(),
            self.first_token.clone(),
        );
        ours.register_with_unit(
            "token_gap",
            "Between two pieces of text of one answer",
            seconds(),
            self.token_gap.clone(),
        );
        ours.register_with_unit(
            "generation_duration",
            "From the call of the model to the stored end",
            seconds(),
            self.generation.clone(),
        );
        ours.register(
            "generations",
            "Answers that ended, by outcome",
            self.generations.clone(),
        );
        ours.register(
            "generations_running",
            "Answers being written here",
            self.now.running.clone(),
        );
        ours.register(
            "generations_waiting",
            "Answers that wait for their turn here",
            self.now.waiting.clone(),
        );
        ours.register(
            "tokens",
            "Tokens of answers that ended, where the model says: read (prompt) and written (completion)",
            self.tokens.clone(),
        );
        ours.register("sockets_open", "Open sockets", self.now.sockets.clone());
        ours.register(
            "resumes",
            "Clients that came back and went on where they were",
            self.resumes.clone(),
        );
        ours.register(
            "limits_hit",
            "What was refused because of a limit, by its problem code",
            self.limits.clone(),
        );
        ours.register(
            "model_ready",
            "1 when the model can answer",
            self.now.model_ready.clone(),
        );
        ours.register_with_unit(
            "store_operation_duration",
            "Time a call of the database takes, waiting included, by operation and result",
            seconds(),
            self.store.clone(),
        );
        self.registry = registry;
        self
    }

    /// A request was answered, or its client went away (`status` is `None`).
    pub fn request(&self, route: &str, method: &'static str, status: Option<u16>, took: Duration) {
        let labels = RequestLabels {
            route: route.to_owned(),
            method,
            status: status_class(status),
        };
        self.requests.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// A call of the store was answered, or given up.
    pub fn store(&self, operation: &'static str, result: &'static str, took: Duration) {
        let labels = StoreLabels { operation, result };
        self.store.get_or_create(&labels).observe(took.as_secs_f64());
    }

    pub(super) fn first_token(&self, after: Duration) {
        self.first_token.observe(after.as_secs_f64());
    }

    pub(super) fn token_gap(&self, gap: Duration) {
        self.token_gap.observe(gap.as_secs_f64());
    }

    pub(super) fn generation_took(&self, took: Duration) {
        self.generation.observe(took.as_secs_f64());
    }

    pub(super) fn tokens(&self, prompt: Option<u32>, completion: Option<u32>) {
        for (kind, count) in [("prompt", prompt), ("completion", completion)] {
            if let Some(count) = count {
                self.tokens
                    .get_or_create(&TokenLabel { kind })
                    .inc_by(u64::from(count));
            }
        }
    }

    /// An answer ended; for one whose process died, whoever found it says so.
    pub fn generation_ended(&self, outcome: Outcome) {
        self.generations.get_or_create(&label_of(outcome)).inc();
    }

    /// What an answer rests on was looked up.
    pub fn retrieved(&self, took: Duration) {
        self.retrieval.observe(took.as_secs_f64());
    }

    /// A document was worked on: `ready`, `failed` or `gone`.
    pub fn document(&self, outcome: &'static str) {
        self.documents.get_or_create(&OutcomeLabel { outcome }).inc();
    }

    /// A client came back and goes on where it was.
    pub fn resumed(&self) {
        self.resumes.inc();
    }

    /// Something was refused: counted when a limit was the reason.
    pub fn refused(&self, code: ProblemCode) {
        if let Some(limit) = limit_word(code) {
            self.limits.get_or_create(&LimitLabel { limit }).inc();
        }
    }

    /// A socket says something: refusals are counted here, once. A busy model is not, since every socket that follows the
    /// answer says so; its generation counts it.
    pub fn said(&self, event: &ServerEvent) {
        if let ServerEvent::Error { code, .. } = event
            && *code != ProblemCode::ModelBusy
        {
            self.refused(*code);
        }
    }

    /// The page.
    ///
    /// # Errors
    /// A number could not be written: a defect.
    pub fn page(&self, snapshot: Snapshot) -> Result<String, fmt::Error> {
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        self.now.sockets.set(count(snapshot.sockets));
        self.now.running.set(count(snapshot.running));
        self.now.waiting.set(count(snapshot.waiting));
        self.now.model_ready.set(i64::from(snapshot.model_ready));
        let mut page = String::new();
        text::encode(&mut page, &self.registry)?;
        Ok(page)
    }
}

/// All codes that [`limit_word`] knows.
const LIMITS: [ProblemCode; 6] = [
    ProblemCode::RateLimited,
    ProblemCode::TooManySockets,
    ProblemCode::GenerationRunning,
    ProblemCode::MessageTooLong,
    ProblemCode::TooLarge,
    ProblemCode::ModelBusy,
];

/// As on the wire; `None` when it is no limit.
fn limit_word(code: ProblemCode) -> Option<&'static str> {
    match code {
        ProblemCode::RateLimited => Some("rate_limited"),
        ProblemCode::TooManySockets => Some("too_many_sockets"),
        ProblemCode::GenerationRunning => Some("generation_running"),
        ProblemCode::MessageTooLong => Some("message_too_long"),
        ProblemCode::TooLarge => Some("too_large"),
        ProblemCode::ModelBusy => Some("model_busy"),
        _ => None,
    }
}

/// As on the wire.
pub(super) fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Complete => "complete",
        Outcome::Stopped => "stopped",
        Outcome::Interrupted => "interrupted",
        Outcome::Failed => "failed",
        Outcome::Cut => "cut",
    }
}

fn label_of(outcome: Outcome) -> OutcomeLabel {
    OutcomeLabel {
        outcome: outcome_word(outcome),
    }
}

fn status_class(status: Option<u16>) -> &'static str {
    match status {
        None => "gone",
        Some(..200) => "1xx",
        Some(..300) => "2xx",
        Some(..400) => "3xx",
        Some(..500) => "4xx",
        Some(_) => "5xx",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Snapshot = Snapshot {
        sockets: 0,
        running: 0,
        waiting: 0,
        model_ready: false,
    };

    #[test]
    fn limits_and_outcomes_have_the_words_of_the_wire() {
        for code in LIMITS {
            assert_eq!(serde_json::to_value(code).unwrap(), limit_word(code).unwrap());
        }
        for outcome in [
            Outcome::Complete,
            Outcome::Stopped,
            Outcome::Interrupted,
            Outcome::Failed,
            Outcome::Cut,
        ] {
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome_word(outcome));
        }
    }

    #[test]
    fn what_an_alert_needs_is_there_before_it_happened() {
        let page = Metrics::default().page(NOTHING).unwrap();
        for line in [
            r#"parlance_generations_total{outcome="failed"} 0"#,
            r#"parlance_limits_hit_total{limit="rate_limited"} 0"#,
            "parlance_sockets_open 0",
            "parlance_resumes_total 0",
        ] {
            assert!(page.contains(line), "{line} is not in\n{page}");
        }
    }

    #[test]
    fn a_busy_model_is_counted_by_its_generation_not_by_every_socket() {
        let metrics = Metrics::default();
        let error = |code| ServerEvent::Error {
            message: String::new(),
            code,
            retry_after: None,
            fatal: false,
        };
        metrics.said(&error(ProblemCode::ModelBusy));
        metrics.said(&error(ProblemCode::RateLimited));
        metrics.said(&error(ProblemCode::Internal));
        let page = metrics.page(NOTHING).unwrap();
        assert!(page.contains(r#"limit="model_busy"} 0"#), "{page}");
        assert!(page.contains(r#"limit="rate_limited"} 1"#), "{page}");
    }
}
