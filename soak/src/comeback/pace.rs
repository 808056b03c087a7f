//! How fast it goes: as people live it, or scaled down for every day.

use super::Fault;
use crate::order::Order;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Tokens of each answer.
pub(super) const TOKENS: u32 = 4_000;

static NUMBERS: AtomicU64 = AtomicU64::new(1);

/// Times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// What an answer takes.
    pub answer: Duration,
    /// How long there is no network.
    pub hole: Duration,
}

impl Pace {
    /// As people live it: 200 tokens a second, half a minute without network.
    pub const WHOLE: Self = Self {
        answer: Duration::from_secs(20),
        hole: Duration::from_secs(30),
    };
    /// For every day.
    pub const SHORT: Self = Self {
        answer: Duration::from_secs(6),
        hole: Duration::from_secs(4),
    };

    /// An answer that is to be met by `fault`. Some come back from a time without network while it is still being
    /// written: it takes longer than that time.
    pub(super) fn order(&self, fault: Fault) -> Order {
        let time = match fault {
            Fault::NoNetwork => self.hole * 5 / 3,
            _ => self.answer,
        };
        Order {
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            tokens: TOKENS,
            rate: TOKENS / u32::try_from(time.as_secs()).unwrap_or(1).max(1),
        }
    }

    /// What the program is told, for a party that is met by this end of it.
    pub(super) fn settings(&self, end: Option<Fault>) -> Vec<(&'static str, String)> {
        let drain = match end {
            Some(Fault::PastDrain) => self.answer / 20,
            _ => self.answer + Duration::from_secs(5),
        };
        vec![("PARLANCE_DRAIN", format!("{}ms", drain.as_millis()))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_within_one_drain_and_outlasts_the_other() {
        for pace in [Pace::WHOLE, Pace::SHORT] {
            let order = pace.order(Fault::PastDrain);
            let whole = order.pause_before(order.tokens);
            assert!(whole <= pace.answer * 11 / 10, "{whole:?}");
            let left = order.pause_before(TOKENS - Fault::PastDrain.bounds().end);
            assert!(left > pace.answer / 20 * 2, "{left:?} are left at least");
        }
    }

    #[test]
    fn an_answer_outlasts_the_time_without_network() {
        for pace in [Pace::WHOLE, Pace::SHORT] {
            let order = pace.order(Fault::NoNetwork);
            assert!(order.pause_before(order.tokens) > pace.hole * 3 / 2);
        }
    }
}
