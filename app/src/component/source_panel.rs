//! A source beside the chat: the text of the document, at the place that an answer cites. A sheet over it on a small
//! screen; the browser's own dialog, which takes the focus and gives it back.

use super::{
    document_text::{CITED, Span, pieces},
    icon::{Icon, Shape},
    sources::place,
};
use crate::{
    data::{Excerpt, Piece},
    live::Live,
    net::{api, browser},
};
use leptos::{ev, html::Dialog, prelude::*, task::spawn_local};
use wire::document::Citation;

/// From this width on, in pixels, there is room beside the chat (`style/source-panel.css`).
const ROOM_BESIDE: f64 = 1200.0;
/// Pieces that are read at once.
const PIECES: u32 = 60;

/// What is known of the text.
#[derive(Clone, Default)]
struct Shown {
    pieces: Vec<Piece>,
    from: u32,
    next: Option<u32>,
    problem: Option<String>,
}

/// Which way to read on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    There,
    Back,
    On,
}

/// The panel; closed while nothing is opened.
#[component]
pub(crate) fn SourcePanel(
    /// The chat, which says what is opened.
    live: Live,
) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    let source = live.shown.source;
    let shown = RwSignal::new(None::<Shown>);
    Effect::new(move || {
        let (Some(citation), Some(dialog)) = (source.get(), dialog.get()) else {
            return;
        };
        shown.set(None);
        // Closed first: so another source gives the focus back to where it was asked for.
        dialog.close();
        let _ = if browser::width() < ROOM_BESIDE {
            dialog.show_modal()
        } else {
            dialog.show();
            Ok(())
        };
        read(live, citation, shown, Way::There);
    });
    let close = move || {
        if let Some(dialog) = dialog.try_get_untracked().flatten() {
            dialog.close();
        }
    };
    Effect::new(move || {
        // Wherever the focus is: beside the chat, the panel has not taken it away.
        let escape = window_event_listener(ev::keydown, move |event| {
            if event.key() == "Escape" {
                close();
            }
        });
        on_cleanup(move || escape.remove());
    });
    let name = Signal::derive(move || source.with(|source| source.as_ref().map(place)));
    let opened = Signal::derive(move || shown.with(Option::is_some));
    let problem = Signal::derive(move || shown.with(|shown| shown.as_ref()?.problem.clone()));
    let no_back =
        Signal::derive(move || shown.with(|shown| shown.as_ref().is_none_or(|shown| shown.from == 0)));
    let no_on =
        Signal::derive(move || shown.with(|shown| shown.as_ref().is_none_or(|shown| shown.next.is_none())));
    let more = move |way| {
        if let Some(citation) = source.get_untracked() {
            read(live, citation, shown, way);
        }
    };
    let drawn = move || {
        let cited = source
            .with(|source| source.as_ref().map(span))
            .unwrap_or_default();
        shown.with(|shown| shown.as_ref().map(|shown| pieces(&shown.pieces, cited)))
    };
    view! {
        <dialog
            node_ref=dialog
            class="panel"
            aria-labelledby="panel-name"
        >
            <header class="panel__head">
                <h2 id="panel-name" class="panel__name">{name}</h2>
                <button type="button" class="icon-button" aria-label="Close the source" on:click=move |_| close()>
                    <Icon shape=Shape::Cross/>
                </button>
            </header>
            <div class="panel__text prose" tabindex="0" role="region" aria-label="Text of the source">
                <p class="panel__note" role="status" hidden=opened>"Opening…"</p>
                <p class="problem" role="alert">{problem}</p>
                <button type="button" class="button button--quiet" hidden=no_back on:click=move |_| more(Way::Back)>
                    "Show what stands before"
                </button>
                {drawn}
                <button type="button" class="button button--quiet" hidden=no_on on:click=move |_| more(Way::On)>
                    "Read on"
                </button>
            </div>
        </dialog>
    }
}

fn span(citation: &Citation) -> Span {
    Span {
        start: citation.start,
        end: citation.end,
    }
}

/// Reads a part of the text and puts it where it belongs, unless something else was opened meanwhile.
fn read(live: Live, citation: Citation, shown: RwSignal<Option<Shown>>, way: Way) {
    let mut now = shown.get_untracked().unwrap_or_default();
    let query = match way {
        Way::There => format!("at={}&limit={PIECES}", citation.start),
        Way::Back => {
            let from = now.from.saturating_sub(PIECES);
            format!("from={from}&limit={}", now.from - from)
        }
        Way::On => format!("from={}&limit={PIECES}", now.next.unwrap_or_default()),
    };
    spawn_local(async move {
        let answer = api::document_text(live.bot(), citation.document_id, &query).await;
        let is_open = live
            .shown
            .source
            .try_with_untracked(|source| source.as_ref() == Some(&citation));
        // Asked for twice, it is put there once.
        let as_it_was = shown.try_with_untracked(|shown| {
            let ends = shown.as_ref().map(|shown| (shown.from, shown.next));
            way == Way::There || ends == Some((now.from, now.next))
        });
        if is_open != Some(true) || as_it_was != Some(true) {
            return;
        }
        now.problem = None;
        match answer {
            Ok(Excerpt {
                from, blocks, next, ..
            }) => {
                let back = way == Way::Back;
                if back || way == Way::There {
                    now.from = from;
                }
                if !back {
                    now.next = next;
                }
                let at = if back { 0 } else { now.pieces.len() };
                now.pieces.splice(at..at, blocks);
            }
            Err(failure) => now.problem = Some(failure.text()),
        }
        shown.try_set(Some(now));
        if way == Way::There {
            // Drawn by then.
            request_animation_frame(|| browser::scroll_to(&format!(".panel #{CITED}")));
        }
    });
}
