//! One message: a prompt as a quiet bubble, an answer as text on the page.

use super::markdown::Markdown;
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
    let entry = row.entry;
    let role = entry.with_untracked(|entry| entry.role);
    let number = row.key.number();
    let label = format!("message-{number}-from");
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
            Either::Left(view! { <div class="message__text message__text--plain">{text}</div> })
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
    let client = entry.with_untracked(|entry: &Entry| entry.client_message_id);
    let kind = Signal::derive(move || status.with(Mark::word));
    view! {
        <article
            class=format!("message message--{word}")
            data-role=word
            data-status=kind
            data-seq=seq
            aria-labelledby=labelled_by
        >
            <h2 id=label class="unseen">{who}</h2>
            {body}
            {move || note(&status.get()).map(|note| view! { <p class="message__note">{note}</p> })}
            {move || unsent(&status.get(), client, live)}
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
        Mark::Unsent(_) | Mark::Known(MessageStatus::Complete | MessageStatus::Generating) => None,
    }
}

/// Why a prompt was refused, and what can be done with it.
fn unsent(mark: &Mark, client: Option<ClientMessageId>, live: Live) -> Option<impl IntoView + use<>> {
    let (Mark::Unsent(why), Some(id)) = (mark, client) else {
        return None;
    };
    Some(view! {
        <div class="message__unsent" role="alert">
            <p>{format!("Not sent. {why}")}</p>
            <button type="button" class="button button--quiet" on:click=move |_| live.send_again(id)>
                "Send again"
            </button>
            <button type="button" class="button button--quiet" on:click=move |_| live.take_back(id)>
                "Edit"
            </button>
        </div>
    })
}
