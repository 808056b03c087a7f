//! Cutting a document into chunks: the units that are indexed, found and cited.
//!
//! Must not know: indexes, models. What a token is comes from the caller ([`CountTokens`]).
//! Start at [`cut`]. `piece.rs` finds the smallest units that are not torn (sentences, rows, lines of code), `pack.rs` puts
//! them together.

mod count;
mod pack;
mod piece;

use std::{ops::Range, sync::Arc};

use serde::{Deserialize, Serialize};

pub use count::{CountTokens, EstimateTokens};

use crate::document::{ExtractedText, Span, Spans};

/// How large chunks are. The defaults are chosen by measurement: `cargo xtask eval rag`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkOptions {
    /// Tokens a chunk should have. Smaller chunks are found more exactly, larger ones say more about themselves.
    pub target: u32,
    /// Tokens that no chunk exceeds, its context included: what the embedding model reads at once, or less.
    pub max: u32,
    /// Tokens of the sentences before that a chunk of the same paragraph repeats.
    pub overlap: u32,
    /// Tokens of context (document, headings) that are put before the text for search.
    pub context: u32,
}

impl Default for ChunkOptions {
    fn default() -> Self {
        Self {
            target: 80,
            max: 240,
            overlap: 0,
            context: 40,
        }
    }
}

impl ChunkOptions {
    /// Options for a model that reads this many tokens at once.
    pub fn fitting(tokens: u32) -> Self {
        let default = Self::default();
        let max = default.max.min(tokens.max(16));
        Self {
            target: default.target.min(max / 2),
            max,
            overlap: 0,
            context: default.context.min(max / 4),
        }
    }
}

/// A piece of a document that is indexed, found and cited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// Its place among the document's chunks, from 0.
    pub ordinal: u32,
    /// Where its text stands in the document's canonical text. The text at the span *is* the chunk's text.
    pub span: Span,
    /// The page it begins on, and where it turns to others; empty where the format has no pages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<PageStart>,
    /// The headings it stands under, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heading_path: Vec<String>,
    /// What search reads before the text, and nobody is shown: the document's title, headings, a table's header.
    pub context: String,
    /// Tokens of the text, without the context.
    pub tokens: u32,
}

/// Where a page begins, within a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PageStart {
    /// The first character that is known to be on it, in the canonical text.
    pub at: u32,
    /// The page, from 1.
    pub page: u32,
}

/// A document that was cut: its canonical text, and the chunks in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkedDocument {
    /// The canonical text.
    pub text: Arc<str>,
    /// In order; they cover every character that is not white space.
    pub chunks: Vec<Chunk>,
}

impl ChunkedDocument {
    /// What an embedding model is given for each chunk, in order.
    pub fn embedding_texts(&self) -> Vec<String> {
        let spans = Spans::new(&self.text);
        self.chunks
            .iter()
            .map(|chunk| chunk.embedding_text(spans.get(chunk.span).unwrap_or_default()))
            .collect()
    }
}

impl Chunk {
    /// What an embedding model is given for this chunk, whose text this is.
    pub fn embedding_text(&self, text: &str) -> String {
        if self.context.is_empty() {
            text.to_owned()
        } else {
            format!("{}\n{text}", self.context)
        }
    }
}

/// Cuts a document. `title` is what its readers call it (a name without its ending), or empty.
///
/// The same document, title, options and counter give the same chunks, always.
pub fn cut(
    document: &ExtractedText,
    title: &str,
    options: &ChunkOptions,
    counter: &dyn CountTokens,
) -> ChunkedDocument {
    let text: Arc<str> = document.plain_text().into();
    let pieces = piece::pieces(document, options, counter);
    let packed = pack::pack(&pieces, options);
    let spans = Spans::new(&text);
    let mut chunks = Vec::with_capacity(packed.len());
    for range in packed {
        let Some(pieces) = pieces.get(range) else { continue };
        let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else {
            continue;
        };
        let Some(span) = spans.span(first.bytes.start..last.bytes.end) else {
            continue;
        };
        let ordinal = u32::try_from(chunks.len()).unwrap_or(u32::MAX);
        let heading_path = shared_path(document, pieces);
        let tokens = counter.count(spans.get(span).unwrap_or_default());
        let room = options.context.min(options.max.saturating_sub(tokens));
        let context = context(title, &heading_path, first.header.as_deref(), room, counter);
        let pages = page_starts(pieces, &spans);
        chunks.push(Chunk {
            ordinal,
            span,
            pages,
            heading_path,
            context,
            tokens,
        });
    }
    ChunkedDocument { text, chunks }
}

/// The page a chunk begins on, and where it turns to others.
fn page_starts(pieces: &[piece::Piece], spans: &Spans<'_>) -> Vec<PageStart> {
    let mut pages: Vec<PageStart> = Vec::new();
    for piece in pieces {
        let place = spans.span(piece.bytes.clone()).map(|span| span.start);
        if let (Some(page), Some(at)) = (piece.page, place)
            && pages.last().is_none_or(|before| before.page != page)
        {
            pages.push(PageStart { at, page });
        }
    }
    pages
}

/// The headings that all pieces stand under; a chunk that opens with a heading stands under that one, too.
fn shared_path(document: &ExtractedText, pieces: &[piece::Piece]) -> Vec<String> {
    let mut shared: Option<Vec<String>> = None;
    for piece in pieces {
        let Some(block) = document.blocks.get(piece.block) else {
            continue;
        };
        let mut path = block.heading_path.clone();
        if piece.heading {
            path.push(block.text.clone());
        }
        shared = Some(match shared {
            None => path,
            Some(before) => before
                .into_iter()
                .zip(path)
                .take_while(|(one, other)| one == other)
                .map(|(one, _)| one)
                .collect(),
        });
    }
    shared.unwrap_or_default()
}

/// Title, headings and a table's header, as far as there is room; the innermost heading is what says most.
fn context(
    title: &str,
    path: &[String],
    header: Option<&str>,
    room: u32,
    counter: &dyn CountTokens,
) -> String {
    let headings = path.iter().rev().map(String::as_str);
    let mut left = room;
    let mut parts = Vec::new();
    for part in header.into_iter().chain(headings).chain([title]) {
        let part = part.trim();
        // One more for what stands between.
        let cost = counter.count(part).saturating_add(1);
        if part.is_empty() || cost > left {
            continue;
        }
        left = left.saturating_sub(cost);
        parts.push(part);
    }
    parts.reverse();
    parts.join(" > ")
}

/// A range of bytes without the white space at its ends.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let Some(inner) = text.get(range.clone()) else {
        return range;
    };
    let start = inner.len().saturating_sub(inner.trim_start().len());
    let end = inner.trim_end().len();
    range.start.saturating_add(start)..range.start.saturating_add(end.max(start))
}
