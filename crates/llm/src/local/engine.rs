//! The thread that owns the model: loads it, then steps all answers under way until nobody needs it any more.
//!
//! Start at [`run`]. One step feeds every answer what it waits for, up to a batch, and draws a token for each that has
//! been fed all. Between two steps answers nobody listens to are dropped, and new ones begin.

use super::prompt::Prompter;
use super::queue::{Job, Queue};
use super::sampling::{self, Seeds};
use super::slot::{Answer, Slot};
use super::template::Template;
use super::utf8::Utf8Joiner;
use super::{LocalConfig, SEQUENCES};
use crate::ModelError;
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::LlamaContextParams;
use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;
use llama_cpp_2::{LogOptions, send_logs_to_tracing};
use std::num::NonZeroU32;
use std::sync::{Arc, OnceLock};

/// Tokens of one step: so long is nothing else done. Small, so that a Stop is heard while a long prompt is read.
const BATCH: u16 = 64;
/// The window, if the configuration names none: memory grows with it.
const USUAL_WINDOW: u32 = 4096;
/// Less cannot hold a question and its answer.
const SMALLEST_WINDOW: u32 = 256;

/// Loads, serves, ends. However it ends, everyone who waits is told.
pub(super) fn run(config: &LocalConfig, queue: &Arc<Queue>) {
    /// Also when llama.cpp's binding panics.
    struct Farewell<'queue>(&'queue Queue);
    impl Drop for Farewell<'_> {
        fn drop(&mut self) {
            self.0.end("it was shut down");
        }
    }
    let farewell = Farewell(queue);
    if let Err(why) = serve(config, queue) {
        tracing::error!(path = %config.path.display(), "The local model failed: {why}");
        farewell.0.end(&why);
    }
}

fn serve(config: &LocalConfig, queue: &Arc<Queue>) -> Result<(), String> {
    let began = std::time::Instant::now();
    let backend = backend().ok_or("llama.cpp cannot be set up")?;
    let model = load(backend, config, queue)?;
    let template = Template::of(&model)?;
    let window = window(config, &model);
    let threads = threads(config);
    let params = LlamaContextParams::default()
        .with_n_ctx(NonZeroU32::new(
            window.saturating_mul(u32::try_from(SEQUENCES).unwrap_or(1)),
        ))
        .with_n_seq_max(u32::try_from(SEQUENCES).unwrap_or(1))
        .with_n_batch(u32::from(BATCH))
        .with_n_ubatch(u32::from(BATCH))
        .with_n_threads(threads)
        .with_n_threads_batch(threads);
    let context = model.new_context(backend, params).map_err(|_| {
        format!("there is not enough memory for its window of {window} tokens. Configure a smaller one")
    })?;
    let window = usize::try_from(window).unwrap_or(usize::MAX);
    let longest = usize::try_from(config.max_tokens).unwrap_or(usize::MAX).max(1);
    // A prompt may take what a short answer leaves.
    let limit = window - longest.min(window / 4);
    let mut engine = Engine {
        prompter: Prompter {
            model: &model,
            template,
            limit,
        },
        context,
        batch: LlamaBatch::new(usize::from(BATCH), 1),
        slots: (0..).take(SEQUENCES).map(Slot::new).collect(),
        queue,
        window,
        longest,
        seeds: Seeds::from(config.seed),
    };
    engine.warm_up()?;
    queue.ready();
    tracing::info!(
        window,
        threads,
        duration_ms = began.elapsed().as_millis(),
        "Loaded the local model"
    );
    engine.serve();
    Ok(())
}

struct Engine<'model> {
    prompter: Prompter<'model>,
    context: LlamaContext<'model>,
    batch: LlamaBatch<'static>,
    slots: Vec<Slot>,
    queue: &'model Queue,
    window: usize,
    longest: usize,
    seeds: Seeds,
}

