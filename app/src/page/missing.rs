//! The missing page.

use leptos::prelude::*;

/// The page.
#[component]
pub(crate) fn Missing() -> impl IntoView {
    view! { <h1>"Missing"</h1> }
}
