//! Draws a document's extracted text: typed pieces, the cited place marked. There is no way from here to raw HTML.

use super::markdown::{classed, plain, text};
use crate::data::{Kind, Piece};
use leptos::{
    prelude::*,
    tachys::html::{attribute::custom::CustomAttribute, element::custom},
};
use std::cell::Cell;

/// The name of the cited place in the document, for addresses and for scrolling there.
pub(crate) const CITED: &str = "cited";

/// From where to where, in characters of the document's text, the end exclusive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// The pieces, one below the other, with a line where a page begins.
pub(crate) fn pieces(pieces: &[Piece], cited: Span) -> Vec<AnyView> {
    let drawing = Drawing {
        cited,
        marked: Cell::new(false),
    };
    let mut views = Vec::new();
    let mut items = Vec::new();
    let mut page = None;
    for piece in pieces {
        let turned = piece.page.is_some() && piece.page != page;
        // Items that follow one another are one list.
        if (turned || piece.kind != Kind::ListItem) && !items.is_empty() {
            views.push(plain("ul", std::mem::take(&mut items)));
        }
        if turned {
            page = piece.page;
            let number = page.unwrap_or_default();
            views.push(classed(
                "p",
                "document__page",
                vec![text(format!("Page {number}"))],
            ));
        }
        if piece.kind == Kind::ListItem {
            items.push(plain("li", drawing.text(&piece.text, piece.start)));
        } else {
            views.push(drawing.piece(piece));
        }
    }
    if !items.is_empty() {
        views.push(plain("ul", items));
    }
    views
}

struct Drawing {
    cited: Span,
    /// Whether the place has its name already: a name is given once.
    marked: Cell<bool>,
}

impl Drawing {
    fn piece(&self, piece: &Piece) -> AnyView {
        let tag = match (piece.kind, piece.level) {
            (Kind::Table, _) => return self.table(piece),
            (Kind::Code, _) => "pre",
            (Kind::Paragraph | Kind::ListItem, _) => "p",
            (Kind::Heading, Some(1) | None) => "h3",
            (Kind::Heading, Some(2)) => "h4",
            (Kind::Heading, _) => "h5",
        };
        plain(tag, self.text(&piece.text, piece.start))
    }

    fn table(&self, piece: &Piece) -> AnyView {
        let mut at = piece.start;
        let mut rows = Vec::new();
        for line in piece.text.split('\n') {
            let tag = if rows.is_empty() { "th" } else { "td" };
            let mut cells = Vec::new();
            for cell in line.split(" | ") {
                cells.push(plain(tag, self.text(cell, at)));
                at = at.saturating_add(count(cell)).saturating_add(3);
            }
            // The end of a line is one character where that between two cells is three.
            at = at.saturating_sub(2);
            rows.push(plain("tr", cells));
        }
        classed("div", "table", vec![plain("table", vec![plain("tbody", rows)])])
    }

    /// A text that begins at this character, what is cited of it marked.
    fn text(&self, words: &str, start: u32) -> Vec<AnyView> {
        let Some([before, cited, after]) = cut(words, start, self.cited) else {
            return vec![text(words.to_owned())];
        };
        let name = (!self.marked.replace(true)).then_some(CITED);
        let mark = custom("mark").attr("id", name).child(cited.to_owned()).into_any();
        vec![text(before.to_owned()), mark, text(after.to_owned())]
    }
}

fn count(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

/// What stands before a span, in it, and behind it; `None` where the text has nothing of it.
fn cut(text: &str, start: u32, span: Span) -> Option<[&str; 3]> {
    let byte = |at: u32| {
        let within = usize::try_from(at.saturating_sub(start)).unwrap_or(usize::MAX);
        text.char_indices()
            .nth(within)
            .map_or(text.len(), |(byte, _)| byte)
    };
    let (from, to) = (byte(span.start), byte(span.end));
    let marked = text.get(from..to).filter(|marked| !marked.is_empty())?;
    Some([text.get(..from)?, marked, text.get(to..)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut_at(text: &'static str, start: u32, span: (u32, u32)) -> Option<[&'static str; 3]> {
        let (from, end) = span;
        cut(text, start, Span { start: from, end })
    }

    #[test]
    fn a_span_is_cut_out_by_characters_not_by_bytes() {
        assert_eq!(cut_at("Zoë läuft", 0, (4, 6)), Some(["Zoë ", "lä", "uft"]));
        assert_eq!(cut_at("Zoë läuft", 100, (104, 106)), Some(["Zoë ", "lä", "uft"]));
    }

    #[test]
    fn a_span_over_several_pieces_marks_its_part_of_each() {
        assert_eq!(cut_at("first", 0, (3, 9)), Some(["fir", "st", ""]));
        assert_eq!(cut_at("second", 7, (3, 9)), Some(["", "se", "cond"]));
    }

    #[test]
    fn a_span_elsewhere_marks_nothing() {
        assert_eq!(cut_at("first", 0, (5, 9)), None);
        assert_eq!(cut_at("second", 7, (3, 7)), None);
        assert_eq!(cut_at("second", 7, (0, 0)), None);
        assert_eq!(cut_at("", 7, (0, 9)), None);
    }
}
