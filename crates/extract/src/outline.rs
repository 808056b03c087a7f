//! Where all formats write their blocks: keeps the path of headings, and the limit on text.
//!
//! Blocks leave one by one through a sink, so that the child never holds its whole answer twice.

use crate::{error::ExtractError, limits::Limits, sniff::Kind};
use rag::document::{Block, BlockKind};

/// A table is cut after about so many bytes; each part begins with the header again, so that every row can be understood.
const TABLE_PART: usize = 2_000;

/// What a block costs beside its text, in bytes: a million empty words are not cheap.
const BLOCK_COST: usize = 128;

/// Headings are named in the path of all that stands below them, so long ones only in part (in characters).
const PATH_PART: usize = 200;

/// The deepest level of a heading.
const DEEPEST: u8 = 9;

/// Takes what a format finds: what the file is, its blocks, and how far it is.
pub(crate) trait Sink {
    /// The file is of this kind.
    ///
    /// # Errors
    /// The parent has gone.
    fn media_type(&mut self, media_type: &'static str) -> Result<(), ExtractError>;

    /// A block is complete.
    ///
    /// # Errors
    /// The parent has gone.
    fn block(&mut self, block: Block) -> Result<(), ExtractError>;

    /// So many of so many pages are done.
    ///
    /// # Errors
    /// The parent has gone.
    fn progress(&mut self, pages_done: u32, pages: u32) -> Result<(), ExtractError>;
}

/// A document while it is read.
pub(crate) struct Outline<'a> {
    sink: &'a mut dyn Sink,
    /// The headings that stand open; level 0 is the document's title.
    headings: Vec<(u8, String)>,
    page: Option<u32>,
    pages: u32,
    bytes: u64,
    limit: u64,
    pages_limit: u32,
}

impl<'a> Outline<'a> {
    pub(crate) fn new(sink: &'a mut dyn Sink, limits: &Limits) -> Self {
        Self {
            sink,
            headings: Vec::new(),
            page: None,
            pages: 0,
            bytes: 0,
            limit: limits.text_bytes,
            pages_limit: limits.pages,
        }
    }

    /// The file is of this kind.
    ///
    /// # Errors
    /// The parent has gone.
    pub(crate) fn is(&mut self, kind: Kind) -> Result<(), ExtractError> {
        self.sink.media_type(kind.media_type())
    }

    /// How many pages the document has, where its format has pages.
    ///
    /// # Errors
    /// Too many.
    pub(crate) fn set_pages(&mut self, pages: u32) -> Result<(), ExtractError> {
        self.pages = pages;
        if pages > self.pages_limit {
            return Err(ExtractError::TooManyPages {
                pages,
                limit: self.pages_limit,
            });
        }
        Ok(())
    }

    pub(crate) fn pages(&self) -> u32 {
        self.pages
    }

    /// Has anything been said?
    pub(crate) fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// What follows stands on this page.
    pub(crate) fn set_page(&mut self, page: u32) {
        self.page = Some(page);
    }

    pub(crate) fn progress(&mut self, pages_done: u32) -> Result<(), ExtractError> {
        self.sink.progress(pages_done, self.pages)
    }

    /// The document's title: a heading that all others stand under.
    pub(crate) fn title(&mut self, text: &str) -> Result<(), ExtractError> {
        self.open_heading(0, 1, text)
    }

    /// A heading; 1 is the outermost level.
    pub(crate) fn heading(&mut self, level: u8, text: &str) -> Result<(), ExtractError> {
        let level = level.clamp(1, DEEPEST);
        self.open_heading(level, level, text)
    }

    fn open_heading(&mut self, rank: u8, level: u8, text: &str) -> Result<(), ExtractError> {
        let text = one_line(text);
        if text.is_empty() {
            return Ok(());
        }
        self.headings.retain(|(open, _)| *open < rank);
        self.push(BlockKind::Heading { level }, text.clone())?;
        self.headings.push((rank, text.chars().take(PATH_PART).collect()));
        Ok(())
    }

    pub(crate) fn paragraph(&mut self, text: &str) -> Result<(), ExtractError> {
        self.push(BlockKind::Paragraph, clean(text))
    }

    pub(crate) fn list_item(&mut self, text: &str) -> Result<(), ExtractError> {
        self.push(BlockKind::ListItem, clean(text))
    }

    pub(crate) fn code(&mut self, language: Option<&str>, text: &str) -> Result<(), ExtractError> {
        let language = language.filter(|name| !name.is_empty()).map(str::to_owned);
        self.push(BlockKind::Code { language }, without_controls(text))
    }

