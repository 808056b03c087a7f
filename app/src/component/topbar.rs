//! The bar at the top: the drawer's button on a phone, and what the page is about.

use super::icon::{Icon, Shape};
use crate::{island::DRAWER, text};
use leptos::prelude::*;

/// The bar.
#[component]
pub(crate) fn Topbar<V: IntoView + 'static>(
    /// What the page is about.
    children: TypedChildren<V>,
) -> impl IntoView {
    let about = children.into_inner();
    view! {
        <header class="topbar">
            // `popovertarget` works before the page is awake, and without scripts.
            <button type="button" class="icon-button topbar__menu" popovertarget=DRAWER aria-expanded="false" aria-label=text::conversations()>
                <Icon shape=Shape::Menu/>
            </button>
            <div class="topbar__about">{about()}</div>
        </header>
    }
}
