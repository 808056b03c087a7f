//! An embedding model whose vectors are known, and which gives them when it is told to.

use llm::{EmbedError, EmbedKind, EmbedPriority, Embedder, ModelStatus};
use parking_lot::Mutex;
use rag::chunk::{CountTokens, EstimateTokens};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Numbers in a vector.
const WIDTH: usize = 16;

/// A word is a direction; texts are alike when they share words. Another model has other directions.
#[derive(Debug)]
pub(crate) struct Meaning {
    id: String,
    /// One for each passage that may have its vector.
    allowed: Semaphore,
    questions: Mutex<usize>,
}

impl Meaning {
    /// Gives vectors at once.
    pub(crate) fn of(id: &str) -> Arc<Self> {
        Self::with(id, Semaphore::MAX_PERMITS)
    }

    /// Gives passages no vectors until it is told to. Questions get theirs at once.
    pub(crate) fn held(id: &str) -> Arc<Self> {
        Self::with(id, 0)
    }

    fn with(id: &str, allowed: usize) -> Arc<Self> {
        Arc::new(Self {
            id: id.into(),
            allowed: Semaphore::new(allowed),
            questions: Mutex::new(0),
        })
    }

    /// So many passages more may have their vectors.
    pub(crate) fn allow(&self, passages: usize) {
        self.allowed.add_permits(passages);
    }

    /// How many questions it was asked to embed.
    pub(crate) fn questions(&self) -> usize {
        *self.questions.lock()
    }

    fn vector(&self, text: &str) -> Vec<f32> {
        let mut vector = [0.01_f32; WIDTH];
        for word in text
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
        {
            let word = format!("{} {}", self.id, word.to_lowercase());
            let hash = word.bytes().fold(7_u64, |hash, byte| {
                hash.wrapping_mul(31).wrapping_add(u64::from(byte))
            });
            vector[usize::try_from(hash % 16).unwrap()] += 1.0;
        }
        let length = vector.iter().map(|n| n * n).sum::<f32>().sqrt();
        vector.iter().map(|n| n / length).collect()
    }
}

#[async_trait::async_trait]
impl Embedder for Meaning {
    fn model_id(&self) -> String {
        self.id.clone()
    }

    fn width(&self) -> Option<u32> {
        u32::try_from(WIDTH).ok()
    }

    fn status(&self) -> ModelStatus {
        ModelStatus::Ready
    }

    fn max_tokens(&self) -> u32 {
        512
    }

    fn count_tokens(&self, text: &str) -> u32 {
        EstimateTokens.count(text)
    }

    async fn embed(
        &self,
        texts: Vec<String>,
        kind: EmbedKind,
        _priority: EmbedPriority,
    ) -> Result<Vec<Vec<f32>>, EmbedError> {
        if kind == EmbedKind::Query {
            *self.questions.lock() += texts.len();
        } else {
            let wanted = u32::try_from(texts.len()).unwrap();
            self.allowed.acquire_many(wanted).await.unwrap().forget();
        }
        Ok(texts.iter().map(|text| self.vector(text)).collect())
    }
}