    /// A table, its header first. Empty rows go, and so do cells that are empty in all rows at a row's end.
    pub(crate) fn table(&mut self, rows: &[Vec<String>]) -> Result<(), ExtractError> {
        let mut lines = rows.iter().filter_map(|row| table_line(row));
        let Some(header) = lines.next() else {
            return Ok(());
        };
        let mut part = header.clone();
        for line in lines {
            if part.len() > header.len() && part.len() + line.len() > TABLE_PART {
                self.push(BlockKind::Table, std::mem::replace(&mut part, header.clone()))?;
            }
            part.push('\n');
            part.push_str(&line);
        }
        self.push(BlockKind::Table, part)
    }

    fn push(&mut self, kind: BlockKind, text: String) -> Result<(), ExtractError> {
        if text.trim().is_empty() {
            return Ok(());
        }
        let path: usize = self.headings.iter().map(|(_, text)| text.len()).sum();
        let cost = u64::try_from(text.len() + path + BLOCK_COST).unwrap_or(u64::MAX);
        self.bytes = self.bytes.saturating_add(cost);
        if self.bytes > self.limit {
            let limit = self.limit >> 20;
            return Err(ExtractError::too_large(format!(
                "it has more than {limit} million characters of text"
            )));
        }
        self.sink.block(Block {
            kind,
            text,
            page: self.page,
            heading_path: self.headings.iter().map(|(_, text)| text.clone()).collect(),
        })
    }
}

/// A row as a line. `None` when nothing stands in it.
fn table_line(row: &[String]) -> Option<String> {
    let cells: Vec<String> = row.iter().map(|cell| one_line(cell)).collect();
    let used = cells
        .iter()
        .rposition(|cell| !cell.is_empty())
        .map_or(0, |last| last.saturating_add(1));
    let cells = cells.get(..used).filter(|cells| !cells.is_empty())?;
    Some(cells.join(" | "))
}

/// All white space is one space.
pub(crate) fn one_line(text: &str) -> String {
    let text = without_controls(text);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Each line's white space is one space, and empty lines go.
pub(crate) fn clean(text: &str) -> String {
    let text = without_controls(text);
    let lines: Vec<String> = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("\n")
}

/// Without characters that say nothing: controls, byte order marks, soft hyphens.
fn without_controls(text: &str) -> String {
    text.chars()
        .filter(|c| matches!(c, '\n' | '\t') || !(c.is_control() || matches!(c, '\u{feff}' | '\u{ad}')))
        .collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Keeps what it is told.
    #[derive(Default)]
    pub(crate) struct Kept(pub(crate) Vec<Block>);

    impl Sink for Kept {
        fn media_type(&mut self, _media_type: &'static str) -> Result<(), ExtractError> {
            Ok(())
        }

        fn block(&mut self, block: Block) -> Result<(), ExtractError> {
            self.0.push(block);
            Ok(())
        }

        fn progress(&mut self, _pages_done: u32, _pages: u32) -> Result<(), ExtractError> {
            Ok(())
        }
    }

    #[test]
    fn a_heading_closes_those_of_its_level_and_below() {
        let mut kept = Kept::default();
        let mut outline = Outline::new(&mut kept, &Limits::default());
        outline.title("Kettles").unwrap();
        outline.heading(1, "Zephyr").unwrap();
        outline.heading(2, "Warranty").unwrap();
        outline.heading(1, "Boreas").unwrap();
        outline.paragraph("Two  litres.\r\n\n Red. ").unwrap();
        let last = kept.0.last().unwrap();
        assert_eq!(last.heading_path, ["Kettles", "Boreas"]);
        assert_eq!(last.text, "Two litres.\nRed.");
    }

    #[test]
    fn a_long_table_says_its_header_in_every_part() {
        let mut kept = Kept::default();
        let mut rows = vec![vec!["name".to_owned(), "litres".to_owned()]];
        rows.extend((0..500).map(|n| vec![format!("kettle {n}"), format!("{n}"), String::new()]));
        Outline::new(&mut kept, &Limits::default()).table(&rows).unwrap();
        assert!(kept.0.len() > 2);
        for block in &kept.0 {
            assert!(block.text.starts_with("name | litres\nkettle"), "{}", block.text);
            assert!(block.text.len() <= TABLE_PART + 20);
        }
        let lines: usize = kept.0.iter().map(|block| block.text.lines().count() - 1).sum();
        assert_eq!(lines, 500);
    }

    #[test]
    fn more_text_than_allowed_is_refused() {
        let mut kept = Kept::default();
        let limits = Limits {
            text_bytes: 1_000,
            ..Limits::default()
        };
        let mut outline = Outline::new(&mut kept, &limits);
        outline.paragraph("short").unwrap();
        assert_eq!(
            outline.paragraph(&"long ".repeat(200)).unwrap_err().code(),
            "too_large"
        );
    }
}
