//! The conversation, scrolling. The view follows a growing answer unless the reader has scrolled up.

use super::{
    actions::pressed,
    icon::{Icon, Shape},
    message::MessageView,
};
use crate::{live::Live, text};
use leptos::{
    html::Div,
    prelude::*,
    wasm_bindgen::{JsCast, closure::Closure},
};
use send_wrapper::SendWrapper;

/// This near to the end, in pixels, is at the end.
const NEAR: i32 = 48;

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
    let scroller = NodeRef::<Div>::new();
    let content = NodeRef::<Div>::new();
    let following = RwSignal::new(true);
    follow(scroller, content, following);
    let shown = live.shown;
    let rows = shown.rows;
    let on_scroll = move |_| {
        if let Some(scroller) = scroller.get_untracked() {
            let rest = scroller.scroll_height() - scroller.scroll_top() - scroller.client_height();
            if following.get_untracked() != (rest < NEAR) {
                following.set(rest < NEAR);
            }
        }
    };
    let jump = move |_| {
        following.set(true);
        to_the_end(scroller);
    };
    // A prompt of one's own is always looked at.
    Effect::new(move |before: Option<bool>| {
        let sending = shown.sending.get();
        if sending && before == Some(false) {
            following.set(true);
            to_the_end(scroller);
        }
        sending
    });
    let no_more = Signal::derive(move || !shown.has_more.get());
    let busy = Signal::derive(move || if shown.busy.get() { "true" } else { "false" });
    view! {
        <div class="log" node_ref=scroller on:scroll=on_scroll data-scroll-end="">
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
                <For each=move || rows.get() key=|row| row.key let(row)>
                    <MessageView row name=name.clone() live/>
                </For>
            </div>
        </div>
        <button type="button" class="button log__jump" hidden=following on:click=jump>
            <Icon shape=Shape::Down/>
            {text::jump_to_latest()}
        </button>
        <p class="unseen" role="status" aria-live="polite">{shown.said}</p>
    }
}

fn to_the_end(scroller: NodeRef<Div>) {
    if let Some(scroller) = scroller.get_untracked() {
        scroller.set_scroll_top(scroller.scroll_height());
    }
}

/// Stays at the end while the content grows: between layout and paint, so that nothing jumps.
fn follow(scroller: NodeRef<Div>, content: NodeRef<Div>, following: RwSignal<bool>) {
    Effect::new(move || {
        let (Some(outer), Some(inner)) = (scroller.get(), content.get()) else {
            return;
        };
        let stay = Closure::<dyn FnMut()>::new(move || {
            if following.try_get_untracked() == Some(true) {
                to_the_end(scroller);
            }
        });
        if let Ok(observer) = web_sys::ResizeObserver::new(stay.as_ref().unchecked_ref()) {
            observer.observe(&outer);
            observer.observe(&inner);
            let watching = SendWrapper::new((observer, stay));
            on_cleanup(move || watching.take().0.disconnect());
        }
    });
}