impl Engine<'_> {
    fn serve(&mut self) {
        loop {
            self.drop_cancelled();
            let free = self.slots.iter().filter(|slot| slot.is_free()).count();
            let Some(jobs) = self.queue.take(free, free == self.slots.len()) else {
                break;
            };
            for job in jobs {
                self.begin(job);
            }
            self.step();
        }
        for slot in &mut self.slots {
            slot.end(Some(Err(ModelError::BrokeOff("it was shut down".to_owned()))));
        }
    }

    fn drop_cancelled(&mut self) {
        for slot in self.slots.iter_mut().filter(|slot| slot.is_cancelled()) {
            slot.end(None);
            self.queue.finished();
        }
    }

    /// In the free slot that knows most of the prompt already.
    fn begin(&mut self, job: Job) {
        let tokens = match self.prompter.tokens(&job.request.turns) {
            Ok(tokens) => tokens,
            Err(error) => {
                job.fail(error);
                return self.queue.finished();
            }
        };
        let free = self.slots.iter_mut().filter(|slot| slot.is_free());
        let Some(slot) = free.max_by_key(|slot| slot.known(&tokens)) else {
            job.fail(ModelError::Busy { retry_after: None });
            return self.queue.finished();
        };
        let vocabulary = self.prompter.model.n_vocab();
        let answer = Answer {
            events: job.events,
            sampler: sampling::sampler(vocabulary, job.request.temperature, self.seeds.next()),
            prompt_tokens: tokens.len(),
            written: 0,
            room: self.longest.min(self.window.saturating_sub(tokens.len())).max(1),
            text: Utf8Joiner::default(),
            tokens,
        };
        slot.begin(answer, &mut self.context);
    }

    /// Feeds, computes, draws.
    fn step(&mut self) {
        self.batch.clear();
        let mut room = usize::from(BATCH);
        let mut places = Vec::with_capacity(self.slots.len());
        // Those that wait for one token first: a long prompt does not hold up the others.
        self.slots.sort_by_key(|slot| slot.pending().len());
        for (index, slot) in self.slots.iter_mut().enumerate() {
            let before = slot.pending().len();
            match slot.feed(&mut self.batch, room) {
                Ok(place) => places.extend(place.map(|place| (index, place))),
                Err(error) => return self.fail(&error.to_string()),
            }
            room -= before - slot.pending().len();
        }
        if self.batch.n_tokens() == 0 {
            return;
        }
        if let Err(error) = self.context.decode(&mut self.batch) {
            return self.fail(&error.to_string());
        }
        let vocabulary = self.prompter.model.vocab();
        for (index, place) in places {
            let over = self
                .slots
                .get_mut(index)
                .is_some_and(|slot| slot.draw(&self.context, place, &vocabulary));
            if over {
                self.queue.finished();
            }
        }
    }

    /// A step failed: whose tokens were to blame cannot be told.
    fn fail(&mut self, why: &str) {
        tracing::error!("The local model could not compute: {why}");
        for slot in self.slots.iter_mut().filter(|slot| !slot.is_free()) {
            slot.fail(
                ModelError::BrokeOff("it could not compute the next word".to_owned()),
                &mut self.context,
            );
            self.queue.finished();
        }
    }

    /// Reads every page of the file once, so that the first person does not wait for the disk.
    fn warm_up(&mut self) -> Result<(), String> {
        let vocabulary = self.prompter.model.vocab();
        let token = vocabulary
            .tokenize(b"Hi", false, false)
            .first()
            .copied()
            .unwrap_or(vocabulary.nl());
        let fed = self
            .batch
            .add(token, 0, &[0], true)
            .map_err(|error| error.to_string());
        let computed = fed.and_then(|()| {
            self.context
                .decode(&mut self.batch)
                .map_err(|error| error.to_string())
        });
        self.context.clear_kv_cache();
        computed.map_err(|why| format!("it cannot compute: {why}"))
    }
}

/// Set up once for the process, and never taken down.
pub(super) fn backend() -> Option<&'static LlamaBackend> {
    static BACKEND: OnceLock<Option<LlamaBackend>> = OnceLock::new();
    let set_up = || {
        // Else llama.cpp writes to standard error, some hundred lines a model.
        send_logs_to_tracing(LogOptions::default());
        LlamaBackend::init().ok()
    };
    BACKEND.get_or_init(set_up).as_ref()
}

fn load(backend: &LlamaBackend, config: &LocalConfig, queue: &Arc<Queue>) -> Result<LlamaModel, String> {
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

fn window(config: &LocalConfig, model: &LlamaModel) -> u32 {
    let wanted = match config.context_tokens {
        0 => USUAL_WINDOW.min(model.n_ctx_train()),
        // More than it was trained on gives nonsense.
        wanted => wanted.min(model.n_ctx_train()),
    };
    wanted.max(SMALLEST_WINDOW)
}

fn threads(config: &LocalConfig) -> i32 {
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    let wanted = match config.threads {
        0 => cores(),
        wanted => usize::try_from(wanted).unwrap_or(1),
    };
    i32::try_from(wanted).unwrap_or(1)
}
