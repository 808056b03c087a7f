//! Between those who ask and the thread that answers: who waits, who is served, what the model says of itself.
//!
//! Must not know: llama.cpp.

use super::SEQUENCES;
use crate::channel::Event;
use crate::{ChatEvent, ChatRequest, ModelError, ModelStatus};
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use tokio::sync::{mpsc, watch};

/// A request, and where its answer goes.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) request: ChatRequest,
    pub(super) events: mpsc::UnboundedSender<Event>,
}

#[derive(Debug)]
pub(super) struct Queue {
    /// Jobs that may wait beyond those that are served at once.
    capacity: usize,
    state: Mutex<State>,
    /// A job came, or nobody needs the model any more.
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    waiting: VecDeque<Job>,
    running: usize,
    status: ModelStatus,
    closed: bool,
    /// Waiting and running.
    load: watch::Sender<usize>,
}

impl Queue {
    pub(super) fn new(capacity: usize) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            running: 0,
            status: ModelStatus::Loading { progress: 0.0 },
            closed: false,
            load: watch::Sender::new(0),
        };
        Self {
            capacity,
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    pub(super) fn status(&self) -> ModelStatus {
        self.lock().status.clone()
    }

    pub(super) fn load(&self) -> watch::Receiver<usize> {
        self.lock().load.subscribe()
    }

    /// Takes a job in, or says why not.
    pub(super) fn push(&self, job: Job) -> Result<(), ModelError> {
        let mut state = self.lock();
        if let ModelStatus::Failed(why) = &state.status {
            return Err(ModelError::Unavailable(why.clone()));
        }
        state.forget_cancelled();
        let served = if state.status == ModelStatus::Ready {
            SEQUENCES - state.running
        } else {
            0
        };
        let position = state.waiting.len();
        if position >= self.capacity + SEQUENCES - state.running {
            return Err(ModelError::Busy { retry_after: None });
        }
        if position >= served {
            job.tell_position(position - served);
        }
        state.waiting.push_back(job);
        state.tell_load();
        self.changed.notify_one();
        Ok(())
    }

    /// Jobs to begin now, at most `free`. Waits for one if `idle`. `None`: nobody needs the model any more.
    pub(super) fn take(&self, free: usize, idle: bool) -> Option<Vec<Job>> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            let moved = state.forget_cancelled();
            let count = free.min(state.waiting.len());
            let jobs: Vec<_> = state.waiting.drain(..count).collect();
            state.running += count;
            state.tell_load();
            if moved || count > 0 {
                state
                    .waiting
                    .iter()
                    .enumerate()
                    .for_each(|(position, job)| job.tell_position(position));
            }
            if !idle || count > 0 {
                return Some(jobs);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A job that was taken is over.
    pub(super) fn finished(&self) {
        let mut state = self.lock();
        state.running = state.running.saturating_sub(1);
        state.tell_load();
    }

    /// How far the loading is. Answers whether anyone still waits for it.
    pub(super) fn loading(&self, progress: f32) -> bool {
        let mut state = self.lock();
        state.status = ModelStatus::Loading {
            progress: progress.clamp(0.0, 1.0),
        };
        !state.closed
    }

    pub(super) fn ready(&self) {
        self.lock().status = ModelStatus::Ready;
    }

    /// Nobody needs the model any more.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// The model will never answer again. The first reason is the one that is told.
    pub(super) fn end(&self, why: &str) {
        let mut state = self.lock();
        if !matches!(state.status, ModelStatus::Failed(_)) {
            state.status = ModelStatus::Failed(why.to_owned());
        }
        for job in state.waiting.drain(..) {
            job.fail(ModelError::Unavailable(why.to_owned()));
        }
        state.running = 0;
        state.tell_load();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether there were any.
    fn forget_cancelled(&mut self) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|job| !job.events.is_closed());
        self.waiting.len() < before
    }

    fn tell_load(&self) {
        let load = self.waiting.len() + self.running;
        self.load
            .send_if_modified(|told| std::mem::replace(told, load) != load);
    }
}

impl Job {
    /// Nobody listens any more: it will be forgotten.
    pub(super) fn fail(self, error: ModelError) {
        let _ = self.events.send(Err(error));
    }

    fn tell_position(&self, position: usize) {
        let position = u32::try_from(position).unwrap_or(u32::MAX);
        let _ = self.events.send(Ok(ChatEvent::Queued(position)));
    }
}
