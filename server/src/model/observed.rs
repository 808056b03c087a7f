//! How the models did since this server was started: for administrators, who want to see which one fails, and why.
//!
//! Must not know: what is asked and answered. In memory only; each server knows its own.

use parking_lot::Mutex;
use std::{collections::BTreeMap, time::Duration};
use wire::Timestamp;

/// Names that are kept. Chatbots name models, and whoever makes chatbots could make names without end.
const NAMES: usize = 64;
/// Characters of an error that are kept.
const ERROR_CHARS: usize = 300;

/// What happened to one model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Seen {
    /// When it last wrote an answer to its end.
    pub last_success_at: Option<Timestamp>,
    /// When it last failed.
    pub last_error_at: Option<Timestamp>,
    /// What it said then.
    pub last_error: Option<String>,
    /// Of its last answer, from its first word on.
    pub tokens_per_second: Option<f32>,
}

/// All of them.
#[derive(Debug)]
pub struct ModelWatch {
    since: Timestamp,
    seen: Mutex<BTreeMap<String, Seen>>,
}

impl ModelWatch {
    /// Nothing was asked yet.
    pub fn new(now: Timestamp) -> Self {
        Self {
            since: now,
            seen: Mutex::default(),
        }
    }

    /// Since when it watches.
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// An answer was written to its end: `tokens` in this time, from the first one on.
    pub fn answered(&self, model: &str, now: Timestamp, tokens: u64, took: Duration) {
        self.note(model, |seen| {
            seen.last_success_at = Some(now);
            seen.tokens_per_second = speed(tokens, took).or(seen.tokens_per_second);
        });
    }

    /// It failed.
    pub fn failed(&self, model: &str, now: Timestamp, error: &str) {
        self.note(model, |seen| {
            seen.last_error_at = Some(now);
            seen.last_error = Some(error.chars().take(ERROR_CHARS).collect());
        });
    }

    /// What is known, by name.
    pub fn seen(&self) -> BTreeMap<String, Seen> {
        self.seen.lock().clone()
    }

    fn note(&self, model: &str, change: impl FnOnce(&mut Seen)) {
        let mut seen = self.seen.lock();
        if seen.len() < NAMES || seen.contains_key(model) {
            change(seen.entry(model.to_owned()).or_default());
        }
    }
}

#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "a speed for people"
)]
fn speed(tokens: u64, took: Duration) -> Option<f32> {
    // The first one began the time.
    let between = tokens.checked_sub(1).filter(|between| *between > 0)?;
    (!took.is_zero()).then(|| between as f32 / took.as_secs_f32())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    #[test]
    fn the_last_success_and_the_last_failure_are_both_known() {
        let watch = ModelWatch::new(at(1));
        watch.answered("small", at(2), 21, Duration::from_secs(2));
        watch.failed("small", at(3), "It broke off");
        watch.answered("small", at(4), 1, Duration::ZERO);
        let expected = Seen {
            last_success_at: Some(at(4)),
            last_error_at: Some(at(3)),
            last_error: Some("It broke off".into()),
            tokens_per_second: Some(10.0),
        };
        assert_eq!(watch.seen(), BTreeMap::from([("small".to_owned(), expected)]));
    }

    #[test]
    fn names_that_somebody_makes_up_take_no_memory_without_end() {
        let watch = ModelWatch::new(at(1));
        for number in 0..1000 {
            watch.failed(&number.to_string(), at(2), &"x".repeat(10_000));
        }
        let seen = watch.seen();
        assert_eq!(seen.len(), NAMES);
        assert!(
            seen.values()
                .all(|seen| seen.last_error.as_ref().is_some_and(|e| e.len() == ERROR_CHARS))
        );
    }
}
