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
    text,
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

/// All lines of starters together, with their breaks.
const STARTERS_CHARS: u32 = limit::STARTERS * (limit::STARTER_CHARS + 2);

/// `/bot/{chatbot_id}/settings`.
#[component]
pub(crate) fn BotSettings() -> impl IntoView {
    workshop(Tab::Settings, settings)
}

async fn settings(data: Arc<dyn PageData>, bot: Chatbot) -> Result<AnyView, Trouble> {
    let (id, model) = (bot.id, data.info().model.name);
    let block = give(WorkshopGiven { bot: Some(id) });
    let view = view! {
        <h2 class="workshop__heading">{text::settings()}</h2>
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
        <Title text=title_of(text::new_chatbot())/>
        <Frame>
            <main class="page workshop">
                <Topbar><a class="brand topbar__brand" href="/"><Brand/></a></Topbar>
                <div class="page__scroll">
                    <div class="workshop__content">
                        <h1 class="picker__heading">{text::new_chatbot()}</h1>
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
    let starters = bot
        .as_ref()
        .map(|bot| bot.starters.join("\n"))
        .unwrap_or_default();
    let visibility = bot.as_ref().map(|bot| bot.visibility).unwrap_or_default();
    let shown: Vec<_> = starters
        .lines()
        .map(|words| view! { <span class="starter">{words.to_owned()}</span> })
        .collect();
    let swatches = Vec::from(Colour::ALL.map(|one| swatch(one, one == colour)));
    let delete = (!is_new).then(|| {
        view! { <button type="button" class="button button--quiet button--doom" data-act="delete">{text::delete()}</button> }
    });
    let save = if is_new {
        text::bot_create()
    } else {
        text::bot_save()
    };
    view! {
        <form class="form" method="post">
        <div class="bot-form__looks">
            <div class=format!("card {}", colour_class(colour)) aria-hidden="true">
                <Avatar name=if is_new { "•".to_owned() } else { name.clone() } colour/>
                <span class="card__text">
                    <strong class="card__name" dir="auto">{said(&name, text::bot_name_to_be())}</strong>
                    <span class="card__description" dir="auto">{said(&description, text::bot_purpose_to_be())}</span>
                </span>
            </div>
            <div class="starters bot-form__starters" aria-hidden="true">{shown}</div>
            <fieldset class="swatches">
                <legend>{text::bot_colour()}</legend>
                {swatches}
            </fieldset>
        </div>
        <div class="field">
            <label for="name">{text::bot_name()}</label>
            <input id="name" name="name" type="text" required maxlength=limit::CHATBOT_NAME_CHARS.to_string() autocomplete="off" dir="auto" value=name/>
        </div>
        {area("description", text::bot_description(), text::bot_description_hint(), 2, limit::CHATBOT_DESCRIPTION_CHARS, &description)}
        {area("system_prompt", text::bot_instructions(), text::bot_instructions_hint(), 8, limit::SYSTEM_PROMPT_CHARS, &system_prompt)}
        {area("starters", text::bot_starters(), text::bot_starters_hint(), 3, STARTERS_CHARS, &starters)}
        <fieldset class="choices">
            <legend>{text::bot_visibility()}</legend>
            {choice("radio", "visibility", "private", text::bot_private(), text::bot_private_hint(), visibility == Visibility::Private)}
            {choice("radio", "visibility", "everyone", text::bot_everyone(), text::bot_everyone_hint(), visibility == Visibility::Everyone)}
        </fieldset>
        <fieldset class="choices">
            <legend>{text::bot_answers()}</legend>
            {choice("checkbox", "documents_only", "on", text::bot_documents_only(), text::bot_documents_only_hint(), documents_only)}
        </fieldset>
        <div class="bot-form__pair">
            <div class="field">
                <label for="model">{text::bot_model()}</label>
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
                <p id="model-hint" class="field__hint">{text::bot_model_hint()}</p>
            </div>
            <div class="field">
                <label for="temperature">{text::bot_temperature()}</label>
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
                <p id="temperature-hint" class="field__hint">{text::bot_temperature_hint()}</p>
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
    let called = called(colour);
    view! {
        <label class=format!("swatch {}", colour_class(colour)) title=called>
            <input type="radio" name="colour" value=colour.name() checked=chosen/>
            <span class="unseen">{called}</span>
        </label>
    }
    .into_any()
}

fn called(colour: Colour) -> &'static str {
    match colour {
        Colour::Clay => text::colour_clay(),
        Colour::Coral => text::colour_coral(),
        Colour::Amber => text::colour_amber(),
        Colour::Moss => text::colour_moss(),
        Colour::Leaf => text::colour_leaf(),
        Colour::Teal => text::colour_teal(),
        Colour::Sky => text::colour_sky(),
        Colour::Indigo => text::colour_indigo(),
        Colour::Violet => text::colour_violet(),
        Colour::Plum => text::colour_plum(),
        Colour::Rose => text::colour_rose(),
        Colour::Slate => text::colour_slate(),
    }
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
        .attr("dir", "auto")
        .attr("rows", rows.to_string())
        .attr("maxlength", longest.to_string())
        .attr("aria-describedby", hint_id.clone());
    let field = if text.is_empty() {
        field.into_any()
    } else {
        // A browser that reads HTML takes the first line break away.
        let first = if cfg!(feature = "ssr") { "\n" } else { "" };
        field.child(format!("{first}{text}")).into_any()
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
