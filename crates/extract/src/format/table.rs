//! Comma separated values, also with semicolons, tabs or bars.

use crate::{error::ExtractError, outline::Outline};
use csv::{ReaderBuilder, StringRecord};

/// Rows that are handed on at once; the header goes with each.
const ROWS: usize = 200;
/// Lines that are looked at to find what separates the cells.
const LOOK: usize = 20;

pub(super) fn read(text: &str, outline: &mut Outline<'_>) -> Result<(), ExtractError> {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter(text))
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut record = StringRecord::new();
    while reader
        .read_record(&mut record)
        .map_err(|error| ExtractError::damaged(format!("its rows cannot be read ({error})")))?
    {
        rows.push(record.iter().map(str::to_owned).collect());
        if rows.len() > ROWS {
            outline.table(&rows)?;
            rows.truncate(1);
        }
    }
    if rows.len() > 1 || outline.is_empty() {
        outline.table(&rows)?;
    }
    Ok(())
}

/// What stands equally often in most lines, and most often.
fn delimiter(text: &str) -> u8 {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .take(LOOK)
        .collect();
    let score = |mark: char| {
        let counts: Vec<usize> = lines.iter().map(|line| line.matches(mark).count()).collect();
        let first = counts.first().copied().unwrap_or(0);
        let alike = counts.iter().filter(|count| **count == first).count();
        if first == 0 { 0 } else { alike * 100 + first }
    };
    [(',', b','), (';', b';'), ('\t', b'\t'), ('|', b'|')]
        .into_iter()
        .rev()
        .max_by_key(|(mark, _)| score(*mark))
        .map_or(b',', |(_, byte)| byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{limits::Limits, outline::tests::Kept};

    #[test]
    fn quotes_separators_and_short_rows_are_understood() {
        let mut kept = Kept::default();
        let text = "name;price\n\"Zephyr; red\";\"1,5\"\nBoreas\n";
        read(text, &mut Outline::new(&mut kept, &Limits::default())).unwrap();
        assert_eq!(kept.0[0].text, "name | price\nZephyr; red | 1,5\nBoreas");
    }
}
