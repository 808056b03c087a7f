//! The conversation, scrolling. The view follows a growing answer unless the reader has scrolled up; what is in the
//! document of a long one is [`Pane`]'s affair.

use super::{
    actions::pressed,
    icon::{Icon, Shape},
    message::MessageView,
    pane::Pane,
    so_far::so_far,
};
use crate::{live::Live, net::browser, text};
use leptos::prelude::*;

/// The log of messages.
#[component]
pub(crate) fn TranscriptView<V: IntoView + 'static>(
    /// What is said.
    live: Live,
    /// The chatbot's name.
    name: String,
    /// Shown while nothing was said.
    intro: V,
) -> impl IntoView {
    let found = live.found_label();
    // For the page's own script, too: it scrolls before this is awake.
    let place = found.clone().unwrap_or_default();
    let shown = live.shown;
    let pane = Pane::new(live);
    pane.start();
    Effect::new(move || {
        if let Some(found) = &found {
            let found = format!("#{found}");
            browser::focus(&found);
            browser::scroll_to(&found);
        }
    });
    let Pane {
        scroller,
        content,
        following,
        drawn,
        ..
    } = pane;
    // A prompt of one's own is always looked at.
    Effect::new(move |before: Option<bool>| {
        let sending = shown.sending.get();
        if sending && before == Some(false) {
            pane.to_the_end();
        }
        sending
    });
    let no_more = Signal::derive(move || !shown.has_more.get());
    let busy = Signal::derive(move || if shown.busy.get() { "true" } else { "false" });
    view! {
        <div class="log" node_ref=scroller on:scroll=move |_| pane.scrolled() data-scroll-end=place>
            <div
                class="log__content"
                node_ref=content
                role="log"
                aria-live="off"
                aria-label=text::conversation()
                aria-busy=busy
                tabindex="0"
                on:click=move |event| pressed(live, &event)
            >
                <button
                    type="button"
                    class="button button--quiet log__earlier"
                    hidden=no_more
                    on:click=move |_| live.earlier()
                >
                    {text::show_earlier()}
                </button>
                {intro}
                <For each=move || drawn.get() key=|row| row.key let(row)>
                    <MessageView row name=name.clone() live/>
                </For>
                {so_far()}
            </div>
        </div>
        <button type="button" class="button log__jump" hidden=following on:click=move |_| pane.to_the_end()>
            <Icon shape=Shape::Down/>
            {text::jump_to_latest()}
        </button>
        <p class="unseen" role="status" aria-live="polite">{shown.said}</p>
    }
}
