//! Says plainly what answers: a small starter model, one that is being loaded, one that could not be.

use super::{
    icon::{Icon, Shape},
    inert::{Inert, Part},
};
use crate::{
    net::{api, browser},
    text,
};
use leptos::{prelude::*, task::spawn_local};
use std::time::Duration;
use wire::auth::{ModelInfo, ModelState};

const DISMISSED: &str = "parlance.starter-note";

/// How often a model that is being loaded is asked after.
const LOOK: Duration = Duration::from_secs(3);

/// The note about the model, where there is something to say.
#[component]
pub(crate) fn ModelNote(
    /// As it was when the page was drawn.
    model: ModelInfo,
) -> impl IntoView {
    let ModelInfo { name, starter, state } = model;
    let state = RwSignal::new(state);
    let dismissed = RwSignal::new(false);
    Effect::new(move || {
        dismissed.set(browser::recall(DISMISSED).is_some());
        look(state);
    });
    let dismiss = move |_| {
        browser::keep(DISMISSED, "1");
        dismissed.set(true);
    };
    let trouble = {
        let name = name.clone();
        Signal::derive(move || match state.get() {
            ModelState::Loading => text::model_loading(&name),
            ModelState::Failed => text::model_failed(&name),
            ModelState::Ready => String::new(),
        })
    };
    let ready = Signal::derive(move || state.get() == ModelState::Ready);
    let nothing_to_say = Signal::derive(move || !starter || dismissed.get() || !ready.get());
    let starter = starter_note(&name);
    view! {
        <p class="note" role="status" hidden=ready>{trouble}</p>
        <aside
            class="note"
            aria-label=text::model_about()
            hidden=nothing_to_say
        >
            {starter}
            <button type="button" class="icon-button" aria-label=text::dismiss() on:click=dismiss>
                <Icon shape=Shape::Cross/>
            </button>
        </aside>
    }
}

/// What a small model is good for, and how to have a better one.
fn starter_note(name: &str) -> Inert {
    let heading = Inert::new("strong", vec![Part::Text(text::starter_is().to_owned())]);
    let mut parts = vec![Part::Inert(heading), Part::Text(" ".to_owned())];
    // Between backticks stands code.
    for (at, piece) in text::starter_more(name).split('`').enumerate() {
        let piece = Part::Text(piece.to_owned());
        parts.push(if at.is_multiple_of(2) {
            piece
        } else {
            Part::Inert(Inert::new("code", vec![piece]))
        });
    }
    Inert::new("p", parts)
}

/// Asks after a model until it is there.
fn look(state: RwSignal<ModelState>) {
    if state.try_get_untracked() != Some(ModelState::Loading) {
        return;
    }
    let again = move || {
        spawn_local(async move {
            if browser::is_visible()
                && let Ok(model) = api::model_info().await
            {
                state.try_set(model.state);
            }
            look(state);
        });
    };
    set_timeout(again, LOOK);
}
