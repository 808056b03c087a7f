//! A chatbot's settings, and the form that makes a new one. Drawn here; made live by [`BotForm`].

use super::{
    frame::Frame,
    title::title_of,
    workshop::{Tab, workshop},
};
use crate::{
    component::{
        avatar::{Avatar, colour_class},
        confirm::Confirm,
        icon::Brand,
        topbar::Topbar,
    },
    data::{PageData, Trouble, WorkshopGiven, given::give, page_data},
    island::BotForm,
};
use leptos::{
    prelude::*,
    tachys::html::{attribute::custom::CustomAttribute, element::custom},
};
use leptos_meta::Title;
use std::sync::Arc;
use wire::{
    chatbot::{Chatbot, ChatbotSettings, Colour, Visibility},
    limit,
};

/// `/bot/{chatbot_id}/settings`.
#[component]
pub(crate) fn BotSettings() -> impl IntoView {
    workshop(Tab::Settings, settings)
}

async fn settings(data: Arc<dyn PageData>, bot: Chatbot) -> Result<AnyView, Trouble> {
    let (id, model) = (bot.id, data.info().model.name);
    let block = give(WorkshopGiven { bot: Some(id) });
    let view = view! {
        <h2 class="workshop__heading">"Settings"</h2>
        <BotForm>{fields(Some(bot), model)}</BotForm>
        {block}
    };
    Ok(view.into_any())
}

/// `/bot/new`.
#[component]
pub(crate) fn NewBot() -> impl IntoView {
    let model = page_data().map(|data| data.info().model.name).unwrap_or_default();
    let block = give(WorkshopGiven { bot: None });
    view! {
        <Title text=title_of("New chatbot")/>
        <Frame>
            <main class="page workshop">
                <Topbar><a class="brand topbar__brand" href="/"><Brand/></a></Topbar>
                <div class="page__scroll">
                    <div class="workshop__content">
                        <h1 class="picker__heading">"New chatbot"</h1>
                        <BotForm>{fields(None, model)}</BotForm>
                        {block}
                    </div>
                </div>
            </main>
        </Frame>
    }
}

