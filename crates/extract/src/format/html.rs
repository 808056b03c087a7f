//! HTML, from tokens: no tree is built, so nothing can be nested too deeply.
//!
//! What a reader of the page does not see is left out: scripts, styles, navigation, hidden elements.

use crate::{
    error::ExtractError,
    outline::{Outline, one_line},
};
use html5gum::{DefaultEmitter, HtmlString, StartTag, Token, Tokenizer};

/// Elements that are left out with all that is in them.
const UNSEEN: &[&str] = &[
    "script", "style", "noscript", "template", "svg", "nav", "iframe", "object", "canvas", "select",
    "button", "textarea", "math", "audio", "video",
];

/// Elements without an end.
const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];

/// Elements that begin and end a paragraph.
const BLOCKS: &[&str] = &[
    "p",
    "div",
    "section",
    "article",
    "main",
    "header",
    "footer",
    "aside",
    "address",
    "blockquote",
    "figure",
    "figcaption",
    "dl",
    "dt",
    "dd",
    "ul",
    "ol",
    "hr",
    "form",
    "fieldset",
    "details",
    "summary",
    "body",
    "html",
    "caption",
    "center",
];

/// A cell of a table of data is no longer than this; a longer one means that the table lays out a page.
const LONGEST_CELL: usize = 1_500;

