//! Makes a chatbot's form live. The form is drawn by the server and is not in the wasm: this sends it, shows what it will
//! look like, and deletes the chatbot for who means it.

use crate::{
    component::inert::{Inert, Part},
    data::{WorkshopGiven, given::given},
    net::{api, browser},
    state::bot_form::body,
    text,
};
use leptos::{prelude::*, task::spawn_local, wasm_bindgen::JsCast};
use web_sys::{Event, FormData, HtmlFormElement};
use wire::ChatbotId;

const PROBLEM: &str = ".bot-form .problem";
const SAID: &str = ".bot-form [role=status]";

/// The form.
#[cfg_attr(feature = "csr", component)]
#[cfg_attr(not(feature = "csr"), island)]
pub fn BotForm(
    /// Its fields, and what it will look like.
    children: Children,
) -> impl IntoView {
    Effect::new(move || {
        let Some(WorkshopGiven { bot: id }) = given() else {
            return;
        };
        browser::listen(".bot-form", "submit", Box::new(move |event| submit(id, &event)));
        browser::listen(".bot-form", "input", Box::new(|_| typed()));
        browser::listen(".bot-form", "click", Box::new(move |event| pressed(id, &event)));
    });
    view! { <div class="bot-form">{children()}</div> }
}

fn submit(id: Option<ChatbotId>, event: &Event) {
    // The dialog's form only closes it.
    let Some(form) = form().filter(|_| browser::find("dialog[open]").is_none()) else {
        return;
    };
    event.prevent_default();
    browser::write(PROBLEM, "");
    browser::write(SAID, "");
    // Once: a new chatbot would be there twice.
    if browser::find(".bot-form[data-busy]").is_some() {
        return;
    }
    browser::switch(".bot-form", "data-busy", true);
    let body = body(|name| form.get(name).as_string());
    spawn_local(async move {
        match api::save_chatbot(id, body).await {
            Ok(_) if id.is_some() => browser::write(SAID, text::bot_saved()),
            // A new one has no documents yet.
            Ok(made) => return browser::go_to(&format!("/bot/{made}/documents")),
            Err(failure) => browser::write(PROBLEM, &failure.text()),
        }
        browser::switch(".bot-form", "data-busy", false);
    });
}

fn typed() {
    browser::write(SAID, "");
    if let Some(form) = form() {
        preview(&form);
    }
}

fn pressed(id: Option<ChatbotId>, event: &Event) {
    match (browser::act_of(event), id) {
        (Some((act, _)), Some(id)) if act == "yes" => delete(id),
        (Some((act, _)), _) if act == "delete" => browser::ask(text::bot_delete_question()),
        _ => {}
    }
}

fn delete(id: ChatbotId) {
    spawn_local(async move {
        match api::delete_chatbot(id).await {
            Ok(()) => browser::go_to("/"),
            Err(failure) => browser::write(PROBLEM, &failure.text()),
        }
    });
}

/// What the form holds.
fn form() -> Option<FormData> {
    let form = browser::find(".bot-form form")?
        .dyn_into::<HtmlFormElement>()
        .ok()?;
    FormData::new_with_form(&form).ok()
}

/// Shows on the card what was typed.
fn preview(form: &FormData) {
    let word = |name| form.get(name).as_string().unwrap_or_default();
    let name = word("name");
    let letter = name.trim().chars().next().unwrap_or('•').to_string();
    browser::write(".bot-form .card__name", &name);
    browser::write(".bot-form .card__description", &word("description"));
    browser::write(".bot-form .avatar", &letter);
    if let Some(starters) = browser::find(".bot-form__starters") {
        starters.set_text_content(None);
        for words in word("starters").lines().filter(|words| !words.trim().is_empty()) {
            let starter = Inert::new("span", vec![Part::Text(words.to_owned())]).with("class", "starter");
            if let Some(starter) = starter.element() {
                let _ = starters.append_child(&starter);
            }
        }
    }
    if let Some(card) = browser::find(".bot-form .card") {
        card.set_class_name(&format!("card bot-colour--{}", word("colour")));
    }
}
