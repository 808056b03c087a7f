//! What can be done with a message, in a quiet row below it. Where it is seen, and when, is the style sheet's affair;
//! the row is always there, so nothing moves when it appears.
//!
//! The rows are plain markup: one listener on the whole conversation ([`pressed`]) hears all of them. A page of a
//! hundred messages wakes up without three hundred handlers. No button is ever `disabled`, since one that becomes so
//! loses the focus: it says why nothing happens.

use super::{editor, source_panel, sources::number_of};
use crate::{
    live::{Live, Row},
    net::browser,
    state::transcript::{Entry, Mark},
};
use leptos::{ev, prelude::*, wasm_bindgen::JsCast};
use std::time::Duration;
use web_sys::{Element, HtmlElement};
use wire::{document::Citation, message::MessageRole};

/// How long it is seen that something was copied.
const COPIED: Duration = Duration::from_secs(2);

/// The row below a message.
#[component]
pub(crate) fn Actions(
    /// Which message.
    row: Row,
) -> impl IntoView {
    let Row { entry, .. } = row;
    let role = entry.with_untracked(|entry: &Entry| entry.role);
    let version = Memo::new(move |_| entry.with(Entry::version));
    let versions = move || {
        let (version, of) = version.get()?;
        let end = match version {
            1 => " actions__versions--first",
            _ if version == of => " actions__versions--last",
            _ => "",
        };
        Some(view! {
            <div
                class=format!("actions__versions{end}")
                role="group"
                aria-label=format!("Version {version} of {of}")
            >
                <button
                    type="button"
                    class="icon-button"
                    data-act="earlier"
                    aria-label="Earlier version"
                    title="Earlier version"
                >
                    <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M14 6l-6 6 6 6"></path></svg>
                </button>
                <span>{format!("{version} / {of}")}</span>
                <button type="button" class="icon-button" data-act="later" aria-label="Later version" title="Later version">
                    <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M10 6l6 6-6 6"></path></svg>
                </button>
            </div>
        })
    };
    // What is plain markup is of one type, whatever it says.
    match role {
        MessageRole::User => view! {
            <div class="actions"><div class="actions__row">
                <button type="button" class="button button--quiet actions__retry" data-act="again">"Try again"</button>
                <button type="button" class="button button--quiet actions__resend" data-act="resend">"Send again"</button>
                <button type="button" class="icon-button actions__when" data-act="when" aria-label="When" title="When">
                    <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 5a7 7 0 1 0 .1 0M12 8v4l3 2"></path></svg>
                </button>
                <button type="button" class="icon-button" data-act="edit" aria-label="Edit" title="Edit">
                    <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 20l1-4L16 5l3 3L8 19z"></path></svg>
                </button>
            </div>{versions}</div>
        },
        MessageRole::Assistant => view! {
            <div class="actions"><div class="actions__row">
                <button type="button" class="button button--quiet actions__continue" data-act="continue">"Continue"</button>
                <button type="button" class="button button--quiet actions__anew" data-act="continue">"Try again"</button>
                <button type="button" class="icon-button actions__when" data-act="when" aria-label="When" title="When">
                    <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 5a7 7 0 1 0 .1 0M12 8v4l3 2"></path></svg>
                </button>
                <button type="button" class="icon-button" data-act="copy" aria-label="Copy" title="Copy">
                    <svg viewBox="0 0 24 24" aria-hidden="true">
                        <path d="M9 9h10v10H9zM15 5H5v10"></path>
                        <path d="M5 13l4 4L19 7"></path>
                    </svg>
                </button>
                <button type="button" class="icon-button" data-act="again" aria-label="Regenerate" title="Regenerate">
                    <svg viewBox="0 0 24 24" aria-hidden="true">
                        <path d="M19 13a7 7 0 1 1-2-6l2 2M19 4v5h-5"></path>
                    </svg>
                </button>
            </div>{versions}</div>
        },
    }
}

