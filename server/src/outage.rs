//! A store that does not answer, as the log tells it: once when it begins, once when it ends, whatever is tried between.
//!
//! For loops that try again by themselves. Start at [`Outage::note`].

use std::time::Instant;
use store::StoreError;

/// For one of many that are looked after in turn: an outage ends the round; any other error is of this one alone, is told
/// (`tell`) and does not keep the others waiting.
///
/// # Errors
/// `Unavailable` only.
pub fn only_outage(
    attempt: Result<(), StoreError>,
    tell: impl FnOnce(&StoreError),
) -> Result<(), StoreError> {
    match attempt {
        Err(StoreError::Unavailable(cause)) => Err(StoreError::Unavailable(cause)),
        Err(error) => {
            tell(&error);
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// What one loop knows of an outage.
#[derive(Debug)]
pub struct Outage {
    /// What the loop does, for the log: "look after generations".
    what: &'static str,
    since: Option<Instant>,
}

impl Outage {
    /// None so far.
    pub fn of(what: &'static str) -> Self {
        Self { what, since: None }
    }

    /// Notes how an attempt went, and says so if that is news. True when it went well.
    pub fn note(&mut self, attempt: Result<(), StoreError>) -> bool {
        match (attempt, self.since) {
            (Ok(()), None) => true,
            (Ok(()), Some(since)) => {
                self.since = None;
                let seconds = since.elapsed().as_secs();
                tracing::info!(seconds, "The store answers again: could {}", self.what);
                true
            }
            (Err(error), None) => {
                self.since = Some(Instant::now());
                tracing::warn!(%error, "Could not {}; trying again until it works", self.what);
                false
            }
            (Err(error), Some(_)) => {
                tracing::debug!(%error, "Still could not {}", self.what);
                false
            }
        }
    }
}
