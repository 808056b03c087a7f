//! The chat page.

use leptos::prelude::*;

/// The page.
#[component]
pub(crate) fn ChatPage() -> impl IntoView {
    view! { <h1>"Chat"</h1> }
}
