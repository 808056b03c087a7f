//! Counters of usage in MongoDB.
//!
//! A generation is counted before it is marked as settled, since both cannot be one write. Who dies in between is followed
//! by somebody who does the same again; so a counter knows the generations that it counted last, and one that it knows is
//! not counted again. A counter is one user's of one day and one model: among all that one user asks for meanwhile, the
//! last [`KNOWN`] are enough.

use super::{
    MongoStore,
    collection::USAGE,
    query::queries,
    value::{Fields, key, number},
};
use crate::{
    Result, StoreError,
    usage::{Day, UsageRecord, UsageSums, Usages},
};
use mongodb::bson::{Bson, Document, doc};
use wire::{GenerationId, UserId, admin::UsageCounts};

/// Generations that a counter knows.
const KNOWN: i32 = 128;
/// Attempts to add to a counter that others make at the same time.
const ATTEMPTS: usize = 10;

queries! {
    uncounted(day: u64, user: UserId, model: &str, generation: GenerationId) in USAGE {
        "_id": place(day, user, model), "known": { "$ne": key(generation) },
    };
    counted(day: u64, user: UserId, model: &str, generation: GenerationId) in USAGE {
        "_id": place(day, user, model), "known": key(generation),
    } project { "_id": 1 };
    since(day: u64) in USAGE { "day": { "$gte": number(day) } } project { "known": 0 };
    of_user(user: UserId, since: u64) in USAGE {
        "user_id": key(user), "day": { "$gte": number(since) },
    } project { "known": 0 };
    old(before: u64) in USAGE { "day": { "$lt": number(before) } };
}

fn place(day: u64, user: UserId, model: &str) -> Bson {
    Bson::Document(doc! { "day": number(day), "user_id": key(user), "model": model })
}

fn numbers(counts: UsageCounts) -> Document {
    doc! {
        "prompts": number(counts.prompts), "answers": number(counts.answers), "failures": number(counts.failures),
        "tokens_in": number(counts.tokens_in), "tokens_out": number(counts.tokens_out),
    }
}

pub(super) fn document(usage: &UsageRecord) -> Document {
    let day = u64::from(usage.day.number());
    let mut document = doc! {
        "_id": place(day, usage.user_id, &usage.model), "day": number(day), "user_id": key(usage.user_id),
        "model": &usage.model,
    };
    document.extend(numbers(usage.counts));
    document
}

pub(super) fn record(document: &Document) -> Result<UsageRecord> {
    let fields = Fields::of(document);
    let day = u32::try_from(fields.number("day")?)
        .map_err(|_| StoreError::Damaged("the day of a counter".into()))?;
    Ok(UsageRecord {
        day: Day::from_number(day),
        user_id: fields.id("user_id")?,
        model: fields.text("model")?,
        counts: UsageCounts {
            prompts: fields.number("prompts")?,
            answers: fields.number("answers")?,
            failures: fields.number("failures")?,
            tokens_in: fields.number("tokens_in")?,
            tokens_out: fields.number("tokens_out")?,
        },
    })
}

impl MongoStore {
    /// Adds what a generation took, unless it was added before.
    pub(super) async fn count(&self, generation: GenerationId, new: &UsageRecord) -> Result<()> {
        let (day, user, model) = (u64::from(new.day.number()), new.user_id, new.model.as_str());
        let add = doc! {
            "$inc": numbers(new.counts),
            "$push": { "known": { "$each": [key(generation)], "$slice": -KNOWN } },
            "$setOnInsert": { "day": number(day), "user_id": key(user), "model": model },
        };
        for _ in 0..ATTEMPTS {
            let query = uncounted(day, user, model, generation);
            if self.db.upsert_unless_taken(query, add.clone()).await?
                || self
                    .db
                    .first(counted(day, user, model, generation))
                    .await?
                    .is_some()
            {
                return Ok(());
            }
            // Another generation made the counter meanwhile.
        }
        Err(StoreError::Unavailable(
            "a counter is made again and again by others".into(),
        ))
    }
}

#[async_trait::async_trait]
impl Usages for MongoStore {
    async fn usage_since(&self, day: Day) -> Result<UsageSums> {
        let mut sums = UsageSums::default();
        for counter in self.db.all(since(day.number().into())).await? {
            sums.add(record(&counter)?);
        }
        Ok(sums)
    }

    async fn usage_of(&self, user: UserId, since: Day) -> Result<UsageCounts> {
        let mut sum = UsageCounts::default();
        for counter in self.db.all(of_user(user, since.number().into())).await? {
            sum = sum.plus(record(&counter)?.counts);
        }
        Ok(sum)
    }

    async fn collect_usage(&self, before: Day) -> Result<u64> {
        self.db.delete_all(old(before.number().into())).await
    }
}
