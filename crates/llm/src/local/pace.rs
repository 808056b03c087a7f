//! How much of the prompts is read in one step.
//!
//! Must not know: clocks; it is told how long things took.
//!
//! Much at once is read faster. But as long as a step lasts nothing else is done: no Stop is heard, no answer grows. So a
//! step is to last so long and not longer, and how much that is, is learnt from the steps before, on this machine with
//! this model.

use std::time::Duration;

/// How long a step may last while nobody is waiting for a next word.
const ALONE: Duration = Duration::from_millis(250);
/// How much longer it may last for reading while answers are written; or as long again as they take, if that is more.
const BESIDE: Duration = Duration::from_millis(80);
/// Less at once costs more than it helps: the model's weights pass through memory once a step.
const LEAST_ALONE: usize = 16;
const LEAST_BESIDE: usize = 4;
/// The share of a new measurement in what is known.
const NEWS: f64 = 0.25;

/// What is known of the speed, in seconds.
#[derive(Debug)]
pub(super) struct Pace {
    /// The most that fits into a step.
    most: usize,
    /// For a token of a prompt.
    reading: Option<f64>,
    /// For a step in which nothing is read.
    writing: Option<f64>,
}

impl Pace {
    /// Nothing is known yet.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            reading: None,
            writing: None,
        }
    }

    /// Tokens of prompts to be read in the next step, in which so many answers are written.
    pub(super) fn share(&self, answers: usize) -> usize {
        let writing = self.writing.unwrap_or_default();
        let (time, least) = match answers {
            0 => (ALONE.as_secs_f64(), LEAST_ALONE),
            _ => (BESIDE.as_secs_f64().max(writing), LEAST_BESIDE),
        };
        let fits = self.reading.map_or(0, |reading| whole(time / reading));
        fits.max(least).min(self.most.saturating_sub(answers))
    }

    /// A step took so long, in which so many tokens of prompts were read and so many answers written.
    pub(super) fn took(&mut self, read: usize, answers: usize, time: Duration) {
        let time = time.as_secs_f64();
        if read == 0 {
            learn(&mut self.writing, time);
        } else if read >= LEAST_BESIDE {
            let writing = if answers == 0 {
                0.0
            } else {
                self.writing.unwrap_or_default()
            };
            // Nothing is read for nothing, whatever else went on in this machine.
            let reading = (time - writing).max(time / 4.0);
            learn(
                &mut self.reading,
                reading / f64::from(u32::try_from(read).unwrap_or(u32::MAX)),
            );
        }
    }
}

fn learn(known: &mut Option<f64>, news: f64) {
    *known = Some(known.map_or(news, |known| known + (news - known) * NEWS));
}

/// A number of tokens. What is out of range is as far as the range goes.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates, which is what is wanted"
)]
fn whole(tokens: f64) -> usize {
    tokens as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine that reads a token in `token` and writes a step in `step` milliseconds.
    fn learnt(token: u64, step: u64) -> Pace {
        let mut pace = Pace::new(256);
        for _ in 0..50 {
            let answers = 2;
            pace.took(0, answers, Duration::from_millis(step));
            let read = pace.share(answers);
            let time = step + token * u64::try_from(read).unwrap();
            pace.took(read, answers, Duration::from_millis(time));
        }
        pace
    }

    #[test]
    fn a_step_lasts_as_long_as_it_may() {
        let pace = learnt(2, 20);
        assert!((120..=126).contains(&pace.share(0)), "250 ms: {}", pace.share(0));
        assert!((38..=41).contains(&pace.share(2)), "80 ms: {}", pace.share(2));
    }

    #[test]
    fn on_a_slow_machine_reading_takes_as_long_as_writing() {
        let pace = learnt(50, 500);
        assert!((9..=10).contains(&pace.share(2)), "500 ms: {}", pace.share(2));
    }

    #[test]
    fn however_slow_or_fast_there_are_bounds() {
        let slow = learnt(2000, 3000);
        assert_eq!((slow.share(0), slow.share(2)), (LEAST_ALONE, LEAST_BESIDE));
        let mut fast = learnt(1, 20);
        for _ in 0..50 {
            fast.took(100, 0, Duration::from_micros(1));
        }
        assert_eq!((fast.share(0), fast.share(4)), (256, 252));
    }

    #[test]
    fn nothing_is_known_at_first_and_little_is_risked() {
        assert_eq!(Pace::new(256).share(0), LEAST_ALONE);
        assert_eq!(Pace::new(256).share(1), LEAST_BESIDE);
    }
}
