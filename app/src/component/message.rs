//! One message: a prompt as a quiet bubble, an answer as text on the page.

use super::markdown::Markdown;
use crate::{
    live::{Live, Row},
    state::transcript::{Entry, Mark},
};
use leptos::prelude::*;
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
        move || entry.with(|entry| (entry.seq > 0).then(|| entry.seq.to_string()))
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
        MessageRole::User => view! { <div class="message__text message__text--plain">{text}</div> }.into_any(),
        MessageRole::Assistant => view! {
            <div class="message__text prose"><Markdown text/></div>
            <Show when=move || text.with(String::is_empty) && status.get() == Mark::Known(MessageStatus::Generating)>
                <p class="message__thinking"><span></span><span></span><span></span></p>
            </Show>
        }
        .into_any(),
    };
    let client = move || entry.with_untracked(|entry: &Entry| entry.client_message_id);
    view! {
        <article
            class=format!("message message--{word}")
            data-role=word
            data-status=move || status.with(Mark::word)
            data-seq=seq
            aria-labelledby=labelled_by
        >
            <h2 id=label class="unseen">{who}</h2>
            {body}
            {move || foot(&status.get(), client(), live)}
        </article>
    }
}

/// What is said below a message about how it ended.
fn foot(mark: &Mark, client: Option<ClientMessageId>, live: Live) -> Option<AnyView> {
    let note = |text: &'static str| Some(view! { <p class="message__note">{text}</p> }.into_any());
    match mark {
        Mark::Known(MessageStatus::Stopped) => note("You stopped this answer."),
        Mark::Known(MessageStatus::Interrupted) => note("This answer was interrupted. What had been written is kept."),
        Mark::Known(MessageStatus::Failed) => note("The model failed here. What had been written is kept."),
        Mark::Sending => note("Sending…"),
        Mark::Unsent(why) => {
            let id = client?;
            Some(
                view! {
                    <div class="message__unsent" role="alert">
                        <p>{format!("Not sent. {why}")}</p>
                        <button type="button" class="button button--quiet" on:click=move |_| live.send_again(id)>
                            "Send again"
                        </button>
                        <button type="button" class="button button--quiet" on:click=move |_| live.take_back(id)>
                            "Edit"
                        </button>
                    </div>
                }
                .into_any(),
            )
        }
        Mark::Known(MessageStatus::Complete | MessageStatus::Generating) => None,
    }
}
