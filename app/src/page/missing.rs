//! What is shown where nothing is.

use super::doorway::Doorway;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::Title;

/// Says it to the browser, too.
pub(super) fn say_not_found(response: Option<ResponseOptions>) {
    if let Some(response) = response {
        response.set_status(http::StatusCode::NOT_FOUND);
    }
}

/// The page of an unknown address.
#[component]
pub(crate) fn Missing() -> impl IntoView {
    say_not_found(use_context());
    view! {
        <Title text="Not found · Parlance"/>
        <Doorway heading="There is nothing here">
            <p>"The address leads nowhere. It may be mistyped, or what it named was deleted."</p>
            <a class="button" href="/">"Go to your chats"</a>
        </Doorway>
    }
}
