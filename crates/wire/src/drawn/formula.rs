//! A formula as typed nodes: MathML's presentation elements and a few harmless attributes, from a list. Everything else
//! is refused or left out; there is no way from a text through here to another element, to an address or to a style.
//!
//! The reader is for MathML as our server writes it and as TeX converters write it: no comments, no CDATA, no entities
//! but the five that matter.

/// Elements that a formula can have.
const ELEMENTS: [&str; 23] = [
    "math",
    "mrow",
    "mi",
    "mn",
    "mo",
    "mtext",
    "mspace",
    "mfrac",
    "msqrt",
    "mroot",
    "msub",
    "msup",
    "msubsup",
    "munder",
    "mover",
    "munderover",
    "mtable",
    "mtr",
    "mtd",
    "mstyle",
    "mpadded",
    "mphantom",
    "menclose",
];
/// Attributes that they can have, where the value is plain.
const ATTRIBUTES: [&str; 21] = [
    "display",
    "displaystyle",
    "scriptlevel",
    "stretchy",
    "symmetric",
    "fence",
    "separator",
    "largeop",
    "movablelimits",
    "accent",
    "accentunder",
    "mathvariant",
    "linethickness",
    "width",
    "height",
    "depth",
    "lspace",
    "rspace",
    "minsize",
    "maxsize",
    "class",
];
/// Deeper than this nobody can read.
const DEPTH: usize = 64;
/// Longer than this is no formula.
pub const BYTES: usize = 64 * 1024;
const VALUE_BYTES: usize = 64;

/// A part of a formula.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// What is read.
    Text(String),
    /// An element around other parts.
    Element(Element),
}

/// An element of a formula.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// One of a list.
    pub tag: &'static str,
    /// Their names are of a list, too.
    pub attributes: Vec<(&'static str, String)>,
    /// What is in it.
    pub parts: Vec<Part>,
}

/// Reads a formula: one `<math>` element. `None`: it is none, it is too large, or it has an element that is not on the
/// list. An attribute that is not is left out.
pub fn read(text: &str) -> Option<Element> {
    if text.len() > BYTES {
        return None;
    }
    let mut open: Vec<Element> = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        if let Some(behind) = rest.strip_prefix("</") {
            let (tag, behind) = behind.split_once('>')?;
            let element = open.pop().filter(|element| element.tag == tag)?;
            match open.last_mut() {
                Some(parent) => parent.parts.push(Part::Element(element)),
                None => return (element.tag == "math" && behind.is_empty()).then_some(element),
            }
            rest = behind;
        } else if is_tag(rest) {
            let (element, closed, behind) = opening(rest.get(1..)?)?;
            // There is one root, and it is a formula.
            if open.is_empty() != (element.tag == "math") || open.len() >= DEPTH {
                return None;
            }
            if closed {
                open.last_mut()?.parts.push(Part::Element(element));
            } else {
                open.push(element);
            }
            rest = behind;
        } else {
            let end = rest
                .char_indices()
                .skip(1)
                .find(|(at, c)| *c == '<' && rest.get(*at..).is_some_and(is_tag))
                .map_or(rest.len(), |(at, _)| at);
            let (words, behind) = rest.split_at_checked(end)?;
            open.last_mut()?.parts.push(Part::Text(unescape(words)));
            rest = behind;
        }
    }
    None
}

/// Whether a tag begins here. Converters write `<mo><</mo>`.
fn is_tag(text: &str) -> bool {
    let behind = text
        .strip_prefix('<')
        .map(|text| text.strip_prefix('/').unwrap_or(text));
    behind.is_some_and(|text| text.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// The element whose opening tag begins here, behind its `<`; whether that closes it, too; and what is behind it.
fn opening(text: &str) -> Option<(Element, bool, &str)> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric())?;
    let (name, mut rest) = text.split_at_checked(end)?;
    let mut element = Element {
        tag: known(&ELEMENTS, name)?,
        attributes: Vec::new(),
        parts: Vec::new(),
    };
    loop {
        rest = rest.trim_start();
        if let Some(behind) = rest.strip_prefix("/>") {
            return Some((element, true, behind));
        }
        if let Some(behind) = rest.strip_prefix('>') {
            return Some((element, false, behind));
        }
        let (name, behind) = rest.split_once("=\"")?;
        if name.contains(['<', '>']) {
            return None;
        }
        let (value, behind) = behind.split_once('"')?;
        if let Some(name) = known(&ATTRIBUTES, name.trim()).filter(|_| is_plain(value)) {
            element.attributes.push((name, value.to_owned()));
        }
        rest = behind;
    }
}

