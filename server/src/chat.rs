//! The chat: a socket, prompts, and the generations that answer them.
//!
//! [`upgrade`] lets a socket in, [`connection`] is the only code that touches it, [`state`] decides what to do (without
//! a runtime), [`prompt`] takes in what is asked, [`admission`] says whose turn it is, [`generation`] runs the model and
//! keeps what it says, [`reaper`] and [`orphan`] end what a dead process left, [`title`] finds a name for it all. A
//! generation never depends on a socket.

pub mod admission;
mod allowance;
pub mod authorize;
pub mod connection;
pub mod generation;
pub mod orphan;
mod pace;
pub mod prompt;
pub mod reaper;
pub mod state;
pub mod title;
pub mod upgrade;

use crate::config::ChatConfig;
use admission::Admission;
use generation::{LiveGeneration, tail::Tail};
use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DefaultKeyedStateStore,
};
use parking_lot::Mutex;
use std::{
    collections::{HashMap, hash_map::Entry},
    num::{NonZeroU32, NonZeroUsize},
    sync::Arc,
    time::Duration,
};
use wire::{ConversationId, GenerationId, UserId};

/// What the chat of this process shares.
#[derive(Debug)]
pub struct Chat {
    running: Mutex<HashMap<ConversationId, Arc<LiveGeneration>>>,
    /// Of the processor.
    cores: usize,
    /// Generations that are only claims yet, one a conversation: their leases are renewed like those of what runs.
    claims: Mutex<HashMap<ConversationId, GenerationId>>,
    /// Generations of other nodes that somebody reads here.
    tails: Mutex<HashMap<GenerationId, Arc<Tail>>>,
    /// By how many a minute somebody may ask: most people share one.
    prompts: Mutex<HashMap<NonZeroU32, Arc<PromptLimiter>>>,
    /// How many at once, and how many a minute, as everybody may.
    burst: NonZeroU32,
    everybody: NonZeroU32,
    /// Who may call the model, and who waits for that.
    pub admission: Arc<Admission>,
    /// Titles that are asked for.
    pub titles: title::Desk,
}

/// Counts prompts by user, and says how many are left.
type PromptLimiter =
    RateLimiter<UserId, DefaultKeyedStateStore<UserId>, DefaultClock, StateInformationMiddleware>;

impl Chat {
    /// Nothing runs yet.
    pub fn new(config: &ChatConfig) -> Self {
        Self {
            running: Mutex::default(),
            cores: std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
            claims: Mutex::default(),
            tails: Mutex::default(),
            prompts: Mutex::default(),
            burst: config.message_burst,
            everybody: config.messages_per_minute,
            admission: Admission::new(config.into()),
            titles: title::Desk::default(),
        }
    }

    /// Counts a prompt of this user, who may ask so often a minute: how many more could follow at once. `Err`: too many,
    /// and how long to wait.
    pub fn count_prompt(&self, user: UserId, a_minute: NonZeroU32) -> Result<u32, Duration> {
        let limiter = {
            let mut limiters = self.prompts.lock();
            let limiter = limiters.entry(a_minute).or_insert_with(|| {
                // Who has a limit of their own that is below the burst would not notice it otherwise.
                let burst = if a_minute == self.everybody {
                    self.burst
                } else {
                    self.burst.min(a_minute)
                };
                let quota = Quota::per_minute(a_minute).allow_burst(burst);
                Arc::new(RateLimiter::keyed(quota).with_middleware())
            });
            Arc::clone(limiter)
        };
        let counted = limiter.check_key(&user);
        counted
            .map(|state| state.remaining_burst_capacity())
            .map_err(|over| over.wait_time_from(DefaultClock::default().now()))
    }

    /// Forgets users who sent nothing lately: the limiter's memory is bounded by this.
    pub fn forget_idle_users(&self) {
        self.prompts.lock().retain(|_, limiter| {
            limiter.retain_recent();
            limiter.shrink_to_fit();
            !limiter.is_empty()
        });
        self.admission.forget_idle();
    }

