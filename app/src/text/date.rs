//! Dates that the server draws: the day, in UTC, since it knows no place. What the browser draws it writes by its own rules.

use wire::Timestamp;

/// The day of a moment: `26 November 2026`, `2026年11月26日`.
pub fn day(at: Timestamp) -> String {
    // RFC 3339: it begins with the day.
    let written = at.to_string();
    let mut parts = written.split(['-', 'T']);
    let mut part = || {
        parts
            .next()
            .and_then(|part| part.parse::<u32>().ok())
            .unwrap_or_default()
    };
    let (year, month, day) = (part(), part(), part());
    let month = match month {
        1 => super::month_1(),
        2 => super::month_2(),
        3 => super::month_3(),
        4 => super::month_4(),
        5 => super::month_5(),
        6 => super::month_6(),
        7 => super::month_7(),
        8 => super::month_8(),
        9 => super::month_9(),
        10 => super::month_10(),
        11 => super::month_11(),
        _ => super::month_12(),
    };
    super::date(&digits(day), month, &digits(year))
}

/// Without thousands: a year is no count.
fn digits(plain: u32) -> String {
    super::number::digits_of(&plain.to_string())
}

#[cfg(test)]
mod tests {
    use super::day;
    use wire::Timestamp;

    #[test]
    fn a_day_is_written_out() {
        assert_eq!(day(Timestamp::from_millis(1_795_651_200_000)), "26 November 2026");
    }
}
