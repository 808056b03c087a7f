//! Draws Markdown nodes. There is no way from here to raw HTML: what is drawn is a tree of our own elements around text.
//!
//! How code and formulas are drawn comes from the server with the finished message ([`wire::drawn`]); until then, and
//! where nothing comes, they are shown as they were written.

use super::{
    inert::{Inert, Part},
    sources::chip,
};
use crate::{
    markdown::{Block, Inline, Marks, Node, blocks, cite, parse},
    state::transcript::{Entry, EntryKey},
    text as words,
};
use leptos::prelude::*;
use wire::drawn::{Drawn, Ink, Kind, fingerprint, formula, runs};

/// What stands in a block that the server may have a drawing for: a fence, or a formula. The end of an answer draws those
/// again, and no others: all of a long answer is more than a phone does between two frames.
const DRAWN: [&str; 4] = ["```", "~~~", "$", "\\"];

/// An answer's text. While it grows, only its last block is drawn again.
#[component]
pub(crate) fn Markdown(
    /// The answer: its text is the source, and the marks of what it rests on become buttons.
    entry: ArcRwSignal<Entry>,
) -> impl IntoView {
    // A block is drawn again when there is something new to draw it by.
    let read = entry.clone();
    let all = move || {
        read.with(|entry| {
            let sources = entry.sources.iter().map(|source| source.number).max();
            let anew = |block: Block| {
                let anew = !entry.drawn.is_empty() && DRAWN.iter().any(|mark| block.source.contains(mark));
                (block, anew, sources.unwrap_or_default())
            };
            blocks(&entry.text).into_iter().map(anew).collect::<Vec<_>>()
        })
    };
    view! {
        <For each=all key=Clone::clone let(block)>
            {
                let mut parsed = parse(&block.0.source);
                cite(&mut parsed, block.2);
                entry.with_untracked(|entry| Pen(&entry.drawn, entry.key).nodes(parsed))
            }
        </For>
    }
}

/// A text that no signal holds: it has no drawings, and names no sources.
#[cfg(feature = "ssr")]
pub(crate) fn plain(source: &str) -> Vec<Part> {
    // Its footnotes are those of no message.
    let pen = Pen(&[], EntryKey::numbered(u32::MAX));
    let blocks = blocks(source).into_iter();
    blocks.flat_map(|block| pen.parts(parse(&block.source))).collect()
}

fn element(tag: &'static str, parts: Vec<Part>) -> Part {
    Part::Inert(Inert::new(tag, parts))
}

fn classed(tag: &'static str, class: &str, parts: Vec<Part>) -> Part {
    Part::Inert(Inert::new(tag, parts).with("class", class))
}

fn text(text: impl Into<String>) -> Part {
    Part::Text(text.into())
}

/// It scrolls by itself, so the keyboard must reach it.
fn scrolling(inert: Inert) -> Inert {
    inert.with("tabindex", "0")
}

/// Draws, with the drawings at hand, and in this message: footnotes have names in the document.
#[derive(Clone, Copy)]
struct Pen<'a>(&'a [Drawn], EntryKey);

