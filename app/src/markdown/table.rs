//! GitHub's tables: cells between bars, below a head a line of dashes.

use super::{Inline, inline};

/// The number of columns, if these two lines begin a table.
pub(super) fn width(head: &str, dashes: &str) -> Option<usize> {
    if !head.contains('|') || !dashes.contains('-') {
        return None;
    }
    let dashes = cells(dashes);
    let is_dash = |cell: &String| {
        let cell = cell.strip_prefix(':').unwrap_or(cell);
        let cell = cell.strip_suffix(':').unwrap_or(cell);
        !cell.is_empty() && cell.bytes().all(|byte| byte == b'-')
    };
    (dashes.iter().all(is_dash) && dashes.len() == cells(head).len()).then_some(dashes.len())
}

/// The cells of a line, at least as many as the table has columns. GitHub drops those that are too many; what a
/// model wrote is not dropped here.
pub(super) fn row(line: &str, width: usize) -> Vec<Vec<Inline>> {
    let mut row: Vec<_> = cells(line).iter().map(|cell| inline::parse(cell)).collect();
    row.resize(width.max(row.len()), Vec::new());
    row
}

fn cells(line: &str) -> Vec<String> {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let mut cells = vec![String::new()];
    let mut escaped = false;
    for c in line.chars() {
        match c {
            '|' if !escaped => cells.push(String::new()),
            c => {
                if let Some(cell) = cells.last_mut() {
                    if c == '|' {
                        cell.pop();
                    }
                    cell.push(c);
                }
            }
        }
        escaped = c == '\\' && !escaped;
    }
    // The bar at the end closes the last cell and opens none.
    if line.ends_with('|') && cells.last().is_some_and(String::is_empty) {
        cells.pop();
    }
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}