    /// The generation that writes in this conversation, here.
    pub fn running_in(&self, conversation: ConversationId) -> Option<Arc<LiveGeneration>> {
        self.running.lock().get(&conversation).map(Arc::clone)
    }

    /// Whether an answer is being written here.
    pub fn is_answering(&self) -> bool {
        !self.running.lock().is_empty()
    }

    /// How much there is to do.
    fn crowd(&self) -> pace::Crowd {
        pace::Crowd {
            answers: self.running.lock().len(),
            cores: self.cores,
        }
    }

    /// A generation that runs here, by id.
    pub fn running(&self, id: GenerationId) -> Option<Arc<LiveGeneration>> {
        self.running
            .lock()
            .values()
            .find(|generation| generation.id == id)
            .map(Arc::clone)
    }

    /// The generation that writes in this conversation as far as this node knows: here, or followed from here.
    pub fn known_in(&self, conversation: ConversationId) -> Option<Arc<LiveGeneration>> {
        self.running_in(conversation).or_else(|| {
            let tails = self.tails.lock();
            let mut live = tails.values().map(|tail| &tail.live);
            live.find(|live| live.conversation_id == conversation)
                .map(Arc::clone)
        })
    }

    /// The tail of another node's generation, made by `new` when there is none; and whether it was made.
    pub fn tail(&self, id: GenerationId, new: impl FnOnce() -> Tail) -> (Arc<Tail>, bool) {
        let mut tails = self.tails.lock();
        match tails.get(&id) {
            Some(tail) => (Arc::clone(tail), false),
            None => {
                let tail = Arc::new(new());
                tails.insert(id, Arc::clone(&tail));
                (tail, true)
            }
        }
    }

    fn forget_tail(&self, id: GenerationId) {
        self.tails.lock().remove(&id);
    }

    /// Another node has written to the log of this generation.
    pub fn hint(&self, id: GenerationId) {
        if let Some(tail) = self.tails.lock().get(&id) {
            tail.hint();
        }
    }

    /// Takes the conversation, as far as this process goes, and keeps the lease of the claim until the guard is dropped.
    /// `None`: something else is being taken there.
    pub fn hold_claim(&self, conversation: ConversationId, id: GenerationId) -> Option<HeldClaim<'_>> {
        match self.claims.lock().entry(conversation) {
            Entry::Occupied(_) => None,
            Entry::Vacant(vacant) => {
                vacant.insert(id);
                Some(HeldClaim {
                    chat: self,
                    conversation,
                })
            }
        }
    }

    /// Whether something is being taken in this conversation, here.
    pub fn is_claimed(&self, conversation: ConversationId) -> bool {
        self.claims.lock().contains_key(&conversation)
    }

    /// Whatever this node must keep the leases of: what runs here and what is claimed.
    pub fn leased(&self) -> Vec<GenerationId> {
        let running = self.all_running();
        let running = running.iter().map(|generation| generation.id);
        running.chain(self.claims.lock().values().copied()).collect()
    }

    /// All that run here.
    pub fn all_running(&self) -> Vec<Arc<LiveGeneration>> {
        self.running.lock().values().map(Arc::clone).collect()
    }

    fn register(&self, generation: &Arc<LiveGeneration>) {
        self.running
            .lock()
            .insert(generation.conversation_id, Arc::clone(generation));
    }

    fn unregister(&self, generation: &LiveGeneration) {
        let mut running = self.running.lock();
        if running
            .get(&generation.conversation_id)
            .is_some_and(|other| other.id == generation.id)
        {
            running.remove(&generation.conversation_id);
        }
    }
}

/// A claim whose lease is kept.
#[derive(Debug)]
pub struct HeldClaim<'a> {
    chat: &'a Chat,
    conversation: ConversationId,
}

impl Drop for HeldClaim<'_> {
    fn drop(&mut self) {
        self.chat.claims.lock().remove(&self.conversation);
    }
}
