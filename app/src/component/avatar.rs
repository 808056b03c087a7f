//! A chatbot's face: its first letter in its colour. The colour is a class: the CSP knows no inline styles.

use leptos::prelude::*;
use wire::chatbot::Colour;

/// The class that gives an element and its children a chatbot's colour.
pub(crate) fn colour_class(colour: Colour) -> String {
    format!("bot-colour--{}", colour.name())
}

/// The avatar. The name stands beside it, so it is silent.
#[component]
pub(crate) fn Avatar(
    /// Whose.
    name: String,
    /// Its colour.
    colour: Colour,
) -> impl IntoView {
    // Made a capital by the style sheet: Unicode's tables are large.
    let letter = name.trim().chars().next().unwrap_or('•').to_string();
    view! { <span class=format!("avatar {}", colour_class(colour)) aria-hidden="true">{letter}</span> }
}
