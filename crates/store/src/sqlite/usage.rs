//! Counters of usage in SQLite.

use super::{
    SqliteStore,
    db::{Db, Fields, Sql, statements},
    value::{key, number},
};
use crate::{
    Result,
    usage::{Day, UsageRecord, UsageSums, Usages},
};
use wire::{UserId, admin::UsageCounts};

/// Counters that one statement deletes: garbage must not keep other writers waiting.
const SLICE: u32 = 500;

statements! {
    COUNT = "INSERT INTO usage (day, user_id, model, prompts, answers, failures, tokens_in, tokens_out)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT DO UPDATE SET prompts = prompts + ?4, answers = answers + ?5, failures = failures + ?6,
                                       tokens_in = tokens_in + ?7, tokens_out = tokens_out + ?8";
    SINCE = "SELECT * FROM usage WHERE day >= ?1";
    OF_USER = "SELECT * FROM usage WHERE user_id = ?1 AND day >= ?2";
    FORGET = "DELETE FROM usage WHERE (day, user_id, model) IN
              (SELECT day, user_id, model FROM usage WHERE day < ?1 LIMIT ?2)";
}

pub(super) fn record(row: &Fields<'_>) -> Result<UsageRecord> {
    Ok(UsageRecord {
        day: Day::from_number(row.u32("day")?),
        user_id: row.id("user_id")?,
        model: row.text("model")?,
        counts: UsageCounts {
            prompts: row.number("prompts")?,
            answers: row.number("answers")?,
            failures: row.number("failures")?,
            tokens_in: row.number("tokens_in")?,
            tokens_out: row.number("tokens_out")?,
        },
    })
}

/// Adds to a counter. Called in the transaction that settles what is counted.
pub(super) fn count(db: &Db, new: &UsageRecord) -> Result<()> {
    let counts = new.counts;
    let row = (
        new.day.number(),
        key(new.user_id),
        &new.model,
        number(counts.prompts),
        number(counts.answers),
        number(counts.failures),
        number(counts.tokens_in),
        number(counts.tokens_out),
    );
    db.execute(COUNT, row).map(drop)
}

#[async_trait::async_trait]
impl Usages for SqliteStore {
    async fn usage_since(&self, day: Day) -> Result<UsageSums> {
        self.read(move |db| {
            let mut sums = UsageSums::default();
            db.each(SINCE, [day.number()], |row| {
                sums.add(record(row)?);
                Ok(())
            })?;
            Ok(sums)
        })
        .await
    }

    async fn usage_of(&self, user: UserId, since: Day) -> Result<UsageCounts> {
        self.read(move |db| {
            let mut sum = UsageCounts::default();
            db.each(OF_USER, (key(user), since.number()), |row| {
                sum = sum.plus(record(row)?.counts);
                Ok(())
            })?;
            Ok(sum)
        })
        .await
    }

    async fn collect_usage(&self, before: Day) -> Result<u64> {
        self.in_slices(FORGET, before.number().into(), SLICE).await
    }
}
