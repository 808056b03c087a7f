//! The threads that own the model: one loads it and does what persons wait for, the other what is in the background.
//!
//! Start at [`run`]. Two threads, each with a context of its own on one model in memory: a query does not wait for the
//! batch of passages that is just being computed (a tenth of a second), it takes the processors from it. Before each of
//! its batches the background looks whether a chat is being answered.

use super::batch::{Job, Lane};
use super::session::{Loaded, Session};
use super::{LocalEmbedderConfig, Shared};
use crate::ModelStatus;
use llama_cpp_2::token::LlamaToken;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// Jobs as they come in.
pub(super) struct Jobs {
    pub(super) interactive: mpsc::Receiver<Job>,
    pub(super) background: mpsc::Receiver<Job>,
}

/// Loads, serves, ends. However it ends, everyone who waits is told.
pub(super) fn run(config: &LocalEmbedderConfig, shared: &Arc<Shared>, jobs: Jobs) {
    /// Also when llama.cpp's binding panics.
    struct Farewell<'shared>(&'shared Shared);
    impl Drop for Farewell<'_> {
        fn drop(&mut self) {
            self.0.end("it was shut down");
        }
    }
    let farewell = Farewell(shared);
    let began = std::time::Instant::now();
    let loaded = match Loaded::load(config, shared) {
        Ok(loaded) => Arc::new(loaded),
        Err(why) => return farewell.0.fail(config, &why),
    };
    shared.loaded.get_or_init(|| Some(Arc::clone(&loaded)));
    let threads = threads(config.threads);
    // One after the other: llama.cpp does not make two at once of one model.
    let sessions = Session::open(&loaded, threads)
        .and_then(|first| Session::open(&loaded, threads).map(|second| (first, second)));
    let (first, second) = match sessions {
        Ok(both) => both,
        Err(why) => return farewell.0.fail(config, &why),
    };
    shared.set(ModelStatus::Ready);
    tracing::info!(
        width = loaded.width,
        max_tokens = loaded.room,
        threads,
        duration_ms = began.elapsed().as_millis(),
        "Loaded the local embedding model"
    );
    let way = Way {
        chats: config.yields_to.clone(),
        patience: config.patience,
    };
    std::thread::scope(|scope| {
        let background = Lane::new(jobs.background);
        let loaded = &*loaded;
        let spawned = std::thread::Builder::new()
            .name("local-embedder-background".to_owned())
            .spawn_scoped(scope, move || {
                step_back();
                wait_with(|| serve(loaded, second, background, Some(way)));
            });
        if let Err(error) = spawned {
            tracing::error!("No thread for embedding in the background: {error}");
        }
        wait_with(|| serve(loaded, first, Lane::new(jobs.interactive), None));
    });
}

impl Shared {
    fn fail(&self, config: &LocalEmbedderConfig, why: &str) {
        tracing::error!(path = %config.path.display(), "The local embedding model failed: {why}");
        self.end(why);
    }
}

/// Runs what waits: for jobs, for the end of a chat, for the end of patience.
fn wait_with<F: Future<Output = ()>>(serve: impl FnOnce() -> F) {
    match tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
    {
        Ok(runtime) => runtime.block_on(serve()),
        Err(error) => tracing::error!("Nothing to wait with: {error}"),
    }
}

/// One batch after the other, until the handle is gone, and with it all who asked.
async fn serve(loaded: &Loaded, mut session: Session<'_>, mut lane: Lane<LlamaToken>, way: Option<Way>) {
    let room = session.room;
    let read = |texts: &[String]| loaded.read(texts);
    loop {
        lane.fill(room, read);
        if lane.is_idle() {
            if !lane.is_open() {
                break;
            }
            lane.arrive(read).await;
            continue;
        }
        if let Some(way) = &way {
            way.is_free().await;
            // Who asked may have gone in the meantime.
            lane.fill(room, read);
        }
        let batch = lane.batch(room);
        if batch.is_empty() {
            continue;
        }
        match session.embed(&batch) {
            Ok(vectors) => lane.give(vectors),
            Err(error) => lane.fail(&error),
        }
    }
}

/// Lets everything else go first: prompts on their way to a remote model, pages, queries. Threads that llama.cpp starts
/// from here do the same.
fn step_back() {
    #[cfg(target_os = "linux")]
    {
        /// A third of what another thread gets, if both want to compute. With less, a machine that is always busy would
        /// never be done with a document.
        const NICENESS: i32 = 5;
        // On Linux this concerns the calling thread alone. Without it all works, a little less smoothly.
        let _ = rustix::process::nice(NICENESS);
    }
}

fn threads(wanted: u32) -> i32 {
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    match wanted {
        0 => i32::try_from(cores()).unwrap_or(1),
        wanted => i32::try_from(wanted).unwrap_or(1),
    }
}

/// Whether chats leave the processors to the background.
struct Way {
    chats: Option<watch::Receiver<usize>>,
    patience: Duration,
}

impl Way {
    /// Waits until no chat is being answered, or for as long as it is patient.
    async fn is_free(&self) {
        if let Some(mut chats) = self.chats.clone() {
            let end = Instant::now() + self.patience;
            // Who counted the chats is gone, and the chats with it; or patience is at its end.
            let _ = tokio::time::timeout_at(end, chats.wait_for(|running| *running == 0)).await;
        }
    }
}
