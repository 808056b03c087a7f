//! Who may call the model now: so many answers at once in this process, so many of one user, the others in a queue.
//!
//! Must not know: models, sockets, the store. First come, first served; who has as many answers as one may have is
//! passed by those behind. The queue is bounded, and nobody has more places in it than answers at once: what finds no
//! place is refused before anything of it is stored. Start at [`Admission::enter`]. A local model has a queue of its own
//! behind this one.

use crate::config::ChatConfig;
use parking_lot::Mutex;
use std::{
    collections::{HashMap, VecDeque},
    num::NonZeroU32,
    sync::Arc,
};
use tokio::sync::watch;
use wire::UserId;

/// The places, shared by all that wait for one.
#[derive(Debug)]
pub struct Admission {
    limits: Limits,
    state: Mutex<State>,
    /// Somebody came or left.
    moved: watch::Sender<()>,
}

/// How many.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Answers at once.
    pub running: usize,
    /// Of them, one user's; and one user's places in the queue.
    pub of_user: usize,
    /// Places in the queue.
    pub waiting: usize,
}

impl From<&ChatConfig> for Limits {
    fn from(config: &ChatConfig) -> Self {
        let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        Self {
            running: count(config.generations.get()),
            of_user: count(config.generations_per_user.get()),
            waiting: count(config.generation_queue),
        }
    }
}

#[derive(Debug, Default)]
struct State {
    next_ticket: u64,
    running: usize,
    of_user: HashMap<UserId, usize>,
    waiting: VecDeque<Waiting>,
    /// Of those who may have more or fewer answers at once than everybody.
    own: HashMap<UserId, usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Waiting {
    ticket: u64,
    user: UserId,
}

/// There is no place, not even in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// All places are taken.
    Everywhere,
    /// This user's are.
    ForUser,
}

/// A place: to run, or in the queue. Dropping it leaves, and lets the next one in.
#[derive(Debug)]
pub struct Place {
    admission: Arc<Admission>,
    waiting: Waiting,
}

impl Admission {
    /// Nobody is here yet.
    pub fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            state: Mutex::default(),
            moved: watch::Sender::new(()),
        })
    }

    /// From now on this user may have so many answers at once; `None`: as many as everybody.
    pub fn allow(&self, user: UserId, answers: Option<NonZeroU32>) {
        let mut state = self.state.lock();
        match answers {
            Some(answers) => {
                let answers = usize::try_from(answers.get()).unwrap_or(usize::MAX);
                state.own.insert(user, answers);
            }
            None => drop(state.own.remove(&user)),
        }
    }

    /// Forgets what was allowed to those who have nothing here: it is said again before they ask.
    pub fn forget_idle(&self) {
        let mut state = self.state.lock();
        let State {
            own,
            of_user,
            waiting,
            ..
        } = &mut *state;
        own.retain(|user, _| of_user.contains_key(user) || waiting.iter().any(|one| one.user == *user));
    }

    /// Takes a place for an answer to this user.
    ///
    /// # Errors
    /// It cannot run now, and the queue is full.
    pub fn enter(self: &Arc<Self>, user: UserId) -> Result<Place, Full> {
        let mut state = self.state.lock();
        let waiting = Waiting {
            ticket: state.next_ticket,
            user,
        };
        state.next_ticket += 1;
        if state.may_run(user, self.limits) {
            state.run(user);
        } else if state.waits_of(user) >= state.allowed(user, self.limits).min(self.limits.waiting) {
            return Err(Full::ForUser);
        } else if state.waiting.len() >= self.limits.waiting {
            return Err(Full::Everywhere);
        } else {
            state.waiting.push_back(waiting);
        }
        drop(state);
        self.moved.send_replace(());
        Ok(Place {
            admission: Arc::clone(self),
            waiting,
        })
    }

    /// Answers that wait for their turn.
    pub fn waiting(&self) -> usize {
        self.state.lock().waiting.len()
    }

    /// Whether nothing runs and nothing waits.
    pub fn is_idle(&self) -> bool {
        let state = self.state.lock();
        state.running == 0 && state.waiting.is_empty()
    }

    /// Waits until nothing runs and nothing waits; or, with `false`, until something does.
    pub async fn until_idle(&self, idle: bool) {
        let mut moved = self.moved.subscribe();
        while self.is_idle() != idle {
            // An error would mean that this is gone, and we hold it.
            let _never = moved.changed().await;
        }
    }
}

impl State {
    fn allowed(&self, user: UserId, limits: Limits) -> usize {
        self.own.get(&user).copied().unwrap_or(limits.of_user)
    }

    fn may_run(&self, user: UserId, limits: Limits) -> bool {
        let runs = self.of_user.get(&user).copied().unwrap_or(0);
        self.running < limits.running && runs < self.allowed(user, limits)
    }

    fn waits_of(&self, user: UserId) -> usize {
        self.waiting.iter().filter(|waiting| waiting.user == user).count()
    }

