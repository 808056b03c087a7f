//! One line of the list: a heading, or a conversation with what can be done with it.

use super::list::{Doing, List};
use crate::{
    data::{Line, Snippet},
    net::browser,
    state::history::Row,
};
use leptos::prelude::*;

/// The line.
#[component]
pub(super) fn RowView(row: Row, list: List) -> impl IntoView {
    match row {
        Row::Day(day) => view! { <li class="history__day"><h2>{day.word()}</h2></li> }.into_any(),
        Row::Line(line) => conversation(line, list).into_any(),
    }
}

fn conversation(line: Line, list: List) -> impl IntoView {
    let Line {
        id,
        title,
        chatbot_name,
        pinned,
        running,
        found,
        ..
    } = line;
    let title = title.unwrap_or_else(|| format!("Chat with {chatbot_name}"));
    let here = Signal::derive(move || (list.current.get() == Some(id)).then_some("page"));
    let unread = Memo::new(move |_| !running && list.unread.with(|unread| unread.contains(&id)));
    let doing = Memo::new(move |_| list.doing.get().filter(|(of, _)| *of == id).map(|(_, doing)| doing));
    let gone = Memo::new(move |_| list.gone.get() == Some(id));
    let expanded = Signal::derive(move || if doing.get().is_some() { "true" } else { "false" });
    // What is seen as a dot is heard as words.
    let mark = Signal::derive(move || match (running, unread.get()) {
        (true, _) => Some(" (an answer is being written)"),
        (_, true) => Some(" (new answer)"),
        _ => None,
    });
    let state = Signal::derive(move || match (running, unread.get()) {
        (true, _) => Some("running"),
        (_, true) => Some("unread"),
        _ => None,
    });
    let away = Signal::derive(move || gone.get() || doing.get() == Some(Doing::Renaming));
    let snippet = found.map(|found| {
        let pieces: Vec<AnyView> = found.snippet.into_iter().map(piece).collect();
        view! { <span class="history__snippet">{pieces}</span> }
    });
    let instead = {
        let title = title.clone();
        move || match (gone.get(), doing.get()) {
            (true, _) => Some(deleted().into_any()),
            (_, Some(Doing::Renaming)) => Some(field(title.clone()).into_any()),
            (_, Some(Doing::Tools)) => Some(tools(pinned).into_any()),
            _ => None,
        }
    };
    view! {
        <li class="history__item" data-line=id.to_string() data-mark=state>
            <div class="history__row" hidden=away>
                <a class="history__line" href=format!("/c/{id}") title=title.clone() aria-current=here>
                    <span class="history__title">{title.clone()}</span>
                    <span class="unseen">{mark}</span>
                    {snippet}
                </a>
                <button
                    type="button"
                    class="icon-button history__menu"
                    data-do="menu"
                    aria-expanded=expanded
                    aria-label=format!("Options for {title}")
                >
                    <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 12h.01M12 12h.01M18 12h.01"></path></svg>
                </button>
            </div>
            {instead}
        </li>
    }
}

fn piece(piece: Snippet) -> AnyView {
    if piece.matched {
        view! { <mark>{piece.text}</mark> }.into_any()
    } else {
        piece.text.into_any()
    }
}

fn tools(pinned: bool) -> impl IntoView {
    let pin = if pinned { "Unpin" } else { "Pin" };
    view! {
        <div class="history__tools">
            <button type="button" class="button button--quiet" data-do="pin">{pin}</button>
            <button type="button" class="button button--quiet" data-do="rename">"Rename"</button>
            <button type="button" class="button button--quiet" data-do="delete">"Delete"</button>
        </div>
    }
}

fn deleted() -> impl IntoView {
    view! {
        <div class="history__gone">
            <span>"Deleted"</span>
            <button type="button" class="button button--quiet" data-do="undo">"Undo"</button>
        </div>
    }
}

fn field(title: String) -> impl IntoView {
    // When it is in the document.
    Effect::new(|| browser::select(".history__field"));
    view! {
        <input
            class="history__field"
            value=title
            maxlength="200"
            aria-label="New title. Enter keeps it, Escape leaves it as it was."
            autocomplete="off"
            enterkeyhint="done"
        />
    }
}
