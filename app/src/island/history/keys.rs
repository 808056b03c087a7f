//! What keys do wherever one is on the page. The list of them is in `page::frame`, which opens by `?`.

use crate::{
    island::{DRAWER, SHORTCUTS},
    net::browser,
};
use leptos::{ev, prelude::*, wasm_bindgen::JsCast};
use web_sys::{Element, HtmlElement};

/// From now on.
pub(super) fn listen() {
    let heard = window_event_listener(ev::keydown, |event| pressed(&event));
    on_cleanup(move || heard.remove());
}

fn pressed(event: &ev::KeyboardEvent) {
    let command = event.ctrl_key() || event.meta_key();
    let done = match event.key().as_str() {
        "k" if command => search(),
        "o" | "O" if command && event.shift_key() => {
            browser::go_to("/");
            true
        }
        // What is written somewhere is no command.
        _ if command || event.alt_key() || is_written(event) => false,
        "?" => shortcuts(),
        "/" => browser::focus(".composer__field"),
        _ => false,
    };
    if done {
        event.prevent_default();
    }
}

fn is_written(event: &ev::KeyboardEvent) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.matches("input, textarea, select").unwrap_or_default())
}

/// To the field of the search, which on a phone is in the drawer.
fn search() -> bool {
    if let Some(drawer) = named(DRAWER)
        && drawer.offset_width() == 0
    {
        let _ = drawer.show_popover();
        // It takes the focus itself first.
        request_animation_frame(|| {
            browser::focus(".search__field");
        });
    }
    browser::focus(".search__field")
}

fn shortcuts() -> bool {
    // Refused where it is open already.
    named(SHORTCUTS).is_some_and(|list| list.show_popover().is_ok())
}

fn named(id: &str) -> Option<HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}
