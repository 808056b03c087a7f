//! Home: whom to talk with.

use super::{
    awaited::{Awaited, later},
    frame::Frame,
};
use crate::{
    component::{
        avatar::{Avatar, colour_class},
        icon::{Brand, Icon, Shape},
        topbar::Topbar,
    },
    data::{Trouble, given::give, page_data},
    island::PickerNote,
    text,
};
use leptos::prelude::*;
use leptos_meta::Title;
use wire::chatbot::Chatbot;

/// Shown below a chatbot's card; all of them are in the chat.
const STARTERS: usize = 2;

/// The page.
#[component]
pub(crate) fn Picker() -> impl IntoView {
    let data = page_data();
    let model = data.as_ref().map(|data| data.info().model);
    let cards = later(async move {
        let chatbots = match data {
            Some(data) => data.chatbots().await.map_err(Trouble::from),
            None => Ok(Vec::new()),
        };
        match chatbots {
            Ok(chatbots) => cards(chatbots).into_any(),
            Err(Trouble::Said(why)) => view! { <p class="problem" role="alert">{why}</p> }.into_any(),
            Err(Trouble::Missing) => ().into_any(),
        }
    });
    view! {
        <Title text="Parlance"/>
        <Frame>
            <main class="page">
                <Topbar><a class="brand topbar__brand" href="/"><Brand/></a></Topbar>
                <div class="page__scroll">
                    <div class="picker">
                        <h1 class="picker__heading">{text::picker_heading()}</h1>
                        <Awaited>{cards}</Awaited>
                        <p><a class="button button--quiet" href="/bot/new"><Icon shape=Shape::Plus/>{text::new_chatbot()}</a></p>
                        {model.map(|model| {
                            let block = give(model);
                            view! { <PickerNote/>{block} }
                        })}
                    </div>
                </div>
            </main>
        </Frame>
    }
}

fn cards(chatbots: Vec<Chatbot>) -> impl IntoView {
    if chatbots.is_empty() {
        return view! { <p>{text::no_chatbots()}</p> }.into_any();
    }
    let card = |chatbot: Chatbot| {
        let Chatbot {
            id,
            name,
            description,
            colour,
            starters,
            settings,
            ..
        } = chatbot;
        // Beside the card: a link has no place in a link.
        let change = settings.is_some().then(|| {
            let label = text::change_bot(&name);
            view! {
                <a class="icon-button picker__change" href=format!("/bot/{id}/settings") aria-label=label.clone() title=label>
                    <Icon shape=Shape::Papers/>
                </a>
            }
        });
        // They lead to the chat, where they stand in the box; a link says nothing by itself.
        let starter = |(number, words): (usize, String)| {
            view! { <li><a class="starter" dir="auto" href=format!("/new/{id}#starter-{number}")>{words}</a></li> }
        };
        let starters: Vec<_> = starters
            .into_iter()
            .take(STARTERS)
            .enumerate()
            .map(starter)
            .collect();
        let starters = (!starters.is_empty()).then(|| {
            let label = text::begin_with(&name);
            view! { <ul class="starters" aria-label=label>{starters}</ul> }
        });
        view! {
            <li>
                <a class=format!("card {}", colour_class(colour)) href=format!("/new/{id}")>
                    <Avatar name=name.clone() colour/>
                    <span class="card__text">
                        <strong class="card__name" dir="auto">{name}</strong>
                        <span class="card__description" dir="auto">{description}</span>
                    </span>
                </a>
                {change}
                {starters}
            </li>
        }
    };
    view! { <ul class="picker__cards">{chatbots.into_iter().map(card).collect_view()}</ul> }.into_any()
}
