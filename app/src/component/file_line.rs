//! A line of a chatbot's documents: a document, or a file on its way to become one. Its buttons are plain markup, heard by
//! the list ([`Desk::pressed`]).

use crate::{
    data::Paper,
    live::desk::{Desk, Sending},
    state::papers,
};
use leptos::prelude::*;

/// One line of the list, whatever it is of: one type of view.
fn line(
    name: String,
    state: Signal<&'static str>,
    words: Signal<String>,
    about: Signal<String>,
    part: Signal<Option<u32>>,
    buttons: AnyView,
) -> AnyView {
    let no_part = Signal::derive(move || part.get().is_none());
    let value = Signal::derive(move || part.get().unwrap_or_default().to_string());
    view! {
        <li class="file" data-state=state>
            <div class="file__words">
                <p class="file__name">{name.clone()}</p>
                <p class="file__state">{words}</p>
                <p class="file__about">{about}</p>
                <progress class="file__part" max="100" value=value hidden=no_part aria-label=name></progress>
            </div>
            <div class="file__buttons">{buttons}</div>
        </li>
    }
    .into_any()
}

/// A file that is not a document yet.
pub(crate) fn sending_line(sending: Sending) -> AnyView {
    let Sending {
        key,
        name,
        sent,
        refused,
    } = sending;
    let state = Signal::derive(move || {
        if refused.with(Option::is_some) {
            "failed"
        } else {
            "busy"
        }
    });
    let words = Signal::derive(move || match (refused.get(), sent.get()) {
        (Some(why), _) => format!("Not taken. {why}"),
        (None, None) => "Waiting to be sent".to_owned(),
        (None, Some(100)) => "Being stored…".to_owned(),
        (None, Some(part)) => format!("Sending, {part} %"),
    });
    let part = Signal::derive(move || sent.get().filter(|_| refused.with(Option::is_none)));
    let dismiss = format!("Dismiss {name}");
    let busy = Signal::derive(move || refused.with(Option::is_none));
    let buttons = view! {
        <button
            type="button"
            class="icon-button"
            data-act="dismiss"
            data-id=key.to_string()
            aria-label=dismiss
            title="Dismiss"
            hidden=busy
        >
            <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 6l12 12M18 6L6 18"></path></svg>
        </button>
    };
    let about = Signal::derive(String::new);
    line(name, state, words, about, part, buttons.into_any())
}

/// A document.
pub(crate) fn paper_line(desk: Desk, paper: Paper) -> AnyView {
    let Paper { id, name, .. } = paper;
    let Desk { bot, papers, .. } = desk;
    let of = move |look: fn(&Paper) -> String| {
        Signal::derive(move || {
            let found = |papers: &Vec<Paper>| papers.iter().find(|paper| paper.id == id).map(look);
            papers.with(found).unwrap_or_default()
        })
    };
    let state = Signal::derive(move || {
        let found = |papers: &Vec<Paper>| papers.iter().find(|paper| paper.id == id).map(papers::state);
        papers.with(found).unwrap_or("busy")
    });
    let part = Signal::derive(move || {
        let found = |papers: &Vec<Paper>| papers.iter().find(|paper| paper.id == id).map(papers::per_cent);
        papers.with(found).flatten()
    });
    let buttons = view! {
        <button
            type="button"
            class="icon-button"
            data-act="anew"
            data-id=id.to_string()
            aria-label=format!("Read {name} again")
            title="Read again"
        >
            <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M19 13a7 7 0 1 1-2-6l2 2M19 4v5h-5"></path></svg>
        </button>
        <a
            class="icon-button"
            href=format!("/bot/{bot}/document/{id}/file")
            download
            aria-label=format!("Download {name}")
            title="Download"
        >
            <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 4v11M7 10l5 5 5-5M5 20h14"></path></svg>
        </a>
        <button
            type="button"
            class="icon-button"
            data-act="delete"
            data-id=id.to_string()
            aria-label=format!("Delete {name}")
            title="Delete"
        >
            <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13"></path></svg>
        </button>
    };
    line(
        name,
        state,
        of(papers::words),
        of(papers::about),
        part,
        buttons.into_any(),
    )
}
