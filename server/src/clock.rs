//! Time and ids, injected: tests turn the clock by hand.
//!
//! Timers (pings, back-off) use `tokio::time`, which tests pause; this clock says what time it *is*.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};
use store::Store;
use uuid::Uuid;
use wire::Timestamp;

/// An answer that took longer says too little about the database's clock.
const SLOW_ANSWER: Duration = Duration::from_millis(500);

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

/// The database's clock, which all nodes share: their own may differ. It runs on by itself between two comparisons, and
/// does not notice when the machine's clock is set.
#[derive(Debug)]
pub struct DatabaseClock {
    started: Instant,
    /// What the database said when this clock was at zero, in milliseconds since 1970.
    zero: AtomicU64,
}

impl DatabaseClock {
    /// Compares for the first time.
    ///
    /// # Errors
    /// The store's.
    pub async fn of(store: &dyn Store) -> store::Result<Self> {
        let clock = Self {
            started: Instant::now(),
            zero: AtomicU64::new(0),
        };
        clock.compare(store).await?;
        Ok(clock)
    }

    /// Asks the database again. Half of the way there and back is taken for the way back; a slow answer says little.
    ///
    /// # Errors
    /// The store's.
    pub async fn compare(&self, store: &dyn Store) -> store::Result<()> {
        let asked = self.started.elapsed();
        let then = store.now().await?;
        let answered = self.started.elapsed();
        let (first, way) = (
            self.zero.load(Ordering::Relaxed) == 0,
            answered.saturating_sub(asked),
        );
        if first || way < SLOW_ANSWER {
            let here = millis(asked + way / 2);
            let zero = then.as_millis().saturating_sub(here);
            self.zero.store(zero, Ordering::Relaxed);
        }
        Ok(())
    }
}

impl Clock for DatabaseClock {
    fn now(&self) -> Timestamp {
        let zero = self.zero.load(Ordering::Relaxed);
        Timestamp::from_millis(zero.saturating_add(millis(self.started.elapsed())))
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
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
