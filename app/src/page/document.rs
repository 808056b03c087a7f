//! A document's text, for whoever may talk with its chatbot: where the lines below an answer lead without scripts, and
//! those of the playground with them.

use super::{
    awaited::{Awaited, later},
    frame::Frame,
    missing::response,
    param::{param, query},
    title::title_of,
    workshop::nothing,
};
use crate::{
    component::{
        avatar::colour_class,
        document_text::{Span, pieces},
        topbar::Topbar,
    },
    data::{Excerpt, Place, Trouble, page_data},
    text,
};
use leptos::prelude::*;
use leptos_meta::Title;
use wire::{ChatbotId, DocumentId, chatbot::Chatbot};

/// Pieces on a page: what is given when nobody says.
const PAGE: u32 = 200;

/// `/bot/{chatbot_id}/document/{document_id}?at=&to=` or `?from=`.
#[component]
pub(crate) fn Document() -> impl IntoView {
    let ids = (
        param::<ChatbotId>("chatbot_id"),
        param::<DocumentId>("document_id"),
    );
    let (at, to, from) = (query("at"), query("to"), query("from"));
    let data = page_data();
    let response = response();
    let content = later(async move {
        let Some(data) = data else { return ().into_any() };
        let read = async move {
            let (Some(bot), Some(id)) = ids else {
                return Err(Trouble::Missing);
            };
            let place = match (from, at) {
                (None, Some(at)) => Place::Character(at),
                (from, _) => Place::Block(from.unwrap_or_default()),
            };
            let text = Excerpt::from(data.text(bot, id, place).await?);
            Ok((data.chatbot(bot).await?, id, text))
        };
        match read.await {
            Ok((bot, id, text)) => {
                let cited = Span {
                    start: at.unwrap_or_default(),
                    end: to.unwrap_or_default(),
                };
                drawn(bot, id, text, cited)
            }
            Err(trouble) => nothing(trouble, response),
        }
    });
    view! { <Awaited>{content}</Awaited> }
}

fn drawn(bot: Chatbot, id: DocumentId, text: Excerpt, cited: Span) -> AnyView {
    let Excerpt {
        name,
        from,
        blocks,
        next,
    } = text;
    let Chatbot {
        id: bot,
        name: bot_name,
        colour,
        ..
    } = bot;
    // A browser that reads the page goes there by itself; one that draws it was too early for that.
    #[cfg(feature = "csr")]
    Effect::new(|| crate::net::browser::scroll_to(&format!("#{}", crate::component::document_text::CITED)));
    let part = move |from: u32, words: &'static str| {
        let address = format!("/bot/{bot}/document/{id}?from={from}");
        view! { <p><a class="button button--quiet" href=address>{words}</a></p> }
    };
    view! {
        <Title text=title_of(&name)/>
        <Frame>
            <main class=format!("page {}", colour_class(colour))>
                <Topbar>
                    <div class="topbar__names"><h1 class="topbar__name" dir="auto">{name}</h1></div>
                    <a class="button button--quiet" href=format!("/new/{bot}")>{text::chat_with(&bot_name)}</a>
                </Topbar>
                <div class="page__scroll" tabindex="0" role="region" aria-label=text::text_region()>
                    <article class="document prose" dir="auto">
                        {(from > 0).then(|| part(from.saturating_sub(PAGE), text::stands_before()))}
                        {pieces(&blocks, cited)}
                        {next.map(|next| part(next, text::read_on()))}
                    </article>
                </div>
            </main>
        </Frame>
    }
    .into_any()
}
