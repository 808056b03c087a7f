//! A source beside the chat: the text of the document, at the place that an answer cites. A sheet over it on a small
//! screen; the browser's own dialog, which takes the focus and gives it back.
//!
//! Its frame is plain markup, filled by the document's object model: wasm is paid by the byte.

use super::{
    document_text::{CITED, Span, pieces},
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
    let shown = RwSignal::new(Shown::default());
    Effect::new(move || {
        let (Some(citation), Some(dialog)) = (source.get(), dialog.get()) else {
            return;
        };
        shown.set(Shown::default());
        browser::write(".panel__name", &place(&citation));
        tell("Opening…");
        // Closed first: so another source gives the focus back to where it was asked for.
        dialog.close();
        if browser::width() < ROOM_BESIDE {
            let _ = dialog.show_modal();
        } else {
            dialog.show();
        }
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
    let pressed = move |event: ev::MouseEvent| {
        let Some((act, _)) = browser::act_of(&event) else {
            return;
        };
        match (act.as_str(), source.get_untracked()) {
            ("close", _) => close(),
            ("back", Some(citation)) => read(live, citation, shown, Way::Back),
            ("on", Some(citation)) => read(live, citation, shown, Way::On),
            _ => {}
        }
    };
    let drawn = move || {
        let cited = source.with(|source| source.as_ref().map(span));
        shown.with(|shown| pieces(&shown.pieces, cited.unwrap_or_default()))
    };
    view! {
        <dialog node_ref=dialog class="panel" aria-labelledby="panel-name" on:click=pressed>
            <header class="panel__head">
                <h2 id="panel-name" class="panel__name"></h2>
                <button type="button" class="icon-button" data-act="close" aria-label="Close the source">
                    <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 6l12 12M18 6L6 18"></path></svg>
                </button>
            </header>
            <div class="panel__text" tabindex="0" role="region" aria-label="Text of the source">
                <p class="panel__note" role="status"></p>
                <button type="button" class="button button--quiet" data-act="back" hidden>"Show what stands before"</button>
                <div class="panel__pieces prose">{drawn}</div>
                <button type="button" class="button button--quiet" data-act="on" hidden>"Read on"</button>
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

/// Says what is going on, or that all is there.
fn tell(words: &str) {
    browser::write(".panel__note", words);
}

/// Reads a part of the text and puts it where it belongs, unless something else was opened or read meanwhile.
fn read(live: Live, citation: Citation, shown: RwSignal<Shown>, way: Way) {
    let mut now = shown.get_untracked();
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
        let source = live.shown.source.try_get_untracked().flatten();
        let before = shown.try_with_untracked(|shown| (shown.from, shown.next));
        if source.as_ref() != Some(&citation) || before != Some((now.from, now.next)) {
            return;
        }
        match answer {
            Ok(Excerpt {
                from, blocks, next, ..
            }) => {
                let back = way == Way::Back;
                if way != Way::On {
                    now.from = from;
                }
                if !back {
                    now.next = next;
                }
                let at = if back { 0 } else { now.pieces.len() };
                now.pieces.splice(at..at, blocks);
                tell("");
            }
            Err(failure) => tell(&failure.text()),
        }
        browser::hide(".panel [data-act=back]", now.from == 0);
        browser::hide(".panel [data-act=on]", now.next.is_none());
        shown.try_set(now);
        if way == Way::There {
            // Drawn by then.
            request_animation_frame(|| browser::scroll_to(&format!(".panel #{CITED}")));
        }
    });
}
