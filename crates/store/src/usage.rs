//! What the models were asked for: one small counter a day, user and model.
//!
//! A generation is counted when it is settled (see [`Counting`]), and exactly once: where there are transactions, in the
//! same one; elsewhere the counter knows those that were counted last, so that a repetition is recognised. Nothing here is
//! found by looking through messages.

use crate::{Result, generation::GenerationRecord};
use std::collections::HashMap;
use wire::{Timestamp, UserId, admin::UsageCounts, message::Outcome};

/// Milliseconds of a day.
const DAY_MILLIS: u64 = 24 * 60 * 60 * 1000;

/// A day in UTC, as the number of days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(u32);

impl Day {
    /// The day of this moment.
    pub fn of(at: Timestamp) -> Self {
        Self(u32::try_from(at.as_millis() / DAY_MILLIS).unwrap_or(u32::MAX))
    }

    /// From its number.
    pub const fn from_number(number: u32) -> Self {
        Self(number)
    }

    /// Days since 1970-01-01.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// So many days before.
    #[must_use]
    pub const fn minus(self, days: u32) -> Self {
        Self(self.0.saturating_sub(days))
    }

    /// When it begins.
    pub fn start(self) -> Timestamp {
        Timestamp::from_millis(u64::from(self.0).saturating_mul(DAY_MILLIS))
    }
}

/// What a generation is counted under, when it is settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counting {
    /// The model's name.
    pub model: String,
}

/// A counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageRecord {
    /// Of which day.
    pub day: Day,
    /// Of whom.
    pub user_id: UserId,
    /// Of which model.
    pub model: String,
    /// How much.
    pub counts: UsageCounts,
}

impl UsageRecord {
    /// What one generation adds; `None` while it runs.
    pub(crate) fn of(generation: &GenerationRecord, counting: &Counting) -> Option<Self> {
        let ended = generation.ended?;
        let usage = ended.usage.unwrap_or_default();
        let one = |yes| u64::from(u8::from(yes));
        Some(Self {
            day: Day::of(ended.at),
            user_id: generation.user_id,
            model: counting.model.clone(),
            counts: UsageCounts {
                prompts: 1,
                answers: one(matches!(ended.outcome, Outcome::Complete | Outcome::Cut)),
                failures: one(matches!(ended.outcome, Outcome::Failed | Outcome::Interrupted)),
                tokens_in: usage.prompt_tokens.unwrap_or(0).into(),
                tokens_out: usage.completion_tokens.unwrap_or(0).into(),
            },
        })
    }
}

/// Counters of several days, added up in three ways.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageSums {
    /// By day. A day without a counter is not in it.
    pub days: HashMap<Day, UsageCounts>,
    /// By model.
    pub models: HashMap<String, UsageCounts>,
    /// By user.
    pub users: HashMap<UserId, UsageCounts>,
}

impl UsageSums {
    pub(crate) fn add(&mut self, record: UsageRecord) {
        let UsageRecord {
            day,
            user_id,
            model,
            counts,
        } = record;
        let sums = [
            self.days.entry(day).or_default(),
            self.models.entry(model).or_default(),
            self.users.entry(user_id).or_default(),
        ];
        for sum in sums {
            *sum = sum.plus(counts);
        }
    }
}

/// Counters.
#[async_trait::async_trait]
pub trait Usages {
    /// All counters from this day on, added up.
    async fn usage_since(&self, day: Day) -> Result<UsageSums>;
    /// This user's from this day on, added up.
    async fn usage_of(&self, user: UserId, since: Day) -> Result<UsageCounts>;
    /// Forgets counters from before this day. Returns how many.
    async fn collect_usage(&self, before: Day) -> Result<u64>;
}
