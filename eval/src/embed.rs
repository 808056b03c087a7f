//! Vectors by the product's own local model, as the server computes them.

use std::{error::Error, path::Path};

use llm::embed::{EmbedKind, EmbedPriority, Embedder};
use llm::local::embedder::{LocalEmbedder, LocalEmbedderConfig};
use rag::chunk::CountTokens;
use rag::index::VectorSpace;

use crate::vectors::Vectors;

/// Texts that are embedded before they are kept.
const BATCH: usize = 128;

/// The local model, and a runtime to wait for it.
#[derive(Debug)]
pub struct Model {
    embedder: LocalEmbedder,
    runtime: tokio::runtime::Runtime,
}

impl CountTokens for Model {
    fn count(&self, text: &str) -> u32 {
        // Without the two it puts around every text.
        self.embedder.count_tokens(text).saturating_sub(2)
    }
}

impl Model {
    /// Loads a GGUF file. It computes with so many threads, 0: one a core. They wait for each other all the time: on a
    /// machine that is busy with other things, one is faster than two.
    pub fn load(path: &Path, threads: u32) -> Result<Self, Box<dyn Error>> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let config = LocalEmbedderConfig {
            threads,
            ..LocalEmbedderConfig::new(path)
        };
        let embedder = runtime.block_on(async { LocalEmbedder::load(config) });
        // The first count waits for the file.
        embedder.count_tokens("kettle");
        Ok(Self { embedder, runtime })
    }

    /// Tokens it reads at once.
    pub fn max_tokens(&self) -> u32 {
        self.embedder.max_tokens()
    }

    /// What its vectors are.
    pub fn space(&self) -> Result<VectorSpace, Box<dyn Error>> {
        let vector = self.question("kettle")?;
        Ok(VectorSpace {
            model: self.embedder.model_id(),
            width: u32::try_from(vector.len())?,
        })
    }

    /// A question's vector, as fast as a person waits for it.
    pub fn question(&self, text: &str) -> Result<Vec<f32>, Box<dyn Error>> {
        let vectors = self.embed(
            vec![text.to_owned()],
            EmbedKind::Query,
            EmbedPriority::Interactive,
        )?;
        Ok(vectors.into_iter().next().ok_or("one text has one vector")?)
    }

    /// The vectors of passages, as the background computes them.
    pub fn passages(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, Box<dyn Error>> {
        self.embed(texts.to_vec(), EmbedKind::Passage, EmbedPriority::Background)
    }

    /// Embeds what has no vector yet, and keeps it in the file.
    pub fn fill(
        &self,
        vectors: &mut Vectors,
        path: &Path,
        texts: &[String],
        kind: EmbedKind,
    ) -> Result<(), Box<dyn Error>> {
        let missing = vectors.missing(texts.iter().cloned());
        for (number, batch) in missing.chunks(BATCH).enumerate() {
            eprint!("\rembedding {} of {}", number * BATCH, missing.len());
            // A person waits for all of it, and the background steps back before every other program.
            let found = self.embed(batch.to_vec(), kind, EmbedPriority::Interactive)?;
            vectors.add(path, batch, found)?;
        }
        if !missing.is_empty() {
            eprintln!("\rembedded {} texts             ", missing.len());
        }
        Ok(())
    }

    fn embed(
        &self,
        texts: Vec<String>,
        kind: EmbedKind,
        priority: EmbedPriority,
    ) -> Result<Vec<Vec<f32>>, Box<dyn Error>> {
        Ok(self
            .runtime
            .block_on(self.embedder.embed(texts, kind, priority))?)
    }
}
