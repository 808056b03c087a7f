//! How long ago something was, as people say it: for pages that the server draws.

use crate::text;
use wire::Timestamp;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// `3 hours ago`.
pub(crate) fn since(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_secs().saturating_sub(at.as_secs());
    match seconds {
        0..MINUTE => text::just_now().to_owned(),
        MINUTE..HOUR => text::minutes_ago(seconds / MINUTE),
        HOUR..DAY => text::hours_ago(seconds / HOUR),
        _ => text::days_ago(seconds / DAY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_is_said_in_the_largest_unit() {
        let ago = |seconds: u64| {
            let now = Timestamp::from_millis(1_705_314_600_000);
            since(Timestamp::from_millis(now.as_millis() - seconds * 1000), now)
        };
        assert_eq!(ago(59), "just now");
        assert_eq!(ago(60), "1 minute ago");
        assert_eq!(ago(2 * HOUR), "2 hours ago");
        assert_eq!(ago(26 * HOUR), "1 day ago");
    }
}
