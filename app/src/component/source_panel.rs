//! A source beside the chat: the text of the document, at the place that an answer cites. A sheet over it on a small
//! screen; the browser's own dialog, which takes the focus and gives it back.
//!
//! Its frame is plain markup, filled by the document's object model: wasm is paid by the byte.

use super::{
    document_text::{CITED, Span, pieces},
    inert::Inert,
    sources::place,
};
use crate::{
    net::{api, browser},
    text,
};
use leptos::{prelude::*, task::spawn_local, wasm_bindgen::JsCast};
use std::cell::RefCell;
use web_sys::{Event, HtmlDialogElement, KeyboardEvent};
use wire::{ChatbotId, document::Citation};

/// From this width on, in pixels, there is room beside the chat (`style/source-panel.css`).
const ROOM_BESIDE: f64 = 1200.0;
/// Pieces that are read at once.
const PIECES: u32 = 60;

/// What is open.
#[derive(Clone)]
struct Open {
    bot: ChatbotId,
    citation: Citation,
    /// Of the text, what is shown: from this piece on, up to that one.
    from: u32,
    next: Option<u32>,
}

thread_local! {
    // In the browser there is one thread, and one panel on a page. The server never looks here: handlers do.
    static OPEN: RefCell<Option<Open>> = const { RefCell::new(None) };
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
pub(crate) fn SourcePanel() -> impl IntoView {
    Effect::new(|| {
        browser::listen(".panel", "click", Box::new(|event| pressed(&event)));
        // Wherever the focus is: beside the chat, the panel has not taken it away.
        browser::listen(
            "html",
            "keydown",
            Box::new(|event| {
                let event = event.dyn_ref::<KeyboardEvent>();
                if event.is_some_and(|event| event.key() == "Escape") {
                    close();
                }
            }),
        );
    });
    view! {
        <dialog class="panel" aria-labelledby="panel-name">
            <header class="panel__head">
                <h2 id="panel-name" class="panel__name" dir="auto"></h2>
                <button type="button" class="icon-button" data-act="close" aria-label=text::source_close()>
                    <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 6l12 12M18 6L6 18"></path></svg>
                </button>
            </header>
            <div class="panel__text" tabindex="0" role="region" aria-label=text::source_text()>
                <p class="panel__note" role="status"></p>
                <button type="button" class="button button--quiet" data-act="back" hidden>{text::source_before()}</button>
                <div class="panel__pieces prose" dir="auto"></div>
                <button type="button" class="button button--quiet" data-act="on" hidden>{text::read_on()}</button>
            </div>
        </dialog>
    }
}

/// Opens what a chatbot's answer cites.
pub(super) fn open(bot: ChatbotId, citation: Citation) {
    browser::write(".panel__name", &place(&citation));
    browser::write(".panel__pieces", "");
    let open = Open {
        bot,
        citation,
        from: 0,
        next: None,
    };
    OPEN.set(Some(open));
    if let Some(dialog) = dialog() {
        // Closed first: so another source gives the focus back to where it was asked for.
        dialog.close();
        if browser::width() < ROOM_BESIDE {
            let _ = dialog.show_modal();
        } else {
            dialog.show();
        }
    }
    read(Way::There);
}

fn dialog() -> Option<HtmlDialogElement> {
    browser::find(".panel")?.dyn_into().ok()
}

fn close() {
    if let Some(dialog) = dialog() {
        dialog.close();
    }
}

fn pressed(event: &Event) {
    match browser::act_of(event).as_ref().map(|(act, _)| act.as_str()) {
        Some("close") => close(),
        Some("back") => read(Way::Back),
        Some("on") => read(Way::On),
        _ => {}
    }
}

/// Says what is going on; nothing when all is there.
fn tell(words: &str) {
    browser::write(".panel__note", words);
}

/// Reads a part of the text and puts it where it belongs, unless something else was opened or read meanwhile.
fn read(way: Way) {
    let Some(mut open) = OPEN.with_borrow(Clone::clone) else {
        return;
    };
    let query = match way {
        Way::There => format!("at={}&limit={PIECES}", open.citation.start),
        Way::Back => {
            let from = open.from.saturating_sub(PIECES);
            format!("from={from}&limit={}", open.from - from)
        }
        Way::On => format!("from={}&limit={PIECES}", open.next.unwrap_or_default()),
    };
    tell(text::opening());
    spawn_local(async move {
        let answer = api::document_text(open.bot, open.citation.document_id, &query).await;
        let as_it_was = OPEN.with_borrow(|now| {
            let now = now.as_ref();
            now.is_some_and(|now| {
                (&now.citation, now.from, now.next) == (&open.citation, open.from, open.next)
            })
        });
        if !as_it_was {
            return;
        }
        let read = match answer {
            Ok(read) => read,
            Err(failure) => return tell(&failure.text()),
        };
        tell("");
        if way != Way::On {
            open.from = read.from;
        }
        if way != Way::Back {
            open.next = read.next;
        }
        browser::switch(".panel [data-act=back]", "hidden", open.from == 0);
        browser::switch(".panel [data-act=on]", "hidden", open.next.is_none());
        let cited = Span {
            start: open.citation.start,
            end: open.citation.end,
        };
        put(pieces(&read.blocks, cited), way == Way::Back);
        OPEN.set(Some(open));
        if way == Way::There {
            browser::scroll_to(&format!(".panel #{CITED}"));
        }
    });
}

/// Puts what was read behind what is there, or before it.
fn put(drawn: Vec<Inert>, before: bool) {
    let Some(place) = browser::find(".panel__pieces") else {
        return;
    };
    let first = place.first_child().filter(|_| before);
    for element in drawn.iter().filter_map(Inert::element) {
        let _ = place.insert_before(&element, first.as_ref());
    }
}
