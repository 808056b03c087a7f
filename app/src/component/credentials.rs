//! The two pages where one proves who one is look alike: a card on a quiet page.

use leptos::{html::Input, prelude::*};

/// The card around a sign-in or sign-up form.
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
                <p class="brand brand--large">
                    <svg class="brand__mark" viewBox="0 0 32 32" aria-hidden="true">
                        <path d="M6 7h20v14H15l-6 5v-5H6z"/>
                        <path d="M11 12h10M11 16h6"/>
                    </svg>
                    "Parlance"
                </p>
                <h1 class="doorway__heading">{heading}</h1>
                {children()}
            </div>
        </main>
    }
}

/// A labelled field. Its text stays in the page: what was typed before the page was awake is not lost.
#[component]
pub(crate) fn Field(
    /// Its `name` and `id`.
    name: &'static str,
    /// What is asked for.
    label: &'static str,
    /// `email`, `password` or `text`.
    kind: &'static str,
    /// What a password manager should know.
    autocomplete: &'static str,
    /// To read it.
    node: NodeRef<Input>,
    /// A sentence below it.
    #[prop(optional)]
    hint: Option<&'static str>,
    /// What it holds at first.
    #[prop(optional, into)]
    initial: Option<String>,
) -> impl IntoView {
    let hint_id = format!("{name}-hint");
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                node_ref=node
                id=name
                name=name
                type=kind
                autocomplete=autocomplete
                required
                value=initial
                aria-describedby=hint.map(|_| hint_id.clone())
            />
            {hint.map(|hint| view! { <p id=hint_id class="field__hint">{hint}</p> })}
        </div>
    }
}

/// What a field holds.
pub(crate) fn value(field: NodeRef<Input>) -> String {
    field.get_untracked().map(|field| field.value()).unwrap_or_default()
}
