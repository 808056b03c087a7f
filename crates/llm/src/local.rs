//! A GGUF file in this process, run by llama.cpp.
//!
//! Must not know: HTTP, storage, users.
//! Start at [`LocalModel::load`]. Askers put jobs into a `queue`; one thread of its own (`engine`, set up by `setup`) takes
//! them out and steps a list of `slot`s, one `answer` each: a `prompt` in the model's own `template`, fitted into its
//! `window`, is fed at a certain `pace`; tokens are drawn (`sampling`, from some `candidates`), joined to whole characters
//! (`utf8`) and sent. An answer that goes on is sewn to its beginning at a `seam`.

mod answer;
mod candidates;
pub mod embedder;
mod engine;
mod pace;
mod process;
mod prompt;
mod queue;
mod sampling;
mod seam;
mod setup;
mod slot;
mod template;
mod utf8;
mod window;

use crate::{ChatModel, ChatRequest, ChatStream, ModelError, ModelStatus, channel};
pub use process::wait_politely;
use queue::{Job, Queue};
/// Not for callers: what is measured beside a [`LocalModel`] in its process needs the same.
#[doc(hidden)]
pub use setup::backend;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::watch;

/// Answers written at the same time, if the configuration does not say. More write more together, and each less.
const USUAL_PARALLEL: u32 = 4;
/// More is a mistake.
const MOST_PARALLEL: u32 = 64;

/// Which file, and what it may take.
#[derive(Debug, Clone)]
pub struct LocalConfig {
    /// The GGUF file of a model that was trained to chat.
    pub path: PathBuf,
    /// The window of one conversation, prompt and answer together; 0: what the model was made for, at most 4096.
    pub context_tokens: u32,
    /// Answers written at the same time; 0: 4. If it is more than one, they share a memory of two windows, and one that
    /// finds it full is put off until another one ends.
    pub parallel: u32,
    /// 0: as many as the machine has cores.
    pub threads: u32,
    /// The longest answer.
    pub max_tokens: u32,
    /// Requests that may wait while others are answered. One more is told that the model is busy, and about when a place
    /// will be free.
    pub queue: usize,
    /// Makes answers repeatable; `None`: every answer is drawn anew.
    pub seed: Option<u32>,
}

impl LocalConfig {
    /// That file, with what suits a small machine.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            context_tokens: 0,
            parallel: 0,
            threads: 0,
            max_tokens: 1024,
            queue: 32,
            seed: None,
        }
    }

    /// Answers written at the same time.
    fn sequences(&self) -> u32 {
        match self.parallel {
            0 => USUAL_PARALLEL,
            wanted => wanted.min(MOST_PARALLEL),
        }
    }
}

/// A [`ChatModel`] in this process.
#[derive(Debug)]
pub struct LocalModel {
    name: String,
    queue: Arc<Queue>,
    thread: Option<JoinHandle<()>>,
}

impl LocalModel {
    /// Begins to load the file, and returns at once: [`ChatModel::status`] tells how far it is, and what went wrong.
    /// Requests are taken from now on.
    pub fn load(config: LocalConfig) -> Self {
        let name = name_of(&config);
        let queue = Arc::new(Queue::new(config.queue, config.sequences()));
        let spawned = std::thread::Builder::new().name("local-model".to_owned()).spawn({
            let queue = Arc::clone(&queue);
            move || engine::run(&config, &queue)
        });
        let thread = spawned
            .map_err(|error| queue.end(&format!("no thread for it: {error}")))
            .ok();
        Self { name, queue, thread }
    }

    /// How many requests wait or are being answered, as it changes.
    pub fn load_changes(&self) -> watch::Receiver<usize> {
        self.queue.load()
    }
}

/// As people say it: the file's name without the marks of its format. `general.name` inside the file is often the name
/// of a training run.
fn name_of(config: &LocalConfig) -> String {
    let stem = config
        .path
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    let is_format = |mark: &str| {
        let mark = mark.to_ascii_uppercase();
        let mut letters = mark.strip_prefix('I').unwrap_or(&mark).chars();
        let quantised =
            letters.next() == Some('Q') && letters.next().is_some_and(|digit| digit.is_ascii_digit());
        quantised || matches!(mark.as_str(), "F16" | "F32" | "BF16")
    };
    match stem.rsplit_once(['.', '-']) {
        Some((name, mark)) if is_format(mark) && !name.is_empty() => name.to_owned(),
        _ => stem,
    }
}

#[async_trait::async_trait]
impl ChatModel for LocalModel {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn status(&self) -> ModelStatus {
        self.queue.status()
    }

    async fn answer(&self, request: ChatRequest) -> Result<ChatStream, ModelError> {
        let (events, stream) = channel::open("its thread stopped");
        self.queue.push(Job { request, events })?;
        Ok(stream)
    }
}

impl Drop for LocalModel {
    /// Stops at the next token, and waits for that: llama.cpp must not run while the process tears itself down.
    fn drop(&mut self) {
        self.queue.close();
        if let Some(thread) = self.thread.take() {
            // It panicked: the requests were told.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_the_files_without_its_format() {
        let name = |path: &str| name_of(&LocalConfig::new(path));
        assert_eq!(
            name("/models/SmolLM2-135M-Instruct.Q4_1.gguf"),
            "SmolLM2-135M-Instruct"
        );
        assert_eq!(
            name("Qwen3-4B-Instruct-2507-IQ4_XS.gguf"),
            "Qwen3-4B-Instruct-2507"
        );
        assert_eq!(name("gemma-3-1b-it-BF16.gguf"), "gemma-3-1b-it");
        assert_eq!(name("Qwen3-Quick.gguf"), "Qwen3-Quick");
        assert_eq!(name("model.gguf"), "model");
        assert_eq!(name(""), "");
    }
}