impl<'a> Pen<'a> {
    fn drawing(self, kind: Kind<'_>, text: &str) -> Option<&'a str> {
        if self.0.is_empty() {
            return None;
        }
        let of = fingerprint(kind, text);
        let found = self.0.iter().find(|drawn| drawn.of == of)?;
        Some(&found.how)
    }

    /// What a footnote is called in the document, and its mark in the text.
    fn names(self, name: &str) -> (String, String) {
        let message = self.1.number();
        (format!("note-{message}-{name}"), format!("mark-{message}-{name}"))
    }

    fn nodes(self, nodes: Vec<Node>) -> Vec<Inert> {
        nodes.into_iter().map(|node| self.node(node)).collect()
    }

    fn parts(self, nodes: Vec<Node>) -> Vec<Part> {
        self.nodes(nodes).into_iter().map(Part::Inert).collect()
    }

    fn inlines(self, inlines: Vec<Inline>) -> Vec<Part> {
        inlines.into_iter().map(|inline| self.inline(inline)).collect()
    }

    fn node(self, node: Node) -> Inert {
        match node {
            Node::Paragraph(line) => Inert::new("p", self.inlines(line)),
            Node::Heading(level, line) => {
                // The page has its own first heading, and each message its second.
                let tag = match level {
                    1 => "h3",
                    2 => "h4",
                    3 => "h5",
                    _ => "h6",
                };
                Inert::new(tag, self.inlines(line))
            }
            Node::Code(language, code) => self.code(&language, code),
            Node::Quote(inner) => Inert::new("blockquote", self.parts(inner)),
            Node::List(first, list) => {
                let items = list.into_iter().map(|item| self.item(item)).collect();
                match first {
                    None => Inert::new("ul", items),
                    Some(first) => Inert::new("ol", items).with("start", first.to_string()),
                }
            }
            Node::Table(head, rows) => {
                let head = element("thead", vec![self.row("th", head)]);
                let body = element(
                    "tbody",
                    rows.into_iter().map(|cells| self.row("td", cells)).collect(),
                );
                let table = element("table", vec![head, body]);
                scrolling(Inert::new("div", vec![table])).with("class", "table")
            }
            Node::Rule => Inert::new("hr", Vec::new()),
            Node::Footnote(name, said) => {
                let (here, mark) = self.names(&name);
                // Back to where it belongs; the style sheet draws the arrow.
                let back = Inert::new("a", vec![text(name)])
                    .with("class", "footnote__name")
                    .with("href", format!("#{mark}"));
                let parts = vec![Part::Inert(back), element("div", self.parts(said))];
                Inert::new("div", parts)
                    .with("id", here)
                    .with("class", "footnote")
                    .with("role", "note")
                    .with("tabindex", "-1")
            }
        }
    }

    fn row(self, tag: &'static str, cells: Vec<Vec<Inline>>) -> Part {
        let cells = cells.into_iter().map(|cell| element(tag, self.inlines(cell)));
        element("tr", cells.collect())
    }

    /// A block of code under its language, with what can be done with it. The words on the buttons are drawn
    /// by the style sheet, from their attributes: who reads the answer's text reads no buttons in it.
    fn code(self, language: &str, code: String) -> Inert {
        let inked = self
            .drawing(Kind::Code(language), &code)
            .and_then(|how| runs(how, &code))
            .map(|runs| runs.into_iter().map(inked).collect());
        let code = element("code", inked.unwrap_or_else(|| vec![text(code)]));
        let button = |act: &str, label: &str, word: &str, then: &str| {
            let button = Inert::new("button", Vec::new());
            Part::Inert(
                button
                    .with("type", "button")
                    .with("data-act", act)
                    .with("data-word", word)
                    .with("data-then", then)
                    .with("aria-label", label),
            )
        };
        let head = vec![
            element("span", vec![text(language)]),
            button(
                "wrap",
                words::code_wrap_label(),
                words::code_wrap(),
                words::code_unwrap(),
            ),
            button(
                "copy-code",
                words::code_copy_label(),
                words::copy(),
                words::copied(),
            ),
        ];
        let pre = Part::Inert(scrolling(Inert::new("pre", vec![code])));
        Inert::new("figure", vec![element("figcaption", head), pre]).with("class", "code")
    }

    fn item(self, mut inner: Vec<Node>) -> Part {
        // An item of one line is that line: no paragraph's space around it.
        match inner.pop() {
            Some(Node::Paragraph(line)) if inner.is_empty() => element("li", self.inlines(line)),
            last => {
                inner.extend(last);
                element("li", self.parts(inner))
            }
        }
    }

    fn inline(self, inline: Inline) -> Part {
        match inline {
            Inline::Text(words) => text(words),
            Inline::Code(code) => element("code", vec![text(code)]),
            Inline::Emphasis(inner) => element("em", self.inlines(inner)),
            Inline::Strong(inner) => element("strong", self.inlines(inner)),
            Inline::Struck(inner) => element("del", self.inlines(inner)),
            Inline::Break => element("br", Vec::new()),
            Inline::Formula(marks, tex) => self.formula(marks, &tex),
            Inline::Source(number) => Part::Inert(chip(number)),
            Inline::Footnote(name) => {
                let (note, here) = self.names(&name);
                let link = Inert::new("a", vec![text(name)])
                    .with("id", here)
                    .with("href", format!("#{note}"));
                element("sup", vec![Part::Inert(link)])
            }
            Inline::Task(done) => {
                let (mark, word) = if done {
                    ("☑ ", words::task_done())
                } else {
                    ("☐ ", words::task_open())
                };
                let mark = Inert::new("span", vec![text(mark)]).with("aria-hidden", "true");
                element(
                    "span",
                    vec![
                        Part::Inert(mark),
                        classed("span", "unseen", vec![text(format!("{word} "))]),
                    ],
                )
            }
            Inline::Link(target, inner) => {
                // Where it leads is said, unless it is what the link reads.
                let says_so = matches!(inner.as_slice(), [Inline::Text(text)] if text.contains(&target.host));
                let mut inner = self.inlines(inner);
                if !says_so {
                    inner.push(classed(
                        "span",
                        "link__host",
                        vec![text(format!(" ({})", target.host))],
                    ));
                }
                let link = Inert::new("a", inner)
                    .with("href", target.href)
                    .with("title", target.host)
                    .with("rel", "noopener noreferrer nofollow")
                    .with("target", "_blank");
                Part::Inert(link)
            }
        }
    }

    fn formula(self, marks: Marks, tex: &str) -> Part {
        let kind = if marks.is_display() {
            Kind::Display
        } else {
            Kind::Inline
        };
        match self.drawing(kind, tex).and_then(formula::read) {
            Some(formula) if marks.is_display() => {
                // A long one scrolls, as a table does.
                let scrolls = scrolling(Inert::new("span", vec![Part::Inert(mathml(formula))]));
                Part::Inert(scrolls.with("class", "formula"))
            }
            Some(formula) => Part::Inert(mathml(formula)),
            None => {
                let source = [marks.open(), tex, marks.close()].concat();
                classed("code", "tex", vec![text(source)])
            }
        }
    }
}

fn inked((ink, piece): (Ink, &str)) -> Part {
    match ink {
        Ink::Plain => text(piece),
        ink => classed(
            "span",
            ["ink-", ink.letter().encode_utf8(&mut [0; 4])].concat().as_str(),
            vec![text(piece)],
        ),
    }
}

fn mathml(element: formula::Element) -> Inert {
    let part = |part| match part {
        formula::Part::Text(words) => text(words),
        formula::Part::Element(inner) => Part::Inert(mathml(inner)),
    };
    let parts = element.parts.into_iter().map(part).collect();
    let inert = Inert::math(element.tag, parts);
    let attributes = element.attributes.into_iter();
    attributes.fold(inert, |inert, (name, value)| inert.with(name, value))
}
