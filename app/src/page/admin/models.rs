//! The models and their health.

use super::{
    Tab, administration,
    words::{minute, moment},
};
use crate::text;
use leptos::prelude::*;
use wire::admin::{DocumentQueue, EmbeddingHealth, HealthReport, HealthState, ModelHealth, ModelPlace};

/// `/admin/models`.
#[component]
pub(crate) fn Models() -> impl IntoView {
    administration(Tab::Models, async move |data| {
        let report = data.health().await?;
        Ok((text::admin_models().to_owned(), drawn(report)))
    })
}

fn drawn(report: HealthReport) -> AnyView {
    let HealthReport {
        since,
        models,
        embedding,
        running,
        waiting,
        documents,
    } = report;
    view! {
        <h2 class="admin__heading">{text::admin_models()}</h2>
        <p class="admin__lead">{text::admin_since(&minute(since))}</p>
        <dl class="totals">
            <div><dt>{text::admin_running()}</dt><dd>{text::number(running)}</dd></div>
            <div><dt>{text::admin_waiting()}</dt><dd>{text::number(waiting)}</dd></div>
        </dl>
        <section class="admin__part" aria-labelledby="answers-heading">
            <h3 id="answers-heading" class="admin__subheading">{text::admin_what_answers()}</h3>
            <ul class="models">{models.into_iter().map(model).collect_view()}</ul>
        </section>
        <section class="admin__part" aria-labelledby="embedding-heading">
            <h3 id="embedding-heading" class="admin__subheading">{text::admin_what_finds()}</h3>
            {embedding.map_or_else(no_embedding, embedding_model)}
        </section>
        <section class="admin__part" aria-labelledby="documents-heading">
            <h3 id="documents-heading" class="admin__subheading">{text::documents()}</h3>
            {queue(documents)}
        </section>
    }
    .into_any()
}

fn place(place: ModelPlace) -> &'static str {
    match place {
        ModelPlace::Local => text::admin_local(),
        ModelPlace::Remote => text::admin_remote(),
    }
}

fn state(state: HealthState, detail: Option<String>) -> impl IntoView {
    let (look, word) = match state {
        HealthState::Ready => ("badge--good", text::admin_ready()),
        HealthState::Loading => ("", text::admin_loading()),
        HealthState::Failed => ("badge--bad", text::admin_failing()),
        HealthState::Untried => ("", text::admin_untried()),
    };
    let detail = detail.map(|detail| view! { " " <span class="models__detail">{detail}</span> });
    view! { <span class=format!("badge {look}")>{word}</span>{detail} }
}

fn model(model: ModelHealth) -> impl IntoView {
    let speed = model.tokens_per_second.map_or_else(
        || text::admin_speed_unknown().to_owned(),
        |speed| text::admin_speed_of(&format!("{speed:.1}")),
    );
    let error = model
        .last_error
        .map(|error| view! { <p class="models__error">{error}</p> });
    view! {
        <li class="models__model">
            <p class="models__name"><strong>{model.name}</strong>" "<span class="admin__none">{place(model.place)}</span></p>
            <p>{state(model.state, model.detail)}</p>
            <dl class="figures">
                <div><dt>{text::admin_last_answer()}</dt><dd>{moment(model.last_success_at)}</dd></div>
                <div><dt>{text::admin_speed()}</dt><dd>{speed}</dd></div>
                <div><dt>{text::admin_last_failure()}</dt><dd>{moment(model.last_error_at)}</dd></div>
            </dl>
            {error}
        </li>
    }
}

fn embedding_model(model: EmbeddingHealth) -> AnyView {
    view! {
        <ul class="models">
            <li class="models__model">
                <p class="models__name"><strong>{model.name}</strong>" "<span class="admin__none">{place(model.place)}</span></p>
                <p>{state(model.state, model.detail)}</p>
            </li>
        </ul>
    }
    .into_any()
}

fn no_embedding() -> AnyView {
    view! { <p class="admin__lead">{text::admin_no_embedding()}</p> }.into_any()
}

fn queue(documents: DocumentQueue) -> impl IntoView {
    let more = documents
        .more
        .then(|| view! { <p class="admin__lead">{text::admin_papers_more()}</p> });
    view! {
        <dl class="figures">
            <div><dt>{text::admin_papers_waiting()}</dt><dd>{text::number(documents.queued)}</dd></div>
            <div><dt>{text::admin_papers_reading()}</dt><dd>{text::number(documents.working)}</dd></div>
            <div><dt>{text::admin_papers_failed()}</dt><dd>{text::number(documents.failed)}</dd></div>
        </dl>
        {more}
    }
}
