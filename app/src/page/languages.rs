//! The way to the page in another language: links, which need no script. The server keeps the choice in a cookie and shows
//! the same page again, with all else that stands in its address: an invitation, for one.

use crate::text::{self, Language};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// The languages, each in its own words.
#[component]
pub(crate) fn Languages() -> impl IntoView {
    let now = text::language();
    let query = use_query_map().get_untracked();
    let link = |one: Language| {
        let mut query = query.clone();
        query.replace("language", one.tag().to_owned());
        let address = query.to_query_string();
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
