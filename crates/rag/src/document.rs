//! A document's text with its structure: what extraction gives and everything here starts from.
//!
//! Must not know: file formats, processes, storage. It is also the seam to the crate that reads files: nothing else of
//! this crate concerns it. Start at [`ExtractedText`].
//!
//! # The canonical text, and spans in it
//!
//! A document's **canonical plain text** is the texts of its blocks in order, joined by one blank line
//! ([`BLOCK_SEPARATOR`]): see [`ExtractedText::plain_text`]. A **span** ([`Span`]) counts *characters* in it, Unicode scalar
//! values (Rust's `char`, Python's index), not bytes and not UTF-16 units. Spans are half open, and never change while the
//! blocks do not: what a citation stores resolves for as long as the document is kept.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// What stands between two blocks in the canonical text.
pub const BLOCK_SEPARATOR: &str = "\n\n";

/// A document's text, as blocks in reading order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtractedText {
    /// Pages the document has; 0 where its format knows none (HTML, Markdown, plain text).
    pub pages: u32,
    /// What it says. None is empty: see [`ExtractedText::new`].
    pub blocks: Vec<Block>,
}

/// A piece of a document that belongs together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// What kind of piece.
    #[serde(flatten)]
    pub kind: BlockKind,
    /// Its text, without mark-up. Lines end with `\n`. A table has a line a row, its cells joined by ` | `, its header
    /// first; a list item stands without its bullet, code as it is written.
    pub text: String,
    /// The page it begins on, from 1, where the format has pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// The headings it stands under, outermost first. A heading's own text is not in its own path. Sheets and slides
    /// count as headings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heading_path: Vec<String>,
}

/// Kinds of blocks, as far as cutting and showing differ.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum BlockKind {
    /// A heading; 1 is the outermost level.
    Heading {
        /// From 1.
        level: u8,
    },
    /// Sentences.
    Paragraph,
    /// An item of a list.
    ListItem,
    /// Rows of cells.
    Table,
    /// Program text, or anything whose spaces count.
    Code {
        /// As the source names it (`rust`), where it does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        language: Option<String>,
    },
}

/// Characters from `start` up to, without, `end` of a document's canonical text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// The first character.
    pub start: u32,
    /// The one after the last.
    pub end: u32,
}

impl Span {
    /// A span; an end before the start counts as the start.
    pub const fn new(start: u32, end: u32) -> Self {
        Self {
            start,
            end: if end < start { start } else { end },
        }
    }

    /// How many characters it has.
    pub const fn chars(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    /// No character at all?
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// Do they share a character?
    pub const fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The text of these characters; `None` where the text is shorter. Linear in the text: for many spans of one text take
    /// [`Spans`].
    pub fn of(self, text: &str) -> Option<&str> {
        let mut bytes = text.char_indices().map(|(at, _)| at).chain([text.len()]);
        let start = bytes.nth(usize::try_from(self.start).ok()?)?;
        let end = match usize::try_from(self.chars()).ok()? {
            0 => start,
            chars => bytes.nth(chars.checked_sub(1)?)?,
        };
        text.get(start..end)
    }
}

/// A text whose spans are looked up quickly, however many.
#[derive(Debug, Clone)]
pub struct Spans<'a> {
    text: &'a str,
    /// The byte at which each 64th character begins, and the end.
    marks: Vec<usize>,
    chars: u32,
}

const MARK_EVERY: usize = 64;

impl<'a> Spans<'a> {
    /// Counts a text's characters once.
    pub fn new(text: &'a str) -> Self {
        let mut chars = 0_u32;
        let mut marks = Vec::with_capacity(text.len() / MARK_EVERY + 1);
        for (place, (byte, _)) in text.char_indices().enumerate() {
            if place % MARK_EVERY == 0 {
                marks.push(byte);
            }
            chars = chars.saturating_add(1);
        }
        Self { text, marks, chars }
    }

    /// Characters of the text.
    pub const fn chars(&self) -> u32 {
        self.chars
    }

    /// The text at a span; `None` where the text is shorter.
    pub fn get(&self, span: Span) -> Option<&'a str> {
        self.text.get(self.bytes(span)?)
    }

    /// A span in bytes; `None` where the text is shorter.
    pub fn bytes(&self, span: Span) -> Option<Range<usize>> {
        Some(self.byte(span.start)?..self.byte(span.end)?)
    }

    /// The span of a range of bytes; `None` where it is not one of the text's.
    pub fn span(&self, bytes: Range<usize>) -> Option<Span> {
        Some(Span::new(self.place(bytes.start)?, self.place(bytes.end)?))
    }

    fn byte(&self, place: u32) -> Option<usize> {
        if place == self.chars {
            return Some(self.text.len());
        }
        let place = usize::try_from(place).ok()?;
        let mark = *self.marks.get(place / MARK_EVERY)?;
        let (more, _) = self.text.get(mark..)?.char_indices().nth(place % MARK_EVERY)?;
        mark.checked_add(more)
    }

    fn place(&self, byte: usize) -> Option<u32> {
        if byte == self.text.len() {
            return Some(self.chars);
        }
        let before = self.marks.partition_point(|mark| *mark <= byte).checked_sub(1)?;
        let mark = *self.marks.get(before)?;
        let more = self.text.get(mark..byte)?.chars().count();
        u32::try_from(before.checked_mul(MARK_EVERY)?.checked_add(more)?).ok()
    }
}

