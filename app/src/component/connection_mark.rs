//! One quiet word about the connection.

use crate::{
    state::connection::{Ended, Phase},
    text,
};
use leptos::prelude::*;

/// The mark beside the chatbot's name.
#[component]
pub(crate) fn ConnectionMark(
    /// Where the connection stands.
    #[prop(into)]
    phase: Signal<Phase>,
) -> impl IntoView {
    let word = Signal::derive(move || match phase.get() {
        Phase::Idle => text::connection_ready(),
        Phase::Opening => text::connection_opening(),
        Phase::Open => text::connection_open(),
        Phase::Waiting { .. } => text::connection_lost(),
        Phase::Replaced => text::connection_replaced(),
        Phase::Closed(Ended::SignedOut) => text::connection_signed_out(),
        Phase::Closed(Ended::Gone) => text::connection_closed(),
    });
    let kind = Signal::derive(move || phase.get().word());
    view! {
        <span class="connection" data-phase=kind role="status">
            {word}
        </span>
    }
}
