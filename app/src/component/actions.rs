//! What can be done with a message, in a quiet row below it. Where it is seen, and when, is the style sheet's affair;
//! the row is always there, so nothing moves when it appears.
//!
//! Nothing here is ever `disabled`: a button that becomes so loses the focus. It says that it rests, and does nothing.

use super::icon::{Icon, Shape};
use crate::{
    live::{Live, Row},
    net::browser,
    state::transcript::Entry,
};
use leptos::prelude::*;
use wire::message::MessageRole;

/// `Some("true")` while nothing can be asked for: for `aria-disabled`.
pub(crate) type Resting = Signal<Option<&'static str>>;

/// The row below a message.
#[component]
pub(crate) fn Actions(
    /// Which message.
    row: Row,
    /// What carries them out.
    live: Live,
    /// Whether they rest.
    resting: Resting,
    /// Of a prompt: whether it is being said otherwise.
    editing: RwSignal<bool>,
) -> impl IntoView {
    let Row { key, entry } = row;
    let role = entry.with_untracked(|entry: &Entry| entry.role);
    let buttons = match role {
        MessageRole::User => vec![
            words("Try again", "button button--quiet actions__retry", resting, move || live.regenerate(key)),
            button("Edit", Shape::Pencil.into(), Some(key.number()), resting, move || {
                editing.set(true);
            }),
        ],
        MessageRole::Assistant => {
            let shape = Signal::derive(move || {
                if live.shown.copied.get() == Some(key) {
                    Shape::Tick
                } else {
                    Shape::Pages
                }
            });
            let go_on = move || {
                // The button goes away; the message that grows has the focus then.
                browser::focus(&format!("#message-{}", key.number()));
                live.go_on(key);
            };
            vec![
                words("Continue", "button button--quiet actions__continue", resting, go_on),
                button("Copy", shape, None, None.into(), move || live.copy(key)),
                button("Regenerate", Shape::Again.into(), None, resting, move || {
                    live.regenerate(key);
                }),
            ]
        }
    };
    let version = Memo::new(move |_| entry.with(Entry::version));
    let alone = Memo::new(move |_| version.get().is_none());
    let versions = move || {
        (!alone.get()).then(|| {
            let turn = move |forward| move || live.turn(key, forward);
            let place = move || version.get().map(|(version, of)| format!("{version} / {of}"));
            let words = move || version.get().map(|(version, of)| format!("Version {version} of {of}"));
            let first = Signal::derive(move || match version.get() {
                Some((1, _)) => Some("true"),
                _ => resting.get(),
            });
            let last = Signal::derive(move || match version.get() {
                Some((version, of)) if version == of => Some("true"),
                _ => resting.get(),
            });
            view! {
                <div class="actions__versions" role="group" aria-label=words>
                    {button("Earlier version", Shape::Earlier.into(), None, first, turn(false))}
                    <span>{place}</span>
                    {button("Later version", Shape::Later.into(), None, last, turn(true))}
                </div>
            }
        })
    };
    view! { <div class="actions">{buttons}{versions}</div> }
}

/// A button of words, where there is one thing to do above all.
fn words(
    label: &'static str,
    class: &'static str,
    resting: Resting,
    press: impl Fn() + 'static,
) -> AnyView {
    pressed(class, None, resting, Box::new(press), None, label.into_any())
}

/// A button that is a drawing; with a number it can be found again as `#edit-{number}`.
fn button(
    label: &'static str,
    shape: Signal<Shape>,
    number: Option<u32>,
    resting: Resting,
    press: impl Fn() + 'static,
) -> AnyView {
    let id = number.map(|number| format!("edit-{number}"));
    pressed(
        "icon-button",
        id,
        resting,
        Box::new(press),
        Some(label),
        view! { <Icon shape/> }.into_any(),
    )
}

/// Every button of a row is made here: one type, since wasm is paid by the byte.
fn pressed(
    class: &'static str,
    id: Option<String>,
    resting: Resting,
    press: Box<dyn Fn()>,
    label: Option<&'static str>,
    inside: AnyView,
) -> AnyView {
    let on_click = move |_| {
        if resting.get_untracked().is_none() {
            press();
        }
    };
    view! {
        <button
            type="button"
            class=class
            id=id
            aria-label=label
            title=label
            aria-disabled=resting
            on:click=on_click
        >
            {inside}
        </button>
    }
    .into_any()
}
