//! How often a socket gets a small frame: at once while a model speaks as fast as anybody reads, and no more than a screen
//! can show when it speaks faster. A frame costs some 140 bytes around its text: with five bytes in each, an answer would
//! weigh thirty times what it says, and its reader's machine would do little else than open envelopes.
//!
//! Where very many answers are written at once, frames are what the machine spends most of its time on. Then each socket
//! gets fewer of them: before everybody waits for a second, everybody waits for a tenth of one.
//!
//! Pure: it is told what time it is. Frames that are full are not counted: who comes late gets all at once.

use std::time::Duration;
use tokio::time::Instant;

/// Between small frames that come one after another for long: half of what a screen takes to show one.
const INTERVAL: Duration = Duration::from_millis(8);
/// Small frames that may come at once before that counts: tokens come in bursts, and none of them is to be late.
const BURST: u32 = 8;
/// Text of a frame that is worth its envelope.
const FULL_BYTES: usize = 1024;
/// What a frame takes of one core, measured, when nothing else is to be done.
const COST: Duration = Duration::from_micros(70);
/// However many answers there are, this is the longest that a reader waits for a frame's turn: the eye takes it for at once.
const INTERVAL_MAX: Duration = Duration::from_millis(80);

/// Of one socket.
#[derive(Debug)]
pub(super) struct Pace {
    /// When all that was sent would have been sent, one an interval.
    spent_until: Instant,
    /// Between the frames, as things are.
    interval: Duration,
}

/// How much this machine has to do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Crowd {
    /// Answers that are being written here.
    pub(super) answers: usize,
    /// Processor cores.
    pub(super) cores: usize,
}

impl Crowd {
    /// Between two frames of each, when all of them are served in turn.
    fn interval(self) -> Duration {
        let turns = u32::try_from(self.answers / self.cores.max(1)).unwrap_or(u32::MAX);
        COST.saturating_mul(turns).clamp(INTERVAL, INTERVAL_MAX)
    }
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            spent_until: now,
            interval: INTERVAL,
        }
    }

    /// When the next frame may go; in the past: now.
    pub(super) fn next(&self) -> Instant {
        let allowance = self.interval * (BURST - 1);
        self.spent_until
            .checked_sub(allowance)
            .unwrap_or(self.spent_until)
    }

    /// A frame with so much text goes.
    pub(super) fn goes(&mut self, bytes: usize, crowd: Crowd, now: Instant) {
        self.interval = crowd.interval();
        // What was owed while there were more answers is not owed any more.
        self.spent_until = self.spent_until.min(now + self.interval * BURST);
        if bytes < FULL_BYTES {
            self.spent_until = self.spent_until.max(now) + self.interval;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many frames of `bytes` go in a second, when there is something to send every `gap`; and how late the worst is.
    const ALONE: Crowd = Crowd { answers: 1, cores: 2 };

    fn frames(bytes: usize, gap: Duration) -> (u32, Duration) {
        frames_among(ALONE, bytes, gap)
    }

    fn frames_among(crowd: Crowd, bytes: usize, gap: Duration) -> (u32, Duration) {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        let (mut now, mut frames, mut worst) = (start, 0, Duration::ZERO);
        while now < start + Duration::from_secs(1) {
            let goes = pace.next().max(now);
            worst = worst.max(goes - now);
            pace.goes(bytes, crowd, goes);
            frames += 1;
            now = goes + gap;
        }
        (frames, worst)
    }

    #[test]
    fn what_is_said_as_fast_as_people_read_is_never_late() {
        for tokens_a_second in [30, 60, 120] {
            let (_, late) = frames(5, Duration::from_secs(1) / tokens_a_second);
            assert_eq!(late, Duration::ZERO, "{tokens_a_second} a second");
        }
    }

    #[test]
    fn what_is_said_faster_comes_in_fewer_frames_none_of_them_later_than_a_screen_shows() {
        let (frames, late) = frames(5, Duration::from_micros(20));
        assert!((100..150).contains(&frames), "{frames}");
        assert!(late <= INTERVAL, "{late:?}");
    }

    #[test]
    fn a_burst_after_a_silence_goes_at_once() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        for second in 1..4 {
            let now = start + Duration::from_secs(second);
            for _ in 0..BURST {
                assert!(pace.next() <= now);
                pace.goes(5, ALONE, now);
            }
            assert!(pace.next() > now, "and then no more");
        }
    }

    #[test]
    fn who_comes_late_is_not_held_up() {
        let (frames, late) = frames(8 * 1024, Duration::from_micros(100));
        assert!(frames > 9_000 && late == Duration::ZERO, "{frames}, {late:?}");
    }

    #[test]
    fn hundreds_are_served_like_one_and_thousands_get_fewer_frames() {
        let gap = Duration::from_secs(1) / 30;
        let among = |answers| frames_among(Crowd { answers, cores: 2 }, 5, gap);
        assert_eq!(among(300), among(1));
        let (frames, late) = among(2_000);
        assert!((12..25).contains(&frames), "{frames}");
        assert!(late <= INTERVAL_MAX, "{late:?}");
        assert!(among(1_000_000).1 <= INTERVAL_MAX);
    }
}
