//! Passages into vectors, with patience: an embedding model that is loading, busy or away for a moment is waited for. One
//! that does not come back is not waited for again for a while, by no document: they are found by their words meanwhile,
//! and get their vectors later ([`super::vectors`]).

use llm::{EmbedError, EmbedKind, EmbedPriority, Embedder, ModelError};
use parking_lot::Mutex;
use rag::chunk::CountTokens;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::time::Instant;

/// How long a model is waited for before a document is left without vectors. Its last attempt may take longer: a server
/// elsewhere is asked several times in each.
const PATIENCE: Duration = Duration::from_secs(100);
/// The first pause; it doubles.
const PAUSE: Duration = Duration::from_secs(1);
/// How long a model that was waited for in vain is not asked again.
const AWAY: Duration = Duration::from_secs(5 * 60);

/// The models that were waited for in vain.
#[derive(Debug)]
pub(crate) struct Away {
    /// How long one is waited for, and how long it is not asked after that.
    patience: Duration,
    rest: Duration,
    /// Until when they are not asked, by their ids.
    until: Mutex<HashMap<String, Instant>>,
}

impl Default for Away {
    fn default() -> Self {
        Self::after(PATIENCE, AWAY)
    }
}

impl Away {
    fn after(patience: Duration, rest: Duration) -> Self {
        Self {
            patience,
            rest,
            until: Mutex::default(),
        }
    }

    /// Whether this model is not asked now.
    pub(super) fn has(&self, model: &str) -> bool {
        self.until
            .lock()
            .get(model)
            .is_some_and(|until| Instant::now() < *until)
    }

    fn note(&self, model: String) {
        self.until.lock().insert(model, Instant::now() + self.rest);
    }

    fn is_back(&self, model: &str) {
        self.until.lock().remove(model);
    }
}

/// Counts as the embedding model does.
pub(super) struct Exact(pub(super) Arc<dyn Embedder>);

/// What a model puts around each text.
const AROUND: u32 = 2;

impl CountTokens for Exact {
    fn count(&self, text: &str) -> u32 {
        self.0.count_tokens(text).saturating_sub(AROUND)
    }
}

/// The vectors of these texts. One that is too long is cut to what fits: its beginning stands for it.
///
/// # Errors
/// The model's, when it does not get better, or did not a short time ago.
pub(super) async fn passages(
    away: &Away,
    model: &dyn Embedder,
    texts: &[String],
) -> Result<Vec<Vec<f32>>, EmbedError> {
    let id = model.model_id();
    if away.has(&id) {
        let why = "it was waited for in vain a short time ago";
        return Err(EmbedError::Model(ModelError::Unavailable(why.into())));
    }
    let mut texts = texts.to_vec();
    let mut pause = PAUSE;
    let began = Instant::now();
    loop {
        let embedded = model
            .embed(texts.clone(), EmbedKind::Passage, EmbedPriority::Background)
            .await;
        match embedded {
            Err(EmbedError::TooLong { index, .. }) => {
                let Some(text) = texts.get_mut(index) else {
                    return embedded;
                };
                let cut = model.cut(text).text.to_owned();
                if cut.len() == text.len() {
                    return embedded;
                }
                *text = cut;
            }
            Err(EmbedError::Model(
                ModelError::Busy { .. } | ModelError::Unavailable(_) | ModelError::BrokeOff(_),
            )) => {
                if began.elapsed() + pause > away.patience {
                    away.note(id);
                    return embedded;
                }
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            done => {
                away.is_back(&id);
                return done;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm::ModelStatus;
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

    /// A model elsewhere that can be switched off.
    #[derive(Debug, Default)]
    struct Elsewhere {
        is_there: AtomicBool,
        asked: AtomicU32,
    }

    #[async_trait::async_trait]
    impl Embedder for Elsewhere {
        fn model_id(&self) -> String {
            "elsewhere".into()
        }

        fn width(&self) -> Option<u32> {
            Some(1)
        }

        fn status(&self) -> ModelStatus {
            ModelStatus::Ready
        }

        fn max_tokens(&self) -> u32 {
            512
        }

        fn count_tokens(&self, text: &str) -> u32 {
            u32::try_from(text.len()).unwrap()
        }

        async fn embed(
            &self,
            texts: Vec<String>,
            _kind: EmbedKind,
            _priority: EmbedPriority,
        ) -> Result<Vec<Vec<f32>>, EmbedError> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            if self.is_there.load(Ordering::Relaxed) {
                Ok(texts.iter().map(|_| vec![1.0]).collect())
            } else {
                Err(EmbedError::Model(ModelError::Unavailable(
                    "nobody answers".into(),
                )))
            }
        }
    }

    #[tokio::test]
    async fn a_model_that_was_waited_for_in_vain_is_not_asked_for_the_next_document() {
        let away = Away::after(Duration::ZERO, Duration::from_secs(3600));
        let model = Elsewhere::default();
        let texts = ["a kettle".to_owned()];
        assert!(passages(&away, &model, &texts).await.is_err());
        assert!(passages(&away, &model, &texts).await.is_err());
        assert_eq!(model.asked.load(Ordering::Relaxed), 1);
        assert!(away.has("elsewhere"));
    }

    #[tokio::test]
    async fn a_model_that_came_back_gives_vectors_again() {
        let away = Away::after(Duration::ZERO, Duration::ZERO);
        let model = Elsewhere::default();
        let texts = ["a kettle".to_owned()];
        assert!(passages(&away, &model, &texts).await.is_err());
        model.is_there.store(true, Ordering::Relaxed);
        assert_eq!(passages(&away, &model, &texts).await.unwrap(), [[1.0]]);
    }
}
