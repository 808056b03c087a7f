//! What is shown where nothing is.

use super::{doorway::Doorway, title::title_of};
use crate::{data::page_data, text};
use leptos::prelude::*;
use leptos_meta::Title;

/// What the server answers beside the page.
#[cfg(feature = "ssr")]
pub(super) type Response = leptos_axum::ResponseOptions;
/// A page that is drawn in the browser answers nobody.
#[cfg(not(feature = "ssr"))]
pub(super) type Response = std::convert::Infallible;

/// The answer that the page being drawn is a part of, for [`say_not_found`].
pub(super) fn response() -> Option<Response> {
    use_context()
}

/// Says it to the browser, too.
#[cfg(feature = "ssr")]
pub(super) fn say_not_found(response: Option<Response>) {
    if let Some(response) = response {
        response.set_status(http::StatusCode::NOT_FOUND);
    }
}

/// Nobody is to be told.
#[cfg(not(feature = "ssr"))]
pub(super) fn say_not_found(_: Option<Response>) {}

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
    say_not_found(response());
    view! {
        <Title text=title_of(text::not_found())/>
        <Doorway heading=text::nothing_here()>
            <p>{text::nothing_here_why()}</p>
            <a class="button" href="/">{text::go_to_chats()}</a>
        </Doorway>
    }
    .into_any()
}
