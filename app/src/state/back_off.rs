//! How long to wait before trying again: exponential, with full jitter, so that a thousand browsers that lost
//! the same server do not come back in the same instant.

use std::time::Duration;

const BASE: Duration = Duration::from_millis(500);
const CAP: Duration = Duration::from_secs(15);

/// The pause before attempt number `attempt` (the first is 1). `random` is in `0.0..1.0`, and given from outside.
pub fn pause(attempt: u32, random: f64) -> Duration {
    let doublings = attempt.saturating_sub(1).min(16);
    BASE.saturating_mul(1 << doublings)
        .min(CAP)
        .mul_f64(random.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_cap() {
        let longest = |attempt| pause(attempt, 1.0).as_millis();
        assert_eq!([1, 2, 3, 4].map(longest), [500, 1000, 2000, 4000]);
        assert_eq!(longest(6), 15_000);
        assert_eq!(longest(u32::MAX), 15_000);
    }

    #[test]
    fn chance_spreads_them_over_the_whole_range() {
        assert_eq!(pause(3, 0.0), Duration::ZERO);
        assert_eq!(pause(3, 0.5), Duration::from_secs(1));
    }
}