    fn run(&mut self, user: UserId) {
        self.running += 1;
        *self.of_user.entry(user).or_default() += 1;
    }

    fn end(&mut self, user: UserId) {
        self.running = self.running.saturating_sub(1);
        if let Some(count) = self.of_user.get_mut(&user) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.of_user.remove(&user);
            }
        }
    }

    fn let_in(&mut self, limits: Limits) {
        while let Some(next) = self
            .waiting
            .iter()
            .position(|waiting| self.may_run(waiting.user, limits))
            .and_then(|index| self.waiting.remove(index))
        {
            self.run(next.user);
        }
    }

    fn position(&self, waiting: Waiting) -> Option<usize> {
        self.waiting.iter().position(|other| *other == waiting)
    }
}

impl Place {
    /// How many are before it in the queue; `None`: it may run.
    pub fn position(&self) -> Option<u32> {
        let position = self.admission.state.lock().position(self.waiting)?;
        Some(u32::try_from(position).unwrap_or(u32::MAX))
    }

    /// Wakes when somebody came or left: the position may be another.
    pub fn watch(&self) -> watch::Receiver<()> {
        self.admission.moved.subscribe()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.admission.state.lock();
        match state.position(self.waiting) {
            Some(index) => drop(state.waiting.remove(index)),
            None => state.end(self.waiting.user),
        }
        state.let_in(self.admission.limits);
        drop(state);
        self.admission.moved.send_replace(());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn somebody() -> UserId {
        UserId::from_uuid(Uuid::now_v7())
    }

    fn admission(running: usize, of_user: usize, waiting: usize) -> Arc<Admission> {
        Admission::new(Limits {
            running,
            of_user,
            waiting,
        })
    }

    #[test]
    fn who_comes_first_is_served_first_and_all_move_up() {
        let admission = admission(1, 3, 9);
        let first = admission.enter(somebody()).unwrap();
        let (second, third) = (
            admission.enter(somebody()).unwrap(),
            admission.enter(somebody()).unwrap(),
        );
        assert_eq!(
            [first.position(), second.position(), third.position()],
            [None, Some(0), Some(1)]
        );
        drop(first);
        assert_eq!([second.position(), third.position()], [None, Some(0)]);
        drop(second);
        assert_eq!(third.position(), None);
    }

    #[test]
    fn who_has_as_many_answers_as_one_may_have_keeps_nobody_waiting() {
        let admission = admission(3, 1, 9);
        let greedy = somebody();
        let running = admission.enter(greedy).unwrap();
        let waiting = admission.enter(greedy).unwrap();
        assert_eq!(waiting.position(), Some(0));
        assert_eq!(admission.enter(greedy).unwrap_err(), Full::ForUser);
        assert_eq!(admission.enter(somebody()).unwrap().position(), None);
        drop(running);
        assert_eq!(waiting.position(), None);
    }

    #[test]
    fn some_may_have_more_answers_at_once_and_some_fewer() {
        let admission = admission(9, 2, 9);
        let (busy, slow) = (somebody(), somebody());
        admission.allow(busy, NonZeroU32::new(3));
        admission.allow(slow, NonZeroU32::new(1));
        let held: Vec<Place> = (0..3).map(|_| admission.enter(busy).unwrap()).collect();
        assert!(held.iter().all(|place| place.position().is_none()));
        let first = admission.enter(slow).unwrap();
        let second = admission.enter(slow).unwrap();
        assert_eq!([first.position(), second.position()], [None, Some(0)]);
        assert_eq!(admission.enter(slow).unwrap_err(), Full::ForUser);
        admission.forget_idle();
        admission.allow(slow, None);
        drop(held);
        assert_eq!(second.position(), None, "as many as everybody again");
    }

    #[test]
    fn a_full_queue_refuses_those_that_would_wait_and_nobody_else() {
        let admission = admission(1, 3, 1);
        let running = admission.enter(somebody()).unwrap();
        let waiting = admission.enter(somebody()).unwrap();
        assert_eq!(admission.enter(somebody()).unwrap_err(), Full::Everywhere);
        drop(waiting);
        let waiting = admission.enter(somebody()).unwrap();
        drop(running);
        assert_eq!((waiting.position(), admission.waiting()), (None, 0));
        drop(waiting);
        assert!(admission.is_idle());
    }

    #[test]
    fn who_leaves_the_queue_leaves_no_gap() {
        let admission = admission(1, 3, 9);
        let _running = admission.enter(somebody()).unwrap();
        let waiting: Vec<Place> = (0..3).map(|_| admission.enter(somebody()).unwrap()).collect();
        let mut waiting = waiting.into_iter();
        let (first, gone, last) = (waiting.next().unwrap(), waiting.next(), waiting.next().unwrap());
        drop(gone);
        assert_eq!([first.position(), last.position()], [Some(0), Some(1)]);
    }
}
