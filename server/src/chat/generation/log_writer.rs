//! Stores what a generation says, in batches, behind the live edge: the model and the sockets never wait for the disk,
//! unless it stands still for very long.
//!
//! One write is under way at a time, so the log is written in order. A write the store could not do is repeated as it
//! was: batches are idempotent.

use futures::future::BoxFuture;
use std::{pin::Pin, sync::Arc, time::Duration};
use store::{Store, StoreError, generation::ChunkBatch};
use tokio::time::{Instant, Sleep};
use wire::GenerationId;

/// A delta is stored at most this long after it was said (and the time the write takes).
const BATCH_AGE: Duration = Duration::from_millis(200);
/// A batch is not larger than this, unless one delta is.
const BATCH_BYTES: usize = 2 * 1024;
/// Text that may wait for the store. When there is more, the model is not read until the store has caught up.
const BACKLOG_BYTES: usize = 1024 * 1024;
/// The first pause after a failed write; it doubles up to [`RETRY_MAX`].
const RETRY_FIRST: Duration = Duration::from_millis(100);
const RETRY_MAX: Duration = Duration::from_secs(2);

/// A write, on its way.
pub type Write = BoxFuture<'static, Result<(), StoreError>>;

/// The log's writer, owned by the task that runs the generation.
pub struct LogWriter {
    store: Arc<dyn Store>,
    generation_id: GenerationId,
    fence: u64,
    batches: Vec<ChunkBatch>,
    backlog: usize,
    next_seq: u64,
    /// When the oldest waiting delta must go.
    due: Option<Instant>,
    /// Wakes then. Kept from batch to batch.
    timer: Pin<Box<Sleep>>,
    write: Option<Write>,
    /// Done after the write under way, before any batch.
    next: Option<Write>,
}

impl std::fmt::Debug for LogWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogWriter")
            .field("generation_id", &self.generation_id)
            .finish_non_exhaustive()
    }
}

impl LogWriter {
    /// `first` is done before any batch: it makes the generation known to the store.
    pub fn new(store: Arc<dyn Store>, generation_id: GenerationId, fence: u64, first: Write) -> Self {
        Self {
            store,
            generation_id,
            fence,
            batches: Vec::new(),
            backlog: 0,
            next_seq: 1,
            due: None,
            timer: Box::pin(tokio::time::sleep(BATCH_AGE)),
            write: Some(first),
            next: None,
        }
    }

    /// Does this once the generation is known, and before any batch. To be called once at most, before [`Self::push`].
    pub fn before_batches(&mut self, write: Write) {
        match self.write {
            Some(_) => self.next = Some(write),
            None => self.write = Some(write),
        }
    }

    /// Takes the next delta.
    pub fn push(&mut self, delta: &str) {
        let length = u32::try_from(delta.len()).unwrap_or(u32::MAX);
        match self.batches.last_mut() {
            Some(batch) if batch.text.len() + delta.len() <= BATCH_BYTES => {
                batch.text.push_str(delta);
                batch.lengths.push(length);
            }
            _ => self.batches.push(ChunkBatch {
                generation_id: self.generation_id,
                fence: self.fence,
                first_seq: self.next_seq,
                text: delta.to_owned(),
                lengths: vec![length],
            }),
        }
        self.next_seq += 1;
        self.backlog += delta.len();
        if self.due.is_none() {
            let due = Instant::now() + BATCH_AGE;
            self.due = Some(due);
            self.timer.as_mut().reset(due);
        }
    }

    /// Whether the model must wait for the store.
    pub fn is_full(&self) -> bool {
        self.backlog > BACKLOG_BYTES
    }

    /// Goes on with writing; returns when a write was done. Never returns while there is nothing to do. May be dropped
    /// and called again at any time.
    ///
    /// # Errors
    /// [`StoreError::Fenced`]: somebody else ended this generation. (Others are retried for ever.)
    pub async fn work(&mut self) -> Result<(), StoreError> {
        if self.write.is_none() {
            if self.due.is_none() {
                return std::future::pending().await;
            }
            if self.backlog < BATCH_BYTES {
                self.timer.as_mut().await;
            }
            self.begin();
        }
        self.finish_write().await
    }

    /// Writes everything that was taken.
    ///
    /// # Errors
    /// As [`Self::work`].
    pub async fn flush(&mut self) -> Result<(), StoreError> {
        loop {
            self.finish_write().await?;
            if self.write.is_some() {
                continue;
            }
            if self.batches.is_empty() {
                return Ok(());
            }
            self.begin();
        }
    }

    fn begin(&mut self) {
        self.due = None;
        self.backlog = 0;
        let batches = std::mem::take(&mut self.batches);
        let store = Arc::clone(&self.store);
        self.write = Some(Box::pin(async move { append(store, batches).await }));
    }

    async fn finish_write(&mut self) -> Result<(), StoreError> {
        let Some(write) = &mut self.write else {
            return Ok(());
        };
        let result = write.await;
        self.write = self.next.take();
        result
    }
}

async fn append(store: Arc<dyn Store>, batches: Vec<ChunkBatch>) -> Result<(), StoreError> {
    let results = retried(|| store.append_chunks(batches.clone())).await?;
    results.into_iter().collect()
}

/// Does what the store can repeat until the store answers. The pauses are jittered, so that generations do not come in
/// step.
///
/// # Errors
/// All but [`StoreError::Unavailable`].
pub async fn retried<T, F>(attempt: impl FnMut() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    retried_until(None, attempt).await
}

/// The same, for somebody who waits: no new attempt is made after `patience`.
///
/// # Errors
/// Whatever the last attempt said.
pub async fn retried_for<T, F>(patience: Duration, attempt: impl FnMut() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    retried_until(Some(Instant::now() + patience), attempt).await
}

async fn retried_until<T, F>(end: Option<Instant>, mut attempt: impl FnMut() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut pause = RETRY_FIRST;
    loop {
        match attempt().await {
            Err(StoreError::Unavailable(cause)) if end.is_none_or(|end| Instant::now() < end) => {
                // The loops that look after everything say it in the log; here it would be said by each answer.
                tracing::debug!(cause, "The store does not answer; trying again");
                tokio::time::sleep(pause.mul_f32(0.5 + 0.5 * rand::random::<f32>())).await;
                pause = (pause * 2).min(RETRY_MAX);
            }
            result => return result,
        }
    }
}
