//! What xtask says while it works: headings with the time since the start, and plain lines.
//!
//! No colours and no cursor tricks: the same words serve a terminal and a CI log.

use std::fmt::Display;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Announces a step, with the time since xtask began.
pub(crate) fn step(words: impl Display) {
    println!("\n==> {words}   [{}]", seconds(START.elapsed()));
}

/// A line that belongs to the step announced last.
pub(crate) fn line(words: impl Display) {
    println!("    {words}");
}

/// A duration as a person says it: `0.3 s`, `12 s`, `4 min 07 s`.
pub(crate) fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        s @ 10..120 => format!("{s} s"),
        s => format!("{} min {:02} s", s / 60, s % 60),
    }
}

/// A size as a person says it.
pub(crate) fn bytes(count: u64) -> String {
    match count {
        0..10_240 => format!("{count} bytes"),
        10_240..10_485_760 => format!("{} KB", count / 1024),
        10_485_760..10_737_418_240 => format!("{} MB", count / 1_048_576),
        _ => format!("{} GB", count / 1_073_741_824),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{bytes, seconds};

    #[test]
    fn times_read_like_speech() {
        assert_eq!(seconds(Duration::from_millis(340)), "0.3 s");
        assert_eq!(seconds(Duration::from_secs(12)), "12 s");
        assert_eq!(seconds(Duration::from_secs(247)), "4 min 07 s");
    }

    #[test]
    fn sizes_read_like_speech() {
        assert_eq!(bytes(512), "512 bytes");
        assert_eq!(bytes(250 * 1024), "250 KB");
        assert_eq!(bytes(98 * 1024 * 1024), "98 MB");
    }
}
