//! A link that was made just now, on the page that answers, and nowhere else.

use crate::data::page_data;
use leptos::prelude::*;

/// The link that the form of this name has made, to be copied; nothing when it was not sent.
pub(super) fn made_link(form: &'static str) -> Option<impl IntoView + use<>> {
    let made = page_data()?.returned()?;
    let link = made.typed(form, "link")?.to_owned();
    let until: String = made.typed(form, "expires_at")?.chars().take(16).collect();
    let until = format!("{} UTC", until.replace('T', " "));
    let id = format!("{form}-link");
    Some(view! {
        <div class="note note--good made" role="status">
            <div class="field">
                <label for=id.clone()>"The link, shown only now"</label>
                <input id=id type="text" readonly value=link/>
                <p class="field__hint">{format!("Good once, until {until}. Whoever has it can use it: hand it over safely.")}</p>
            </div>
        </div>
    })
}
