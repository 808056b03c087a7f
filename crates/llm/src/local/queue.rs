//! Between those who ask and the thread that answers: who waits, who is served, what the model says of itself.
//!
//! Must not know: llama.cpp.

use crate::channel::Event;
use crate::{ChatEvent, ChatRequest, ModelError, ModelStatus};
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// How long an answer takes, while none has shown it.
const FIRST_GUESS: Duration = Duration::from_secs(10);
/// What a refused one is told at least, and at most.
const RETRY_AFTER: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

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
    /// Jobs that are served at once.
    sequences: u32,
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
    /// How long an answer takes, lately.
    usual: Duration,
    /// Waiting and running.
    load: watch::Sender<usize>,
}

impl Queue {
    pub(super) fn new(capacity: usize, sequences: u32) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            running: 0,
            status: ModelStatus::Loading { progress: 0.0 },
            closed: false,
            usual: FIRST_GUESS,
            load: watch::Sender::new(0),
        };
        Self {
            capacity,
            sequences: sequences.max(1),
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
        let sequences = usize::try_from(self.sequences).unwrap_or(usize::MAX);
        let free = sequences.saturating_sub(state.running);
        let served = if state.status == ModelStatus::Ready {
            free
        } else {
            0
        };
        let position = state.waiting.len();
        if position >= self.capacity.saturating_add(free) {
            let retry_after = Some(self.next_end(&state));
            return Err(ModelError::Busy { retry_after });
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

    /// When one of the answers under way will be over, and the queue have a place: they are spread over time.
    fn next_end(&self, state: &State) -> Duration {
        let (least, most) = RETRY_AFTER;
        (state.usual / self.sequences).clamp(least, most)
    }

    /// A job that was taken is over, and was answered for so long, if it was.
    pub(super) fn finished(&self, took: Option<Duration>) {
        let mut state = self.lock();
        state.running = state.running.saturating_sub(1);
        if let Some(took) = took {
            state.usual = (state.usual * 3 + took) / 4;
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> (Job, mpsc::UnboundedReceiver<Event>) {
        let (events, heard) = mpsc::unbounded_channel();
        let request = ChatRequest::default();
        (Job { request, events }, heard)
    }

    fn places(heard: &mut mpsc::UnboundedReceiver<Event>) -> Vec<u32> {
        let events = std::iter::from_fn(|| heard.try_recv().ok());
        let place = |event| match event {
            Ok(ChatEvent::Queued(place)) => place,
            other => panic!("{other:?}"),
        };
        events.map(place).collect()
    }

    #[test]
    fn as_many_as_are_served_at_once_need_not_wait_and_the_others_hear_their_place() {
        let queue = Queue::new(2, 2);
        queue.ready();
        let (mut heard, mut told) = (Vec::new(), Vec::new());
        for _ in 0..4 {
            let (job, events) = job();
            queue.push(job).unwrap();
            heard.push(events);
        }
        heard.iter_mut().for_each(|heard| told.push(places(heard)));
        assert_eq!(told, [vec![], vec![], vec![0], vec![1]]);
        assert_eq!(queue.take(2, true).unwrap().len(), 2);
        queue.finished(None);
        assert_eq!(queue.take(1, false).unwrap().len(), 1);
        assert_eq!(places(&mut heard[3]), [1, 0], "it moved up");
    }

    #[test]
    fn who_is_refused_hears_when_a_place_will_be_free() {
        let queue = Queue::new(0, 2);
        queue.ready();
        let jobs = [job(), job()];
        let heard = jobs.map(|(job, heard)| {
            queue.push(job).unwrap();
            heard
        });
        assert_eq!(queue.take(2, true).unwrap().len(), 2);
        let refused = || match queue.push(job().0) {
            Err(ModelError::Busy { retry_after }) => retry_after.unwrap().as_secs(),
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(), 5, "one of two ends every half of the first guess");
        for _ in 0..30 {
            queue.finished(Some(Duration::from_secs(40)));
            let (job, _gone) = job();
            queue.push(job).unwrap();
            queue.take(1, true);
        }
        assert!((19..=20).contains(&refused()), "{}", refused());
        drop(heard);
    }
}
