//! Says plainly what answers: a small starter model, one that is being loaded, one that could not be.

use super::icon::{Icon, Shape};
use crate::net::{api, browser};
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
            ModelState::Loading => {
                format!("{name} is being loaded. You can write already; the answer comes when it is ready.")
            }
            ModelState::Failed => {
                format!("{name} could not be loaded, so nothing can answer. The server's log says why.")
            }
            ModelState::Ready => String::new(),
        })
    };
    let ready = Signal::derive(move || state.get() == ModelState::Ready);
    let nothing_to_say = Signal::derive(move || !starter || dismissed.get() || !ready.get());
    view! {
        <p class="note" role="status" hidden=ready>{trouble}</p>
        <aside
            class="note"
            aria-label="About the model"
            hidden=nothing_to_say
        >
            <p>
                <strong>"A small starter model answers here. "</strong>
                {format!("{name} runs on this machine, needs no key, and is often wrong. ")}
                "For good answers connect a larger one: set "
                <code>"PARLANCE_OPENAI_URL"</code>
                " and "
                <code>"PARLANCE_OPENAI_KEY"</code>
                " for any OpenAI-compatible server, or "
                <code>"PARLANCE_MODEL_PATH"</code>
                " to any GGUF file, and start Parlance again."
            </p>
            <button type="button" class="icon-button" aria-label="Dismiss" on:click=dismiss>
                <Icon shape=Shape::Cross/>
            </button>
        </aside>
    }
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
