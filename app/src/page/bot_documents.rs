//! The documents of a chatbot.

use super::workshop::{Tab, workshop};
use crate::{
    data::{PageData, Paper, Trouble},
    island::Documents,
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
    let view = view! {
        <h2 class="workshop__heading">"Documents"</h2>
        <Documents bot=bot.id papers/>
    };
    Ok(view.into_any())
}
