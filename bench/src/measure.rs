//! Numbers out of samples. Knows nothing of what was sampled.

use std::time::Duration;

/// The value below which `percent` of the samples lie: one of them (nearest rank), never a value in between.
pub(crate) fn percentile(samples: &mut [Duration], percent: usize) -> Option<Duration> {
    samples.sort_unstable();
    let rank = samples.len().saturating_mul(percent).div_ceil(100).max(1);
    samples.get(rank - 1).copied()
}

/// The middle of the values; between the two middle ones when there are two.
pub(crate) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    let lower = if sorted.len().is_multiple_of(2) {
        *sorted.get(middle.checked_sub(1)?)?
    } else {
        upper
    };
    Some(f64::midpoint(lower, upper))
}

/// The least and the largest.
pub(crate) fn range(values: &[f64]) -> Option<(f64, f64)> {
    let least = values.iter().copied().min_by(f64::total_cmp)?;
    let largest = values.iter().copied().max_by(f64::total_cmp)?;
    Some((least, largest))
}

/// A count as a number to calculate with. Counts here are far below 2³².
pub(crate) fn float(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Milliseconds.
pub(crate) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(values: impl IntoIterator<Item = u64>) -> Vec<Duration> {
        values.into_iter().map(Duration::from_millis).collect()
    }

    #[test]
    fn a_percentile_is_a_sample_that_was_taken() {
        let mut samples = ms((1..=200).rev());
        assert_eq!(percentile(&mut samples, 50), Some(Duration::from_millis(100)));
        assert_eq!(percentile(&mut samples, 99), Some(Duration::from_millis(198)));
        assert_eq!(percentile(&mut samples, 100), Some(Duration::from_millis(200)));
    }

    #[test]
    fn the_p99_of_few_samples_is_the_worst_of_them() {
        assert_eq!(percentile(&mut ms([5, 1, 9]), 99), Some(Duration::from_millis(9)));
        assert_eq!(percentile(&mut [], 99), None, "and of none there is none");
    }

    #[test]
    fn a_median_is_not_moved_by_one_bad_run() {
        assert_eq!(median(&[3.0, 1.0, 900.0]), Some(3.0));
        assert_eq!(median(&[1.0, 2.0]), Some(1.5));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn a_range_is_the_best_and_the_worst_run() {
        assert_eq!(range(&[3.0, 1.0, 2.0]), Some((1.0, 3.0)));
        assert_eq!(range(&[]), None);
    }
}
