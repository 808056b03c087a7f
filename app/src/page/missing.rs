//! What is shown where nothing is.

use super::{doorway::Doorway, title::title_of};
use crate::{data::page_data, text};
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
            <Title text=title_of(text::not_taken())/>
            <Doorway heading=text::not_taken()>
                <p class="problem" role="alert">{refused.said()}</p>
                <a class="button" href="/">{text::go_to_chats()}</a>
            </Doorway>
        }
        .into_any();
    }
    say_not_found(use_context());
    view! {
        <Title text=title_of(text::not_found())/>
        <Doorway heading=text::nothing_here()>
            <p>{text::nothing_here_why()}</p>
            <a class="button" href="/">{text::go_to_chats()}</a>
        </Doorway>
    }
    .into_any()
}
