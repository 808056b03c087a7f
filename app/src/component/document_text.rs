//! Draws a document's extracted text: typed pieces, the cited place marked. There is no way from here to raw HTML.

use super::inert::{Inert, Part};
use crate::{
    data::{Kind, Piece},
    text,
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
pub(crate) fn pieces(pieces: &[Piece], cited: Span) -> Vec<Inert> {
    let drawing = Drawing {
        cited,
        marked: Cell::new(false),
    };
    let mut drawn = Vec::new();
    let mut items = Vec::new();
    let mut page = None;
    for piece in pieces {
        let turned = piece.page.is_some() && piece.page != page;
        // Items that follow one another are one list.
        if (turned || piece.kind != Kind::ListItem) && !items.is_empty() {
            drawn.push(Inert::new("ul", std::mem::take(&mut items)));
        }
        if turned {
            page = piece.page;
            let words = text::page_number(page.unwrap_or_default());
            drawn.push(Inert::new("p", vec![Part::Text(words)]).with("class", "document__page"));
        }
        if piece.kind == Kind::ListItem {
            items.push(drawing.element("li", &piece.text, piece.start));
        } else {
            drawn.push(drawing.piece(piece));
        }
    }
    if !items.is_empty() {
        drawn.push(Inert::new("ul", items));
    }
    drawn
}

struct Drawing {
    cited: Span,
    /// Whether the place has its name already: a name is given once.
    marked: Cell<bool>,
}

impl Drawing {
    fn piece(&self, piece: &Piece) -> Inert {
        let tag = match (piece.kind, piece.level) {
            (Kind::Table, _) => return self.table(piece),
            (Kind::Code, _) => "pre",
            (Kind::Paragraph | Kind::ListItem, _) => "p",
            (Kind::Heading, Some(1) | None) => "h3",
            (Kind::Heading, Some(2)) => "h4",
            (Kind::Heading, _) => "h5",
        };
        Inert::new(tag, self.text(&piece.text, piece.start))
    }

    fn table(&self, piece: &Piece) -> Inert {
        let mut at = piece.start;
        let mut rows = Vec::new();
        for line in piece.text.split('\n') {
            let tag = if rows.is_empty() { "th" } else { "td" };
            let mut cells = Vec::new();
            for cell in line.split(" | ") {
                cells.push(self.element(tag, cell, at));
                at = at.saturating_add(count(cell)).saturating_add(3);
            }
            // The end of a line is one character where that between two cells is three.
            at = at.saturating_sub(2);
            rows.push(Part::Inert(Inert::new("tr", cells)));
        }
        let body = Part::Inert(Inert::new("tbody", rows));
        let table = Part::Inert(Inert::new("table", vec![body]));
        // A wide one scrolls by itself, so the keyboard must reach it.
        Inert::new("div", vec![table])
            .with("class", "table")
            .with("tabindex", "0")
    }

    fn element(&self, tag: &'static str, words: &str, start: u32) -> Part {
        Part::Inert(Inert::new(tag, self.text(words, start)))
    }

    /// A text that begins at this character, what is cited of it marked.
    fn text(&self, words: &str, start: u32) -> Vec<Part> {
        let part = |words: &str| Part::Text(words.to_owned());
        let Some([before, cited, after]) = cut(words, start, self.cited) else {
            return vec![part(words)];
        };
        let mut mark = Inert::new("mark", vec![part(cited)]);
        if !self.marked.replace(true) {
            mark = mark.with("id", CITED);
        }
        vec![part(before), Part::Inert(mark), part(after)]
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
