//! One line of the list: a heading, or a conversation with what can be done with it. Plain markup, drawn anew when
//! something about the line changes.

use super::list::{Doing, State};
use crate::{
    component::inert::{Inert, Part},
    data::{Found, Line, Snippet},
    state::history::{Row, rows},
    text,
};
use wire::ConversationId;

/// All lines, from the top.
pub(super) fn drawn(state: &State) -> Vec<Inert> {
    let rows = rows(&state.lines, state.clock, state.searched).into_iter();
    let row = |row| match row {
        Row::Day(day) => {
            let heading = Inert::new("h2", vec![said(day.word())]);
            Inert::new("li", vec![Part::Inert(heading)]).with("class", "history__day")
        }
        Row::Line(line) => conversation(line, state),
    };
    rows.map(row).collect()
}

fn said(text: impl Into<String>) -> Part {
    Part::Text(text.into())
}

fn classed(tag: &'static str, class: &str, parts: Vec<Part>) -> Inert {
    Inert::new(tag, parts).with("class", class)
}

/// A button that the list hears.
fn button(does: &str, word: &str) -> Part {
    let button = classed("button", "button button--quiet", vec![said(word)]);
    Part::Inert(button.with("type", "button").with("data-do", does))
}

fn conversation(line: Line, state: &State) -> Inert {
    let id = line.id;
    let doing = state.doing.filter(|(of, _)| *of == id).map(|(_, doing)| doing);
    let gone = state.gone == Some(id);
    let unread = !line.running && state.unread.contains(&id);
    // What is seen as a dot is heard as words.
    let mark = match (line.running, unread) {
        (true, _) => Some(("running", text::line_running())),
        (_, true) => Some(("unread", text::line_unread())),
        _ => None,
    };
    let title = line.title.unwrap_or_else(|| text::chat_with(&line.chatbot_name));
    let parts =
        match (gone, doing) {
            (true, _) => {
                let word = Part::Inert(Inert::new("span", vec![said(text::line_deleted())]));
                vec![Part::Inert(classed(
                    "div",
                    "history__gone",
                    vec![word, button("undo", text::undo())],
                ))]
            }
            (_, Some(Doing::Renaming)) => {
                let field = classed("input", "history__field", Vec::new())
                    .with("value", title)
                    .with("maxlength", "200")
                    .with("aria-label", text::rename_field())
                    .with("dir", "auto")
                    .with("autocomplete", "off")
                    .with("enterkeyhint", "done");
                vec![Part::Inert(field)]
            }
            (_, doing) => {
                let here = state.current == Some(id);
                let href = address(id, line.found.as_ref(), &state.bot);
                let mut inner = vec![Part::Inert(
                    classed("span", "history__title", vec![said(&title)]).with("dir", "auto"),
                )];
                inner.extend(mark.map(|(_, words)| {
                    Part::Inert(classed("span", "unseen", vec![said(format!(" {words}"))]))
                }));
                inner.extend(line.found.map(|found| {
                    let snippet = found.snippet.into_iter().map(piece).collect();
                    Part::Inert(classed("span", "history__snippet", snippet).with("dir", "auto"))
                }));
                let mut link = classed("a", "history__line", inner)
                    .with("href", href)
                    .with("title", &title);
                if here {
                    link = link.with("aria-current", "page");
                }
                // The dots are the style sheet's.
                let menu = classed("button", "icon-button history__menu", Vec::new())
                    .with("type", "button")
                    .with("data-do", "menu")
                    .with("aria-expanded", if doing.is_some() { "true" } else { "false" })
                    .with("aria-label", text::line_options(&title));
                let row = classed("div", "history__row", vec![Part::Inert(link), Part::Inert(menu)]);
                let mut parts = vec![Part::Inert(row)];
                if doing.is_some() {
                    let tools = vec![
                        button("pin", if line.pinned { text::unpin() } else { text::pin() }),
                        button("rename", text::rename()),
                        button("delete", text::delete()),
                    ];
                    parts.push(Part::Inert(classed("div", "history__tools", tools)));
                }
                parts
            }
        };
    let item = classed("li", "history__item", parts).with("data-line", id.to_string());
    match mark {
        Some((mark, _)) => item.with("data-mark", mark),
        None => item,
    }
}

/// Where a line leads: to what was found in it, and to a page whose list is of the same chatbot.
fn address(id: ConversationId, found: Option<&Found>, bot: &str) -> String {
    let mut address = format!("/c/{id}");
    if let Some(found) = found {
        address.push_str(&format!("?message={}", found.message_id));
    }
    if !bot.is_empty() {
        address.push(if found.is_some() { '&' } else { '?' });
        address.push_str("bot=");
        address.push_str(bot);
    }
    address
}

fn piece(piece: Snippet) -> Part {
    if piece.matched {
        Part::Inert(Inert::new("mark", vec![said(piece.text)]))
    } else {
        said(piece.text)
    }
}
