//! OpenDocument: texts, spreadsheets and presentations are one vocabulary.

use crate::{
    archive::Archive,
    decode,
    error::ExtractError,
    limits::Limits,
    outline::Outline,
    xml::{Node, Tag, Xml},
};
use std::collections::HashMap;

/// A row or cell that claims to be repeated is repeated at most so often, when there is something in it.
const REPEATED: usize = 64;
/// Rows that are handed on at once; the header goes with each.
const ROWS: usize = 200;

pub(super) fn read(
    archive: &Archive<'_>,
    limits: &Limits,
    outline: &mut Outline<'_>,
) -> Result<(), ExtractError> {
    if let Some(manifest) = archive.read("META-INF/manifest.xml")?
        && String::from_utf8_lossy(&manifest).contains("encryption-data")
    {
        return Err(ExtractError::Encrypted);
    }
    let bytes = archive.must_read("content.xml")?;
    let text = decode::member(&bytes)?;
    let slides = u32::try_from(text.matches("<draw:page ").count()).unwrap_or(u32::MAX);
    outline.set_pages(slides)?;
    let mut content = Content {
        is_spreadsheet: text.contains("<office:spreadsheet"),
        ..Content::default()
    };
    content.walk(&mut Xml::new(&text, limits.nesting), outline)
}

/// What is being read.
#[derive(Default)]
struct Content {
    is_spreadsheet: bool,
    /// Style and text of the paragraphs that stand open; notes put one into another.
    paragraphs: Vec<Paragraph>,
    /// What an automatic style is based on.
    parents: HashMap<String, String>,
    lists: usize,
    tables: usize,
    rows: Vec<Vec<String>>,
    /// How often the row and the cell that stand open are there.
    row_times: usize,
    cell_times: usize,
    /// Some rows of this table were handed on already.
    begun: bool,
    slide: u32,
    /// The text of a slide's title, while one stands open.
    slide_title: Option<String>,
    /// What a slide says before its title is known.
    slide_parts: Vec<(bool, String)>,
    has_title: bool,
}

struct Paragraph {
    heading: Option<u8>,
    style: String,
    text: String,
}

impl Content {
    fn walk(&mut self, xml: &mut Xml<'_>, outline: &mut Outline<'_>) -> Result<(), ExtractError> {
        loop {
            match xml.next()? {
                Node::Open(tag) => self.open(&tag, xml, outline)?,
                Node::Text(text) => {
                    if let Some(paragraph) = self.paragraphs.last_mut() {
                        paragraph.text.push_str(&text);
                    }
                }
                Node::Close(name) => self.close(&name, outline)?,
                Node::End => return Ok(()),
            }
        }
    }

