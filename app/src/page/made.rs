//! A link that was made just now, on the page that answers, and nowhere else.

use crate::{data::page_data, text};
use leptos::prelude::*;

/// The link that the form of this name has made, to be copied; nothing when it was not sent.
pub(super) fn made_link(form: &'static str) -> Option<impl IntoView + use<>> {
    let made = page_data()?.returned()?;
    let link = made.typed(form, "link")?.to_owned();
    let until: String = made.typed(form, "expires_at")?.chars().take(16).collect();
    let until = until.replace('T', " ");
    let id = format!("{form}-link");
    Some(view! {
        <div class="note note--good made" role="status">
            <div class="field">
                <label for=id.clone()>{text::admin_link()}</label>
                <input id=id type="text" readonly value=link/>
                <p class="field__hint">{text::admin_link_hint(&until)}</p>
            </div>
        </div>
    })
}
