//! Markdown to nodes, by pulldown-cmark's events.

use super::{Inline, Node, target};
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// Deeper than this, structure becomes plain text: a browser's own parser has no use for 10,000 quotes.
const DEPTH: usize = 24;

/// The nodes of a piece of Markdown.
pub fn parse(source: &str) -> Vec<Node> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut builder = Builder::default();
    for event in Parser::new_ext(source, options) {
        builder.event(event);
    }
    builder.finish()
}

/// What is open: a frame collects what its end will wrap.
enum Frame {
    Blocks(Vec<Node>),
    /// The lists' items so far.
    List(Option<u64>, Vec<Vec<Node>>),
    Inlines(Vec<Inline>),
    Code(String, String),
    Table(Vec<Vec<Inline>>, Vec<Vec<Vec<Inline>>>),
    Row(Vec<Vec<Inline>>),
}

#[derive(Default)]
struct Builder {
    open: Vec<(Frame, Option<Tag<'static>>)>,
    done: Vec<Node>,
    /// Tags below [`DEPTH`], which are only counted.
    skipped: usize,
}

impl Builder {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(_) if self.skipped > 0 || self.open.len() >= DEPTH => self.skipped += 1,
            Event::End(_) if self.skipped > 0 => self.skipped -= 1,
            Event::Start(tag) => self.start(tag),
            Event::End(end) => self.end(end),
            Event::Text(text) => self.text(&text),
            // There is no HTML here: what looks like it is text.
            Event::Html(text) | Event::InlineHtml(text) => self.text(&text),
            Event::Code(code) | Event::InlineMath(code) | Event::DisplayMath(code) => {
                self.inline(Inline::Code(code.into_string()));
            }
            Event::SoftBreak => self.text("\n"),
            Event::HardBreak => self.inline(Inline::Break),
            Event::Rule => self.block(Node::Rule),
            Event::TaskListMarker(done) => self.inline(Inline::Task(done)),
            Event::FootnoteReference(name) => self.text(&name),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        let frame = match &tag {
            Tag::BlockQuote(_) | Tag::Item => Frame::Blocks(Vec::new()),
            Tag::List(first) => Frame::List(*first, Vec::new()),
            Tag::CodeBlock(CodeBlockKind::Fenced(info)) => {
                let language = info.split([' ', ',', '{']).next().unwrap_or_default();
                Frame::Code(language.to_owned(), String::new())
            }
            Tag::CodeBlock(CodeBlockKind::Indented) => Frame::Code(String::new(), String::new()),
            Tag::Table(_) => Frame::Table(Vec::new(), Vec::new()),
            Tag::TableHead | Tag::TableRow => Frame::Row(Vec::new()),
            _ => Frame::Inlines(Vec::new()),
        };
        // A tight list's item has text without a paragraph, and then a block: the text ends there.
        if matches!(
            tag,
            Tag::Paragraph
                | Tag::Heading { .. }
                | Tag::BlockQuote(_)
                | Tag::CodeBlock(_)
                | Tag::List(_)
                | Tag::Table(_)
                | Tag::HtmlBlock
        ) {
            self.close_loose_text();
        }
        self.open.push((frame, Some(tag.into_static())));
    }

    fn end(&mut self, end: TagEnd) {
        if matches!(end, TagEnd::Item | TagEnd::BlockQuote(_)) {
            self.close_loose_text();
        }
        let Some((frame, Some(tag))) = self.open.pop() else { return };
        match (frame, tag) {
            (Frame::Blocks(blocks), Tag::Item) => match self.open.last_mut() {
                Some((Frame::List(_, items), _)) => items.push(blocks),
                _ => self.blocks(blocks),
            },
            (Frame::Blocks(blocks), _) => self.block(Node::Quote(blocks)),
            (Frame::List(first, items), _) => self.block(Node::List(first, items)),
            (Frame::Code(language, code), _) => self.block(Node::Code(language, code)),
            (Frame::Table(head, rows), _) => self.block(Node::Table(head, rows)),
            (Frame::Row(cells), tag) => match self.open.last_mut() {
                Some((Frame::Table(head, rows), _)) => match tag {
                    Tag::TableHead => *head = cells,
                    _ => rows.push(cells),
                },
                _ => {}
            },
            (Frame::Inlines(inlines), tag) => self.end_of_inlines(inlines, tag),
        }
    }

    fn end_of_inlines(&mut self, inlines: Vec<Inline>, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.block(Node::Paragraph(inlines)),
            Tag::Heading { level, .. } => {
                let level = u8::try_from(level as usize).unwrap_or(6);
                self.block(Node::Heading(level, inlines));
            }
            Tag::TableCell => match self.open.last_mut() {
                Some((Frame::Row(cells), _)) => cells.push(inlines),
                _ => {}
            },
            Tag::Emphasis => self.inline(Inline::Emphasis(inlines)),
            Tag::Strong => self.inline(Inline::Strong(inlines)),
            Tag::Strikethrough => self.inline(Inline::Struck(inlines)),
            // A picture is never loaded: its place is shown, and where it is.
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => match target(&dest_url) {
                Some(target) => self.inline(Inline::Link(target, inlines)),
                None => inlines.into_iter().for_each(|inline| self.inline(inline)),
            },
            _ => inlines.into_iter().for_each(|inline| self.inline(inline)),
        }
    }

    fn text(&mut self, text: &str) {
        if let Some((Frame::Code(_, code), _)) = self.open.last_mut() {
            code.push_str(text);
            return;
        }
        self.inline(Inline::Text(text.to_owned()));
    }

    fn inline(&mut self, inline: Inline) {
        if !matches!(self.open.last(), Some((Frame::Inlines(_), _))) {
            self.open.push((Frame::Inlines(Vec::new()), None));
        }
        let Some((Frame::Inlines(inlines), _)) = self.open.last_mut() else { return };
        match (inlines.last_mut(), inline) {
            (Some(Inline::Text(before)), Inline::Text(text)) => before.push_str(&text),
            (_, inline) => inlines.push(inline),
        }
    }

    /// Text that stood in no paragraph becomes one.
    fn close_loose_text(&mut self) {
        if matches!(self.open.last(), Some((Frame::Inlines(_), None)))
            && let Some((Frame::Inlines(inlines), None)) = self.open.pop()
        {
            self.block(Node::Paragraph(inlines));
        }
    }

    fn block(&mut self, node: Node) {
        self.blocks(vec![node]);
    }

    fn blocks(&mut self, nodes: Vec<Node>) {
        self.close_loose_text();
        match self.open.last_mut() {
            Some((Frame::Blocks(blocks), _)) => blocks.extend(nodes),
            _ => self.done.extend(nodes),
        }
    }

    fn finish(mut self) -> Vec<Node> {
        self.close_loose_text();
        self.done
    }
}

#[cfg(test)]
mod tests;
