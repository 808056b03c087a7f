//! The sign_in page.

use leptos::prelude::*;

/// The page.
#[component]
pub(crate) fn SignIn() -> impl IntoView {
    view! { <h1>"Sign-in"</h1> }
}
