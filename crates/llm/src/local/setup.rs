//! From the configuration and a file to a model that can compute.

use super::LocalConfig;
use super::queue::Queue;
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::LlamaContextParams;
use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;
use llama_cpp_2::{LogOptions, send_logs_to_tracing};
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::{Arc, OnceLock};

/// Tokens of one step, at most.
pub(super) const BATCH: u16 = 256;
/// The window, if the configuration names none: memory grows with it.
const USUAL_WINDOW: u32 = 4096;
/// Less cannot hold a question and its answer.
const SMALLEST_WINDOW: u32 = 256;
/// So many windows are in memory if several chats share it. Conversations are rarely as long as they may be: two full ones,
/// or four of half the length, and what is free holds those that may go on.
const WINDOWS: u32 = 2;

/// What the configuration means for this model.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dimensions {
    /// Tokens of one conversation, prompt and answer together.
    pub(super) window: u32,
    /// Tokens of all conversations together.
    pub(super) memory: u32,
    /// Answers written at the same time.
    pub(super) sequences: u32,
    pub(super) threads: i32,
}

impl Dimensions {
    pub(super) fn of(config: &LocalConfig, model: &LlamaModel) -> Self {
        let wanted = match config.context_tokens {
            0 => USUAL_WINDOW.min(model.n_ctx_train()),
            // More than it was trained on gives nonsense.
            wanted => wanted.min(model.n_ctx_train()),
        };
        let window = wanted.max(SMALLEST_WINDOW);
        let sequences = config.sequences();
        let shared = window.saturating_mul(WINDOWS.min(sequences));
        let memory = match stretched_from(model) {
            // llama.cpp stretches positions by the size of the whole memory, and short windows are better without.
            Some(original) if window <= original => shared.min(original),
            _ => shared,
        };
        Self {
            window,
            memory,
            sequences,
            threads: threads(config),
        }
    }
}

/// The window the model was first trained on, if it was stretched later.
fn stretched_from(model: &LlamaModel) -> Option<u32> {
    let architecture = model.meta_val_str("general.architecture").ok()?;
    let original = model.meta_val_str(&format!("{architecture}.rope.scaling.original_context_length"));
    original.ok()?.parse().ok()
}

fn threads(config: &LocalConfig) -> i32 {
    let cores = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let wanted = match config.threads {
        0 => cores(),
        wanted => usize::try_from(wanted).unwrap_or(1),
    };
    i32::try_from(wanted).unwrap_or(1)
}

/// Set up once for the process, and never taken down.
pub fn backend() -> Option<&'static LlamaBackend> {
    static BACKEND: OnceLock<Option<LlamaBackend>> = OnceLock::new();
    let set_up = || {
        // Else llama.cpp writes to standard error, some hundred lines a model.
        send_logs_to_tracing(LogOptions::default());
        LlamaBackend::init().ok()
    };
    BACKEND.get_or_init(set_up).as_ref()
}

pub(super) fn load(
    backend: &LlamaBackend,
    config: &LocalConfig,
    queue: &Arc<Queue>,
) -> Result<LlamaModel, String> {
    if !config.path.is_file() {
        let name = config.path.file_name().unwrap_or_default().to_string_lossy();
        return Err(format!("there is no file {name} where the configuration says"));
    }
    let progress = Arc::clone(queue);
    let params = LlamaModelParams::default().with_progress_callback(move |done| progress.loading(done));
    LlamaModel::load_from_file(backend, &config.path, &params).map_err(|_| {
        "llama.cpp cannot read its file: it is not a GGUF model, is damaged, or is of an unknown kind"
            .to_owned()
    })
}

/// The model's memory. All sequences share it: each takes as much as its conversation needs.
pub(super) fn context<'model>(
    backend: &LlamaBackend,
    model: &'model LlamaModel,
    dimensions: Dimensions,
) -> Result<LlamaContext<'model>, String> {
    let Dimensions {
        memory,
        sequences,
        threads,
        ..
    } = dimensions;
    let params = LlamaContextParams::default()
        .with_n_ctx(NonZeroU32::new(memory))
        .with_n_seq_max(sequences)
        .with_kv_unified(true)
        .with_n_batch(u32::from(BATCH))
        .with_n_ubatch(u32::from(BATCH))
        .with_n_threads(threads)
        .with_n_threads_batch(threads);
    model.new_context(backend, params).map_err(|_| {
        format!("there is not enough memory for its window of {memory} tokens. Configure a smaller one")
    })
}

/// Whether the beginning of one sequence can be lent to another.
///
/// What some models remember is a state, not a list: it cannot be cut, and llama.cpp ends the process if one of the newest
/// kinds is asked to copy a part.
pub(super) fn lends(model: &LlamaModel) -> bool {
    let architecture = model.meta_val_str("general.architecture").unwrap_or_default();
    !model.is_recurrent() && !model.is_hybrid() && architecture != "deepseek4"
}

/// Computes one token: reads every page of the file, so that the first person does not wait for the disk.
pub(super) fn warm_up(
    model: &LlamaModel,
    context: &mut LlamaContext<'_>,
    batch: &mut LlamaBatch<'_>,
) -> Result<(), String> {
    let vocabulary = model.vocab();
    let token = vocabulary
        .tokenize(b"Hi", false, false)
        .first()
        .copied()
        .unwrap_or(vocabulary.nl());
    let fed = batch.add(token, 0, &[0], true).map_err(|error| error.to_string());
    let computed = fed.and_then(|()| context.decode(batch).map_err(|error| error.to_string()));
    context.clear_kv_cache();
    computed.map_err(|why| format!("it cannot compute: {why}"))
}
