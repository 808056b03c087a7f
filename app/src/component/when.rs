//! Times as people say them, in pages that the server draws: days by the calendar of UTC, and how long ago.

use wire::Timestamp;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// `15 January 2024`.
pub(crate) fn day(at: Timestamp) -> String {
    let text = at.to_string();
    let date = text.split('T').next().unwrap_or_default();
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next(), parts.next(), parts.next());
    let month = month
        .and_then(|month| month.parse::<usize>().ok())
        .and_then(|month| MONTHS.get(month.checked_sub(1)?));
    match (year, month, day) {
        (Some(year), Some(month), Some(day)) => format!("{} {month} {year}", day.trim_start_matches('0')),
        _ => date.to_owned(),
    }
}

/// `3 hours ago`.
pub(crate) fn since(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_secs().saturating_sub(at.as_secs());
    let (count, what) = match seconds {
        0..MINUTE => return "just now".into(),
        MINUTE..HOUR => (seconds / MINUTE, "minute"),
        HOUR..DAY => (seconds / HOUR, "hour"),
        _ => (seconds / DAY, "day"),
    };
    let several = if count == 1 { "" } else { "s" };
    format!("{count} {what}{several} ago")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_their_names() {
        assert_eq!(day(Timestamp::from_millis(1_705_276_800_000)), "15 January 2024");
        assert_eq!(day(Timestamp::from_millis(0)), "1 January 1970");
    }

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
