//! Draws Markdown nodes. There is no way from here to raw HTML.

use super::sources::chip;
use crate::{
    markdown::{Block, Inline, Node, blocks, cite, parse},
    state::transcript::Entry,
};
use leptos::{
    prelude::*,
    tachys::html::{attribute::custom::CustomAttribute, element::custom},
};

/// An answer's text. While it grows, only its last block is drawn again.
#[component]
pub(crate) fn Markdown(
    /// The answer: its text is the source, and the marks of what it rests on become buttons.
    entry: ArcRwSignal<Entry>,
) -> impl IntoView {
    let pieces = move || {
        entry.with(|entry| {
            let sources = entry.sources.iter().map(|source| source.number).max();
            let with_sources = |block: Block| (block, sources.unwrap_or_default());
            blocks(&entry.text)
                .into_iter()
                .map(with_sources)
                .collect::<Vec<_>>()
        })
    };
    view! {
        <For each=pieces key=Clone::clone let(piece)>
            {
                let mut parsed = parse(&piece.0.source);
                cite(&mut parsed, piece.1);
                nodes(parsed)
            }
        </For>
    }
}

/// The attributes that an element of an answer can have. All are ours but `href`, `title` and `start`.
#[derive(Default)]
struct Attributes {
    class: Option<&'static str>,
    href: Option<String>,
    title: Option<String>,
    start: Option<String>,
    /// It scrolls by itself, so the keyboard must reach it.
    scrolls: bool,
    /// For eyes only.
    silent: bool,
}

/// Every element of an answer is made here: one type instead of thirty, since wasm is paid by the byte.
fn element(tag: &'static str, attributes: Attributes, children: Vec<AnyView>) -> AnyView {
    let Attributes {
        class,
        href,
        title,
        start,
        scrolls,
        silent,
    } = attributes;
    let link = href.is_some();
    custom(tag)
        .attr("class", class)
        .attr("href", href)
        .attr("title", title)
        .attr("start", start)
        .attr("rel", link.then_some("noopener noreferrer nofollow"))
        .attr("target", link.then_some("_blank"))
        .attr("tabindex", scrolls.then_some("0"))
        .attr("aria-hidden", silent.then_some("true"))
        .child(children)
        .into_any()
}

fn plain(tag: &'static str, children: Vec<AnyView>) -> AnyView {
    element(tag, Attributes::default(), children)
}

fn classed(tag: &'static str, class: &'static str, children: Vec<AnyView>) -> AnyView {
    element(
        tag,
        Attributes {
            class: Some(class),
            ..Attributes::default()
        },
        children,
    )
}

fn text(text: String) -> AnyView {
    text.into_any()
}

fn nodes(nodes: Vec<Node>) -> Vec<AnyView> {
    nodes.into_iter().map(node).collect()
}

fn inlines(inlines: Vec<Inline>) -> Vec<AnyView> {
    inlines.into_iter().map(inline).collect()
}

fn node(node: Node) -> AnyView {
    match node {
        Node::Paragraph(line) => plain("p", inlines(line)),
        Node::Heading(level, line) => {
            // The page has its own first heading, and each message its second.
            let tag = match level {
                1 => "h3",
                2 => "h4",
                3 => "h5",
                _ => "h6",
            };
            plain(tag, inlines(line))
        }
        Node::Code(language, code) => {
            let code = plain("code", vec![text(code)]);
            let scrolls = Attributes {
                scrolls: true,
                ..Attributes::default()
            };
            let mut parts = Vec::new();
            if !language.is_empty() {
                parts.push(plain("figcaption", vec![text(language)]));
            }
            parts.push(element("pre", scrolls, vec![code]));
            classed("figure", "code", parts)
        }
        Node::Quote(inner) => plain("blockquote", nodes(inner)),
        Node::List(None, list) => plain("ul", list.into_iter().map(item).collect()),
        Node::List(Some(first), list) => {
            let start = Attributes {
                start: Some(first.to_string()),
                ..Attributes::default()
            };
            element("ol", start, list.into_iter().map(item).collect())
        }
        Node::Table(head, rows) => {
            let row = |tag, cells: Vec<Vec<Inline>>| {
                plain(
                    "tr",
                    cells.into_iter().map(|cell| plain(tag, inlines(cell))).collect(),
                )
            };
            let head = plain("thead", vec![row("th", head)]);
            let body = plain("tbody", rows.into_iter().map(|cells| row("td", cells)).collect());
            let scrolls = Attributes {
                class: Some("table"),
                scrolls: true,
                ..Attributes::default()
            };
            element("div", scrolls, vec![plain("table", vec![head, body])])
        }
        Node::Rule => leptos::html::hr().into_any(),
    }
}

fn item(mut inner: Vec<Node>) -> AnyView {
    // An item of one line is that line: no paragraph's space around it.
    match inner.pop() {
        Some(Node::Paragraph(line)) if inner.is_empty() => plain("li", inlines(line)),
        last => {
            inner.extend(last);
            plain("li", nodes(inner))
        }
    }
}

fn inline(inline: Inline) -> AnyView {
    match inline {
        Inline::Text(words) => text(words),
        Inline::Code(code) => plain("code", vec![text(code)]),
        Inline::Emphasis(inner) => plain("em", inlines(inner)),
        Inline::Strong(inner) => plain("strong", inlines(inner)),
        Inline::Struck(inner) => plain("del", inlines(inner)),
        Inline::Break => leptos::html::br().into_any(),
        Inline::Source(number) => chip(number).into_any(),
        Inline::Task(done) => {
            let (mark, word) = if done {
                ("☑ ", "done: ")
            } else {
                ("☐ ", "open: ")
            };
            let mark = element(
                "span",
                Attributes {
                    silent: true,
                    ..Attributes::default()
                },
                vec![text(mark.into())],
            );
            plain(
                "span",
                vec![mark, classed("span", "unseen", vec![text(word.into())])],
            )
        }
        Inline::Link(target, inner) => {
            // Where it leads is said, unless it is what the link reads.
            let says_so = matches!(inner.as_slice(), [Inline::Text(text)] if text.contains(&target.host));
            let mut inner = inlines(inner);
            if !says_so {
                inner.push(classed(
                    "span",
                    "link__host",
                    vec![text(format!(" ({})", target.host))],
                ));
            }
            let link = Attributes {
                href: Some(target.href),
                title: Some(target.host),
                ..Attributes::default()
            };
            element("a", link, inner)
        }
    }
}
