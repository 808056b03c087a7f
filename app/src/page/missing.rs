//! What is shown where nothing is.

use super::doorway::Doorway;
use crate::data::page_data;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::Title;

/// Says it to the browser, too.
pub(super) fn say_not_found(response: Option<ResponseOptions>) {
    if let Some(response) = response {
        response.set_status(http::StatusCode::NOT_FOUND);
    }
}

/// The page of an unknown address; and of a form that the server did not take at all, which has no page of its own.
#[component]
pub(crate) fn Missing() -> impl IntoView {
    if let Some(refused) = page_data().and_then(|data| data.returned()) {
        return view! {
            <Title text="Not taken · Parlance"/>
            <Doorway heading="This could not be taken">
                <p class="problem" role="alert">{refused.problem}</p>
                <a class="button" href="/">"Go to your chats"</a>
            </Doorway>
        }
        .into_any();
    }
    say_not_found(use_context());
    view! {
        <Title text="Not found · Parlance"/>
        <Doorway heading="There is nothing here">
            <p>"The address leads nowhere. It may be mistyped, or what it named was deleted."</p>
            <a class="button" href="/">"Go to your chats"</a>
        </Doorway>
    }
    .into_any()
}
