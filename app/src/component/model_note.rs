//! Says plainly what answers: a small starter model, one that is being loaded, one that could not be.

use crate::{boot::Boot, net::browser};
use leptos::prelude::*;
use wire::auth::ModelState;

const DISMISSED: &str = "parlance.starter-note";

/// The note about the model, where there is something to say.
#[component]
pub(crate) fn ModelNote() -> impl IntoView {
    let boot = Boot::here();
    let model = Memo::new(move |_| boot.info.get().map(|info| info.model));
    let dismissed = RwSignal::new(false);
    Effect::new(move || {
        if browser::recall(DISMISSED).is_some() {
            dismissed.set(true);
        }
    });
    let dismiss = move |_| {
        browser::keep(DISMISSED, "1");
        dismissed.set(true);
    };
    move || {
        let model = model.get()?;
        match model.state {
            ModelState::Loading => Some(
                view! {
                    <p class="note" role="status">
                        {format!("{} is being loaded. You can write already; the answer comes when it is ready.", model.name)}
                    </p>
                }
                .into_any(),
            ),
            ModelState::Failed => Some(
                view! {
                    <p class="note note--bad" role="alert">
                        {format!("{} could not be loaded, so nothing can answer. The server's log says why.", model.name)}
                    </p>
                }
                .into_any(),
            ),
            ModelState::Ready if model.starter && !dismissed.get() => Some(
                view! {
                    <aside class="note" aria-label="About the model">
                        <p>
                            <strong>"A small starter model answers here. "</strong>
                            {format!("{} runs on this machine, needs no key, and is often wrong. ", model.name)}
                            "For good answers connect a larger one: set "
                            <code>"PARLANCE_OPENAI_URL"</code>
                            " and "
                            <code>"PARLANCE_OPENAI_KEY"</code>
                            " for any OpenAI-compatible server, or "
                            <code>"PARLANCE_MODEL_PATH"</code>
                            " to any GGUF file, and start Parlance again."
                        </p>
                        <button type="button" class="icon-button" aria-label="Dismiss" on:click=dismiss>
                            <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 6l12 12M18 6L6 18"/></svg>
                        </button>
                    </aside>
                }
                .into_any(),
            ),
            ModelState::Ready => None,
        }
    }
}