fn known(list: &[&'static str], name: &str) -> Option<&'static str> {
    list.iter().find(|known| **known == name).copied()
}

/// A word, a number, a length.
fn is_plain(value: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '%' | '+' | '-' | ' ');
    value.len() <= VALUE_BYTES && value.chars().all(plain)
}

fn unescape(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    // The ampersand last: `&amp;lt;` is `&lt;`.
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&nbsp;", "\u{a0}"),
        ("&amp;", "&"),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (name, c)| text.replace(name, c))
}

/// Writes a formula, such that [`read`] gives it back.
pub fn write(element: &Element) -> String {
    let mut text = String::new();
    put(element, &mut text);
    text
}

fn put(element: &Element, text: &mut String) {
    text.push('<');
    text.push_str(element.tag);
    for (name, value) in &element.attributes {
        text.extend([" ", *name, "=\"", value.as_str(), "\""]);
    }
    text.push('>');
    for part in &element.parts {
        match part {
            Part::Text(words) => {
                text.push_str(
                    &words
                        .replace('&', "&amp;")
                        .replace('<', "&lt;")
                        .replace('>', "&gt;"),
                );
            }
            Part::Element(inner) => put(inner, text),
        }
    }
    text.extend(["</", element.tag, ">"]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_comes_back_as_it_was_written() {
        let text = "<math display=\"block\"><mfrac><mi>a</mi><mn>2</mn></mfrac><mo>&lt;</mo><mspace width=\"1em\"></mspace>\
                    <mtext>a &amp;amp; b</mtext></math>";
        let read_once = read(text).unwrap();
        assert_eq!(write(&read_once), text);
        assert_eq!(read(&write(&read_once)), Some(read_once));
    }

    #[test]
    fn what_converters_write_is_read() {
        let text = "<math display=\"inline\"><mi>a</mi><mo><</mo><mo stretchy=\"true\"minsize=\"1.2em\">(</mo><mspace width=\"1em\" /></math>";
        assert_eq!(
            write(&read(text).unwrap()),
            "<math display=\"inline\"><mi>a</mi><mo>&lt;</mo><mo stretchy=\"true\" minsize=\"1.2em\">(</mo>\
             <mspace width=\"1em\"></mspace></math>"
        );
    }

    #[test]
    fn what_is_not_on_the_list_is_refused_or_left_out() {
        for hostile in [
            "",
            "x",
            "<mi>x</mi>",
            "<math>",
            "<math></mrow>",
            "<math></math><math></math>",
            "<math><math></math></math>",
            "<math><script>alert(1)</script></math>",
            "<math><a href=\"javascript:alert(1)\">x</a></math>",
            "<math><annotation-xml encoding=\"text/html\"><img></annotation-xml></math>",
            "<math><maction actiontype=\"statusline\">x</maction></math>",
            "<math><mglyph src=\"https://evil.example/\"/></math>",
            "<math><mi onclick=alert(1)>x</mi></math>",
            "<math/>",
            "<MATH></MATH>",
        ] {
            assert_eq!(read(hostile), None, "{hostile}");
        }
        let dressed = "<math onclick=\"alert(1)\" href=\"https://evil.example\" style=\"color:red\" class=\"a\">\
                       <mi xlink:href=\"x\" mathvariant=\"url(x)\" width=\"1em\">&lt;img></mi></math>";
        assert_eq!(
            write(&read(dressed).unwrap()),
            "<math class=\"a\"><mi width=\"1em\">&lt;img&gt;</mi></math>"
        );
    }

    #[test]
    fn nesting_and_length_have_an_end() {
        let deep = |levels| {
            format!(
                "<math>{}x{}</math>",
                "<mrow>".repeat(levels),
                "</mrow>".repeat(levels)
            )
        };
        assert!(read(&deep(60)).is_some());
        assert_eq!(read(&deep(10_000)), None);
        assert_eq!(read(&format!("<math>{}</math>", "x".repeat(BYTES))), None);
    }
}
