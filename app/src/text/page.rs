//! The browser's side: the words that came with the page.

use super::ELEMENT;
use std::cell::OnceCell;

thread_local! {
    // In the browser there is one thread, and one page.
    static TEXTS: OnceCell<Vec<&'static str>> = const { OnceCell::new() };
}

/// The text of this number.
pub(super) fn at(number: usize) -> &'static str {
    TEXTS.with(|texts| texts.get_or_init(read).get(number).copied().unwrap_or_default())
}

// They are said for as long as the page is there.
fn read() -> Vec<&'static str> {
    let element = leptos::prelude::document().get_element_by_id(ELEMENT);
    let text = element
        .and_then(|element| element.text_content())
        .unwrap_or_default();
    Box::leak(text.into_boxed_str()).split('\n').collect()
}
