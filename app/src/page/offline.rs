//! What is shown when the server cannot be reached: the service worker keeps this page for that. Nobody's in particular.

use super::{doorway::Doorway, title::title_of};
use crate::text;
use leptos::prelude::*;
use leptos_meta::Title;

/// Where it is.
pub(crate) const OFFLINE: &str = "/offline";

/// `/offline`; whatever address the reader wanted, the link tries it again.
#[component]
pub(crate) fn Offline() -> impl IntoView {
    view! {
        <Title text=title_of(text::offline())/>
        <Doorway heading=text::offline()>
            <p>{text::offline_why()}</p>
            <p><a class="button" href="">{text::try_again()}</a></p>
        </Doorway>
    }
}
