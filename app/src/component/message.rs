//! One message: a prompt as a quiet bubble, an answer as text on the page.

use super::{actions::Actions, editor::Editor, markdown::Markdown};
use crate::{
    live::{Live, Row},
    state::transcript::{Entry, Mark},
};
use leptos::{either::Either, prelude::*};
use wire::{
    ClientMessageId,
    message::{MessageRole, MessageStatus},
};

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
    let editing = RwSignal::from(row.editing.clone());
    let role = entry.with_untracked(|entry| entry.role);
    let id = row.label();
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
    let text = {
        let entry = entry.clone();
        Memo::new(move |_| entry.with(|entry| entry.text.clone()))
    };
    let (who, word) = match role {
        MessageRole::User => ("You".to_owned(), "user"),
        MessageRole::Assistant => (name, "assistant"),
    };
    let body = match role {
        MessageRole::User => {
            let row = row.clone();
            Either::Left(view! {
                <div class="message__text message__text--plain" hidden=editing>{text}</div>
                {move || {
                    let row = row.clone();
                    editing.get().then(move || view! { <Editor row live/> })
                }}
            })
        }
        MessageRole::Assistant => Either::Right(view! {
            <div class="message__text prose"><Markdown text/></div>
            {move || {
                let silent = text.with(String::is_empty) && status.get() == Mark::Known(MessageStatus::Generating);
                silent.then(|| view! {
                    <p class="message__thinking"><span></span><span></span><span></span></p>
                })
            }}
        }),
    };
    let (client, is_edit) =
        entry.with_untracked(|entry: &Entry| (entry.client_message_id, entry.replaces.is_some()));
    let write_on = move |id| {
        if is_edit {
            editing.set(true);
        } else {
            live.take_back(id);
        }
    };
    let kind = Signal::derive(move || status.with(Mark::word));
    view! {
        <article
            id=id
            tabindex="-1"
            class=format!("message message--{word}")
            data-role=word
            data-status=kind
            data-seq=seq
            aria-labelledby=labelled_by
        >
            <h2 id=label class="unseen">{who}</h2>
            {body}
            {move || note(&status.get()).map(|note| view! { <p class="message__note">{note}</p> })}
            {move || waiting(&status.get(), client, live, write_on)}
            <Actions row/>
        </article>
    }
}

/// What is said below a message about how it ended.
fn note(mark: &Mark) -> Option<&'static str> {
    match mark {
        Mark::Sending => Some("Sending…"),
        Mark::Known(MessageStatus::Stopped) => Some("You stopped this answer."),
        Mark::Known(MessageStatus::Interrupted) => {
            Some("This answer was interrupted. What had been written is kept.")
        }
        Mark::Known(MessageStatus::Failed) => Some("The model failed here. What had been written is kept."),
        Mark::Queued | Mark::Unsent(_) | Mark::Known(MessageStatus::Complete | MessageStatus::Generating) => {
            None
        }
    }
}

/// Why a prompt was refused, or what it waits for; and what can be done with it.
fn waiting(
    mark: &Mark,
    client: Option<ClientMessageId>,
    live: Live,
    write_on: impl Fn(ClientMessageId) + 'static,
) -> Option<AnyView> {
    let (role, why) = match mark {
        Mark::Queued => ("status", "Sent when the answer is at its end.".to_owned()),
        Mark::Unsent(why) => ("alert", format!("Not sent. {why}")),
        Mark::Sending | Mark::Known(_) => return None,
    };
    let id = client?;
    let refused = matches!(mark, Mark::Unsent(_));
    let view = view! {
        <div class="message__waiting" role=role>
            <p>{why}</p>
            <button
                type="button"
                class="button button--quiet"
                hidden=!refused
                on:click=move |_| live.send_again(id)
            >
                "Send again"
            </button>
            <button type="button" class="button button--quiet" on:click=move |_| write_on(id)>
                "Edit"
            </button>
        </div>
    };
    Some(view.into_any())
}
