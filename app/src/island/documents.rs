//! A chatbot's documents: makes the list live that the server draws, and takes files that are dropped or chosen. The page has
//! no socket, since a socket is a session's: how far each document is is asked for.

use crate::live::desk::Desk;
use leptos::{ev, prelude::*};
use wire::ChatbotId;

/// The list, and where files are dropped.
#[island]
pub fn Documents(
    /// Whose.
    bot: ChatbotId,
    /// Both, as the server draws them.
    children: Children,
) -> impl IntoView {
    let desk = Desk::new(bot);
    Effect::new(move || desk.start());
    let over = move |event: ev::DragEvent| event.prevent_default();
    let dropped = move |event: ev::DragEvent| {
        event.prevent_default();
        desk.take(event.data_transfer().and_then(|dropped| dropped.files()));
    };
    view! {
        <div
            class="files"
            on:dragover=over
            on:drop=dropped
            on:change=move |event| desk.chosen(&event)
            on:click=move |event| desk.pressed(&event)
        >
            {children()}
        </div>
    }
}
