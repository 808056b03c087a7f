//! Some tokens, and what they took.

use std::time::Instant;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Phase {
    pub(crate) tokens: usize,
    pub(crate) seconds: f64,
    /// Seconds of processor time, of all threads.
    pub(crate) processor: f64,
}

impl Phase {
    /// Tokens a second.
    pub(crate) fn speed(&self) -> f64 {
        number(self.tokens) / self.seconds
    }

    /// Milliseconds of processor time for a token.
    pub(crate) fn cost(&self) -> f64 {
        self.processor * 1000.0 / number(self.tokens)
    }
}

/// When a phase began.
pub(crate) struct Begun {
    time: Instant,
    processor: f64,
}

impl Begun {
    pub(crate) fn now() -> Self {
        Self {
            time: Instant::now(),
            processor: processor(),
        }
    }

    /// So many tokens later.
    pub(crate) fn over(&self, tokens: usize) -> Phase {
        Phase {
            tokens,
            seconds: self.time.elapsed().as_secs_f64(),
            processor: processor() - self.processor,
        }
    }
}

/// Seconds spent by all threads of this program, and by the system for them.
fn processor() -> f64 {
    // utime and stime, in hundredths: the 14th and 15th field; the 2nd, in brackets, may hold spaces.
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

pub(crate) fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::NAN, f64::from)
}
