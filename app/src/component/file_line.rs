//! A line of a chatbot's documents, as the server draws it. In the browser [`crate::live::desk`] fills copies of the empty
//! one: a line that is drawn once needs no code there.

use super::plain_form::PlainToken;
use crate::{
    data::{ACT, ANEW, DELETE, Paper},
    state::papers,
    text,
};
use leptos::prelude::*;
use wire::ChatbotId;

/// A document; without one, the empty line that others are made from.
pub(crate) fn file_line(bot: ChatbotId, paper: Option<&Paper>) -> AnyView {
    let id = paper.map(|paper| paper.id.to_string());
    let name = paper.map(|paper| paper.name.clone()).unwrap_or_default();
    let part = paper.and_then(papers::per_cent);
    let address = id.as_ref().map(|id| format!("/bot/{bot}/document/{id}/file"));
    view! {
        <li class="file" data-id=id data-state=paper.map(papers::state) hidden=paper.is_none()>
            <div class="file__words">
                <p class="file__name" dir="auto">{name.clone()}</p>
                <p class="file__state">{paper.map(papers::words)}</p>
                <p class="file__about">{paper.map(papers::about)}</p>
                <progress
                    class="file__part"
                    max="100"
                    value=part.unwrap_or_default().to_string()
                    hidden=part.is_none()
                    aria-label=name.clone()
                ></progress>
            </div>
            <div class="file__buttons">
                <button type="button" class="icon-button" data-act="anew" aria-label=text::paper_read_again(&name) title=text::read_again()>
                    <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M19 13a7 7 0 1 1-2-6l2 2M19 4v5h-5"></path></svg>
                </button>
                <a class="icon-button" data-act="fetch" href=address download="" aria-label=text::paper_download(&name) title=text::download()>
                    <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 4v11M7 10l5 5 5-5M5 20h14"></path></svg>
                </a>
                <button type="button" class="icon-button" data-act="delete" aria-label=text::paper_delete(&name) title=text::delete()>
                    <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13"></path></svg>
                </button>
            </div>
            {paper.map(|paper| plain(bot, paper))}
        </li>
    }
    .into_any()
}

/// The same buttons for who has no scripts. There is no dialog then: what is for good stands behind another press.
fn plain(bot: ChatbotId, Paper { id, name, .. }: &Paper) -> AnyView {
    view! {
        <noscript>
            <form class="file__plain" method="post" action=format!("/bot/{bot}/document/{id}")>
                <PlainToken/>
                <button type="submit" class="button button--quiet" name=ACT value=ANEW aria-label=text::paper_read_again(name)>
                    {text::read_again()}
                </button>
                <details class="file__doom">
                    <summary class="button button--quiet" aria-label=text::paper_delete(name)>{text::delete()}"…"</summary>
                    <button type="submit" class="button button--bad" name=ACT value=DELETE>{text::paper_delete(name)}</button>
                </details>
            </form>
        </noscript>
    }
    .into_any()
}
