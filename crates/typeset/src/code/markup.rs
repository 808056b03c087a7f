//! HTML, XML and what is like them: tags and their attributes; the scripts and styles between them as what they are.

use super::{
    Runs,
    language::language,
    scan::{self, is_word},
};
use wire::drawn::Ink;

pub(super) fn scan(text: &str, runs: &mut Runs) {
    let mut rest = text;
    while !rest.is_empty() {
        rest = if let Some(behind) = rest.strip_prefix("<!--") {
            let end = behind.find("-->").map_or(rest.len(), |end| end + 7);
            take(rest, end, Ink::Comment, runs)
        } else if rest.starts_with("<!") || rest.starts_with("<?") {
            let end = rest.find('>').map_or(rest.len(), |end| end + 1);
            take(rest, end, Ink::Meta, runs)
        } else if is_tag(rest) {
            tag(rest, runs)
        } else if rest.starts_with('&') && is_entity(rest) {
            let end = rest.find(';').map_or(1, |end| end + 1);
            take(rest, end, Ink::Literal, runs)
        } else {
            let first = rest.chars().next().map_or(1, char::len_utf8);
            let behind = rest.get(first..).unwrap_or_default();
            let end = behind.find(['<', '&']).map_or(rest.len(), |end| end + first);
            take(rest, end, Ink::Plain, runs)
        };
    }
}

/// Notes a piece and gives what is behind it.
fn take<'a>(rest: &'a str, length: usize, ink: Ink, runs: &mut Runs) -> &'a str {
    let (piece, behind) = rest.split_at_checked(length).unwrap_or((rest, ""));
    runs.add(ink, piece);
    behind
}

fn is_tag(rest: &str) -> bool {
    let behind = rest.strip_prefix("</").or_else(|| rest.strip_prefix('<'));
    behind.is_some_and(|rest| rest.starts_with(char::is_alphabetic))
}

fn is_entity(rest: &str) -> bool {
    let end = rest.bytes().take(12).position(|byte| byte == b';');
    end.and_then(|end| rest.get(1..end))
        .is_some_and(|name| !name.is_empty() && name.chars().all(|c| is_word(c) || c == '#'))
}

fn is_name(c: char) -> bool {
    is_word(c) || matches!(c, '-' | ':' | '.' | '@' | '#')
}

/// A tag to its end, and what is in it when that is another language.
fn tag<'a>(rest: &'a str, runs: &mut Runs) -> &'a str {
    let mark = if rest.starts_with("</") { 2 } else { 1 };
    let name = rest.get(mark..).unwrap_or_default();
    let name = name
        .get(..name.find(|c| !is_name(c)).unwrap_or(name.len()))
        .unwrap_or_default();
    let mut rest = take(rest, mark, Ink::Plain, runs);
    rest = take(rest, name.len(), Ink::Type, runs);
    while let Some(c) = rest.chars().next() {
        rest = match c {
            '>' => {
                let behind = take(rest, 1, Ink::Plain, runs);
                let inner = if mark == 1 { inner(name) } else { None };
                return match inner {
                    Some(inner) => other(behind, name, inner, runs),
                    None => behind,
                };
            }
            '"' | '\'' => {
                let behind = rest.get(1..).unwrap_or_default();
                let end = behind.find(c).map_or(rest.len(), |end| end + 2);
                take(rest, end, Ink::String, runs)
            }
            c if is_name(c) => {
                let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
                take(rest, end, Ink::Property, runs)
            }
            // It was no tag.
            '<' => return rest,
            c => take(rest, c.len_utf8(), Ink::Plain, runs),
        };
    }
    rest
}

fn inner(name: &str) -> Option<&'static str> {
    match name {
        "script" => Some("js"),
        "style" => Some("css"),
        _ => None,
    }
}

/// What is between this tag and its end, in another language.
fn other<'a>(rest: &'a str, tag: &str, name: &str, runs: &mut Runs) -> &'a str {
    let end = rest.find(&format!("</{tag}")).unwrap_or(rest.len());
    let (inner, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
    match language(name) {
        Some(language) => scan::scan(language, inner, runs),
        None => runs.add(Ink::Plain, inner),
    }
    behind
}
