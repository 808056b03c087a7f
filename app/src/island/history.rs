//! The user's conversations: by day, the pinned ones first; searched in as one types; renamed, pinned and deleted where
//! they stand.
//!
//! What is drawn in which order is decided by [`crate::state::history`]. The lines are plain markup: one listener on the
//! whole list hears all their buttons ([`List::pressed`]). Parts: `line` draws one, `search` finds, `drawer` is what the
//! list stands in on a phone, `keys` what keys do anywhere on the page, `focus` where the focus is in it.

mod drawer;
mod focus;
mod keys;
mod line;
mod list;
mod search;

use super::News;
#[cfg(feature = "ssr")]
use crate::{component::inert::Inert, data::Line};
use crate::{
    data::{HistoryGiven, given::given},
    net::browser,
    state::history::Clock,
    text,
};
use leptos::{html::Input, prelude::*};
use list::List;
#[cfg(feature = "ssr")]
use list::{Doing, State};
use search::{Search, SearchField};
use std::time::Duration;
#[cfg(feature = "ssr")]
use wire::Timestamp;

/// Lines in every state, for `/design`: the third is on the page, the fourth is unread, the fifth is being renamed, the sixth
/// was deleted just now, the last one's buttons are shown.
#[cfg(feature = "ssr")]
pub(crate) fn specimens(lines: Vec<Line>, now: Timestamp) -> Vec<Inert> {
    let id = |at: usize| lines.get(at).map(|line| line.id);
    let mut state = State {
        current: id(2),
        unread: id(3).into_iter().collect(),
        gone: id(5),
        doing: id(4).map(|id| (id, Doing::Renaming)),
        clock: Clock::of_server(now),
        searched: false,
        bot: String::new(),
        cursor: None,
        said: String::new(),
        lines,
    };
    let mut drawn = line::drawn(&state);
    // With one line at a time something is done.
    state.doing = state.lines.last().map(|line| (line.id, Doing::Tools));
    drawn.extend(line::drawn(&state).pop());
    drawn
}

/// How often the list is read again while an answer is being written in it.
const LOOK: Duration = Duration::from_secs(5);

/// The list.
#[cfg_attr(feature = "csr", component)]
#[cfg_attr(not(feature = "csr"), island)]
pub fn History(
    /// The choice of the chatbot, drawn by the server.
    children: Children,
) -> impl IntoView {
    given().map(|given| history(given, children))
}

fn history(given: HistoryGiven, children: Children) -> impl IntoView {
    let HistoryGiven {
        page,
        current,
        words,
        bot,
        now,
    } = given;
    let failed = page.is_none();
    let searched = !words.is_empty();
    let list = List::new(
        page.unwrap_or_default(),
        current,
        Clock::of_server(now),
        (searched, bot.clone()),
    );
    let search = Search::new(list, words, bot);
    let field = NodeRef::<Input>::new();
    Effect::new(move || {
        list.look();
        drawer::watch();
        keys::listen();
        News::listen(Callback::new(move |news| {
            if let News::Began(id) = news {
                list.began(id);
            }
            list.reread();
        }));
        let timer = set_interval_with_handle(
            move || {
                if list.is_running() && browser::is_visible() {
                    list.reread();
                }
            },
            LOOK,
        );
        let leaving = window_event_listener_untyped("pagehide", move |_| list.leave());
        let going = window_event_listener_untyped("beforeunload", |_| browser::on_its_way());
        on_cleanup(move || {
            leaving.remove();
            going.remove();
            if let Ok(timer) = timer {
                timer.clear();
            }
        });
    });
    let empty = if failed {
        text::history_unreadable()
    } else {
        text::history_none()
    };
    let state = list.state;
    let not_empty = Signal::derive(move || state.with(|state| state.searched || !state.lines.is_empty()));
    let no_older = Signal::derive(move || state.with(|state| state.cursor.is_none()));
    let said = Signal::derive(move || state.with(|state| state.said.clone()));
    view! {
        <SearchField search field>{children()}</SearchField>
        <p class="history__said" role="status">{said}</p>
        <nav
            class="history"
            aria-label=text::conversations()
            on:click=move |event| list.pressed(&event)
            on:keydown=move |event| list.key(&event)
        >
            <ul class="history__list">
                {move || state.with(line::drawn)}
            </ul>
            <p class="history__empty" hidden=not_empty>{empty}</p>
            <button
                type="button"
                class="button button--quiet history__more"
                hidden=no_older
                data-do="older"
            >
                {text::show_older()}
            </button>
        </nav>
    }
}
