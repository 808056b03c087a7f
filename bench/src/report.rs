//! The figures as a Markdown table, beside what we aim for and what others were measured at, and as JSON.

mod row;

use crate::figure::{Figures, Side};
use crate::measure;
use row::{ROWS, Row};

/// The table of `docs/benchmarks.md`.
pub(crate) fn table(figures: &Figures, page_bytes: Option<u64>) -> String {
    let mut lines = vec![
        "| figure | direct | Parlance | added | goal | | Open WebUI | chat-ui |".to_owned(),
        "|---|---|---|---|---|---|---|---|".to_owned(),
    ];
    lines.extend(ROWS.iter().filter_map(|row| line(row, figures)));
    if let Some(bytes) = page_bytes {
        let kb = measure::float(bytes) / 1e3;
        let met = verdict(&[kb], &[200.0], false);
        lines.push(format!(
            "| chat page: HTML, JS, CSS and wasm in brotli, KB | – | {} | – | ≤ 200 | {met} | 2,202 | 313 |",
            number(kb)
        ));
    }
    lines.join("\n")
}

/// Every value of every repetition.
pub(crate) fn json(figures: &Figures, about: &[(&str, String)]) -> serde_json::Value {
    let names = ROWS.iter().flat_map(|row| row.figures);
    let values = names.map(|figure| {
        let both = serde_json::json!({
            "direct": figures.values(Side::Direct, *figure),
            "parlance": figures.values(Side::Parlance, *figure),
        });
        (format!("{figure:?}"), both)
    });
    let about: serde_json::Map<_, _> = about
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.as_str().into()))
        .collect();
    serde_json::json!({"about": about, "figures": values.collect::<serde_json::Map<_, _>>()})
}

fn line(row: &Row, figures: &Figures) -> Option<String> {
    let side = |side| {
        row.figures
            .iter()
            .map(|figure| figures.median(side, *figure))
            .collect::<Option<Vec<_>>>()
    };
    let parlance = side(Side::Parlance)?;
    let added: Option<Vec<f64>> = row
        .is_added
        .then(|| row.figures.iter().map(|f| figures.added(*f)).collect())
        .flatten();
    let judged = added.as_ref().unwrap_or(&parlance);
    let cells = [
        row.words.to_owned(),
        side(Side::Direct).as_deref().map_or("–".to_owned(), numbers),
        format!("{}{}", numbers(&parlance), spread(row, figures)),
        added.as_deref().map_or("–".to_owned(), numbers),
        goal(row),
        verdict(judged, row.goal, row.more_is_better).to_owned(),
        row.open_webui.to_owned(),
        row.chat_ui.to_owned(),
    ];
    Some(format!("| {} |", cells.join(" | ")))
}

/// The worst and the best repetition of a single figure.
fn spread(row: &Row, figures: &Figures) -> String {
    match row.figures {
        [figure] => match measure::range(figures.values(Side::Parlance, *figure)) {
            Some((least, largest)) if number(least) != number(largest) => {
                format!(" ({}–{})", number(least), number(largest))
            }
            _ => String::new(),
        },
        _ => String::new(),
    }
}

fn goal(row: &Row) -> String {
    let sign = if row.more_is_better { '≥' } else { '≤' };
    if row.goal.is_empty() {
        "–".to_owned()
    } else {
        format!("{sign} {}", numbers(row.goal))
    }
}

fn verdict(values: &[f64], goals: &[f64], more_is_better: bool) -> &'static str {
    let met = |(value, goal): (&f64, &f64)| {
        if more_is_better {
            value >= goal
        } else {
            value <= goal
        }
    };
    match values.iter().zip(goals).all(met) {
        _ if goals.is_empty() => "",
        true => "✓",
        false => "✗",
    }
}

fn numbers(values: &[f64]) -> String {
    values.iter().copied().map(number).collect::<Vec<_>>().join(" / ")
}

/// Three digits that mean something, thousands apart.
fn number(value: f64) -> String {
    let digits = match value.abs() {
        0.0 => 0,
        ..0.1 => 4,
        ..1.0 => 3,
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    };
    let text = format!("{value:.digits$}");
    if value.abs() < 1_000.0 {
        return text;
    }
    let (sign, all) = text
        .strip_prefix('-')
        .map_or(("", text.as_str()), |rest| ("-", rest));
    let head = all.len() % 3;
    let groups = all.char_indices().map(|(index, digit)| {
        let comma = if index > 0 && index % 3 == head { "," } else { "" };
        format!("{comma}{digit}")
    });
    format!("{sign}{}", groups.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Figure;

    #[test]
    fn numbers_have_three_digits_that_mean_something() {
        let written = [
            0.0,
            0.0119,
            0.228,
            1.448,
            65.04,
            313.4,
            4_200.0,
            98_900.0,
            1_234_567.0,
        ]
        .map(number);
        assert_eq!(
            written,
            [
                "0",
                "0.0119",
                "0.228",
                "1.45",
                "65.0",
                "313",
                "4,200",
                "98,900",
                "1,234,567"
            ]
        );
    }

    #[test]
    fn a_goal_is_met_by_all_of_its_numbers_or_not_at_all() {
        assert_eq!(verdict(&[0.9, 4.0], &[1.0, 4.0], false), "✓");
        assert_eq!(verdict(&[0.9, 4.1], &[1.0, 4.0], false), "✗");
        assert_eq!(verdict(&[60_000.0], &[50_000.0], true), "✓");
        assert_eq!(verdict(&[1.0], &[], false), "");
    }

    #[test]
    fn added_time_is_what_is_judged_where_a_direct_client_ran_beside() {
        let mut figures = Figures::default();
        for (figure, direct, parlance) in [(Figure::First1P50, 5.0, 5.5), (Figure::First1P99, 6.0, 8.0)] {
            figures.note(Side::Direct, figure, direct);
            figures.note(Side::Parlance, figure, parlance);
        }
        let table = table(&figures, None);
        let line = table.lines().last().unwrap();
        assert!(
            line.contains("| 5.00 / 6.00 | 5.50 / 8.00 | 0.500 / 2.00 | ≤ 1.00 / 4.00 | ✓ |"),
            "{line}"
        );
    }
}
