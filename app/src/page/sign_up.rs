//! The sign_up page.

use leptos::prelude::*;

/// The page.
#[component]
pub(crate) fn SignUp() -> impl IntoView {
    view! { <h1>"Sign-up"</h1> }
}
