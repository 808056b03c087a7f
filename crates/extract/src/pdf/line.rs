//! Pieces that stand beside each other are a line; wide gaps make cells of it.

use super::{
    font::Look,
    piece::{GAP, Piece, SPACE},
};
use hayro_syntax::{object::ObjectIdentifier, page::Page as Drawing};

/// When so many lines in a hundred are drawn above the one before them, the order of drawing is none of reading.
const CHAOS: usize = 25;

/// A page as it was drawn.
pub(super) struct Sheet {
    pub(super) number: u32,
    pub(super) height: f64,
    /// The page's own number among the objects, by which the structure names it.
    pub(super) id: Option<ObjectIdentifier>,
    pub(super) pieces: Vec<Piece>,
}

impl Sheet {
    pub(super) fn new(number: u32, drawing: &Drawing<'_>, pieces: Vec<Piece>) -> Self {
        let (_, height) = drawing.render_dimensions();
        Self {
            number,
            height: f64::from(height),
            id: drawing.raw().obj_id(),
            pieces,
        }
    }
}

/// A page's lines, in the order in which they are read.
pub(super) struct Page {
    pub(super) number: u32,
    pub(super) height: f64,
    pub(super) lines: Vec<Line>,
}

/// Text on one baseline.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// Never empty.
    pub(super) cells: Vec<Cell>,
    pub(super) base: f64,
    pub(super) size: f64,
    pub(super) angle: i32,
    /// All of it is bold; all of it is of one width.
    pub(super) look: Look,
}

/// Text without a wide gap in it.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) start: f64,
    pub(super) end: f64,
}

impl Page {
    pub(super) fn new(sheet: Sheet) -> Self {
        let mut lines = lines(sheet.pieces);
        if is_chaos(&lines) {
            lines.sort_by(|a, b| a.row().cmp(&b.row()).then(a.start().total_cmp(&b.start())));
            lines = rejoined(lines);
        }
        Self {
            number: sheet.number,
            height: sheet.height,
            lines,
        }
    }
}

/// Pieces as lines, in the order in which they were drawn.
pub(super) fn lines(pieces: Vec<Piece>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for piece in pieces {
        match lines.last_mut() {
            Some(line) if line.accepts(&piece) => line.add(piece),
            _ => lines.push(Line::new(piece)),
        }
    }
    lines.retain(|line| !line.text().trim().is_empty());
    lines
}

impl Line {
    fn new(piece: Piece) -> Self {
        Self {
            base: piece.base,
            size: piece.size,
            angle: piece.angle,
            look: piece.look,
            cells: vec![Cell {
                text: piece.text,
                start: piece.start,
                end: piece.end,
            }],
        }
    }

    pub(super) fn start(&self) -> f64 {
        self.cells.first().map_or(0.0, |cell| cell.start)
    }

    pub(super) fn end(&self) -> f64 {
        self.cells.last().map_or(0.0, |cell| cell.end)
    }

    /// All of it, gaps being spaces.
    pub(super) fn text(&self) -> String {
        let cells: Vec<&str> = self.cells.iter().map(|cell| cell.text.trim()).collect();
        cells.join(" ")
    }

    /// Half its height from the top, in steps that are alike for lines that are one.
    fn row(&self) -> (i32, i64) {
        (self.angle, format!("{:.0}", self.base / 2.0).parse().unwrap_or(0))
    }

    fn accepts(&self, piece: &Piece) -> bool {
        let size = self.size.max(piece.size);
        let away = (self.base - piece.base).abs();
        let gap = piece.start - self.end();
        let beside = gap > -0.3 * size || piece.end < self.start() + 0.3 * piece.size;
        let same = away < 0.25 * size;
        // Small and a little above or below, and close: the number of a note, an index.
        let raised = away < 0.7 * size && (piece.size < 0.85 * self.size || self.size < 0.85 * piece.size);
        self.angle == piece.angle && beside && (same || (raised && gap.abs() < 0.5 * size))
    }

    fn add(&mut self, piece: Piece) {
        let small = piece.size < 0.85 * self.size;
        if !small {
            self.look.bold &= piece.look.bold || piece.text.trim().is_empty();
            self.look.mono &= piece.look.mono || piece.text.trim().is_empty();
        }
        if self.size < 0.85 * piece.size {
            (self.base, self.look) = (piece.base, piece.look);
        }
        self.size = self.size.max(piece.size);
        let cell = Cell {
            text: piece.text,
            start: piece.start,
            end: piece.end,
        };
        if cell.end < self.start() + 0.3 * self.size {
            self.cells.insert(0, cell);
            return;
        }
        let gap = cell.start - self.end();
        match self.cells.last_mut() {
            Some(last) if gap < GAP * self.size => {
                if gap > SPACE * self.size && !last.text.ends_with(' ') && !cell.text.starts_with(' ') {
                    last.text.push(' ');
                }
                last.text.push_str(&cell.text);
                last.end = last.end.max(cell.end);
            }
            _ => self.cells.push(cell),
        }
    }

    /// Do they share a part of the page's width?
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.start() < other.end() && other.start() < self.end()
    }
}

/// Columns go up once each; whoever goes up all the time draws in no order at all.
fn is_chaos(lines: &[Line]) -> bool {
    let up = lines
        .iter()
        .zip(lines.iter().skip(1))
        .filter(|(line, next)| {
            next.angle == line.angle && next.base < line.base - line.size && line.overlaps(next)
        })
        .count();
    up > 3 && up * 100 > lines.len() * CHAOS
}

/// Lines that were drawn far from each other may still be one.
fn rejoined(lines: Vec<Line>) -> Vec<Line> {
    let mut joined: Vec<Line> = Vec::new();
    for line in lines {
        match joined.last_mut() {
            Some(last) if last.row() == line.row() && line.start() >= last.end() => {
                last.cells.extend(line.cells)
            }
            _ => joined.push(line),
        }
    }
    joined
}
