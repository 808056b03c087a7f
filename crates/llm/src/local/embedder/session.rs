//! llama.cpp with an embedding model: the file in memory, and what computes with it.
//!
//! Must not know: queues, priorities, who waits.

use super::{LocalEmbedderConfig, Shared, USUAL_LIMIT, batch::Room};
use crate::embed::{EmbedError, normalise};
use crate::local::setup;
use crate::{ModelError, ModelStatus};
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::LlamaContextParams;
use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;
use llama_cpp_2::token::LlamaToken;
use std::num::NonZeroU32;
use std::sync::Arc;

/// Tokens of one batch, unless a single text has more; so long is nothing else done. More is slower: llama.cpp compares
/// each token of a batch with each other one, also of other texts (512 tokens took 4 % more processor time, 1,024 tokens
/// 15 %, for passages of 256).
const BATCH_TOKENS: u32 = 256;
/// Texts of one batch.
const BATCH_TEXTS: u32 = 32;

/// The model in memory.
#[derive(Debug)]
pub(super) struct Loaded {
    model: LlamaModel,
    /// Numbers in a vector.
    pub(super) width: u32,
    /// Tokens a text may have with all that is put before it.
    pub(super) limit: u32,
    /// What of it is left for the text itself.
    pub(super) room: u32,
}

impl Loaded {
    /// Reads the file.
    pub(super) fn load(config: &LocalEmbedderConfig, shared: &Arc<Shared>) -> Result<Self, String> {
        let backend = backend()?;
        if !config.path.is_file() {
            let name = config.path.file_name().unwrap_or_default().to_string_lossy();
            return Err(format!("there is no file {name} where the configuration says"));
        }
        let progress = Arc::clone(shared);
        let params = LlamaModelParams::default().with_progress_callback(move |done| {
            progress.set(ModelStatus::Loading {
                progress: done.clamp(0.0, 1.0),
            });
            true
        });
        let model = LlamaModel::load_from_file(backend, &config.path, &params).map_err(|_| {
            "llama.cpp cannot read its file: it is not a GGUF model, is damaged, or is of an unknown kind"
                .to_owned()
        })?;
        let made_for = model.n_ctx_train().max(1);
        let limit = match config.max_tokens {
            0 => USUAL_LIMIT.min(made_for),
            wanted => wanted.min(made_for),
        };
        let mut loaded = Self {
            width: u32::try_from(model.n_embd_out()).unwrap_or_default(),
            model,
            limit,
            room: limit,
        };
        let around = loaded.count("");
        let prefix = |prefix: &str| loaded.count(prefix).saturating_sub(around);
        let longest = prefix(&config.query_prefix).max(prefix(&config.passage_prefix));
        loaded.room = limit.saturating_sub(longest);
        Ok(loaded)
    }

    /// Tokens, with those the model puts around a text. What looks like one of its marks is read as text.
    fn tokens(&self, text: &str) -> Vec<LlamaToken> {
        self.model.vocab().tokenize(text.as_bytes(), true, false)
    }

    pub(super) fn count(&self, text: &str) -> u32 {
        u32::try_from(self.tokens(text).len()).unwrap_or(u32::MAX)
    }

    /// Texts as the model reads them, if each fits.
    pub(super) fn read(&self, texts: &[String]) -> Result<Vec<Vec<LlamaToken>>, EmbedError> {
        let read = |(index, text): (usize, &String)| {
            let tokens = self.tokens(text);
            match u32::try_from(tokens.len()).unwrap_or(u32::MAX) {
                0 => Err(ModelError::Refused(format!("text {index} is empty")).into()),
                count if count > self.limit => Err(EmbedError::TooLong {
                    index,
                    tokens: count,
                    limit: self.limit,
                }),
                _ => Ok(tokens),
            }
        };
        texts.iter().enumerate().map(read).collect()
    }
}

/// What computes.
pub(super) struct Session<'model> {
    context: LlamaContext<'model>,
    batch: LlamaBatch<'static>,
    width: u32,
    /// What fits into a batch.
    pub(super) room: Room,
}

impl<'model> Session<'model> {
    pub(super) fn open(loaded: &'model Loaded, threads: i32) -> Result<Self, String> {
        let tokens = BATCH_TOKENS.max(loaded.limit);
        let params = LlamaContextParams::default()
            .with_embeddings(true)
            .with_n_ctx(NonZeroU32::new(tokens))
            // A model that sees what is behind a word takes a batch whole.
            .with_n_batch(tokens)
            .with_n_ubatch(tokens)
            .with_n_seq_max(BATCH_TEXTS)
            // Else each text had only its share of the window.
            .with_kv_unified(true)
            .with_n_threads(threads)
            .with_n_threads_batch(threads);
        let context = loaded
            .model
            .new_context(backend()?, params)
            .map_err(|_| "there is not enough memory for it".to_owned())?;
        let size = |count| usize::try_from(count).unwrap_or(usize::MAX);
        let mut session = Self {
            context,
            batch: LlamaBatch::new(size(tokens), 1),
            width: loaded.width,
            room: Room {
                tokens: size(BATCH_TOKENS),
                texts: size(BATCH_TEXTS),
            },
        };
        session.warm_up(loaded)?;
        Ok(session)
    }

    /// Reads every page of the file once, so that the first person does not wait for the disk; and finds out whether
    /// this is an embedding model at all.
    fn warm_up(&mut self, loaded: &Loaded) -> Result<(), String> {
        let text = loaded.tokens("A kettle.");
        match self.embed(&[&text]) {
            Ok(_) => Ok(()),
            Err(error) => Err(format!(
                "it gives no vectors, so that it is no embedding model: {error}"
            )),
        }
    }

    /// The vectors of one batch.
    pub(super) fn embed(&mut self, texts: &[&[LlamaToken]]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let broke_off = |why: &dyn std::fmt::Display| {
            tracing::error!("The local embedding model could not compute: {why}");
            ModelError::BrokeOff("it could not compute the vectors".to_owned())
        };
        self.batch.clear();
        for (sequence, text) in (0..).zip(texts) {
            self.batch
                .add_sequence(text, sequence, true)
                .map_err(|error| broke_off(&error))?;
        }
        // Models that generate as well remember what they saw.
        self.context.clear_kv_cache();
        self.context
            .decode(&mut self.batch)
            .map_err(|error| broke_off(&error))?;
        let vector = |sequence| {
            let vector = self.context.embeddings_seq_ith(sequence);
            let mut vector = vector.map_err(|error| broke_off(&error))?.to_vec();
            let got = u32::try_from(vector.len()).unwrap_or(u32::MAX);
            if got != self.width {
                return Err(EmbedError::MismatchedWidth {
                    expected: self.width,
                    got,
                });
            }
            normalise(&mut vector)?;
            Ok(vector)
        };
        (0..).take(texts.len()).map(vector).collect()
    }
}

fn backend() -> Result<&'static LlamaBackend, String> {
    setup::backend().ok_or_else(|| "llama.cpp cannot be set up".to_owned())
}
