//! Numbers as the language writes them. The same few lines for the server and the browser: what both draw must be the same.

use super::{Count, decimal, digits, group};

/// A whole number.
pub(crate) fn number(count: impl Count) -> String {
    written(&count.count().to_string())
}

/// A number of tenths: `33` is `3.3`.
pub(crate) fn tenths(tenths: u64) -> String {
    let mut written = number(tenths / 10);
    written.push_str(decimal());
    written.push_str(&number(tenths % 10));
    written
}

fn written(plain: &str) -> String {
    let mut written = String::new();
    for (at, digit) in plain.chars().enumerate() {
        // Thousands, from the end.
        if at > 0 && (plain.len() - at).is_multiple_of(3) {
            written.push_str(group());
        }
        written.extend(of_language(digit));
    }
    written
}

/// The same digits in the language's own.
#[cfg(feature = "pages")]
pub(super) fn digits_of(plain: &str) -> String {
    plain.chars().filter_map(of_language).collect()
}

fn of_language(digit: char) -> Option<char> {
    let digit = usize::try_from(digit.to_digit(10)?).ok()?;
    digits().chars().nth(digit)
}
