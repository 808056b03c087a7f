//! Finds the marks of sources in an answer, `[1]` or `[1, 3]`, and makes them nodes of their own: only numbers that the
//! answer has a source for, never in code, nor in a link, where a button could not stand.
//!
//! Must not know: what the sources are.

use super::{Inline, Node};
use std::mem;

/// A mark longer than this is text: a search for its end must end.
const LONGEST: usize = 24;

/// Makes the marks of the sources 1 to `sources` nodes of their own.
pub fn cite(nodes: &mut [Node], sources: u32) {
    if sources == 0 {
        return;
    }
    for node in nodes {
        match node {
            Node::Paragraph(line) | Node::Heading(_, line) => cite_line(line, sources),
            Node::Quote(inner) => cite(inner, sources),
            Node::List(_, items) => items.iter_mut().for_each(|item| cite(item, sources)),
            Node::Table(head, rows) => {
                let cells = head.iter_mut().chain(rows.iter_mut().flatten());
                cells.for_each(|cell| cite_line(cell, sources));
            }
            _ => {}
        }
    }
}

fn cite_line(line: &mut Vec<Inline>, sources: u32) {
    for mut inline in mem::take(line) {
        match &mut inline {
            Inline::Text(text) => {
                split(text, sources, line);
                continue;
            }
            Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Struck(inner) => {
                cite_line(inner, sources);
            }
            _ => {}
        }
        line.push(inline);
    }
}

/// A text, with the marks in it as nodes, behind what is there.
fn split(text: &str, sources: u32, line: &mut Vec<Inline>) {
    // Where what is not taken yet begins, and where the next mark is looked for.
    let (mut rest, mut from) = (0, 0);
    let piece = |from: usize, to: usize| {
        let text = text.get(from..to).filter(|text| !text.is_empty());
        text.map(|text| Inline::Text(text.to_owned()))
    };
    while let Some(at) = text.get(from..).and_then(|rest| rest.find('[')) {
        let open = from + at;
        from = open + 1;
        if let Some((numbers, length)) = text.get(from..).and_then(|inner| numbers(inner, sources)) {
            line.extend(piece(rest, open));
            line.extend(numbers.into_iter().map(Inline::Source));
            from += length;
            rest = from;
        }
    }
    line.extend(piece(rest, text.len()));
}

/// The numbers before a `]`, and how long they are with it; `None` where anything else stands there.
fn numbers(inner: &str, sources: u32) -> Option<(Vec<u32>, usize)> {
    let end = inner.bytes().take(LONGEST).position(|byte| byte == b']')?;
    let number = |word: &str| {
        let number: u32 = word.trim().parse().ok()?;
        (1..=sources).contains(&number).then_some(number)
    };
    let numbers: Option<Vec<u32>> = inner.get(..end)?.split(',').map(number).collect();
    Some((numbers?, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown::parse;

    /// An answer's nodes, its marks found: `‹1›` stands for a source.
    fn cited(source: &str, sources: u32) -> String {
        fn write(line: &[Inline], text: &mut String) {
            for inline in line {
                match inline {
                    Inline::Text(words) => text.push_str(words),
                    Inline::Code(code) => text.push_str(&format!("`{code}`")),
                    Inline::Source(number) => text.push_str(&format!("‹{number}›")),
                    Inline::Strong(inner) | Inline::Emphasis(inner) => write(inner, text),
                    Inline::Link(_, inner) => {
                        text.push('<');
                        write(inner, text);
                        text.push('>');
                    }
                    other => text.push_str(&format!("{other:?}")),
                }
            }
        }
        let mut nodes = parse(source);
        cite(&mut nodes, sources);
        let mut text = String::new();
        for node in &nodes {
            match node {
                Node::Paragraph(line) | Node::Heading(_, line) => write(line, &mut text),
                Node::List(_, items) => {
                    for item in items.iter().flatten() {
                        let Node::Paragraph(line) = item else { continue };
                        write(line, &mut text);
                    }
                }
                other => text.push_str(&format!("{other:?}")),
            }
        }
        text
    }

    #[test]
    fn marks_of_known_sources_are_found_wherever_text_stands() {
        assert_eq!(cited("It lasts 27 months [1].", 2), "It lasts 27 months ‹1›.");
        assert_eq!(cited("Both [1][2] say **so [2]**.", 2), "Both ‹1›‹2› say so ‹2›.");
        assert_eq!(cited("[1, 2] and [ 2 ]", 2), "‹1›‹2› and ‹2›");
        assert_eq!(cited("- first [1]\n- second [2]", 2), "first ‹1›second ‹2›");
        assert_eq!(cited("# Heading [1]", 1), "Heading ‹1›");
    }

    #[test]
    fn what_is_no_mark_stays_as_it_was_written() {
        for text in ["[3] and [0]", "[1a]", "[]", "[1", "a[ [b]", "[1, x]", "[1,]"] {
            assert_eq!(cited(text, 2), text);
        }
        assert_eq!(cited("It lasts 27 months [1].", 0), "It lasts 27 months [1].");
        assert_eq!(cited("`[1]`", 2), "`[1]`");
        assert_eq!(cited("[[1]](https://example.org)", 2), "<[1]>");
    }

    #[test]
    fn a_line_of_brackets_takes_linear_time() {
        let long = "[".repeat(200_000);
        assert_eq!(cited(&long, 9).len(), long.len());
    }
}
