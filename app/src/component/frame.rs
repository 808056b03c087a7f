//! What stays while pages change: the conversations at the side, the page beside them.

use super::history::{ConversationList, DRAWER, History};
use crate::net::browser;
use leptos::prelude::*;
use leptos_router::{components::Outlet, hooks::use_location};

/// The frame around every page of a signed-in user.
#[component]
pub(crate) fn Frame() -> impl IntoView {
    let history = History::provide();
    let path = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let now = path.get();
        if before.is_some_and(|before| before != now) {
            browser::shut(DRAWER);
        }
        now
    });
    view! {
        <div class="frame">
            <aside id=DRAWER popover class="drawer">
                <a class="brand" href="/">
                    <svg class="brand__mark" viewBox="0 0 32 32" aria-hidden="true">
                        <path d="M6 7h20v14H15l-6 5v-5H6z"/>
                        <path d="M11 12h10M11 16h6"/>
                    </svg>
                    "Parlance"
                </a>
                <a class="button button--quiet drawer__new" href="/">
                    <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 5v14M5 12h14"/></svg>
                    "New chat"
                </a>
                <ConversationList history/>
            </aside>
            <Outlet/>
        </div>
    }
}
