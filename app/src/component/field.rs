//! A labelled field. Its text stays in the document: what was typed before the page was awake is not lost.

use leptos::{html::Input, prelude::*};

/// The field.
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
    /// What it holds at first.
    #[prop(optional)]
    value: String,
    /// A sentence below it.
    #[prop(optional)]
    hint: Option<String>,
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
                value=value
                autocomplete=autocomplete
                required
                aria-describedby=hint.as_ref().map(|_| hint_id.clone())
            />
            {hint.map(|hint| view! { <p id=hint_id class="field__hint">{hint}</p> })}
        </div>
    }
}

/// What a field holds.
pub(crate) fn value(field: NodeRef<Input>) -> String {
    field
        .get_untracked()
        .map(|field| field.value())
        .unwrap_or_default()
}

/// False until the page is awake.
pub(crate) fn awake() -> RwSignal<bool> {
    let awake = RwSignal::new(false);
    Effect::new(move || awake.set(true));
    awake
}
