//! Jobs of one queue: taken in, packed into batches in the order they came, given their vectors back.
//!
//! Must not know: llama.cpp (a token may be anything), the other queue, when a batch is due.

use crate::embed::EmbedError;
use std::collections::VecDeque;
use tokio::sync::{mpsc, oneshot};

type Answer = Result<Vec<Vec<f32>>, EmbedError>;

/// What is asked.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) texts: Vec<String>,
    /// Closed when nobody waits any more.
    pub(super) answer: oneshot::Sender<Answer>,
}

/// What fits into one batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    pub(super) tokens: usize,
    pub(super) texts: usize,
}

/// A job under way.
#[derive(Debug)]
struct Work<T> {
    texts: Vec<Vec<T>>,
    /// Of the first texts.
    vectors: Vec<Vec<f32>>,
    answer: oneshot::Sender<Answer>,
}

/// The jobs of one queue.
#[derive(Debug)]
pub(super) struct Lane<T> {
    jobs: mpsc::Receiver<Job>,
    works: VecDeque<Work<T>>,
    open: bool,
}

impl<T> Lane<T> {
    pub(super) fn new(jobs: mpsc::Receiver<Job>) -> Self {
        Self {
            jobs,
            works: VecDeque::new(),
            open: true,
        }
    }

    /// Forgets who does not wait any more, and takes in what came, until a batch is full.
    pub(super) fn fill(&mut self, room: Room, read: impl Fn(&[String]) -> Result<Vec<Vec<T>>, EmbedError>) {
        self.works.retain(|work| !work.answer.is_closed());
        while self.batch(room).len() == self.pending().count() && self.tokens() < room.tokens {
            match self.jobs.try_recv() {
                Ok(job) => self.begin(job, &read),
                Err(mpsc::error::TryRecvError::Empty) => break,
                Err(mpsc::error::TryRecvError::Disconnected) => {
                    self.open = false;
                    break;
                }
            }
        }
    }

    /// Waits for the next job. Comes back at once when there will be none.
    pub(super) async fn arrive(&mut self, read: impl Fn(&[String]) -> Result<Vec<Vec<T>>, EmbedError>) {
        match self.jobs.recv().await {
            Some(job) => self.begin(job, &read),
            None => self.open = false,
        }
    }

