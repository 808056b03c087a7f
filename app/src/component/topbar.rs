//! The bar at the top: the drawer's button on a phone, what the page is about, the account.

use super::{account::AccountMenu, history::DRAWER};
use leptos::prelude::*;

/// The bar.
#[component]
pub(crate) fn Topbar(
    /// What the page is about.
    children: Children,
) -> impl IntoView {
    view! {
        <header class="topbar">
            // `popovertarget` works before the page is awake, and without scripts.
            <button type="button" class="icon-button topbar__menu" popovertarget=DRAWER aria-label="Conversations">
                <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 7h16M4 12h16M4 17h10"/></svg>
            </button>
            <div class="topbar__about">{children()}</div>
            <AccountMenu/>
        </header>
    }
}
