//! The models and their health.

use super::{
    Tab, administration,
    words::{grouped, moment},
};
use leptos::prelude::*;
use wire::admin::{DocumentQueue, EmbeddingHealth, HealthReport, HealthState, ModelHealth, ModelPlace};

/// `/admin/models`.
#[component]
pub(crate) fn Models() -> impl IntoView {
    administration(Tab::Models, async move |data| {
        let report = data.health().await?;
        Ok(("Models".to_owned(), drawn(report)))
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
        <h2 class="admin__heading">"Models"</h2>
        <p class="admin__lead">"As this server sees them, since it was started: "{moment(Some(since))}" UTC."</p>
        <dl class="totals">
            <div><dt>"Answers being written"</dt><dd>{grouped(running.into())}</dd></div>
            <div><dt>"Prompts waiting"</dt><dd>{grouped(waiting.into())}</dd></div>
        </dl>
        <section class="admin__part" aria-labelledby="answers-heading">
            <h3 id="answers-heading" class="admin__subheading">"What answers"</h3>
            <ul class="models">{models.into_iter().map(model).collect_view()}</ul>
        </section>
        <section class="admin__part" aria-labelledby="embedding-heading">
            <h3 id="embedding-heading" class="admin__subheading">"What finds passages"</h3>
            {embedding.map_or_else(no_embedding, embedding_model)}
        </section>
        <section class="admin__part" aria-labelledby="documents-heading">
            <h3 id="documents-heading" class="admin__subheading">"Documents"</h3>
            {queue(documents)}
        </section>
    }
    .into_any()
}

const fn place(place: ModelPlace) -> &'static str {
    match place {
        ModelPlace::Local => "in this server",
        ModelPlace::Remote => "behind a URL",
    }
}

fn state(state: HealthState, detail: Option<String>) -> impl IntoView {
    let (look, word) = match state {
        HealthState::Ready => ("badge--good", "Answers"),
        HealthState::Loading => ("", "Loading"),
        HealthState::Failed => ("badge--bad", "Fails"),
        HealthState::Untried => ("", "Not asked yet"),
    };
    let detail = detail.map(|detail| view! { " " <span class="models__detail">{detail}</span> });
    view! { <span class=format!("badge {look}")>{word}</span>{detail} }
}

fn model(model: ModelHealth) -> impl IntoView {
    let speed = model.tokens_per_second.map_or_else(
        || "not known yet".to_owned(),
        |speed| format!("{speed:.1} tokens a second"),
    );
    let error = model
        .last_error
        .map(|error| view! { <p class="models__error">{error}</p> });
    view! {
        <li class="models__model">
            <p class="models__name"><strong>{model.name}</strong>" "<span class="admin__none">{place(model.place)}</span></p>
            <p>{state(model.state, model.detail)}</p>
            <dl class="figures">
                <div><dt>"Last answer"</dt><dd>{moment(model.last_success_at)}</dd></div>
                <div><dt>"Speed"</dt><dd>{speed}</dd></div>
                <div><dt>"Last failure"</dt><dd>{moment(model.last_error_at)}</dd></div>
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
    view! { <p class="admin__lead">"No embedding model is configured: passages are found by their words."</p> }.into_any()
}

fn queue(documents: DocumentQueue) -> impl IntoView {
    let more = documents
        .more
        .then(|| view! { <p class="admin__lead">"There are more than were counted."</p> });
    view! {
        <dl class="figures">
            <div><dt>"Waiting"</dt><dd>{grouped(documents.queued.into())}</dd></div>
            <div><dt>"Being read"</dt><dd>{grouped(documents.working.into())}</dd></div>
            <div><dt>"Failed"</dt><dd>{grouped(documents.failed.into())}</dd></div>
        </dl>
        {more}
    }
}