pub(super) fn read(text: &str, outline: &mut Outline<'_>) -> Result<(), ExtractError> {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut page = Page::default();
    for token in Tokenizer::new_with_emitter(text, emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => page.open(&tag, outline)?,
            Token::EndTag(tag) => page.close(&name(&tag.name), outline)?,
            Token::String(text) => page.text(&String::from_utf8_lossy(&text.value)),
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    // A page may end within a table: what stands in its last cell is said all the same.
    page.end_cell();
    page.tables = 0;
    page.end_table(outline)?;
    page.flush(outline)
}

fn name(name: &HtmlString) -> String {
    String::from_utf8_lossy(name).into_owned()
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Text,
    Heading(u8),
    Item,
    Code,
    Title,
}

/// What is being read.
#[derive(Default)]
struct Page {
    text: String,
    place: Place,
    /// The element that is being left out, and how often it stands open.
    unseen: Option<(String, usize)>,
    lists: usize,
    /// Tables that stand open; cells of inner ones belong to the cell of the outermost.
    tables: usize,
    rows: Vec<Vec<String>>,
    language: String,
}

impl Page {
    fn open(&mut self, tag: &StartTag<()>, outline: &mut Outline<'_>) -> Result<(), ExtractError> {
        let name = name(&tag.name);
        if let Some((unseen, depth)) = &mut self.unseen {
            if *unseen == name && !tag.self_closing {
                *depth += 1;
            }
            return Ok(());
        }
        if !VOID.contains(&name.as_str()) && (UNSEEN.contains(&name.as_str()) || is_hidden(tag)) {
            if !tag.self_closing {
                self.unseen = Some((name, 1));
            }
            return Ok(());
        }
        match name.as_str() {
            "br" => self.text.push('\n'),
            "title" => {
                self.flush(outline)?;
                self.place = Place::Title;
            }
            "table" => {
                if self.tables == 0 {
                    self.flush(outline)?;
                }
                self.tables += 1;
            }
            "tr" if self.tables == 1 => {
                self.end_cell();
                self.rows.push(Vec::new());
            }
            "td" | "th" if self.tables == 1 => {
                self.end_cell();
                self.text.clear();
                match self.rows.last_mut() {
                    Some(row) => row.push(String::new()),
                    None => self.rows.push(vec![String::new()]),
                }
            }
            _ if self.tables > 0 => self.text.push(if is_block(&name) { '\n' } else { ' ' }),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.flush(outline)?;
                self.place = Place::Heading(level(&name));
            }
            "li" => {
                self.flush(outline)?;
                self.place = Place::Item;
            }
            "pre" => {
                self.flush(outline)?;
                self.place = Place::Code;
                self.language = language(tag);
            }
            "code" if self.place == Place::Code && self.language.is_empty() => self.language = language(tag),
            "ul" | "ol" => {
                self.flush(outline)?;
                self.lists += 1;
            }
            _ if is_block(&name) => self.flush(outline)?,
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, name: &str, outline: &mut Outline<'_>) -> Result<(), ExtractError> {
        if let Some((unseen, depth)) = &mut self.unseen {
            if unseen == name {
                *depth = depth.saturating_sub(1);
                if *depth == 0 {
                    self.unseen = None;
                }
            }
            return Ok(());
        }
        match name {
            "table" if self.tables > 0 => {
                self.tables -= 1;
                if self.tables == 0 {
                    self.end_cell();
                    self.end_table(outline)?;
                }
            }
            "td" | "th" if self.tables == 1 => self.end_cell(),
            _ if self.tables > 0 => self.text.push(if is_block(name) { '\n' } else { ' ' }),
            "ul" | "ol" => {
                self.flush(outline)?;
                self.lists = self.lists.saturating_sub(1);
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "li" | "pre" | "title" => self.flush(outline)?,
            _ if is_block(name) => self.flush(outline)?,
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if self.unseen.is_some() {
            return;
        }
        if self.place == Place::Code {
            self.text.push_str(text);
        } else {
            // A line's end in the source is a space on the page.
            self.text
                .extend(text.chars().map(|c| if c == '\n' { ' ' } else { c }));
        }
    }

    /// What was gathered becomes a block.
    fn flush(&mut self, outline: &mut Outline<'_>) -> Result<(), ExtractError> {
        if self.tables > 0 {
            return Ok(());
        }
        let text = std::mem::take(&mut self.text);
        if text.trim().is_empty() && self.place == Place::Item {
            // `<li><p>` begins the same item twice.
            return Ok(());
        }
        match std::mem::take(&mut self.place) {
            // The title is in the head of a page, and mostly the same as its first heading.
            Place::Title => Ok(()),
            Place::Heading(level) => outline.heading(level, &text),
            Place::Code => outline.code(Some(&std::mem::take(&mut self.language)), &text),
            Place::Item => outline.list_item(&text),
            Place::Text if self.lists > 0 => outline.list_item(&text),
            Place::Text => outline.paragraph(&text),
        }
    }

    fn end_cell(&mut self) {
        if let Some(cell) = self.rows.last_mut().and_then(|row| row.last_mut()) {
            cell.push_str(&std::mem::take(&mut self.text));
        }
    }

    fn end_table(&mut self, outline: &mut Outline<'_>) -> Result<(), ExtractError> {
        let rows = std::mem::take(&mut self.rows);
        let lays_out = rows.iter().all(|row| row.len() < 2)
            || rows
                .iter()
                .flatten()
                .any(|cell| one_line(cell).len() > LONGEST_CELL);
        if !lays_out {
            return outline.table(&rows);
        }
        rows.iter().flatten().try_for_each(|cell| outline.paragraph(cell))
    }
}

fn is_block(name: &str) -> bool {
    BLOCKS.contains(&name)
        || matches!(
            name,
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "li" | "pre" | "tr" | "table"
        )
}

fn level(name: &str) -> u8 {
    name.strip_prefix('h')
        .and_then(|level| level.parse().ok())
        .unwrap_or(6)
}

fn attribute<'a>(tag: &'a StartTag<()>, name: &str) -> Option<std::borrow::Cow<'a, str>> {
    let (_, value) = tag
        .attributes
        .iter()
        .find(|(key, _)| key.as_slice() == name.as_bytes())?;
    Some(String::from_utf8_lossy(&value.value))
}

fn is_hidden(tag: &StartTag<()>) -> bool {
    let style = attribute(tag, "style")
        .unwrap_or_default()
        .to_ascii_lowercase()
        .replace(' ', "");
    attribute(tag, "hidden").is_some()
        || attribute(tag, "aria-hidden").is_some_and(|value| value == "true")
        || ["display:none", "visibility:hidden"]
            .iter()
            .any(|no| style.contains(no))
}

fn language(tag: &StartTag<()>) -> String {
    let class = attribute(tag, "class").unwrap_or_default();
    class
        .split_whitespace()
        .find_map(|class| {
            class
                .strip_prefix("language-")
                .or_else(|| class.strip_prefix("lang-"))
        })
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{limits::Limits, outline::tests::Kept};
    use rag::document::{Block, BlockKind};

    fn blocks_of(html: &str) -> Vec<Block> {
        let mut kept = Kept::default();
        read(html, &mut Outline::new(&mut kept, &Limits::default())).unwrap();
        kept.0
    }

    fn texts_of(html: &str) -> Vec<String> {
        blocks_of(html).into_iter().map(|block| block.text).collect()
    }

    #[test]
    fn what_is_not_seen_is_not_read() {
        let html = "<p>Zephyr<script>let kettle = '<p>no</p>';</script> is <b hidden>not </b>red.</p>\
            <nav><a href=/>Home</a></nav><div style='display: none'><div>no</div>no</div>Boreas &amp; co";
        assert_eq!(texts_of(html), ["Zephyr is red.", "Boreas & co"]);
    }

    #[test]
    fn lists_tables_headings_and_code_are_told_apart() {
        let html = "<h2>Kettles</h2><ul><li><p>red</p><li>blue</ul>\
            <table><tr><th>name<th>litres<tr><td>Zephyr<td>2</table><pre><code class=language-rust>fn a() {\n}</code></pre>";
        let blocks = blocks_of(html);
        let kinds: Vec<_> = blocks
            .iter()
            .map(|block| (&block.kind, block.text.trim()))
            .collect();
        let code = BlockKind::Code {
            language: Some("rust".to_owned()),
        };
        assert_eq!(
            kinds,
            [
                (&BlockKind::Heading { level: 2 }, "Kettles"),
                (&BlockKind::ListItem, "red"),
                (&BlockKind::ListItem, "blue"),
                (&BlockKind::Table, "name | litres\nZephyr | 2"),
                (&code, "fn a() {\n}"),
            ]
        );
    }

    #[test]
    fn depth_costs_nothing() {
        let html = format!(
            "{}deep{}",
            "<div><b>".repeat(200_000),
            "</b></div>".repeat(200_000)
        );
        assert_eq!(texts_of(&html), ["deep"]);
    }
}
