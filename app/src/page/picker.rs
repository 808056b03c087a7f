//! The picker page.

use leptos::prelude::*;

/// The page.
#[component]
pub(crate) fn Picker() -> impl IntoView {
    view! { <h1>"Picker"</h1> }
}
