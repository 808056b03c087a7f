//! The way to the page in another language: links, which need no script. The server keeps the choice in a cookie and shows
//! the same page again.

use crate::text::{self, Language};
use leptos::prelude::*;

/// The languages, each in its own words.
#[component]
pub(crate) fn Languages() -> impl IntoView {
    let now = text::language();
    let link = |one: Language| {
        let address = format!("?language={}", one.tag());
        let current = (one == now).then_some("true");
        view! {
            <a href=address lang=one.tag() hreflang=one.tag() dir=one.direction() aria-current=current>
                {one.own_name()}
            </a>
        }
    };
    view! {
        <nav class="languages" aria-label=text::language_of_page()>
            {Language::all().map(link).collect_view()}
        </nav>
    }
}
