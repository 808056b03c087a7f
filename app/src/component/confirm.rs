//! Asks before something is gone for good: the browser's own dialog, drawn by the server. The button that means it is heard
//! by the island around it (`data-act="yes"`).

use crate::text;
use leptos::prelude::*;

/// The dialog; `crate::net::browser::ask` opens it.
#[component]
pub(crate) fn Confirm() -> impl IntoView {
    view! {
        <dialog class="confirm" aria-labelledby="confirm-question">
            <form method="dialog">
                <p id="confirm-question" class="confirm__question"></p>
                <div class="confirm__buttons">
                    <button class="button button--quiet">{text::keep_it()}</button>
                    <button class="button button--bad" data-act="yes">{text::delete()}</button>
                </div>
            </form>
        </dialog>
    }
}
