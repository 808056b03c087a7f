//! Time and ids, injected: tests turn the clock by hand.
//!
//! Timers (pings, back-off) use `tokio::time`, which tests pause; this clock says what time it *is*.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};
use uuid::Uuid;
use wire::Timestamp;

/// Says what time it is.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// Now, in UTC.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        SystemTime::now().into()
    }
}

/// A clock that stands still until it is turned. Clones share the time.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<AtomicU64>);

impl ManualClock {
    /// Starts at `now`.
    pub fn starting_at(now: Timestamp) -> Self {
        Self(Arc::new(AtomicU64::new(now.as_millis())))
    }

    /// Turns the clock on.
    pub fn advance(&self, by: Duration) {
        let later = self.now().plus(by);
        self.0.store(later.as_millis(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Where ids come from: UUIDs of version 7, which sort by the time they were made.
#[derive(Debug, Clone, Copy, Default)]
pub struct IdSource;

impl IdSource {
    /// A new id, never seen before.
    pub fn new_uuid(self) -> Uuid {
        Uuid::now_v7()
    }
}
