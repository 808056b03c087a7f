//! One message: a prompt as a quiet bubble, an answer as text on the page. What is seen of its parts in which state is
//! said by the style sheet: wasm is paid by the byte, and CSS is cheaper.

use super::{
    actions::Actions,
    editor::Editor,
    markdown::Markdown,
    sources::{reading, sources},
};
use crate::{
    live::{Live, Row},
    state::transcript::{Entry, Mark},
    text,
};
use leptos::{either::Either, prelude::*};
use wire::message::{MessageRole, MessageStatus};

/// The message. What it says follows its signal; who says it never changes.
#[component]
pub(crate) fn MessageView(
    /// Which.
    row: Row,
    /// The chatbot's name, for ears.
    name: String,
    /// For what can be done with it.
    live: Live,
) -> impl IntoView {
    let entry = row.entry.clone();
    let role = entry.with_untracked(|entry: &Entry| entry.role);
    let (id, key) = (row.label(), row.key);
    let label = format!("{id}-from");
    let labelled_by = label.clone();
    let status = {
        let entry = entry.clone();
        Memo::new(move |_| entry.with(|entry| entry.mark.clone()))
    };
    let seq = {
        let entry = entry.clone();
        Signal::derive(move || entry.with(|entry| (entry.seq > 0).then(|| entry.seq.to_string())))
    };
    let answer = row.entry.clone();
    let (who, word) = match role {
        MessageRole::User => (text::you().to_owned(), "user"),
        MessageRole::Assistant => (name, "assistant"),
    };
    let body = match role {
        MessageRole::User => {
            let row = row.clone();
            let editing = RwSignal::from(row.editing.clone());
            let refused = Signal::derive(move || status.with(refusal));
            let said = Signal::derive(move || entry.with(|entry| entry.text.clone()));
            Either::Left(view! {
                <div class="message__text message__text--plain" dir="auto" hidden=editing>{said}</div>
                {move || {
                    let row = row.clone();
                    editing.get().then(move || view! { <Editor row live/> })
                }}
                <p class="message__note" role="alert">{refused}</p>
            })
        }
        MessageRole::Assistant => {
            let read = answer.clone();
            let reading = Memo::new(move |_| read.with(reading));
            Either::Right(view! {
                <div class="message__text prose" dir="auto"><Markdown entry=answer.clone()/></div>
                <p class="message__thinking">
                    <span></span><span></span><span></span>
                    <em class="message__reading">{reading}</em>
                </p>
                {sources(answer, live.bot())}
            })
        }
    };
    let kind = Signal::derive(move || status.with(Mark::word));
    let note = Signal::derive(move || status.with(note));
    view! {
        <article
            id=id
            tabindex="-1"
            class=format!("message message--{word}")
            data-role=word
            data-status=kind
            data-seq=seq
            data-found=live.is_found(key).then_some("")
            aria-labelledby=labelled_by
        >
            <h2 id=label class="unseen">{who}</h2>
            {body}
            <p class="message__note">{note}</p>
            <Actions row/>
        </article>
    }
}

/// What is said below a message about how it ended, or what it waits for. `None`, not an empty text: the server draws
/// that as a space, and the style sheet could not tell it from words.
fn note(mark: &Mark) -> Option<&'static str> {
    let note = match mark {
        Mark::Queued => text::note_queued(),
        Mark::Sending => text::note_sending(),
        Mark::Known(MessageStatus::Stopped) => text::note_stopped(),
        Mark::Known(MessageStatus::Interrupted) => text::note_interrupted(),
        Mark::Known(MessageStatus::Failed) => text::note_failed(),
        Mark::Known(MessageStatus::Cut) => text::note_cut(),
        Mark::Unsent(_) | Mark::Known(MessageStatus::Complete | MessageStatus::Generating) => return None,
    };
    Some(note)
}

/// Why a prompt was refused.
fn refusal(mark: &Mark) -> Option<String> {
    match mark {
        Mark::Unsent(why) => Some(text::note_unsent(why)),
        _ => None,
    }
}
