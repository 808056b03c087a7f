//! A GGUF file of an embedding model in this process, run by llama.cpp.
//!
//! Must not know: HTTP, storage, documents.
//! Start at [`LocalEmbedder::load`]. Askers put jobs into one of two queues: what a person waits for, and what is in the
//! background. Each has a thread of its own (`worker`), which takes jobs out, packs their texts into batches (`batch`)
//! and lets the `session` compute. The background makes way for everything else, and pauses between two batches while a
//! chat is being answered here.

mod batch;
mod identity;
mod session;
mod worker;

use crate::embed::{EmbedError, EmbedKind, EmbedPriority, Embedder, estimate_tokens};
use crate::{ModelError, ModelStatus};
use batch::Job;
use session::Loaded;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use worker::Jobs;

/// Background jobs that wait in line. Whoever brings one more waits until there is room: there is nothing to be won by
/// holding more texts in memory.
const BACKGROUND_QUEUE: usize = 4;
/// Tokens of a text, if the configuration names no limit: more makes every batch larger and its memory grow.
const USUAL_LIMIT: u32 = 512;

/// Which file, and what it may take.
#[derive(Debug, Clone)]
pub struct LocalEmbedderConfig {
    /// The GGUF file of a model that was trained to embed.
    pub path: PathBuf,
    /// 0: as many as the machine has cores.
    pub threads: u32,
    /// Tokens of a text, at most; 0: what the model was made for, at most 512.
    pub max_tokens: u32,
    /// Put before each query, for models that want it: `query: `.
    pub query_prefix: String,
    /// Put before each passage: `passage: `.
    pub passage_prefix: String,
    /// Jobs somebody waits for that may be in line. One more is told that the model is busy.
    pub queue: usize,
    /// How many chats are being answered on the same processors (`LocalModel::load_changes`). While there is one, what is
    /// in the background pauses.
    pub yields_to: Option<watch::Receiver<usize>>,
    /// The longest pause before a single batch: where there is always a chat, nothing may wait for ever.
    pub patience: Duration,
}

impl LocalEmbedderConfig {
    /// That file, with what suits a small machine.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            threads: 0,
            max_tokens: 0,
            query_prefix: String::new(),
            passage_prefix: String::new(),
            queue: 32,
            yields_to: None,
            patience: Duration::from_secs(5),
        }
    }
}

/// An [`Embedder`] in this process.
#[derive(Debug)]
pub struct LocalEmbedder {
    id: String,
    query_prefix: String,
    passage_prefix: String,
    shared: Arc<Shared>,
    queues: Option<Queues>,
    thread: Option<JoinHandle<()>>,
}

/// Where jobs are put in.
#[derive(Debug)]
struct Queues {
    interactive: mpsc::Sender<Job>,
    background: mpsc::Sender<Job>,
}

/// What the thread tells.
#[derive(Debug)]
struct Shared {
    status: Mutex<ModelStatus>,
    /// Set once: the model, or that there is none.
    loaded: OnceLock<Option<Arc<Loaded>>>,
}

impl LocalEmbedder {
    /// Begins to load the file, and returns at once: [`Embedder::status`] tells how far it is, and what went wrong.
    /// Jobs are taken from now on.
    pub fn load(config: LocalEmbedderConfig) -> Self {
        let id = identity::of(&config);
        let (query_prefix, passage_prefix) = (config.query_prefix.clone(), config.passage_prefix.clone());
        let shared = Arc::new(Shared {
            status: Mutex::new(ModelStatus::Loading { progress: 0.0 }),
            loaded: OnceLock::new(),
        });
        let (interactive, for_persons) = mpsc::channel(config.queue.max(1));
        let (background, for_nobody) = mpsc::channel(BACKGROUND_QUEUE);
        let jobs = Jobs {
            interactive: for_persons,
            background: for_nobody,
        };
        let spawned = std::thread::Builder::new()
            .name("local-embedder".to_owned())
            .spawn({
                let shared = Arc::clone(&shared);
                move || worker::run(&config, &shared, jobs)
            });
        let thread = spawned
            .map_err(|error| shared.end(&format!("no thread for it: {error}")))
            .ok();
        Self {
            id,
            query_prefix,
            passage_prefix,
            shared,
            queues: Some(Queues {
                interactive,
                background,
            }),
            thread,
        }
    }

    fn gone(&self) -> ModelError {
        match self.shared.status() {
            ModelStatus::Failed(why) => ModelError::Unavailable(why),
            ModelStatus::Loading { .. } | ModelStatus::Ready => {
                ModelError::BrokeOff("its thread stopped".to_owned())
            }
        }
    }

    async fn push(&self, job: Job, priority: EmbedPriority) -> Result<(), ModelError> {
        let queues = self.queues.as_ref().ok_or_else(|| self.gone())?;
        match priority {
            EmbedPriority::Interactive => queues.interactive.try_send(job).map_err(|refused| match refused {
                mpsc::error::TrySendError::Full(_) => ModelError::Busy { retry_after: None },
                mpsc::error::TrySendError::Closed(_) => self.gone(),
            }),
            EmbedPriority::Background => queues.background.send(job).await.map_err(|_| self.gone()),
        }
    }
}

#[async_trait::async_trait]
impl Embedder for LocalEmbedder {
    fn model_id(&self) -> String {
        self.id.clone()
    }

    fn width(&self) -> Option<u32> {
        let loaded = self.shared.loaded.get()?;
        loaded.as_ref().map(|loaded| loaded.width)
    }

    fn status(&self) -> ModelStatus {
        self.shared.status()
    }

    fn max_tokens(&self) -> u32 {
        match self.shared.loaded.wait() {
            Some(loaded) => loaded.room,
            None => USUAL_LIMIT,
        }
    }

    fn count_tokens(&self, text: &str) -> u32 {
        match self.shared.loaded.wait() {
            Some(loaded) => loaded.count(text),
            // Nothing will be embedded: whatever is cut by this is found by its words.
            None => estimate_tokens(text),
        }
    }

    async fn embed(
        &self,
        mut texts: Vec<String>,
        kind: EmbedKind,
        priority: EmbedPriority,
    ) -> Result<Vec<Vec<f32>>, EmbedError> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let prefix = match kind {
            EmbedKind::Query => &self.query_prefix,
            EmbedKind::Passage => &self.passage_prefix,
        };
        if !prefix.is_empty() {
            texts.iter_mut().for_each(|text| text.insert_str(0, prefix));
        }
        let (answer, answered) = oneshot::channel();
        self.push(Job { texts, answer }, priority).await?;
        answered.await.unwrap_or_else(|_| Err(self.gone().into()))
    }
}

impl Drop for LocalEmbedder {
    /// Stops after the batch under way, and waits for that: llama.cpp must not run while the process tears itself down.
    fn drop(&mut self) {
        self.queues = None;
        if let Some(thread) = self.thread.take() {
            // It panicked: those who waited were told.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn status(&self) -> ModelStatus {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, status: ModelStatus) {
        *self.status.lock().unwrap_or_else(PoisonError::into_inner) = status;
    }

    /// It will never work again. The first reason is the one that is told.
    fn end(&self, why: &str) {
        if !matches!(self.status(), ModelStatus::Failed(_)) {
            self.set(ModelStatus::Failed(why.to_owned()));
        }
        // Whoever waits for it need not any more.
        self.loaded.get_or_init(|| None);
    }
}
