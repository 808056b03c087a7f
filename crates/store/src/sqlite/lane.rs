//! From async callers to database threads: a bounded queue of jobs, each answered once.
//!
//! Must not know SQL, nor who reads and who writes: the threads at the other end are [`super::writer`] and
//! [`super::reader`].

use super::db::Db;
use crate::{Result, StoreError};
use std::{
    convert::Infallible,
    sync::{PoisonError, RwLock},
};
use tokio::sync::{Mutex, mpsc, oneshot};

/// A caller's work, on its way to a database thread.
pub(super) trait Job: Send {
    /// Does the work; false when what it wrote must be undone.
    fn run(&mut self, db: &Db) -> bool;
    /// Tells the caller: the work's own result, or why its transaction failed.
    fn answer(self: Box<Self>, failure: Option<&str>);
}

/// The end of the queue that a database thread reads.
pub(super) type Jobs = mpsc::Receiver<Box<dyn Job>>;

/// Held by each thread of a lane: the lane has ended when all are dropped.
pub(super) type Running = mpsc::Sender<Infallible>;

/// The callers' end of the queue.
#[derive(Debug)]
pub(super) struct Lane {
    /// `None` once it is closed: the threads end when the last caller has let go of its copy.
    queue: RwLock<Option<mpsc::Sender<Box<dyn Job>>>>,
    /// Carries nothing; it ends when the threads have ended.
    ended: Mutex<mpsc::Receiver<Infallible>>,
}

impl Lane {
    /// A lane for at most `capacity` waiting jobs, and what its threads need.
    pub(super) fn new(capacity: usize) -> (Self, Jobs, Running) {
        let (queue, jobs) = mpsc::channel(capacity);
        let (running, ended) = mpsc::channel(1);
        (
            Self {
                queue: RwLock::new(Some(queue)),
                ended: Mutex::new(ended),
            },
            jobs,
            running,
        )
    }

    /// Queues the work, waiting for room, and waits for its answer. Work that is queued is done, even when nobody
    /// waits for it any more.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Db) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let closed = || StoreError::Unavailable("the store is closed".into());
        let queue = self
            .queue
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
            .ok_or_else(closed)?;
        let (reply, answer) = oneshot::channel();
        queue
            .send(Box::new(Call {
                work: Some(work),
                result: None,
                reply,
            }))
            .await
            .map_err(|_| closed())?;
        drop(queue); // So that waiting for an answer does not keep the lane from closing.
        answer.await.map_err(|_| closed())?
    }

    /// Takes no more work, and returns when what was queued is done and the threads have ended.
    pub(super) async fn close(&self) {
        drop(self.queue.write().unwrap_or_else(PoisonError::into_inner).take());
        while self.ended.lock().await.recv().await.is_some() {}
    }
}

/// One call: the work, then its result, then the answer.
struct Call<F, T> {
    work: Option<F>,
    result: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<F: FnOnce(&Db) -> Result<T> + Send, T: Send> Job for Call<F, T> {
    fn run(&mut self, db: &Db) -> bool {
        self.result = self.work.take().map(|work| work(db));
        matches!(self.result, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, failure: Option<&str>) {
        let result = match (failure, self.result) {
            (None, Some(result)) => result,
            (Some(reason), _) => Err(StoreError::Unavailable(reason.into())),
            (None, None) => Err(StoreError::Unavailable("the work was not done".into())),
        };
        // A caller that has gone wants no answer.
        drop(self.reply.send(result));
    }
}
