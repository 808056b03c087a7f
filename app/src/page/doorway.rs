//! The pages where one proves who one is look alike: a card on a quiet page.

use super::languages::Languages;
use crate::component::icon::Brand;
use leptos::prelude::*;

/// The card.
#[component]
pub(crate) fn Doorway(
    /// The heading.
    #[prop(into)]
    heading: String,
    /// The form.
    children: Children,
) -> impl IntoView {
    view! {
        <main class="doorway">
            <div class="doorway__card">
                <p class="brand brand--large"><Brand/></p>
                <h1 class="doorway__heading">{heading}</h1>
                {children()}
                <Languages/>
            </div>
        </main>
    }
}
