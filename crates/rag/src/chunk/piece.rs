//! The smallest units that chunks are made of: sentences, list items, tables or their rows, lines of code, headings.
//!
//! Every piece fits into a chunk: what does not, even alone, is cut between words, and at last within one.

use std::{ops::Range, sync::Arc};

use unicode_segmentation::UnicodeSegmentation;

use super::{ChunkOptions, CountTokens, trimmed};
use crate::document::{BLOCK_SEPARATOR, Block, BlockKind, ExtractedText};

/// A unit that is not torn.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    /// Where it stands in the canonical text, without white space around.
    pub(super) bytes: Range<usize>,
    /// Which block of the document it is of.
    pub(super) block: usize,
    /// Tokens it has.
    pub(super) tokens: u32,
    /// Is it a heading? It goes with what follows.
    pub(super) heading: bool,
    /// May a chunk reach from the block before into this one? Tables and code stand alone.
    pub(super) joins: bool,
    /// Does its text run on from the piece before, so that overlap makes sense?
    pub(super) runs_on: bool,
    /// The page its block begins on.
    pub(super) page: Option<u32>,
    /// The header of the table it is a later row of.
    pub(super) header: Option<Arc<str>>,
}

/// All pieces of a document, in order, covering every character but white space.
pub(super) fn pieces(
    document: &ExtractedText,
    options: &ChunkOptions,
    counter: &dyn CountTokens,
) -> Vec<Piece> {
    // Room for some context beside the largest piece.
    let most = options.max.saturating_sub(options.context / 2).max(1);
    let mut pieces = Vec::new();
    let mut at = 0_usize;
    for (number, block) in document.blocks.iter().enumerate() {
        let text = block.text.as_str();
        let whole = || std::iter::once(0..text.len()).collect();
        let units = match &block.kind {
            BlockKind::Heading { .. } => whole(),
            BlockKind::Paragraph | BlockKind::ListItem => sentences(text),
            BlockKind::Table if counter.count(text) <= most => whole(),
            BlockKind::Code { .. } if counter.count(text) <= options.target => whole(),
            BlockKind::Table | BlockKind::Code { .. } => lines(text),
        };
        let header = header(block);
        let mut runs_on = false;
        for (place, unit) in units.into_iter().enumerate() {
            let mut parts = Vec::new();
            fit(text, trimmed(text, unit), most, counter, &mut parts);
            for (bytes, tokens) in parts {
                pieces.push(Piece {
                    bytes: at.saturating_add(bytes.start)..at.saturating_add(bytes.end),
                    block: number,
                    tokens,
                    heading: matches!(block.kind, BlockKind::Heading { .. }),
                    joins: matches!(
                        block.kind,
                        BlockKind::Heading { .. } | BlockKind::Paragraph | BlockKind::ListItem
                    ),
                    runs_on: std::mem::replace(&mut runs_on, matches!(block.kind, BlockKind::Paragraph)),
                    page: block.page,
                    header: header.clone().filter(|_| place > 0),
                });
            }
        }
        at = at
            .saturating_add(text.len())
            .saturating_add(BLOCK_SEPARATOR.len());
    }
    pieces
}

/// A table's first line, for the chunks that do not begin with it.
fn header(block: &Block) -> Option<Arc<str>> {
    match block.kind {
        BlockKind::Table => block.text.lines().next().map(Arc::from),
        _ => None,
    }
}

fn sentences(text: &str) -> Vec<Range<usize>> {
    ranges(text.split_sentence_bound_indices())
}

fn lines(text: &str) -> Vec<Range<usize>> {
    let mut at = 0_usize;
    let indexed = text.split_inclusive('\n').map(|line| {
        let start = at;
        at = at.saturating_add(line.len());
        (start, line)
    });
    ranges(indexed)
}

fn ranges<'a>(parts: impl Iterator<Item = (usize, &'a str)>) -> Vec<Range<usize>> {
    parts
        .filter(|(_, part)| !part.trim().is_empty())
        .map(|(at, part)| at..at.saturating_add(part.len()))
        .collect()
}

/// Cuts in halves until each part has at most `most` tokens: between words where it can.
fn fit(
    text: &str,
    range: Range<usize>,
    most: u32,
    counter: &dyn CountTokens,
    parts: &mut Vec<(Range<usize>, u32)>,
) {
    let mut open = vec![range];
    while let Some(range) = open.pop() {
        let Some(inner) = text.get(range.clone()).filter(|inner| !inner.is_empty()) else {
            continue;
        };
        let tokens = counter.count(inner);
        let cut = (tokens > most).then(|| middle(inner)).flatten();
        let Some(cut) = cut else {
            parts.push((range, tokens));
            continue;
        };
        let cut = range.start.saturating_add(cut);
        open.push(trimmed(text, cut..range.end));
        open.push(trimmed(text, range.start..cut));
    }
}

/// Where to cut a text in two: at the white space nearest to its middle, else at the character there. `None` for a text of
/// one character.
fn middle(text: &str) -> Option<usize> {
    let half = text.len() / 2;
    let space = text
        .char_indices()
        .filter(|(at, c)| *at > 0 && c.is_whitespace())
        .map(|(at, _)| at)
        .min_by_key(|at| at.abs_diff(half));
    // One space far from the middle does not help with a word that is all too long.
    space
        .filter(|at| at.abs_diff(half) < half.max(2) - 1)
        .or_else(|| {
            text.grapheme_indices(true)
                .map(|(at, _)| at)
                .filter(|at| *at > 0)
                .min_by_key(|at| at.abs_diff(half))
                .or_else(|| text.char_indices().nth(1).map(|(at, _)| at))
        })
}