    fn begin(&mut self, job: Job, read: &impl Fn(&[String]) -> Result<Vec<Vec<T>>, EmbedError>) {
        if job.answer.is_closed() {
            return;
        }
        match read(&job.texts) {
            Ok(texts) => self.works.push_back(Work {
                vectors: Vec::with_capacity(texts.len()),
                texts,
                answer: job.answer,
            }),
            // Nobody waits any more: then nobody need be told.
            Err(error) => drop(job.answer.send(Err(error))),
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.works.is_empty()
    }

    /// Whether jobs may still come.
    pub(super) fn is_open(&self) -> bool {
        self.open
    }

    fn pending(&self) -> impl Iterator<Item = &[T]> {
        self.works
            .iter()
            .flat_map(|work| work.texts.iter().skip(work.vectors.len()).map(Vec::as_slice))
    }

    fn tokens(&self) -> usize {
        self.pending().map(<[T]>::len).sum()
    }

    /// The next texts: the oldest, at least one, as many as there is room for.
    pub(super) fn batch(&self, room: Room) -> Vec<&[T]> {
        let mut tokens = 0;
        self.pending()
            .take(room.texts)
            .enumerate()
            .take_while(|(index, text)| {
                tokens += text.len();
                *index == 0 || tokens <= room.tokens
            })
            .map(|(_, text)| text)
            .collect()
    }

    /// The vectors of the last batch, in its order.
    pub(super) fn give(&mut self, vectors: Vec<Vec<f32>>) {
        let mut vectors = vectors.into_iter();
        for work in &mut self.works {
            let missing = work.texts.len() - work.vectors.len();
            work.vectors.extend(vectors.by_ref().take(missing));
        }
        while let Some(work) = self
            .works
            .pop_front_if(|work| work.vectors.len() == work.texts.len())
        {
            // Cancelled just now.
            let _ = work.answer.send(Ok(work.vectors));
        }
    }

    /// A batch failed: whose texts were to blame cannot be told.
    pub(super) fn fail(&mut self, error: &EmbedError) {
        for work in self.works.drain(..) {
            let _ = work.answer.send(Err(error.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Room = Room { tokens: 6, texts: 3 };

    /// A letter is a token; digits are too long.
    fn read(texts: &[String]) -> Result<Vec<Vec<char>>, EmbedError> {
        texts
            .iter()
            .enumerate()
            .map(|(index, text)| {
                let refused = EmbedError::TooLong {
                    index,
                    tokens: 9,
                    limit: 6,
                };
                if text.contains('9') {
                    Err(refused)
                } else {
                    Ok(text.chars().collect())
                }
            })
            .collect()
    }

    fn lane() -> (mpsc::Sender<Job>, Lane<char>) {
        let (jobs, receiver) = mpsc::channel(8);
        (jobs, Lane::new(receiver))
    }

    fn ask(jobs: &mpsc::Sender<Job>, texts: &[&str]) -> oneshot::Receiver<Answer> {
        let (answer, answered) = oneshot::channel();
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        jobs.try_send(Job { texts, answer }).unwrap();
        answered
    }

    fn length(text: &str) -> Vec<f32> {
        vec![f32::from(u8::try_from(text.len()).unwrap())]
    }

    /// The texts of the next batch; each gets its length as a vector.
    fn step(lane: &mut Lane<char>) -> Vec<String> {
        lane.fill(ROOM, read);
        let texts: Vec<String> = lane
            .batch(ROOM)
            .iter()
            .map(|text| text.iter().collect())
            .collect();
        lane.give(texts.iter().map(|text| length(text)).collect());
        texts
    }

    #[test]
    fn texts_are_packed_in_their_order_over_jobs_up_to_the_room() {
        let (jobs, mut lane) = lane();
        let mut first = ask(&jobs, &["aaaa", "b", "cc"]);
        let mut second = ask(&jobs, &["d", "e"]);
        assert_eq!(step(&mut lane), ["aaaa", "b"], "seven letters do not fit");
        assert!(first.try_recv().is_err(), "all or none");
        assert_eq!(step(&mut lane), ["cc", "d", "e"]);
        assert_eq!(
            first.try_recv().unwrap(),
            Ok(vec![vec![4.0], vec![1.0], vec![2.0]])
        );
        assert_eq!(second.try_recv().unwrap(), Ok(vec![vec![1.0], vec![1.0]]));
        assert!(step(&mut lane).is_empty() && lane.is_idle());
    }

    #[test]
    fn a_text_as_long_as_the_room_goes_alone_and_no_batch_has_too_many() {
        let (jobs, mut lane) = lane();
        let _answer = ask(&jobs, &["aaaaaa", "b", "c", "d", "e"]);
        assert_eq!(step(&mut lane), ["aaaaaa"]);
        assert_eq!(step(&mut lane), ["b", "c", "d"]);
        assert_eq!(step(&mut lane), ["e"]);
    }

    #[test]
    fn who_does_not_wait_any_more_is_forgotten_before_the_next_batch() {
        let (jobs, mut lane) = lane();
        let first = ask(&jobs, &["aaaa", "bbbb"]);
        let _second = ask(&jobs, &["c"]);
        assert_eq!(step(&mut lane), ["aaaa"]);
        drop(first);
        assert_eq!(step(&mut lane), ["c"]);
    }

    #[test]
    fn a_job_that_cannot_be_read_is_told_and_harms_no_other() {
        let (jobs, mut lane) = lane();
        let mut refused = ask(&jobs, &["a", "999"]);
        let mut other = ask(&jobs, &["b"]);
        assert_eq!(step(&mut lane), ["b"]);
        assert!(matches!(
            refused.try_recv().unwrap(),
            Err(EmbedError::TooLong { index: 1, .. })
        ));
        assert_eq!(other.try_recv().unwrap(), Ok(vec![vec![1.0]]));
    }

    #[test]
    fn what_is_not_needed_for_the_next_batch_stays_in_the_queue() {
        let (jobs, mut lane) = lane();
        let _first = ask(&jobs, &["aaaa", "bbbb"]);
        let _second = ask(&jobs, &["c"]);
        step(&mut lane);
        assert_eq!(jobs.capacity(), 7, "the second was not taken");
    }

    #[test]
    fn a_lane_whose_askers_are_gone_is_closed_when_all_is_done() {
        let (jobs, mut lane) = lane();
        let mut answer = ask(&jobs, &["a"]);
        drop(jobs);
        assert_eq!(step(&mut lane), ["a"]);
        assert!(answer.try_recv().is_ok());
        lane.fill(ROOM, read);
        assert!(lane.is_idle() && !lane.is_open());
    }
}
