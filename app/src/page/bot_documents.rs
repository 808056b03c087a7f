//! The documents of a chatbot. Without scripts files are sent by a form, and each line has one.

use super::{
    param::query,
    workshop::{Tab, workshop},
};
use crate::{
    component::{
        confirm::Confirm,
        file_line::file_line,
        plain_form::{Notice, PlainToken, Submit},
    },
    data::{DOCUMENTS_FORM, PageData, Paper, Returned, Trouble, WorkshopGiven, given::give},
    island::Documents,
    state::papers,
    text,
};
use leptos::prelude::*;
use std::sync::Arc;
use wire::{ChatbotId, chatbot::Chatbot};

/// `/bot/{chatbot_id}/documents`; `?done=` names what was just done by a form.
#[component]
pub(crate) fn BotDocuments() -> impl IntoView {
    let done = query::<String>("done").and_then(|done| said(&done));
    workshop(Tab::Documents, move |data, bot| documents(data, bot, done))
}

/// What is said of what was just done. Never the address's own words.
fn said(done: &str) -> Option<&'static str> {
    Some(match done {
        "sent" => text::files_sent(),
        "anew" => text::file_anew(),
        "deleted" => text::line_deleted(),
        _ => return None,
    })
}

async fn documents(
    data: Arc<dyn PageData>,
    bot: Chatbot,
    done: Option<&'static str>,
) -> Result<AnyView, Trouble> {
    let back = data.returned().filter(|back| back.form == DOCUMENTS_FORM);
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
    let at_work = !papers.iter().all(papers::is_settled);
    let block = give(WorkshopGiven { bot: Some(id) });
    let view = view! {
        <h2 class="workshop__heading">{text::documents()}</h2>
        {done.map(|text| view! { <Notice text/> })}
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
            <noscript>{plain(id, at_work)}</noscript>
            <p class="problem" role="alert">{back.as_ref().map(Returned::said)}</p>
            <p class="files__empty">{text::documents_none()}</p>
            <ul class="files__list" aria-label=text::documents()>{lines}</ul>
            <p class="unseen" role="status"></p>
            <Confirm/>
        </Documents>
        {block}
    };
    Ok(view.into_any())
}

/// The form that takes files without scripts. The token stands first: files are refused before they are read.
fn plain(bot: ChatbotId, at_work: bool) -> AnyView {
    let page = format!("/bot/{bot}/documents");
    let again = at_work.then(|| {
        view! { <p><a href=page.clone()>{text::files_look_again()}</a></p> }
    });
    view! {
        <form class="form plain-form" id=DOCUMENTS_FORM method="post" enctype="multipart/form-data" action=page.clone()>
            <PlainToken/>
            <div class="field">
                <label for="documents-file">{text::choose_files()}</label>
                <input
                    id="documents-file" name="file" type="file" multiple required
                    aria-describedby="documents-file-hint"
                />
                <p id="documents-file-hint" class="field__hint">{text::file_kinds()}</p>
            </div>
            <Submit label=text::files_send()/>
        </form>
        {again}
    }
    .into_any()
}
