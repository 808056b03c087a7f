//! Lines with wide gaps at the same places are rows.

use crate::pdf::line::{Cell, Line};

/// Rows of a table that these lines begin with, and how many lines they take. `None` when they begin with none.
pub(super) fn begin(lines: &[&Line]) -> Option<(Vec<Vec<String>>, usize)> {
    let first = lines.first().filter(|line| is_row(line))?;
    let mut rows: Vec<Vec<String>> = vec![texts(first)];
    let mut before: &Line = first;
    let mut used = 1;
    let mut real = 1;
    for line in lines.iter().skip(1) {
        let drop = line.base - before.base;
        let near = drop > 0.0 && drop < 3.5 * before.size && line.angle == before.angle;
        if near && is_row(line) && shares_a_column(before, line) {
            rows.push(placed(line, first));
            real += 1;
        } else if near && drop < 1.7 * before.size && continues_a_cell(before, line) {
            // The rest of a cell that did not fit on its line.
            let place = before
                .cells
                .iter()
                .rposition(|cell| begins_alike(cell, line, before.size))?;
            let row = rows.last_mut()?;
            let offset = row.len().saturating_sub(before.cells.len());
            if let Some(cell) = row.get_mut(place + offset) {
                cell.push(' ');
                cell.push_str(&line.text());
            }
            used += 1;
            continue;
        } else {
            break;
        }
        before = line;
        used += 1;
    }
    (real > 1).then_some((rows, used))
}

fn is_row(line: &Line) -> bool {
    let bullet = line
        .cells
        .first()
        .is_some_and(|cell| cell.text.trim().chars().count() < 2);
    line.cells.len() > 2 || (line.cells.len() == 2 && !bullet)
}

fn texts(line: &Line) -> Vec<String> {
    line.cells
        .iter()
        .map(|cell| cell.text.trim().to_owned())
        .collect()
}

/// The cells of a row under those of the first one, when it has fewer.
fn placed(line: &Line, first: &Line) -> Vec<String> {
    if line.cells.len() >= first.cells.len() {
        return texts(line);
    }
    let mut row = vec![String::new(); first.cells.len()];
    for cell in &line.cells {
        let nearest = first
            .cells
            .iter()
            .enumerate()
            .min_by(|(_, a), (_, b)| distance(a, cell).total_cmp(&distance(b, cell)))
            .map_or(0, |(place, _)| place);
        if let Some(place) = row.get_mut(nearest) {
            if !place.is_empty() {
                place.push(' ');
            }
            place.push_str(cell.text.trim());
        }
    }
    row
}

fn distance(a: &Cell, b: &Cell) -> f64 {
    let middle = |cell: &Cell| f64::midpoint(cell.start, cell.end);
    (a.start - b.start)
        .abs()
        .min((a.end - b.end).abs())
        .min((middle(a) - middle(b)).abs())
}

fn shares_a_column(a: &Line, b: &Line) -> bool {
    // The first cells of any two lines of a text begin alike.
    let near = a.size * 0.6;
    let others = || b.cells.iter().skip(1);
    a.cells
        .iter()
        .skip(1)
        .any(|cell| others().any(|other| distance(cell, other) < near))
}

fn continues_a_cell(row: &Line, line: &Line) -> bool {
    line.cells.len() == 1
        && row
            .cells
            .iter()
            .skip(1)
            .any(|cell| begins_alike(cell, line, row.size))
}

fn begins_alike(cell: &Cell, line: &Line, size: f64) -> bool {
    (cell.start - line.start()).abs() < 0.5 * size
}
