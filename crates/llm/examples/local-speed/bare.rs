//! llama.cpp alone: the loop of its `batched-bench`, with the memory and the threads that ours has.

use super::Sample;
use super::phase::Begun;
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::LlamaContextParams;
use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;
use llama_cpp_2::token::LlamaToken;
use std::error::Error;
use std::num::NonZeroU32;
use std::path::Path;

/// Tokens for all chats, as ours has them.
const MEMORY: u32 = 8192;
/// Tokens read at once: `batched-bench`'s own.
const BATCH: usize = 512;

pub(crate) struct Model {
    backend: &'static LlamaBackend,
    model: LlamaModel,
}

pub(crate) fn load(path: &Path) -> Result<Model, Box<dyn Error>> {
    let backend = llm::local::backend().ok_or("llama.cpp cannot be set up")?;
    let model = LlamaModel::load_from_file(backend, path, &LlamaModelParams::default())?;
    Ok(Model { backend, model })
}

pub(crate) struct Bare<'model> {
    context: LlamaContext<'model>,
    batch: LlamaBatch<'static>,
    token: LlamaToken,
}

impl<'model> Bare<'model> {
    pub(crate) fn new(model: &'model Model, threads: u32, chats: usize) -> Result<Self, Box<dyn Error>> {
        let threads = match threads {
            0 => std::thread::available_parallelism()?.get().try_into()?,
            threads => threads.try_into()?,
        };
        let batch = u32::try_from(BATCH)?;
        let unified = std::env::var_os("BARE_STREAMS").is_none();
        let params = LlamaContextParams::default()
            .with_n_ctx(NonZeroU32::new(MEMORY))
            .with_n_seq_max(u32::try_from(chats)?)
            .with_kv_unified(unified)
            .with_n_batch(batch)
            .with_n_ubatch(batch)
            .with_n_threads(threads)
            .with_n_threads_batch(threads);
        Ok(Self {
            context: model.model.new_context(model.backend, params)?,
            batch: LlamaBatch::new(BATCH, 1),
            token: model.model.vocab().nl(),
        })
    }

    /// Reads and writes as many tokens as ours did.
    pub(crate) fn measure(&mut self, chats: usize, ours: &Sample) -> Result<Sample, Box<dyn Error>> {
        let read = ours.reading.tokens / chats;
        let written = ours.writing.tokens / chats;
        let sequences = 0..i32::try_from(chats)?;
        self.context.clear_kv_cache();
        let begun = Begun::now();
        for sequence in sequences.clone() {
            for position in 0..i32::try_from(read)? {
                let last = position + 1 == i32::try_from(read)?;
                self.add(position, sequence, last)?;
            }
        }
        self.compute()?;
        let reading = begun.over(read * chats);
        let begun = Begun::now();
        for step in 0..written {
            for sequence in sequences.clone() {
                self.add(i32::try_from(read + step)?, sequence, true)?;
            }
            self.compute()?;
        }
        let writing = begun.over(written * chats);
        Ok(Sample { reading, writing })
    }

    fn add(&mut self, position: i32, sequence: i32, draw: bool) -> Result<(), Box<dyn Error>> {
        if usize::try_from(self.batch.n_tokens())? == BATCH {
            self.compute()?;
        }
        Ok(self.batch.add(self.token, position, &[sequence], draw)?)
    }

    fn compute(&mut self) -> Result<(), Box<dyn Error>> {
        self.context.decode(&mut self.batch)?;
        self.batch.clear();
        Ok(())
    }
}
