//! A prompt that is being said otherwise, in its place: Enter sends it, Escape leaves it as it was. Its buttons are
//! heard by `actions`, as all buttons of the conversation.
//!
//! What is typed is never lost: when the prompt leaves the page meanwhile (another branch is shown), it goes into the
//! composer.

use super::textarea::{focus, grow, is_composing, is_done, put, value};
use crate::{
    live::{Live, Row},
    net::browser,
    text,
};
use leptos::{ev, html::Textarea, prelude::*};

/// The field and its two buttons.
#[component]
pub(crate) fn Editor(
    /// The prompt.
    row: Row,
    /// Where it goes.
    live: Live,
) -> impl IntoView {
    let before = row.entry.with_untracked(|entry| entry.text.clone());
    let field = NodeRef::<Textarea>::new();
    Effect::new(move || {
        if field.get().is_some() {
            put(field, &before);
            grow(field);
            focus(field);
        }
    });
    let on_input = {
        let row = row.clone();
        move |_| {
            row.typed.set_value(Some(value(field)));
            grow(field);
        }
    };
    let on_key = {
        let row = row.clone();
        move |event: ev::KeyboardEvent| {
            if is_done(&event) {
                event.prevent_default();
                if live.rests() {
                    live.say_aloud(text::wait_for_end());
                } else {
                    save(live, &row);
                }
            } else if event.key() == "Escape" && !is_composing(&event) {
                cancel(&row);
            }
        }
    };
    on_cleanup(move || {
        if let Some(text) = row.typed.try_get_value().flatten() {
            row.typed.set_value(None);
            live.shown.taken_back.try_set(Some(text));
        }
    });
    view! {
        <div class="editor">
            <textarea
                node_ref=field
                class="editor__field"
                rows="1"
                dir="auto"
                aria-label=text::edit_message()
                on:input=on_input
                on:keydown=on_key
            ></textarea>
            <div class="editor__buttons">
                <button type="button" class="button button--quiet" data-act="cancel">{text::cancel()}</button>
                <button type="button" class="button" data-act="save">{text::save_and_send()}</button>
            </div>
        </div>
    }
}

/// Leaves the prompt as it was.
pub(super) fn cancel(row: &Row) {
    row.typed.set_value(None);
    row.editing.set(false);
    // The button is there again when this is drawn.
    let button = format!("#{} [data-act=edit]", row.label());
    request_animation_frame(move || {
        browser::focus(&button);
    });
}

/// Sends what was typed, or the same again.
pub(super) fn save(live: Live, row: &Row) {
    let typed = row.typed.try_get_value().flatten();
    let text = typed.unwrap_or_else(|| row.entry.with_untracked(|entry| entry.text.clone()));
    if !text.trim().is_empty() {
        row.typed.set_value(None);
        row.editing.set(false);
        live.edit(row.key, text);
        browser::focus(".composer__field");
    }
}
