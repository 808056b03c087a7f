//! Blocks of a document that tells its own structure.

use super::{
    layout::{Paragraph, Part, Print, Told, write_parts},
    line::{Line, Sheet, lines},
    piece::Piece,
    tags::{Role, Tags},
};
use crate::{error::ExtractError, outline::Outline};
use std::collections::BTreeMap;

/// So much of the text in a hundred must be told about; a half-told structure is worse than none.
const TOLD: usize = 90;

/// Columns of a table.
const MOST_COLUMNS: usize = 1_000;

/// Does the structure say where nearly all of the text belongs?
pub(super) fn is_told(sheets: &[Sheet], tags: &Tags) -> bool {
    let (mut all, mut told) = (0, 0);
    for sheet in sheets {
        for piece in &sheet.pieces {
            all += piece.text.len();
            if tags.place(sheet.id, piece.mark).is_some() {
                told += piece.text.len();
            }
        }
    }
    all > 0 && told * 100 >= all * TOLD
}

/// What belongs to one block, on the page it begins on.
struct Gathered {
    page: u32,
    role: Role,
    /// With their turns; pieces of one mark are in the order in which they were drawn.
    pieces: Vec<(usize, u32, Piece)>,
}

pub(super) fn write(sheets: Vec<Sheet>, tags: &Tags, outline: &mut Outline<'_>) -> Result<(), ExtractError> {
    let mut blocks: BTreeMap<usize, Gathered> = BTreeMap::new();
    let mut begins: BTreeMap<usize, usize> = BTreeMap::new();
    for sheet in sheets {
        // What is not told about goes with what was drawn before it.
        let mut last = None;
        for piece in sheet.pieces {
            let Some(place) = tags.place(sheet.id, piece.mark).or(last) else {
                continue;
            };
            last = Some(place);
            let role = tags.blocks.get(place.block).copied().unwrap_or(Role::Paragraph);
            let block = blocks.entry(place.block).or_insert_with(|| Gathered {
                page: sheet.number,
                role,
                pieces: Vec::new(),
            });
            block.pieces.push((place.order, sheet.number, piece));
            let begin = begins.entry(place.block).or_insert(place.order);
            *begin = place.order.min(*begin);
        }
    }
    let mut ordered: Vec<(usize, Gathered)> = blocks
        .into_iter()
        .map(|(block, gathered)| (begins.get(&block).copied().unwrap_or(0), gathered))
        .collect();
    ordered.sort_by_key(|(begin, _)| *begin);
    let blocks: Vec<(Gathered, Vec<Line>)> = ordered
        .into_iter()
        .map(|(_, gathered)| as_lines(gathered))
        .collect();
    let print = Print::of(blocks.iter().map(|(_, lines)| lines.as_slice()));
    write_parts(&parts(&blocks, &print), &print, outline)
}

/// Takes a block's pieces for its lines.
fn as_lines(mut block: Gathered) -> (Gathered, Vec<Line>) {
    let mut pieces = std::mem::take(&mut block.pieces);
    pieces.sort_by_key(|(order, page, _)| (*order, *page));
    let lines = lines(pieces.into_iter().map(|(_, _, piece)| piece).collect());
    (block, lines)
}

fn parts(blocks: &[(Gathered, Vec<Line>)], print: &Print) -> Vec<Part> {
    let has_headings = blocks
        .iter()
        .any(|(block, _)| matches!(block.role, Role::Heading(_)));
    let mut parts = Vec::new();
    // The table and row that stand open.
    let mut open = (0, 0);
    for (block, lines) in blocks {
        let told = match block.role {
            Role::Nothing => continue,
            Role::Cell { table, row, column } => {
                let text = Paragraph::told(lines, block.page, None)
                    .map_or_else(String::new, |cell| cell.words(print));
                if !matches!(parts.last(), Some(Part::Table(..)) if open.0 == table) {
                    parts.push(Part::Table(block.page, Vec::new()));
                    open = (table, 0);
                }
                if let Some(Part::Table(_, rows)) = parts.last_mut() {
                    if open.1 != row {
                        rows.push(Vec::new());
                    }
                    if let Some(row) = rows.last_mut() {
                        // Cells without text are not heard of, and still keep their place.
                        row.resize(column.min(MOST_COLUMNS).max(row.len()), String::new());
                        row.push(text);
                    }
                }
                open = (table, row);
                continue;
            }
            Role::Heading(level) => Some(Told::Heading(level)),
            Role::Item => Some(Told::Item),
            // Who tells no heading at all may still have some that look like it.
            Role::Paragraph => has_headings.then_some(Told::Text),
        };
        parts.extend(Paragraph::told(lines, block.page, told).map(Part::Paragraph));
    }
    parts
}
