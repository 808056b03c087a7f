//! Makes a chatbot's form live. The form is drawn by the server and is not in the wasm: this sends it, shows what it will
//! look like, and deletes the chatbot for who means it.

use crate::{
    component::confirm::Confirm,
    net::{api, browser},
    state::bot_form::body,
};
use leptos::{ev, prelude::*, task::spawn_local, wasm_bindgen::JsCast};
use web_sys::{Element, FormData, HtmlFormElement};
use wire::ChatbotId;

/// The form.
#[island]
pub fn BotForm(
    /// Which chatbot; `None` for a new one.
    id: Option<ChatbotId>,
    /// Its fields, and what it will look like.
    children: Children,
) -> impl IntoView {
    let problem = RwSignal::new(None::<String>);
    let said = RwSignal::new(None::<&'static str>);
    let question = RwSignal::new(None::<String>);
    let sending = StoredValue::new(false);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(form) = form_of(&event) else { return };
        if sending.get_value() {
            return;
        }
        sending.set_value(true);
        problem.set(None);
        said.set(None);
        let body = body(|name| form.get(name).as_string());
        spawn_local(async move {
            let answer = api::save_chatbot(id, body).await;
            sending.try_set_value(false);
            match answer {
                Ok(_) if id.is_some() => {
                    said.try_set(Some("Saved."));
                }
                // A new one has no documents yet.
                Ok(made) => browser::go_to(&format!("/bot/{}/documents", made.id)),
                Err(failure) => {
                    problem.try_set(Some(failure.text()));
                }
            }
        });
    };
    let typed = move |event: ev::Event| {
        said.set(None);
        if let Some(form) = form_of(&event) {
            preview(&form);
        }
    };
    let pressed = move |event: ev::MouseEvent| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        if target.is_some_and(|target| target.has_attribute("data-delete")) {
            let words =
                "Delete this chatbot? Its documents go with it. What was said with it stays readable.";
            question.set(Some(words.to_owned()));
        }
    };
    let meant = Callback::new(move |()| {
        let Some(id) = id else { return };
        spawn_local(async move {
            match api::delete_chatbot(id).await {
                Ok(()) => browser::go_to("/"),
                Err(failure) => {
                    problem.try_set(Some(failure.text()));
                }
            }
        });
    });
    view! {
        <form class="form bot-form" method="post" on:submit=submit on:input=typed on:click=pressed>
            {children()}
            <p class="problem" role="alert">{problem}</p>
            <p class="bot-form__said" role="status">{said}</p>
        </form>
        <Confirm question meant/>
    }
}

/// What the form at which something happened holds.
fn form_of(event: &ev::Event) -> Option<FormData> {
    let form = event.current_target()?.dyn_into::<HtmlFormElement>().ok()?;
    FormData::new_with_form(&form).ok()
}

/// Shows on the card what was typed.
fn preview(form: &FormData) {
    let word = |name| form.get(name).as_string().unwrap_or_default();
    let name = word("name");
    let letter = name.trim().chars().next().unwrap_or('•').to_string();
    let put = |selector, text: &str| {
        if let Ok(Some(element)) = document().query_selector(selector) {
            element.set_text_content(Some(text));
        }
    };
    put(".bot-form .card__name", &name);
    put(".bot-form .card__description", &word("description"));
    put(".bot-form .avatar", &letter);
    if let Ok(Some(card)) = document().query_selector(".bot-form .card") {
        card.set_class_name(&format!("card bot-colour--{}", word("colour")));
    }
}
