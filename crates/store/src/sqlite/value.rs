//! How values are stored: ids as 16 bytes, times and numbers as integers, enums as words.

pub(super) use crate::value::{Key, Word};
use wire::Timestamp;

/// An id, to be stored.
pub(super) fn key(id: impl Key) -> [u8; 16] {
    id.to_bytes()
}

/// A number, to be stored. SQLite's integers are signed; what is beyond them means "never" or "far too many", and so
/// does their largest.
pub(super) fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A time, to be stored.
pub(super) fn time(time: Timestamp) -> i64 {
    number(time.as_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_beyond_the_files_largest_mean_never() {
        assert_eq!(number(u64::MAX), i64::MAX);
        assert_eq!(time(Timestamp::from_millis(1_750_000_000_000)), 1_750_000_000_000);
    }
}
