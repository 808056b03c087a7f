//! How many frames a client may send, of whatever kind: far more than people and their pages have to say, and few enough
//! that a client gone wild costs little. A prompt that was taken is given back: prompts have a limit of their own, which is
//! the user's and not the socket's, and may be higher.
//!
//! Pure: it is told what time it is.

use std::time::Duration;
use tokio::time::Instant;

/// Between frames that come one after another for long.
const INTERVAL: Duration = Duration::from_millis(100);
/// Frames that may come at once before that counts.
const BURST: u32 = 100;

/// Of one socket.
#[derive(Debug)]
pub(super) struct Allowance {
    /// When all that came would have come, one an interval.
    spent_until: Instant,
}

impl Allowance {
    pub(super) fn new(now: Instant) -> Self {
        Self { spent_until: now }
    }

    /// A frame comes: whether it may. One that may not is not counted.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let until = self.spent_until.max(now) + INTERVAL;
        let may = until <= now + INTERVAL * BURST;
        if may {
            self.spent_until = until;
        }
        may
    }

    /// The last frame that was taken is not counted after all.
    pub(super) fn give_back(&mut self) {
        if let Some(before) = self.spent_until.checked_sub(INTERVAL) {
            self.spent_until = before;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_frames_may_come_at_once_and_then_as_many_as_time_has_passed() {
        let start = Instant::now();
        let mut allowance = Allowance::new(start);
        let mut taken = |now| (0..1000).filter(|_| allowance.take(now)).count();
        assert_eq!(taken(start), 100);
        assert_eq!(taken(start), 0);
        assert_eq!(taken(start + INTERVAL * 3), 3);
        assert_eq!(
            taken(start + INTERVAL * 1000),
            100,
            "and no more for a long silence"
        );
    }

    #[test]
    fn what_is_given_back_may_come_again_and_no_more_than_that() {
        let now = Instant::now();
        let mut allowance = Allowance::new(now);
        for _ in 0..1000 {
            assert!(allowance.take(now));
            allowance.give_back();
        }
        assert_eq!((0..1000).filter(|_| allowance.take(now)).count(), 100);
    }

    #[test]
    fn ten_a_second_are_never_refused() {
        let start = Instant::now();
        let mut allowance = Allowance::new(start);
        assert!((0..10_000).all(|frame| allowance.take(start + INTERVAL * frame)));
    }
}
