//! The documents of a chatbot.

use super::workshop::{Tab, workshop};
use crate::{
    component::{confirm::Confirm, file_line::file_line},
    data::{PageData, Paper, Trouble, WorkshopGiven, given::give},
    island::Documents,
    text,
};
use leptos::prelude::*;
use std::sync::Arc;
use wire::chatbot::Chatbot;

/// `/bot/{chatbot_id}/documents`.
#[component]
pub(crate) fn BotDocuments() -> impl IntoView {
    workshop(Tab::Documents, documents)
}

async fn documents(data: Arc<dyn PageData>, bot: Chatbot) -> Result<AnyView, Trouble> {
    let papers: Vec<Paper> = data
        .documents(bot.id)
        .await?
        .into_iter()
        .map(Paper::from)
        .collect();
    let id = bot.id;
    let lines: Vec<_> = papers
        .iter()
        .map(Some)
        .chain([None])
        .map(|paper| file_line(id, paper))
        .collect();
    let block = give(WorkshopGiven { bot: Some(id) });
    let view = view! {
        <h2 class="workshop__heading">{text::documents()}</h2>
        <Documents>
            <label class="drop">
                <span class="drop__words">
                    <strong>{text::drop_files()}</strong>
                    <span class="drop__or">" "{text::drop_or()}" "</span>
                    <span class="button">{text::choose_files()}</span>
                </span>
                <span class="drop__hint">{text::file_kinds()}</span>
                <input class="unseen" type="file" multiple disabled aria-label=text::choose_files()/>
            </label>
            <p class="problem" role="alert"></p>
            <p class="files__empty">{text::documents_none()}</p>
            <ul class="files__list" aria-label=text::documents()>{lines}</ul>
            <p class="unseen" role="status"></p>
            <Confirm/>
        </Documents>
        {block}
    };
    Ok(view.into_any())
}
