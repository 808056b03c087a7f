//! A field of several lines, whose text is its own: what was typed before the page was awake is still there after.

use leptos::{ev, html::Textarea, prelude::*};

/// What it holds.
pub(crate) fn value(field: NodeRef<Textarea>) -> String {
    field
        .get_untracked()
        .map(|field| field.value())
        .unwrap_or_default()
}

/// Gives it another text.
pub(crate) fn put(field: NodeRef<Textarea>, text: &str) {
    if let Some(field) = field.get_untracked() {
        field.set_value(text);
    }
}

/// Puts the focus on it.
pub(crate) fn focus(field: NodeRef<Textarea>) {
    if let Some(field) = field.get_untracked() {
        let _ = field.focus();
    }
}

/// For browsers without `field-sizing`: by the object model, which the CSP allows, not by an attribute.
pub(crate) fn grow(field: NodeRef<Textarea>) {
    let Some(field) = field.get_untracked() else {
        return;
    };
    if web_sys::css::supports("(field-sizing: content)").unwrap_or(true) {
        return;
    }
    let style = web_sys::HtmlElement::style(&field);
    let _ = style.set_property("height", "auto");
    let _ = style.set_property("height", &format!("{}px", field.scroll_height()));
}

/// Whether a key says that the text is whole: Enter, but not Shift+Enter.
pub(crate) fn is_done(event: &ev::KeyboardEvent) -> bool {
    event.key() == "Enter" && !event.shift_key() && !is_composing(event)
}

/// Whether a key is an input method's, which accepts a word by Enter and drops it by Escape. Safari says it by the old
/// number only.
pub(crate) fn is_composing(event: &ev::KeyboardEvent) -> bool {
    event.is_composing() || event.key_code() == 229
}
