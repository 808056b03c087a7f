//! What would an answer rest on? A form that is sent by `GET`: the page needs no script, and a search has an address.

use super::{
    param::query,
    workshop::{Tab, workshop},
};
use crate::{
    data::{PageData, Trouble},
    text,
};
use leptos::prelude::*;
use std::sync::Arc;
use wire::{
    ChatbotId,
    chatbot::Chatbot,
    document::{SearchHit, SearchResult, StageTime},
};

/// Characters of a question. An address has to hold it.
const LONGEST: &str = "2000";

/// `/bot/{chatbot_id}/playground?ask=`. `q` is what is searched for in conversations, on every page.
#[component]
pub(crate) fn BotPlayground() -> impl IntoView {
    let question = query::<String>("ask").filter(|question| !question.trim().is_empty());
    workshop(Tab::Playground, move |data, bot| ask(data, bot, question))
}

async fn ask(data: Arc<dyn PageData>, bot: Chatbot, question: Option<String>) -> Result<AnyView, Trouble> {
    let found = match question.clone() {
        Some(question) => Some(data.search(bot.id, question).await?),
        None => None,
    };
    let results = found.map(|found| results(bot.id, found));
    let view = view! {
        <h2 class="workshop__heading">{text::playground()}</h2>
        <p class="workshop__lead">{text::ask_lead()}</p>
        <form class="ask" method="get" role="search" aria-label=text::documents()>
            <label class="unseen" for="ask">{text::ask_question()}</label>
            <input
                id="ask"
                class="ask__field"
                type="search"
                name="ask"
                required
                maxlength=LONGEST
                autocomplete="off"
                dir="auto"
                placeholder=text::ask_example()
                value=question
            />
            <button type="submit" class="button">{text::search()}</button>
        </form>
        {results}
    };
    Ok(view.into_any())
}

fn results(bot: ChatbotId, found: SearchResult) -> AnyView {
    let SearchResult { hits, times, chunks } = found;
    let whole: f32 = times.iter().map(|time| time.ms).sum();
    let summary = match (hits.len(), chunks) {
        (_, 0) => text::ask_nothing_there().to_owned(),
        (0, _) => text::ask_none(chunks),
        (count, _) => text::ask_best(chunks, count, &milliseconds(whole)),
    };
    let times = times.into_iter().map(|StageTime { stage, ms }| {
        view! { <div><dt>{stage_name(&stage)}</dt><dd>{milliseconds(ms)}</dd></div> }
    });
    let best = hits.first().map_or(1.0, |hit| hit.score).max(f32::EPSILON);
    view! {
        <p class="workshop__lead" role="status">{summary}</p>
        <dl class="figures" aria-label=text::ask_times()>{times.collect_view()}</dl>
        <ol class="hits">{hits.into_iter().map(|hit| hit_view(bot, hit, best)).collect_view()}</ol>
    }
    .into_any()
}

fn hit_view(bot: ChatbotId, hit: SearchHit, best: f32) -> impl IntoView {
    let SearchHit {
        document_id,
        document_name,
        page,
        start,
        end,
        headings,
        text,
        score,
        keyword_score,
        vector_score,
    } = hit;
    let place = match page {
        Some(page) => text::place_page(&document_name, page),
        None => document_name,
    };
    let above =
        (!headings.is_empty()).then(|| view! { <p class="hit__above" dir="auto">{headings.join(" › ")}</p> });
    let score_of = |score: Option<f32>| score.map_or_else(|| "–".to_owned(), |score| format!("{score:.2}"));
    view! {
        <li class="hit">
            <a class="hit__place" href=format!("/bot/{bot}/document/{document_id}?at={start}&to={end}#cited")>{place}</a>
            {above}
            <p class="hit__text" dir="auto">{text.replace("\n\n", "\n")}</p>
            <dl class="figures">
                <div><dt>{text::ask_words()}</dt><dd>{score_of(keyword_score)}</dd></div>
                <div><dt>{text::ask_meaning()}</dt><dd>{score_of(vector_score)}</dd></div>
                <div>
                    <dt>{text::ask_together()}</dt>
                    <dd>
                        {score_of(Some(score))}
                        <meter class="hit__meter" min="0" max="1" value=format!("{:.3}", score / best) aria-label=text::ask_beside_best()></meter>
                    </dd>
                </div>
            </dl>
        </li>
    }
}

fn milliseconds(ms: f32) -> String {
    if ms < 10.0 {
        text::milliseconds(&format!("{ms:.1}"))
    } else {
        text::milliseconds(&format!("{ms:.0}"))
    }
}

/// A step in a reader's words.
fn stage_name(stage: &str) -> String {
    match stage {
        "load" => text::ask_index(),
        "embed" => text::ask_question(),
        "keyword" => text::ask_words(),
        "vector" => text::ask_meaning(),
        "fuse" => text::ask_together(),
        other => other,
    }
    .to_owned()
}
