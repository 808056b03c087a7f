//! Home: whom to talk with.

use crate::{
    component::{
        avatar::{Avatar, colour_class},
        model_note::ModelNote,
        topbar::Topbar,
    },
    data::{Source, Trouble},
};
use leptos::prelude::*;
use leptos_meta::Title;
use wire::chatbot::Chatbot;

/// The page.
#[component]
pub(crate) fn Picker() -> impl IntoView {
    let source = Source::here();
    let chatbots = Resource::new(|| (), move |()| source.clone().chatbots());
    view! {
        <Title text="Parlance"/>
        <main class="page">
            <Topbar><span></span></Topbar>
            <div class="page__scroll">
                <div class="picker">
                    <h1 class="picker__heading">"Who would you like to talk with?"</h1>
                    <Transition fallback=|| ()>
                        {move || Suspend::new(async move {
                            match chatbots.await {
                                Ok(chatbots) => cards(chatbots).into_any(),
                                Err(Trouble::Said(text)) => view! { <p class="problem" role="alert">{text}</p> }.into_any(),
                                Err(Trouble::Missing) => ().into_any(),
                            }
                        })}
                    </Transition>
                    <ModelNote/>
                </div>
            </div>
        </main>
    }
}

fn cards(chatbots: Vec<Chatbot>) -> impl IntoView {
    if chatbots.is_empty() {
        return view! { <p>"There is no chatbot yet that you may talk with."</p> }.into_any();
    }
    let card = |chatbot: Chatbot| {
        let Chatbot { id, name, description, colour, .. } = chatbot;
        view! {
            <li>
                <a class=format!("card {}", colour_class(colour)) href=format!("/new/{id}")>
                    <Avatar name=name.clone() colour/>
                    <span class="card__text">
                        <strong class="card__name">{name}</strong>
                        <span class="card__description">{description}</span>
                    </span>
                </a>
            </li>
        }
    };
    view! { <ul class="picker__cards">{chatbots.into_iter().map(card).collect_view()}</ul> }.into_any()
}
