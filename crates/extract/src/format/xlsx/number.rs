//! What a cell's number looks like: a date is no count of days to whoever reads the sheet.

/// How a number is shown, as far as it changes what is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Format {
    #[default]
    Plain,
    Percent,
    Date,
    Time,
    DateTime,
}

impl Format {
    /// The formats that every Excel knows by number.
    pub(super) fn built_in(id: u32) -> Self {
        match id {
            9 | 10 => Self::Percent,
            14..=17 | 27..=31 | 34..=36 | 50..=58 => Self::Date,
            18..=21 | 32 | 33 | 45..=47 => Self::Time,
            22 => Self::DateTime,
            _ => Self::Plain,
        }
    }

    /// A format that is written out (`yyyy\-mm\-dd`): what stands in quotes or brackets is no sign of a date.
    pub(super) fn of_code(code: &str) -> Self {
        let mut signs = String::new();
        let mut chars = code.split(';').next().unwrap_or_default().chars();
        while let Some(c) = chars.next() {
            match c {
                '"' => drop(chars.by_ref().find(|c| *c == '"')),
                '[' => drop(chars.by_ref().find(|c| *c == ']')),
                '\\' | '_' | '*' => drop(chars.next()),
                c => signs.push(c.to_ascii_lowercase()),
            }
        }
        let date = signs.contains(['y', 'd']);
        let time = signs.contains(['h', 's']);
        match (date, time) {
            _ if signs.contains('%') => Self::Percent,
            (true, true) => Self::DateTime,
            (true, false) => Self::Date,
            (false, true) => Self::Time,
            (false, false) if signs.contains("mmm") => Self::Date,
            (false, false) => Self::Plain,
        }
    }
}

/// A number as text. What is none stays as it is.
pub(super) fn show(number: &str, format: Format, from_1904: bool) -> String {
    let Ok(value) = number.parse::<f64>() else {
        return number.to_owned();
    };
    match format {
        Format::Plain => plain(value),
        Format::Percent => format!("{}%", plain(value * 100.0)),
        Format::Date | Format::Time | Format::DateTime => {
            moment(value, format, from_1904).unwrap_or_else(|| plain(value))
        }
    }
}

/// As many digits as were meant: 0.1 + 0.2 is 0.3.
fn plain(value: f64) -> String {
    if !value.is_finite() {
        return value.to_string();
    }
    let short = format!("{value:.12}");
    let short = short.trim_end_matches('0').trim_end_matches('.');
    match short {
        "" | "-" | "-0" | "0" if value != 0.0 => format!("{value:e}"),
        "" | "-" | "-0" => "0".to_owned(),
        short => short.to_owned(),
    }
}

/// Days since the end of 1899 (or the beginning of 1904), the day's part behind the point.
fn moment(value: f64, format: Format, from_1904: bool) -> Option<String> {
    const DAY: f64 = 86_400.0;
    // Excel ends in the year 9999.
    if !(0.0..2_958_466.0).contains(&value) {
        return None;
    }
    let seconds = (value * DAY).round();
    let days = (seconds / DAY).floor();
    let in_day = seconds - days * DAY;
    let days: i64 = format!("{days:.0}").parse().ok()?;
    let in_day: i64 = format!("{in_day:.0}").parse().ok()?;
    // Days from 1970-01-01 to 1899-12-30, which is where Excel counts from, its false leap day of 1900 being passed.
    let since_1970 = if from_1904 {
        days - 24_107
    } else if days < 60 {
        days + 1 - 25_569
    } else {
        days - 25_569
    };
    let (year, month, day) = civil(since_1970);
    let date = format!("{year:04}-{month:02}-{day:02}");
    let time = match in_day % 60 {
        0 => format!("{:02}:{:02}", in_day / 3600, in_day / 60 % 60),
        second => format!("{:02}:{:02}:{second:02}", in_day / 3600, in_day / 60 % 60),
    };
    Some(match format {
        Format::Time => time,
        Format::DateTime => format!("{date} {time}"),
        _ => date,
    })
}

/// The date so many days after 1970-01-01 (Howard Hinnant's `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_times_and_percents_are_shown_as_the_sheet_shows_them() {
        assert_eq!(show("45658", Format::Date, false), "2025-01-01");
        assert_eq!(show("45658.75", Format::DateTime, false), "2025-01-01 18:00");
        assert_eq!(show("1", Format::Date, false), "1900-01-01");
        assert_eq!(show("44196", Format::Date, true), "2025-01-01");
        assert_eq!(show("0.5006944", Format::Time, false), "12:01");
        assert_eq!(show("0.175", Format::Percent, false), "17.5%");
    }

    #[test]
    fn numbers_have_the_digits_that_were_meant() {
        assert_eq!(show("0.30000000000000004", Format::Plain, false), "0.3");
        assert_eq!(show("27", Format::Plain, false), "27");
        assert_eq!(show("-1234.5", Format::Plain, false), "-1234.5");
        assert_eq!(show("0", Format::Plain, false), "0");
        assert_eq!(show("1e-20", Format::Plain, false), "1e-20");
    }

    #[test]
    fn written_formats_are_understood() {
        assert_eq!(Format::of_code("yyyy\\-mm\\-dd"), Format::Date);
        assert_eq!(Format::of_code("[h]:mm:ss"), Format::Time);
        assert_eq!(Format::of_code("#,##0.00\\ \"days\""), Format::Plain);
        assert_eq!(Format::of_code("dd/mm/yyyy hh:mm"), Format::DateTime);
        assert_eq!(Format::of_code("0.0%"), Format::Percent);
    }
}
