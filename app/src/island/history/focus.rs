//! Where the focus is in the list. A line is drawn anew as a whole when something about it changes, or about its place: what
//! had the focus is gone then, and what stands in its place has it next.

use crate::net::browser;
use leptos::{
    prelude::*,
    task::{spawn_local, tick},
};
use web_sys::Element;
use wire::ConversationId;

/// What has the focus, and how it is found again.
pub(super) struct Focus {
    on: Element,
    selector: String,
}

impl Focus {
    /// `None` while it is elsewhere.
    pub(super) fn here() -> Option<Self> {
        let on = document().active_element()?;
        let line = on.closest("[data-line]").ok()??.get_attribute("data-line")?;
        let what = match on.get_attribute("data-do") {
            Some(button) => format!("[data-do={button}]"),
            None => format!(".{}", on.class_name()),
        };
        let selector = format!("[data-line=\"{line}\"] {what}");
        Some(Self { on, selector })
    }

    /// Puts it there again, once the list is drawn and before that is seen.
    pub(super) fn keep(self) {
        spawn_local(async move {
            tick().await;
            if !self.on.is_connected() {
                browser::focus_in_place(&self.selector);
            }
        });
    }
}

/// Puts the focus on a line's button, once it is drawn.
pub(super) fn put(id: ConversationId, button: &'static str) {
    request_animation_frame(move || {
        browser::focus(&format!("[data-line=\"{id}\"] [data-do={button}]"));
    });
}
