//! What is shown where nothing is.

use leptos::prelude::*;
use leptos_meta::Title;

/// Tells the browser, too, that there is nothing here.
pub(crate) fn say_not_found() {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(http::StatusCode::NOT_FOUND);
    }
}

/// The page of an unknown address.
#[component]
pub(crate) fn Missing() -> impl IntoView {
    say_not_found();
    view! {
        <Title text="Not found · Parlance"/>
        <main class="doorway">
            <div class="doorway__card">
                <h1 class="doorway__heading">"There is nothing here"</h1>
                <p>"The address leads nowhere. It may be mistyped, or what it named was deleted."</p>
                <a class="button" href="/">"Go to your chats"</a>
            </div>
        </main>
    }
}