fn fields(bot: Option<Chatbot>, server_model: String) -> AnyView {
    let is_new = bot.is_none();
    let settings = bot.as_ref().and_then(|bot| bot.settings.clone());
    let ChatbotSettings {
        system_prompt,
        model,
        temperature,
        documents_only,
    } = settings.unwrap_or(ChatbotSettings {
        system_prompt: String::new(),
        model: None,
        temperature: None,
        documents_only: false,
    });
    let (name, description) = bot
        .as_ref()
        .map(|bot| (bot.name.clone(), bot.description.clone()))
        .unwrap_or_default();
    let colour = bot.as_ref().map(|bot| bot.colour).unwrap_or_default();
    let visibility = bot.as_ref().map(|bot| bot.visibility).unwrap_or_default();
    let swatches = Vec::from(Colour::ALL.map(|one| swatch(one, one == colour)));
    let delete = (!is_new).then(|| {
        view! { <button type="button" class="button button--quiet button--doom" data-act="delete">"Delete"</button> }
    });
    let save = if is_new { "Create" } else { "Save" };
    view! {
        <form class="form" method="post">
        <div class="bot-form__looks">
            <div class=format!("card {}", colour_class(colour)) aria-hidden="true">
                <Avatar name=if is_new { "•".to_owned() } else { name.clone() } colour/>
                <span class="card__text">
                    <strong class="card__name">{said(&name, "Its name")}</strong>
                    <span class="card__description">{said(&description, "What it is good for")}</span>
                </span>
            </div>
            <fieldset class="swatches">
                <legend>"Colour"</legend>
                {swatches}
            </fieldset>
        </div>
        <div class="field">
            <label for="name">"Name"</label>
            <input id="name" name="name" type="text" required maxlength=limit::CHATBOT_NAME_CHARS.to_string() autocomplete="off" value=name/>
        </div>
        {area("description", "Description", "One or two sentences, for who chooses whom to talk with.", 2, limit::CHATBOT_DESCRIPTION_CHARS, &description)}
        {area("system_prompt", "Instructions", "What the model is told before each conversation: who it is, how it answers, what it leaves alone.", 8, limit::SYSTEM_PROMPT_CHARS, &system_prompt)}
        <fieldset class="choices">
            <legend>"Who may talk with it"</legend>
            {choice("radio", "visibility", "private", "Only you", "You, and administrators.", visibility == Visibility::Private)}
            {choice("radio", "visibility", "everyone", "Everyone here", "Whoever has an account. Only you can change it.", visibility == Visibility::Everyone)}
        </fieldset>
        <fieldset class="choices">
            <legend>"Answers"</legend>
            {choice("checkbox", "documents_only", "on", "From its documents only", "What they do not say, it does not say either.", documents_only)}
        </fieldset>
        <div class="bot-form__pair">
            <div class="field">
                <label for="model">"Model"</label>
                <input
                    id="model"
                    name="model"
                    type="text"
                    maxlength="200"
                    autocomplete="off"
                    spellcheck="false"
                    placeholder=server_model
                    value=model
                    aria-describedby="model-hint"
                />
                <p id="model-hint" class="field__hint">"Empty: the server's own."</p>
            </div>
            <div class="field">
                <label for="temperature">"Temperature"</label>
                <input
                    id="temperature"
                    name="temperature"
                    type="number"
                    min="0"
                    max="2"
                    step="any"
                    inputmode="decimal"
                    value=temperature.map(|temperature| temperature.to_string())
                    aria-describedby="temperature-hint"
                />
                <p id="temperature-hint" class="field__hint">"0 is sober, 2 is wild. Empty: the model's own."</p>
            </div>
        </div>
        <div class="bot-form__buttons">
            <button type="submit" class="button">{save}</button>
            {delete}
        </div>
        <p class="problem" role="alert"></p>
        <p class="bot-form__said" role="status"></p>
        </form>
        <Confirm/>
    }
    .into_any()
}

/// What is there, or what will be.
fn said(text: &str, else_this: &str) -> String {
    if text.trim().is_empty() { else_this } else { text }.to_owned()
}

fn swatch(colour: Colour, chosen: bool) -> AnyView {
    let name = colour.name();
    view! {
        <label class=format!("swatch {}", colour_class(colour)) title=name>
            <input type="radio" name="colour" value=name checked=chosen/>
            <span class="unseen">{name}</span>
        </label>
    }
    .into_any()
}

fn choice(
    kind: &'static str,
    name: &'static str,
    value: &'static str,
    label: &'static str,
    hint: &'static str,
    chosen: bool,
) -> AnyView {
    view! {
        <label class="choice">
            <input type=kind name=name value=value checked=chosen/>
            <span class="choice__words"><strong>{label}</strong><span class="field__hint">{hint}</span></span>
        </label>
    }
    .into_any()
}

fn area(
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    rows: u32,
    longest: u32,
    text: &str,
) -> AnyView {
    let hint_id = format!("{name}-hint");
    // leptos writes what stands in a `<textarea>` as it is: `</textarea>` would end it. In an element that it has no name
    // for, it escapes. An empty text would be drawn as a space, so there is none then.
    let field = custom("textarea")
        .attr("id", name)
        .attr("name", name)
        .attr("rows", rows.to_string())
        .attr("maxlength", longest.to_string())
        .attr("aria-describedby", hint_id.clone());
    let field = if text.is_empty() {
        field.into_any()
    } else {
        // A browser takes the first line break away.
        field.child(format!("\n{text}")).into_any()
    };
    view! {
        <div class="field">
            <label for=name>{label}</label>
            {field}
            <p id=hint_id class="field__hint">{hint}</p>
        </div>
    }
    .into_any()
}