/// Something in the conversation was pressed: perhaps a button of a row.
pub(crate) fn pressed(live: Live, event: &ev::MouseEvent) {
    let pressed = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    if pressed.is_some_and(|pressed| cite(live, event, &pressed).is_some()) {
        return;
    }
    let Some((act, button)) = browser::act_of(event) else {
        return;
    };
    let Some(article) = button.closest("article").ok().flatten() else {
        return;
    };
    match act.as_str() {
        "copy-code" => return copy_code(live, button),
        "wrap" => return wrap(&button),
        _ => {}
    }
    let Some(row) = live.row(&article.id()) else {
        return;
    };
    let key = row.key;
    match act.as_str() {
        "copy" => live.copy(key, move || say_copied(button)),
        "when" => say_when(live, &row, &button),
        "cancel" => editor::cancel(&row),
        "edit" => edit(live, &row),
        "resend" => {
            if let Some(id) = row.entry.with_untracked(|entry| entry.client_message_id) {
                live.send_again(id);
            }
        }
        _ if live.rests() => live.say_aloud("That has to wait until the answer is at its end."),
        "save" => editor::save(live, &row),
        "again" => live.regenerate(key),
        "continue" => {
            // The button goes away: the message that grows has the focus then.
            browser::focus(&format!("#{}", row.label()));
            live.go_on(key);
        }
        "earlier" => live.turn(key, false),
        "later" => live.turn(key, true),
        _ => {}
    }
}

/// A source is opened beside the chat; by the browser, in a place of its own, for who asks for that.
fn cite(live: Live, event: &ev::MouseEvent, pressed: &Element) -> Option<()> {
    let number = number_of(pressed)?;
    let button = pressed
        .closest("button, a")
        .ok()??
        .dyn_into::<HtmlElement>()
        .ok()?;
    let row = live.row(&button.closest("article").ok()??.id())?;
    let is_it = |source: &&Citation| source.number == number;
    let source = row
        .entry
        .with_untracked(|entry| entry.sources.iter().find(is_it).cloned())?;
    if !event.ctrl_key() && !event.meta_key() {
        event.prevent_default();
        // Not every browser focuses what is pressed, and it is given the focus back when the source is closed.
        let _ = button.focus();
        source_panel::open(live.bot(), source);
    }
    Some(())
}

/// A prompt is written on: where it stands, if it has a place; in the composer, if it has none yet.
fn edit(live: Live, row: &Row) {
    let homeless = row.entry.with_untracked(|entry| {
        let here_only = !matches!(entry.mark, Mark::Known(_));
        entry
            .client_message_id
            .filter(|_| here_only && entry.replaces.is_none())
    });
    match homeless {
        Some(id) => live.take_back(id),
        None => row.editing.set(true),
    }
}

/// When a message was stored: beside the button that asks, until it is pressed again.
fn say_when(live: Live, row: &Row, button: &Element) {
    if button.has_attribute("data-when") {
        let _ = button.remove_attribute("data-when");
        return;
    }
    if let Some(at) = row.entry.with_untracked(|entry: &Entry| entry.at) {
        let when = browser::local_time(&at.to_string());
        let _ = button.set_attribute("data-when", &when);
        live.say_aloud(&when);
    }
}

/// The text of a block of code, as it was written.
fn copy_code(live: Live, button: Element) {
    let block = button.closest(".code").ok().flatten();
    let code = block.and_then(|block| block.query_selector("code").ok().flatten());
    if let Some(text) = code.and_then(|code| code.text_content()) {
        live.copy_text(text, move || say_copied(button));
    }
}

/// Long lines of a block of code are broken, or not any more.
fn wrap(button: &Element) {
    if let Ok(Some(block)) = button.closest(".code") {
        let wrapped = block.toggle_attribute("data-wrapped").unwrap_or_default();
        let _ = button.set_attribute("aria-pressed", if wrapped { "true" } else { "false" });
    }
}

/// For eyes: the drawing is another for a while.
fn say_copied(button: Element) {
    let _ = button.set_attribute("data-copied", "");
    let forget = move || {
        let _ = button.remove_attribute("data-copied");
    };
    set_timeout(forget, COPIED);
}