    fn open(
        &mut self,
        tag: &Tag<'_>,
        xml: &mut Xml<'_>,
        outline: &mut Outline<'_>,
    ) -> Result<(), ExtractError> {
        match tag.name() {
            // Numbers of pages, what was deleted, remarks of readers, the numbers of notes, forms.
            "page-number"
            | "tracked-changes"
            | "annotation"
            | "note-citation"
            | "forms"
            | "table-of-content-source" => xml.skip()?,
            "style" => {
                if let (Some(name), Some(parent)) = (tag.attr("name"), tag.attr("parent-style-name")) {
                    self.parents.insert(name, parent);
                }
            }
            "h" => self.begin_paragraph(tag, Some(tag.number("outline-level").unwrap_or(1))),
            "p" => self.begin_paragraph(tag, None),
            "list" => self.lists += 1,
            "s" => {
                let spaces = tag.number::<usize>("c").unwrap_or(1).min(REPEATED);
                self.say(&" ".repeat(spaces));
            }
            "tab" => self.say("\t"),
            "line-break" => self.say("\n"),
            "note-body" => self.say(" ("),
            "table" => {
                self.tables += 1;
                if self.tables == 1 && self.is_spreadsheet {
                    outline.heading(1, &tag.attr("name").unwrap_or_default())?;
                }
            }
            "table-row" if self.tables == 1 => {
                self.row_times = tag.number("number-rows-repeated").unwrap_or(1);
                self.rows.push(Vec::new());
            }
            "table-cell" | "covered-table-cell" if self.tables == 1 => {
                self.cell_times = tag.number("number-columns-repeated").unwrap_or(1);
                if let Some(row) = self.rows.last_mut() {
                    row.push(String::new());
                }
            }
            "page" => {
                self.slide = self.slide.saturating_add(1);
                outline.set_page(self.slide);
            }
            "frame" if tag.attr("class").as_deref() == Some("title") => {
                self.slide_title = Some(String::new())
            }
            "notes" => self.flush_slide(outline)?,
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, name: &str, outline: &mut Outline<'_>) -> Result<(), ExtractError> {
        match name {
            "h" | "p" => {
                if let Some(paragraph) = self.paragraphs.pop() {
                    self.end_paragraph(paragraph, outline)?;
                }
            }
            "list" => self.lists = self.lists.saturating_sub(1),
            "note-body" => self.say(")"),
            "table-cell" | "covered-table-cell" if self.tables == 1 => self.end_cell(),
            "table-row" if self.tables == 1 => self.end_row(outline)?,
            "table" => {
                self.tables = self.tables.saturating_sub(1);
                if self.tables == 0 {
                    self.flush_table(outline)?;
                }
            }
            "frame" => {
                if let Some(title) = self.slide_title.take() {
                    outline.heading(1, &title)?;
                    self.has_title = true;
                }
            }
            "notes" => self.flush_slide(outline)?,
            "page" => {
                self.flush_slide(outline)?;
                self.has_title = false;
                outline.progress(self.slide)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn begin_paragraph(&mut self, tag: &Tag<'_>, heading: Option<u8>) {
        self.paragraphs.push(Paragraph {
            heading,
            style: tag.attr("style-name").unwrap_or_default(),
            text: String::new(),
        });
    }

    fn say(&mut self, text: &str) {
        if let Some(paragraph) = self.paragraphs.last_mut() {
            paragraph.text.push_str(text);
        }
    }

    fn end_paragraph(&mut self, paragraph: Paragraph, outline: &mut Outline<'_>) -> Result<(), ExtractError> {
        let Paragraph { heading, style, text } = paragraph;
        if let Some(outer) = self.paragraphs.last_mut() {
            // A note stands where it is referred to.
            outer.text.push_str(text.trim());
            return Ok(());
        }
        if let Some(title) = &mut self.slide_title {
            title.push_str(&text);
            title.push(' ');
            return Ok(());
        }
        if self.tables > 0 {
            if let Some(cell) = self.rows.last_mut().and_then(|row| row.last_mut()) {
                cell.push_str(&text);
                cell.push('\n');
            }
            return Ok(());
        }
        if self.slide > 0 && !self.has_title {
            // The title may be drawn after what stands below it.
            self.slide_parts.push((self.lists > 0, text));
            return Ok(());
        }
        match heading {
            Some(level) => outline.heading(level, &text),
            None if self.is_title(&style) => outline.title(&text),
            None if self.lists > 0 => outline.list_item(&text),
            None => outline.paragraph(&text),
        }
    }

    fn is_title(&self, style: &str) -> bool {
        style == "Title" || self.parents.get(style).is_some_and(|parent| parent == "Title")
    }

    /// The end of a slide's own part, or of its notes.
    fn flush_slide(&mut self, outline: &mut Outline<'_>) -> Result<(), ExtractError> {
        let parts = std::mem::take(&mut self.slide_parts);
        if !self.has_title && self.slide > 0 {
            outline.heading(1, &format!("Slide {}", self.slide))?;
            self.has_title = true;
        }
        for (item, text) in parts {
            if item {
                outline.list_item(&text)?;
            } else {
                outline.paragraph(&text)?;
            }
        }
        Ok(())
    }

    fn end_cell(&mut self) {
        let Some(row) = self.rows.last_mut() else {
            return;
        };
        let Some(cell) = row.last().cloned() else {
            return;
        };
        // An empty cell repeated to the sheet's edge is how a row ends; one between others keeps its place.
        let more = self.cell_times.min(REPEATED).saturating_sub(1);
        row.extend(std::iter::repeat_n(cell, more));
        self.cell_times = 1;
    }

    fn end_row(&mut self, outline: &mut Outline<'_>) -> Result<(), ExtractError> {
        let empty = self
            .rows
            .last()
            .is_none_or(|row| row.iter().all(|cell| cell.trim().is_empty()));
        if empty {
            self.rows.pop();
            // A gap between rows of a spreadsheet is a gap between tables.
            return if self.is_spreadsheet {
                self.flush_table(outline)
            } else {
                Ok(())
            };
        }
        let more = self.row_times.min(REPEATED).saturating_sub(1);
        if let Some(row) = self.rows.last().cloned() {
            self.rows.extend(std::iter::repeat_n(row, more));
        }
        if self.rows.len() > ROWS {
            outline.table(&self.rows)?;
            self.rows.truncate(1);
            self.begun = true;
        }
        Ok(())
    }

    fn flush_table(&mut self, outline: &mut Outline<'_>) -> Result<(), ExtractError> {
        let rows = std::mem::take(&mut self.rows);
        if std::mem::take(&mut self.begun) && rows.len() < 2 {
            return Ok(());
        }
        // A line above a table, a remark below it; a frame around text.
        let single = |row: &Vec<String>| row.iter().filter(|cell| !cell.trim().is_empty()).count() < 2;
        if rows.len() < 2 && rows.iter().all(single) || rows.iter().all(|row| row.len() < 2) {
            return rows.iter().flatten().try_for_each(|cell| outline.paragraph(cell));
        }
        outline.table(&rows)
    }
}
