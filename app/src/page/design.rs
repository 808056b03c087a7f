//! `/design`: every part of the interface in every state, on one page, for who works on it. It is made of the real parts and
//! of invented things; nothing in it lives. Only with `parlance serve --design`.
//!
//! Parts: `control` (what is pressed and filled in), `conversation` (what is said), `list` (what stands in a row). Each
//! `part` below is a picture in `end2end/baselines`.

mod control;
mod conversation;
mod list;

use super::{missing::Missing, title::title_of};
use crate::data::page_data;
use leptos::prelude::*;
use leptos_meta::Title;
use uuid::Uuid;

/// The page.
#[component]
pub(crate) fn Design() -> impl IntoView {
    if !page_data().is_some_and(|data| data.shows_design()) {
        return Missing().into_any();
    }
    // Its own style sheet: nobody who chats should carry it.
    view! {
        <Title text=title_of("Design")/>
        <link rel="stylesheet" href="/design.css"/>
        <main class="design">
            <h1 class="design__heading">"Every part in every state"</h1>
            {control::parts()}
            {conversation::parts()}
            {list::parts()}
        </main>
    }
    .into_any()
}

/// A part of the page, and a picture in the end-to-end stories.
fn part(name: &'static str, content: AnyView) -> AnyView {
    view! {
        <section class="design__part" data-part=name aria-labelledby=name>
            <h2 class="design__name" id=name>{name}</h2>
            {content}
        </section>
    }
    .into_any()
}

/// Things in a row, which goes on in the next line.
fn row(things: Vec<AnyView>) -> AnyView {
    view! { <div class="design__row">{things}</div> }.into_any()
}

fn uuid(number: u128) -> Uuid {
    Uuid::from_u128(number)
}
