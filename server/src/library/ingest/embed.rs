//! Passages into vectors, with patience: an embedding model that is loading, busy or away for a moment is waited for.

use llm::{EmbedError, EmbedKind, EmbedPriority, Embedder, ModelError};
use rag::chunk::CountTokens;
use std::{sync::Arc, time::Duration};

/// Attempts before a document is left without vectors.
const ATTEMPTS: u32 = 8;
/// The first pause; it doubles.
const PAUSE: Duration = Duration::from_secs(1);

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
/// The model's, when it does not get better.
pub(super) async fn passages(model: &dyn Embedder, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
    let mut texts = texts.to_vec();
    let mut pause = PAUSE;
    let mut attempt = 1;
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
            )) if attempt < ATTEMPTS => {
                attempt += 1;
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            done => return done,
        }
    }
}
