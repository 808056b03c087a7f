//! Home: whom to talk with.

use super::frame::Frame;
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

/// The page.
#[component]
pub(crate) fn Picker() -> impl IntoView {
    let data = page_data();
    let model = data.as_ref().map(|data| data.info().model);
    let cards = Suspend::new(async move {
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
                        <Suspense>{cards}</Suspense>
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
            </li>
        }
    };
    view! { <ul class="picker__cards">{chatbots.into_iter().map(card).collect_view()}</ul> }.into_any()
}
