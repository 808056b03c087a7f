//! Draws Markdown nodes. There is no way from here to raw HTML.

use crate::markdown::{Block, Inline, Node, blocks, parse};
use leptos::prelude::*;

/// An answer's text. While it grows, only its last block is drawn again.
#[component]
pub(crate) fn Markdown(
    /// The source.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    view! {
        <For each=move || text.with(|text| blocks(text)) key=Block::clone let(block)>
            {parse(&block.source).into_iter().map(node).collect_view()}
        </For>
    }
}

fn nodes(nodes: Vec<Node>) -> AnyView {
    nodes.into_iter().map(node).collect_view().into_any()
}

fn inlines(inlines: Vec<Inline>) -> AnyView {
    inlines.into_iter().map(inline).collect_view().into_any()
}

fn node(node: Node) -> AnyView {
    match node {
        Node::Paragraph(line) => view! { <p>{inlines(line)}</p> }.into_any(),
        // The page has its own first heading.
        Node::Heading(1, line) => view! { <h2>{inlines(line)}</h2> }.into_any(),
        Node::Heading(2, line) => view! { <h3>{inlines(line)}</h3> }.into_any(),
        Node::Heading(3, line) => view! { <h4>{inlines(line)}</h4> }.into_any(),
        Node::Heading(_, line) => view! { <h5>{inlines(line)}</h5> }.into_any(),
        Node::Code(language, code) => view! {
            <figure class="code">
                {(!language.is_empty()).then(|| view! { <figcaption>{language}</figcaption> })}
                <pre tabindex="0"><code>{code}</code></pre>
            </figure>
        }
        .into_any(),
        Node::Quote(inner) => view! { <blockquote>{nodes(inner)}</blockquote> }.into_any(),
        Node::List(None, list) => view! { <ul>{list.into_iter().map(item).collect_view()}</ul> }.into_any(),
        Node::List(Some(first), list) => {
            view! { <ol start=first.to_string()>{list.into_iter().map(item).collect_view()}</ol> }.into_any()
        }
        Node::Table(head, rows) => table(head, rows),
        Node::Rule => view! { <hr/> }.into_any(),
    }
}

fn item(inner: Vec<Node>) -> AnyView {
    // An item of one line is that line: no paragraph's space around it.
    match <[Node; 1]>::try_from(inner) {
        Ok([Node::Paragraph(line)]) => view! { <li>{inlines(line)}</li> }.into_any(),
        Ok([other]) => view! { <li>{node(other)}</li> }.into_any(),
        Err(inner) => view! { <li>{nodes(inner)}</li> }.into_any(),
    }
}

fn table(head: Vec<Vec<Inline>>, rows: Vec<Vec<Vec<Inline>>>) -> AnyView {
    let row = |cells: Vec<Vec<Inline>>| {
        let cells = cells.into_iter().map(|cell| view! { <td>{inlines(cell)}</td> }).collect_view();
        view! { <tr>{cells}</tr> }
    };
    view! {
        <div class="table" tabindex="0" role="group" aria-label="Table">
            <table>
                <thead>
                    <tr>{head.into_iter().map(|cell| view! { <th scope="col">{inlines(cell)}</th> }).collect_view()}</tr>
                </thead>
                <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn inline(inline: Inline) -> AnyView {
    match inline {
        Inline::Text(text) => text.into_any(),
        Inline::Code(code) => view! { <code>{code}</code> }.into_any(),
        Inline::Emphasis(inner) => view! { <em>{inlines(inner)}</em> }.into_any(),
        Inline::Strong(inner) => view! { <strong>{inlines(inner)}</strong> }.into_any(),
        Inline::Struck(inner) => view! { <del>{inlines(inner)}</del> }.into_any(),
        Inline::Break => view! { <br/> }.into_any(),
        Inline::Task(done) => {
            let (mark, word) = if done { ("☑ ", "done: ") } else { ("☐ ", "open: ") };
            view! { <span aria-hidden="true">{mark}</span><span class="unseen">{word}</span> }.into_any()
        }
        Inline::Link(target, inner) => {
            // Where it leads is said, unless it is what the link reads.
            let says_so = matches!(inner.as_slice(), [Inline::Text(text)] if text.contains(&target.host));
            let host = (!says_so).then(|| view! { <span class="link__host">" (" {target.host.clone()} ")"</span> });
            view! {
                <a href=target.href rel="noopener noreferrer nofollow" target="_blank" title=target.host>
                    {inlines(inner)}
                    {host}
                </a>
            }
            .into_any()
        }
    }
}