impl ExtractedText {
    /// A document of these blocks, with what all who read it may rely on: line ends are `\n`, no NUL, no white space
    /// around a block's text (code keeps its first line's indentation), no block without text.
    pub fn new(pages: u32, blocks: impl IntoIterator<Item = Block>) -> Self {
        let blocks = blocks
            .into_iter()
            .filter_map(|block| {
                let text = tidy(&block.text, matches!(block.kind, BlockKind::Code { .. }));
                (!text.is_empty()).then_some(Block { text, ..block })
            })
            .collect();
        Self { pages, blocks }
    }

    /// The canonical text.
    pub fn plain_text(&self) -> String {
        let texts: Vec<&str> = self.blocks.iter().map(|block| block.text.as_str()).collect();
        texts.join(BLOCK_SEPARATOR)
    }

    /// Where each block stands in the canonical text, in their order.
    pub fn block_spans(&self) -> Vec<Span> {
        let gap = count(BLOCK_SEPARATOR);
        let mut at = 0_u32;
        self.blocks
            .iter()
            .map(|block| {
                let span = Span::new(at, at.saturating_add(count(&block.text)));
                at = span.end.saturating_add(gap);
                span
            })
            .collect()
    }
}

/// Characters of a text. A document beyond 4 billion is refused long before.
fn count(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

fn tidy(text: &str, code: bool) -> String {
    let text = text
        .replace("\r\n", "\n")
        .replace(['\r', '\u{2028}', '\u{2029}'], "\n")
        .replace('\0', "");
    let text = text.trim_end();
    if code {
        // Only whole blank lines before the first line go.
        let first = text.find(|c: char| !c.is_whitespace()).unwrap_or(text.len());
        let line = text
            .get(..first)
            .and_then(|blank| blank.rfind('\n'))
            .map_or(0, |end| end.saturating_add(1));
        return text.get(line..).unwrap_or_default().to_owned();
    }
    text.trim_start().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paragraph(text: &str) -> Block {
        Block {
            kind: BlockKind::Paragraph,
            text: text.to_owned(),
            page: None,
            heading_path: Vec::new(),
        }
    }

    #[test]
    fn spans_count_characters_of_the_blocks_joined_by_a_blank_line() {
        let text = ExtractedText::new(
            0,
            [paragraph("Żółw 🐢"), paragraph(" \n "), paragraph("née\r\nÉlan ")],
        );
        let plain = text.plain_text();
        assert_eq!(plain, "Żółw 🐢\n\nnée\nÉlan");
        assert_eq!(text.block_spans(), [Span::new(0, 6), Span::new(8, 16)]);
        for (span, block) in text.block_spans().iter().zip(&text.blocks) {
            assert_eq!(span.of(&plain), Some(block.text.as_str()));
            assert_eq!(Spans::new(&plain).get(*span), Some(block.text.as_str()));
        }
    }

    #[test]
    fn a_span_beyond_the_text_is_nothing() {
        assert_eq!(Span::new(2, 9).of("née"), None);
        assert_eq!(Spans::new("née").get(Span::new(2, 9)), None);
        assert_eq!(Span::new(3, 3).of("née"), Some(""));
        assert_eq!(Spans::new("").get(Span::new(0, 0)), Some(""));
    }

    #[test]
    fn bytes_and_characters_are_told_apart_in_long_texts() {
        let text = "añb🐢".repeat(500);
        let spans = Spans::new(&text);
        assert_eq!(spans.chars(), 2000);
        for start in [0_u32, 1, 63, 64, 65, 700, 1999] {
            let span = Span::new(start, (start + 70).min(2000));
            let found = spans.get(span).unwrap();
            assert_eq!(Some(found), span.of(&text));
            let byte = found.as_ptr().addr() - text.as_ptr().addr();
            assert_eq!(spans.span(byte..byte + found.len()), Some(span));
        }
    }

    #[test]
    fn code_keeps_its_first_indentation() {
        let code = Block {
            kind: BlockKind::Code { language: None },
            ..paragraph("\n\n    fn a() {\n    }\n\n")
        };
        let text = ExtractedText::new(0, [code]);
        assert_eq!(text.plain_text(), "    fn a() {\n    }");
    }

    #[test]
    fn a_block_is_flat_json() {
        let block = Block {
            kind: BlockKind::Heading { level: 2 },
            page: Some(3),
            heading_path: vec!["Kettles".to_owned()],
            ..paragraph("Warranty")
        };
        let json = r#"{"kind":"heading","level":2,"text":"Warranty","page":3,"heading_path":["Kettles"]}"#;
        assert_eq!(serde_json::to_string(&block).unwrap(), json);
        assert_eq!(serde_json::from_str::<Block>(json).unwrap(), block);
    }
}
