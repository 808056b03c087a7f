//! One line and a few numbers for each run of the model. Must not know what is said.

use super::{Metrics, metrics::outcome_word, trace};
use crate::chat::generation::{End, LiveGeneration, Progress};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;
use wire::{ProblemCode, message::Outcome};

/// What a run says of its model.
#[derive(Debug, Clone, Copy)]
pub enum Heard<'a> {
    /// It wrote an answer to its end: so many tokens, in so much time from the first one on.
    Answer {
        /// Written, as it says; else as they were heard.
        tokens: u64,
        /// From the first to the last.
        took: Duration,
    },
    /// It failed, and what it said.
    Failure(&'a str),
}

/// Watches one run, from the call of the model to the stored end.
#[derive(Debug)]
pub struct GenerationWatch {
    metrics: Arc<Metrics>,
    started: Instant,
    first: Option<Instant>,
    last: Option<Instant>,
}

impl GenerationWatch {
    /// The model is being called.
    pub fn start(metrics: &Arc<Metrics>) -> Self {
        Self {
            metrics: Arc::clone(metrics),
            started: Instant::now(),
            first: None,
            last: None,
        }
    }

    /// It said something.
    pub fn delta(&mut self) {
        let now = Instant::now();
        match self.last.replace(now) {
            Some(last) => self.metrics.token_gap(now - last),
            None => {
                self.first = Some(now);
                self.metrics.first_token(now - self.started);
            }
        }
    }

    /// It ended, and that is stored. `heard` is told what that says of the model: nothing, of one that was stopped.
    pub fn ended(self, live: &LiveGeneration, outcome: Outcome, heard: impl FnOnce(Heard<'_>)) {
        let took = self.started.elapsed();
        let (usage, fault) = match live.read(u64::MAX) {
            Progress::Ended(End { usage, fault, .. }) => (usage.unwrap_or_default(), fault),
            _ => Default::default(),
        };
        self.metrics.generation_took(took);
        self.metrics.generation_ended(outcome);
        self.metrics.tokens(usage.prompt_tokens, usage.completion_tokens);
        if fault
            .as_ref()
            .is_some_and(|fault| fault.code == ProblemCode::ModelBusy)
        {
            self.metrics.refused(ProblemCode::ModelBusy);
        }
        match (outcome, &fault) {
            (Outcome::Complete | Outcome::Cut, _) => heard(Heard::Answer {
                tokens: usage.completion_tokens.map_or(live.seq(), u64::from),
                took: self
                    .first
                    .zip(self.last)
                    .map_or(Duration::ZERO, |(first, last)| last - first),
            }),
            (Outcome::Failed, Some(fault)) => heard(Heard::Failure(&fault.message)),
            _ => {}
        }
        let first_token_ms = self.first.map(|first| super::milliseconds(first - self.started));
        let problem = fault.map(|fault| tracing::field::debug(fault.code));
        trace::generation_ended(outcome, live.seq(), first_token_ms, usage);
        tracing::info!(
            generation.id = %live.id,
            conversation.id = %live.conversation_id,
            user.id = %live.user_id,
            outcome = outcome_word(outcome),
            problem,
            first_token_ms,
            chunks = live.seq(),
            prompt_tokens = usage.prompt_tokens,
            completion_tokens = usage.completion_tokens,
            duration_ms = super::milliseconds(took),
            "Generation"
        );
    }
}
