//! Markdown.

use crate::{error::ExtractError, outline::Outline};
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

pub(super) fn read(text: &str, outline: &mut Outline<'_>) -> Result<(), ExtractError> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut state = State::default();
    for event in Parser::new_ext(text, options) {
        state.event(event, outline)?;
    }
    state.flush(outline)
}

/// What the text that comes next belongs to.
#[derive(Default)]
struct State {
    text: String,
    /// Lists that stand open.
    lists: usize,
    code: Option<String>,
    rows: Vec<Vec<String>>,
    in_table: bool,
    skip: bool,
    html: String,
}

impl State {
    fn event(&mut self, event: Event<'_>, outline: &mut Outline<'_>) -> Result<(), ExtractError> {
        match event {
            Event::Start(tag) => self.open(&tag, outline),
            Event::End(tag) => self.close(tag, outline),
            _ if self.skip => Ok(()),
            Event::Text(text) | Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.text.push_str(&text);
                Ok(())
            }
            Event::SoftBreak => {
                self.text.push(' ');
                Ok(())
            }
            Event::HardBreak => {
                self.text.push('\n');
                Ok(())
            }
            Event::Html(html) => {
                self.html.push_str(&html);
                Ok(())
            }
            Event::Rule => self.flush(outline),
            Event::InlineHtml(_) | Event::FootnoteReference(_) | Event::TaskListMarker(_) => Ok(()),
        }
    }

    fn open(&mut self, tag: &Tag<'_>, outline: &mut Outline<'_>) -> Result<(), ExtractError> {
        match tag {
            Tag::MetadataBlock(_) => self.skip = true,
            Tag::List(_) => {
                self.flush(outline)?;
                self.lists += 1;
            }
            Tag::CodeBlock(kind) => {
                self.flush(outline)?;
                self.code = Some(match kind {
                    CodeBlockKind::Fenced(info) => language(info),
                    CodeBlockKind::Indented => String::new(),
                });
            }
            Tag::Table(_) => {
                self.flush(outline)?;
                self.in_table = true;
            }
            Tag::TableHead | Tag::TableRow => self.rows.push(Vec::new()),
            Tag::Paragraph
            | Tag::Heading { .. }
            | Tag::Item
            | Tag::BlockQuote(_)
            | Tag::FootnoteDefinition(_) => {
                self.flush(outline)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, tag: TagEnd, outline: &mut Outline<'_>) -> Result<(), ExtractError> {
        match tag {
            TagEnd::MetadataBlock(_) => self.skip = false,
            TagEnd::Heading(level) => {
                let text = std::mem::take(&mut self.text);
                outline.heading(rank(level), &text)?;
            }
            TagEnd::CodeBlock => {
                let language = self.code.take().unwrap_or_default();
                outline.code(Some(&language), &std::mem::take(&mut self.text))?;
            }
            TagEnd::List(_) => {
                self.flush(outline)?;
                self.lists = self.lists.saturating_sub(1);
            }
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.text);
                if let Some(row) = self.rows.last_mut() {
                    row.push(cell);
                }
            }
            TagEnd::Table => {
                self.in_table = false;
                outline.table(&std::mem::take(&mut self.rows))?;
            }
            TagEnd::HtmlBlock => super::html::read(&std::mem::take(&mut self.html), outline)?,
            TagEnd::Paragraph | TagEnd::Item | TagEnd::BlockQuote(_) | TagEnd::FootnoteDefinition => {
                self.flush(outline)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn flush(&mut self, outline: &mut Outline<'_>) -> Result<(), ExtractError> {
        let text = std::mem::take(&mut self.text);
        if self.lists > 0 {
            outline.list_item(&text)
        } else {
            outline.paragraph(&text)
        }
    }
}

fn rank(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

/// `rust,no_run` and `{.rust}` both mean Rust.
fn language(info: &str) -> String {
    let word = info.split([',', ' ']).next().unwrap_or_default();
    word.trim_matches(['{', '}', '.']).to_owned()
}
