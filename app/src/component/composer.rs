//! The prompt box: grows with its text, sends on Enter, breaks the line on Shift+Enter.
//!
//! What is not sent is kept, a conversation each, by the browser. While an answer runs one prompt can be written ahead: it is sent when the answer is at its end.

use super::{
    field::awake,
    icon::{Icon, Shape},
    textarea::{focus, grow, is_composing, is_done, put, value},
};
use crate::{live::Live, state::connection::Phase, text};
use leptos::{ev, html::Textarea, prelude::*};
use wire::limit::PROMPT_CHARS;

/// The rest is counted aloud from here on.
const COUNTED_FROM: usize = 28_000;

/// The box and its one button: Send, or Stop while an answer runs.
#[component]
pub(crate) fn Composer(
    /// Where prompts go.
    live: Live,
    /// The chatbot's name.
    name: String,
) -> impl IntoView {
    let awake = awake();
    let shown = live.shown;
    let field = NodeRef::<Textarea>::new();
    // Of the text in the field: its characters, and whether there is more than space.
    let length = RwSignal::new(0_usize);
    let blank = RwSignal::new(true);
    let measure = move || {
        let text = value(field);
        live.keep_draft(&text);
        length.set(text.chars().count());
        blank.set(text.trim().is_empty());
        grow(field);
    };
    let limit = usize::try_from(PROMPT_CHARS).unwrap_or(usize::MAX);
    let too_long = Signal::derive(move || length.get() > limit);
    let stopping = Signal::derive(move || shown.busy.get());
    let ready =
        Signal::derive(move || awake.get() && !blank.get() && !too_long.get() && !shown.sending.get());
    let closed = Signal::derive(move || matches!(shown.phase.get(), Phase::Replaced | Phase::Closed(_)));
    let send = move || {
        if ready.get_untracked() && !closed.get_untracked() {
            // Its key may be another one when it is sent.
            live.keep_draft("");
            live.submit(value(field), None);
            put(field, "");
            measure();
        }
        focus(field);
    };
    let on_input = move |_| {
        measure();
        live.wanted();
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if is_done(&event) {
            event.prevent_default();
            send();
        } else if event.key() == "Escape" && shown.busy.get_untracked() && !is_composing(&event) {
            live.stop();
        }
    };
    // What was left unsaid here, and what was typed before the page was awake.
    Effect::new(move || {
        if field.get().is_some() {
            if let Some(draft) = live.draft() {
                put_before(field, draft);
            }
            measure();
        }
    });
    Effect::new(move || {
        if let Some(text) = shown.taken_back.get() {
            put_before(field, text);
            measure();
            focus(field);
            shown.taken_back.set(None);
        }
    });
    let press = move |event: ev::MouseEvent| {
        event.prevent_default();
        if stopping.get_untracked() {
            live.stop();
            focus(field);
        } else {
            send();
        }
    };
    let invalid = Signal::derive(move || too_long.get().then_some("true"));
    let word = Signal::derive(move || {
        if stopping.get() {
            text::stop()
        } else {
            text::send()
        }
    });
    // Before the page is awake the browser sends it.
    let disabled = Signal::derive(move || awake.get() && !stopping.get() && (closed.get() || !ready.get()));
    // Read by the server's `forms/prompt.rs`.
    let act = Signal::derive(move || if stopping.get() { "stop" } else { "send" });
    let counted =
        Signal::derive(move || count(length.get(), limit).or_else(|| left(shown.prompts_left.get()?)));
    let label = text::message_to(&name);
    view! {
        // Without scripts the browser posts it, to the page's own address: see `page::chat`.
        <form id="composer" class="composer" method="post" on:submit=move |event| event.prevent_default()>
            <div class="composer__box">
                <textarea
                    node_ref=field
                    class="composer__field"
                    rows="1"
                    dir="auto"
                    name="message"
                    placeholder=label.clone()
                    aria-label=label
                    aria-describedby="composer-count"
                    aria-invalid=invalid
                    enterkeyhint="send"
                    autocomplete="off"
                    on:input=on_input
                    on:keydown=on_key
                ></textarea>
                <button
                    type="submit"
                    name="act"
                    value=act
                    class="composer__send"
                    class:composer__send--stop=stopping
                    aria-label=word
                    disabled=disabled
                    on:click=press
                >
                    <Icon shape=Signal::derive(move || if stopping.get() { Shape::Square } else { Shape::Up })/>
                </button>
            </div>
            <p id="composer-count" class="composer__count" role="status">
                {counted}
            </p>
        </form>
    }
}

/// Puts a text before what stands in the field, unless that is the same.
fn put_before(field: NodeRef<Textarea>, text: String) {
    let there = value(field);
    if there.trim().is_empty() {
        put(field, &text);
    } else if there != text {
        put(field, &format!("{text}\n\n{there}"));
    }
}

/// What is said about the length: nothing for most prompts.
fn count(length: usize, limit: usize) -> Option<String> {
    match length {
        length if length > limit => Some(text::characters_over(length - limit)),
        length if length >= COUNTED_FROM => Some(text::characters_left(limit - length)),
        _ => None,
    }
}

/// What is said about a user's next prompts when they are few.
fn left(prompts: u32) -> Option<String> {
    match prompts {
        0 => Some(text::prompts_none().to_owned()),
        1 | 2 => Some(text::prompts_left(prompts)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_said_only_near_the_limit() {
        assert_eq!(count(27_999, 32_000), None);
        assert_eq!(count(31_999, 32_000).as_deref(), Some("Characters left: 1"));
        assert_eq!(count(32_000, 32_000).as_deref(), Some("Characters left: 0"));
        assert_eq!(count(32_001, 32_000).as_deref(), Some("Characters too many: 1"));
    }

    #[test]
    fn a_pause_is_told_before_it_comes() {
        assert_eq!(left(3), None);
        assert_eq!(left(2).as_deref(), Some("2 more messages, then a short pause."));
        assert_eq!(left(1).as_deref(), Some("1 more message, then a short pause."));
        assert!(left(0).is_some());
    }
}
