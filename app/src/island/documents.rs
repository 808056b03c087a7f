//! A chatbot's documents: a list, and where files are dropped. The page has no socket, since a socket is a session's: how
//! far each document is is asked for.

use crate::{
    component::{
        confirm::Confirm,
        field::awake,
        file_line::{paper_line, sending_line},
    },
    data::Paper,
    live::desk::Desk,
};
use leptos::{ev, html::Input, prelude::*};
use wire::ChatbotId;

/// The list, and where files are dropped.
#[island]
pub fn Documents(
    /// Whose.
    bot: ChatbotId,
    /// As they were when the page was drawn.
    papers: Vec<Paper>,
) -> impl IntoView {
    let awake = awake();
    let desk = Desk::new(bot, papers);
    Effect::new(move || desk.ask_later());
    let chooser = NodeRef::<Input>::new();
    let chosen = move |_| {
        if let Some(input) = chooser.get_untracked() {
            desk.take(input.files());
            // The same file can be chosen again.
            input.set_value("");
        }
    };
    let over = RwSignal::new(false);
    let dragged = move |event: ev::DragEvent| {
        event.prevent_default();
        over.set(true);
    };
    let dropped = move |event: ev::DragEvent| {
        event.prevent_default();
        over.set(false);
        desk.take(event.data_transfer().and_then(|dropped| dropped.files()));
    };
    let meant = Callback::new(move |()| desk.delete());
    let asleep = Signal::derive(move || !awake.get());
    let not_empty = Signal::derive(move || {
        desk.papers.with(|papers| !papers.is_empty()) || desk.sending.with(|sending| !sending.is_empty())
    });
    view! {
        <div class="files" on:dragover=dragged on:dragleave=move |_| over.set(false) on:drop=dropped>
            <label class="drop" class:drop--over=over>
                <span class="drop__words">
                    <strong>"Drop files here"</strong>
                    <span class="drop__or">" or "</span>
                    <span class="button">"Choose files"</span>
                </span>
                <span class="drop__hint">"PDF, Word, Excel, PowerPoint, web pages, Markdown, text, CSV, code"</span>
                <input
                    node_ref=chooser
                    class="unseen"
                    type="file"
                    multiple
                    aria-label="Choose files"
                    disabled=asleep
                    on:change=chosen
                />
            </label>
            <p class="problem" role="alert">{desk.problem}</p>
            <p class="files__empty" hidden=not_empty>"No documents yet. Answers rest on what you put here, and say where it stands."</p>
            <ul class="files__list" aria-label="Documents" on:click=move |event| desk.pressed(&event)>
                <For each=move || desk.sending.get() key=|sending| sending.key let(sending)>
                    {sending_line(sending)}
                </For>
                <For each=move || desk.papers.get() key=|paper| paper.id let(paper)>
                    {paper_line(desk, paper)}
                </For>
            </ul>
            <p class="unseen" role="status">{desk.said}</p>
            <Confirm question=desk.question meant/>
        </div>
    }
}
