//! Drawings: lines of 24 by 24, in the colour of the text around them. Always beside words, or inside a button
//! that has a name: they are silent.

use super::inert::{Inert, Part};
use leptos::prelude::*;

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    #[cfg_attr(
        not(feature = "pages"),
        expect(dead_code, reason = "only the server draws the page's frame")
    )]
    Plus,
    Menu,
    Cross,
    Up,
    Down,
    Square,
    #[cfg_attr(
        not(feature = "pages"),
        expect(
            dead_code,
            reason = "only the server draws the ways to where a chatbot is changed"
        )
    )]
    Papers,
}

impl Shape {
    const fn path(self) -> &'static str {
        match self {
            Self::Plus => "M12 5v14M5 12h14",
            Self::Menu => "M4 7h16M4 12h16M4 17h10",
            Self::Cross => "M6 6l12 12M18 6L6 18",
            Self::Up => "M12 19V5M6 11l6-6 6 6",
            Self::Down => "M12 5v14M6 13l6 6 6-6",
            Self::Square => "M8 8h8v8H8z",
            Self::Papers => "M8 8V3h8l4 4v10h-4M4 8h8l4 4v9H4zM12 8v4h4",
        }
    }
}

/// A drawing of these lines, in plain markup.
pub(crate) fn drawing(paths: &[&str]) -> Inert {
    let path = |path: &&str| Part::Inert(Inert::svg("path", Vec::new()).with("d", *path));
    Inert::svg("svg", paths.iter().map(path).collect())
        .with("viewBox", "0 0 24 24")
        .with("aria-hidden", "true")
}

/// A drawing.
#[component]
pub(crate) fn Icon(
    /// What is drawn.
    #[prop(into)]
    shape: Signal<Shape>,
) -> impl IntoView {
    let path = Signal::derive(move || shape.get().path());
    view! { <svg viewBox="0 0 24 24" aria-hidden="true"><path d=path></path></svg> }
}

/// The name of the program and its mark.
#[component]
pub(crate) fn Brand() -> impl IntoView {
    view! {
        <svg class="brand__mark" viewBox="0 0 32 32" aria-hidden="true">
            <path d="M6 7h20v14H15l-6 5v-5H6zM11 12h10M11 16h6"></path>
        </svg>
        "Parlance"
    }
}
