//! A prompt that is being said otherwise, in its place: Enter sends it, Escape leaves it as it was.
//!
//! What is typed is never lost: when the prompt leaves the page meanwhile (another branch is shown), it goes into the
//! composer.

use super::textarea::{focus, grow, is_done, put, value};
use crate::{
    live::{Live, Row},
    net::browser,
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
    let key = row.key;
    let button = format!("#{} [data-act=edit]", row.label());
    let editing = RwSignal::from(row.editing.clone());
    let text = row.entry.with_untracked(|entry| entry.text.clone());
    let field = NodeRef::<Textarea>::new();
    // What was typed and is nowhere else.
    let typed = ArcStoredValue::new(None::<String>);
    Effect::new(move || {
        if field.get().is_some() {
            put(field, &text);
            grow(field);
            focus(field);
        }
    });
    let leave = {
        let typed = typed.clone();
        move || {
            typed.set_value(None);
            editing.set(false);
        }
    };
    let cancel = {
        let leave = leave.clone();
        move || {
            leave();
            // The button is there again when this is drawn.
            let button = button.clone();
            request_animation_frame(move || browser::focus(&button));
        }
    };
    let save = move || {
        let text = value(field);
        if live.rests() {
            live.say_aloud("That has to wait until the answer is at its end.");
        } else if !text.trim().is_empty() {
            leave();
            live.edit(key, text);
            browser::focus(".composer__field");
        }
    };
    let on_key = {
        let (save, cancel) = (save.clone(), cancel.clone());
        move |event: ev::KeyboardEvent| {
            if is_done(&event) {
                event.prevent_default();
                save();
            } else if event.key() == "Escape" {
                cancel();
            }
        }
    };
    let on_input = {
        let typed = typed.clone();
        move |_| {
            typed.set_value(Some(value(field)));
            grow(field);
        }
    };
    on_cleanup(move || {
        if let Some(text) = typed.try_get_value().flatten() {
            live.shown.taken_back.try_set(Some(text));
        }
    });
    view! {
        <div class="editor">
            <textarea
                node_ref=field
                class="editor__field"
                rows="1"
                aria-label="Edit your message"
                on:input=on_input
                on:keydown=on_key
            ></textarea>
            <div class="editor__buttons">
                <button type="button" class="button button--quiet" on:click=move |_| cancel()>
                    "Cancel"
                </button>
                <button type="button" class="button" on:click=move |_| save()>
                    "Save and send"
                </button>
            </div>
        </div>
    }
}
