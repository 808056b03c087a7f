//! Asks before something is gone for good: the browser's own dialog, whose form says what was chosen.

use leptos::{html::Dialog, prelude::*};

/// The dialog; closed while there is no question.
#[component]
pub(crate) fn Confirm(
    /// What is asked.
    question: RwSignal<Option<String>>,
    /// Done when it is meant.
    meant: Callback<()>,
) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move || {
        if question.with(Option::is_some)
            && let Some(dialog) = dialog.get()
        {
            dialog.set_return_value("");
            let _ = dialog.show_modal();
        }
    });
    let closed = move |_| {
        let yes = dialog
            .get_untracked()
            .is_some_and(|dialog| dialog.return_value() == "yes");
        question.set(None);
        if yes {
            meant.run(());
        }
    };
    view! {
        <dialog node_ref=dialog class="confirm" aria-labelledby="confirm-question" on:close=closed>
            <form method="dialog">
                <p id="confirm-question" class="confirm__question">{question}</p>
                <div class="confirm__buttons">
                    <button class="button button--quiet">"Keep it"</button>
                    <button class="button button--bad" value="yes">"Delete"</button>
                </div>
            </form>
        </dialog>
    }
}
