//! One quiet word about the connection.

use crate::state::connection::{Ended, Phase};
use leptos::prelude::*;

/// The mark beside the chatbot's name.
#[component]
pub(crate) fn ConnectionMark(
    /// Where the connection stands.
    #[prop(into)]
    phase: Signal<Phase>,
) -> impl IntoView {
    let word = Signal::derive(move || match phase.get() {
        Phase::Idle => "Ready",
        Phase::Opening => "Connecting…",
        Phase::Open => "Connected",
        Phase::Waiting { .. } => "Connection lost. Trying again…",
        Phase::Replaced => "Open elsewhere",
        Phase::Closed(Ended::SignedOut) => "Signed out",
        Phase::Closed(Ended::Gone) => "Closed",
    });
    let kind = Signal::derive(move || phase.get().word());
    view! {
        <span class="connection" data-phase=kind role="status">
            {word}
        </span>
    }
}
