//! What the stand-in of the model did, and when, for those who measure: by the clock they use themselves.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;
use tokio::sync::Notify;

/// One answer, as it was given.
#[derive(Debug)]
pub struct Run {
    /// When the request had been read.
    pub asked: Instant,
    /// When each token was handed to the system.
    pub written: Vec<Instant>,
    /// Of the body, as it went over the wire.
    pub bytes: u64,
    /// When the reader was seen to be gone, if it did not wait for the end.
    pub closed: Option<Instant>,
}

/// All answers that nobody asked about yet, by the number of their order.
#[derive(Debug, Default)]
pub struct Runs {
    runs: Mutex<HashMap<u64, Run>>,
    more: Notify,
}

impl Runs {
    /// Keeps what became of an answer.
    pub fn keep(&self, number: u64, run: Run) {
        self.runs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(number, run);
        self.more.notify_waiters();
    }

    /// Gives what became of an answer, once it is over.
    pub async fn take(&self, number: u64) -> Run {
        loop {
            let more = self.more.notified();
            if let Some(run) = self
                .runs
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&number)
            {
                return run;
            }
            more.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[tokio::test]
    async fn who_asks_before_the_end_is_told_at_the_end() {
        let runs = Arc::new(Runs::default());
        let asking = tokio::spawn({
            let runs = Arc::clone(&runs);
            async move { runs.take(7).await.bytes }
        });
        tokio::task::yield_now().await;
        for number in [8, 7] {
            runs.keep(
                number,
                Run {
                    asked: Instant::now(),
                    written: Vec::new(),
                    bytes: number,
                    closed: None,
                },
            );
        }
        assert_eq!(asking.await.unwrap(), 7);
    }
}
