//! The models and their health, and what is done with documents: what this server sees.

use super::Administrator;
use crate::{app::App, problem::ApiResult};
use llm::ModelStatus;
use wire::{
    admin::{DocumentQueue, EmbeddingHealth, HealthReport, HealthState, ModelHealth, ModelPlace},
    document::DocumentStatus,
};

/// Documents of one status that are counted.
const COUNTED: u32 = 1_000;

/// As of now.
///
/// # Errors
/// The store's.
pub async fn report(app: &App, _admin: &Administrator) -> ApiResult<HealthReport> {
    let waiting = app.chat.admission.waiting();
    let running = app.chat.all_running().len().saturating_sub(waiting);
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Ok(HealthReport {
        since: app.models.since(),
        models: models(app),
        embedding: embedding(app),
        running: number(running),
        waiting: number(waiting),
        documents: documents(app).await?,
    })
}

fn place(is_remote: bool) -> ModelPlace {
    if is_remote {
        ModelPlace::Remote
    } else {
        ModelPlace::Local
    }
}

fn state(status: ModelStatus) -> (HealthState, Option<String>) {
    match status {
        ModelStatus::Loading { progress } => (
            HealthState::Loading,
            Some(format!("{:.0} %", progress.clamp(0.0, 1.0) * 100.0)),
        ),
        ModelStatus::Ready => (HealthState::Ready, None),
        ModelStatus::Failed(why) => (HealthState::Failed, Some(why)),
    }
}

fn models(app: &App) -> Vec<ModelHealth> {
    let place = place(app.config.model.openai_url.is_some());
    let chosen = app.model.name();
    let mut seen = app.models.seen();
    let mut names = vec![chosen.clone()];
    names.extend(seen.keys().filter(|name| **name != chosen).cloned());
    let health = |name: String| {
        let seen = seen.remove(&name).unwrap_or_default();
        let (state, detail) = match (place, state(app.model.status())) {
            // Of a model elsewhere nothing is known but what came of asking it.
            (ModelPlace::Remote, (HealthState::Ready, _)) => {
                (asked(seen.last_success_at, seen.last_error_at), None)
            }
            (_, known) => known,
        };
        ModelHealth {
            name,
            place,
            state,
            detail,
            last_success_at: seen.last_success_at,
            last_error_at: seen.last_error_at,
            last_error: seen.last_error,
            tokens_per_second: seen.tokens_per_second,
        }
    };
    names.into_iter().map(health).collect()
}

/// What the later of the two says.
fn asked(success: Option<wire::Timestamp>, error: Option<wire::Timestamp>) -> HealthState {
    match (success, error) {
        (None, None) => HealthState::Untried,
        (success, error) if error > success => HealthState::Failed,
        _ => HealthState::Ready,
    }
}

fn embedding(app: &App) -> Option<EmbeddingHealth> {
    let model = app.embedders.current()?;
    let (state, detail) = state(model.status());
    Some(EmbeddingHealth {
        name: model.model_id(),
        place: place(app.config.embedding.embedding_url.is_some()),
        state,
        detail,
    })
}

async fn documents(app: &App) -> ApiResult<DocumentQueue> {
    let count = |status| app.store.count_documents(status, COUNTED);
    let (queued, extracting, chunking, embedding, failed) = futures::try_join!(
        count(DocumentStatus::Queued),
        count(DocumentStatus::Extracting),
        count(DocumentStatus::Chunking),
        count(DocumentStatus::Embedding),
        count(DocumentStatus::Failed),
    )?;
    let counts = [queued, extracting, chunking, embedding, failed];
    Ok(DocumentQueue {
        queued,
        working: extracting.saturating_add(chunking).saturating_add(embedding),
        failed,
        more: counts.contains(&COUNTED),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::Timestamp;

    #[test]
    fn a_model_elsewhere_is_as_well_as_its_last_answer() {
        let at = |seconds| Some(Timestamp::from_millis(seconds));
        assert_eq!(asked(None, None), HealthState::Untried);
        assert_eq!(asked(at(1), None), HealthState::Ready);
        assert_eq!(asked(None, at(1)), HealthState::Failed);
        assert_eq!(asked(at(1), at(2)), HealthState::Failed);
        assert_eq!(asked(at(3), at(2)), HealthState::Ready);
    }
}
