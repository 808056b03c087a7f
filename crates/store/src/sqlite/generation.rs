//! Generations in SQLite. Their logs are in [`super::chunk_log`].

use super::{
    SqliteStore, chunk_log,
    db::{Db, Fields, Sql, statements},
    usage,
    value::{Word, key, number, time},
};
use crate::{
    Result, StoreError,
    generation::{ChunkBatch, Ended, GenerationRecord, Generations, LogText},
    usage::{Counting, UsageRecord},
};
use wire::{ConversationId, GenerationId, MessageId, Timestamp, message::Outcome};

/// Logs that one transaction deletes: garbage must not keep other writers waiting.
const SLICE: u32 = 20;

statements! {
    CONVERSATION = "SELECT 1 FROM conversation WHERE id = ?1";
    INSERT = "INSERT INTO generation (id, message_id, conversation_id, user_id, session_id, node_id, fence, lease_until,
                                      started_at, ended_at, outcome, usage, settled, prompt_id, text_offset)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) ON CONFLICT DO NOTHING";
    OF_MESSAGE = "SELECT * FROM generation WHERE message_id = ?1 ORDER BY started_at, id";
    UNSETTLED_IN = "SELECT * FROM generation WHERE conversation_id = ?1 AND settled = 0";
    /// Only what has said nothing: its log is looked at beside.
    ABANDON = "DELETE FROM generation WHERE id = ?1 AND ended_at IS NULL";
    REQUEST_STOP = "UPDATE generation SET stop_requested = 1 WHERE id = ?1 AND ended_at IS NULL";
    TO_STOP = "SELECT id FROM generation WHERE node_id = ?1 AND stop_requested = 1 AND ended_at IS NULL";
    BY_ID = "SELECT * FROM generation WHERE id = ?1";
    RENEW = "UPDATE generation SET lease_until = ?3 WHERE id = ?1 AND node_id = ?2 AND ended_at IS NULL";
    OWN = "SELECT 1 FROM generation WHERE id = ?1 AND node_id = ?2 AND sealed = 0";
    FINISH = "UPDATE generation SET ended_at = ?3, outcome = ?4, usage = ?5
              WHERE id = ?1 AND fence = ?2 AND ended_at IS NULL";
    TAKE_OVER = "UPDATE generation SET sealed = 1, fence = ?2, ended_at = ?3, outcome = ?4 WHERE id = ?1";
    SETTLE = "UPDATE generation SET settled = 1 WHERE id = ?1 AND ended_at IS NOT NULL AND settled = 0";
    UNSETTLED = "SELECT * FROM generation WHERE settled = 0 AND started_at >= ?1
                 ORDER BY started_at, id LIMIT ?2";
    RUNNING = "SELECT * FROM generation WHERE conversation_id = ?1 AND ended_at IS NULL
               ORDER BY started_at DESC LIMIT 1";
    OLD_LOGS = "SELECT id FROM generation WHERE ended_at < ?1 AND settled = 1 AND log_collected = 0 LIMIT ?2";
    COLLECTED = "UPDATE generation SET log_collected = 1 WHERE id = ?1";
}

pub(super) fn record(row: &Fields<'_>) -> Result<GenerationRecord> {
    Ok(GenerationRecord {
        id: row.id("id")?,
        prompt_id: row.id("prompt_id")?,
        message_id: row.id("message_id")?,
        offset: row.number("text_offset")?,
        conversation_id: row.id("conversation_id")?,
        user_id: row.id("user_id")?,
        session_id: row.id("session_id")?,
        node_id: row.text("node_id")?,
        fence: row.number("fence")?,
        lease_until: row.time("lease_until")?,
        started_at: row.time("started_at")?,
        ended: ended(row)?,
        settled: row.yes("settled")?,
    })
}

fn ended(row: &Fields<'_>) -> Result<Option<Ended>> {
    let Some(at) = row.optional_time("ended_at")? else {
        return Ok(None);
    };
    let usage = match row.optional_text("usage")? {
        None => None,
        Some(json) => Some(
            serde_json::from_str(&json)
                .map_err(|_| StoreError::Damaged("the usage of a generation".into()))?,
        ),
    };
    Ok(Some(Ended {
        outcome: row.word("outcome")?,
        at,
        usage,
    }))
}

/// What is stored of an end: when, how, and the usage as JSON.
type EndColumns = (Option<i64>, Option<&'static str>, Option<String>);

fn end_columns(ended: Option<Ended>) -> Result<EndColumns> {
    let Some(Ended { outcome, at, usage }) = ended else {
        return Ok((None, None, None));
    };
    let usage = usage.map(|usage| serde_json::to_string(&usage)).transpose();
    let usage = usage.map_err(|error| StoreError::Damaged(error.to_string()))?;
    Ok((Some(time(at)), Some(outcome.word()), usage))
}

fn start(db: &Db, new: GenerationRecord) -> Result<()> {
    if !db.exists(CONVERSATION, [key(new.conversation_id)])? {
        return Err(StoreError::NotFound("conversation"));
    }
    let claimed = db.first(UNSETTLED_IN, [key(new.conversation_id)], record)?;
    if claimed.is_some_and(|other| other.id != new.id) {
        return Err(StoreError::Conflict("running"));
    }
    let (ended_at, outcome, usage) = end_columns(new.ended)?;
    let row = (
        key(new.id),
        key(new.message_id),
        key(new.conversation_id),
        key(new.user_id),
        key(new.session_id),
        new.node_id,
        number(new.fence),
        time(new.lease_until),
        time(new.started_at),
        ended_at,
        outcome,
        usage,
        new.settled,
        key(new.prompt_id),
        number(new.offset),
    );
    if db.changes(INSERT, row)? {
        Ok(())
    } else {
        Err(StoreError::Conflict("generation"))
    }
}

fn interrupt(db: &Db, id: GenerationId, seen_lease: Timestamp, now: Timestamp) -> Result<bool> {
    let Some(seen) = db.first(BY_ID, [key(id)], record)? else {
        return Ok(false);
    };
    if seen.ended.is_some() || seen.lease_until != seen_lease {
        return Ok(false);
    }
    let fence = seen.fence.saturating_add(1);
    chunk_log::seal(db, id, fence)?;
    db.changes(
        TAKE_OVER,
        (key(id), number(fence), time(now), Outcome::Interrupted.word()),
    )
}

#[async_trait::async_trait]
impl Generations for SqliteStore {
    async fn start_generation(&self, generation: GenerationRecord) -> Result<()> {
        self.write(move |db| start(db, generation)).await
    }

    async fn abandon_generation(&self, id: GenerationId) -> Result<()> {
        self.write(move |db| {
            if chunk_log::is_empty(db, id)? {
                db.execute(ABANDON, [key(id)])?;
            }
            Ok(())
        })
        .await
    }

    async fn request_stop(&self, id: GenerationId) -> Result<bool> {
        self.write(move |db| db.changes(REQUEST_STOP, [key(id)])).await
    }

    async fn stops_requested(&self, node_id: &str) -> Result<Vec<GenerationId>> {
        let node_id = node_id.to_owned();
        self.read(move |db| db.all(TO_STOP, [node_id], |row| row.id("id")))
            .await
    }

    async fn generation(&self, id: GenerationId) -> Result<Option<GenerationRecord>> {
        self.read(move |db| db.first(BY_ID, [key(id)], record)).await
    }

    async fn generations_of(&self, message: MessageId) -> Result<Vec<GenerationRecord>> {
        let mut found = self
            .read(move |db| db.all(OF_MESSAGE, [key(message)], record))
            .await?;
        // Stable: by time among those of one place.
        found.sort_by_key(|generation| generation.offset);
        Ok(found)
    }

    async fn append_chunks(&self, batches: Vec<ChunkBatch>) -> Result<Vec<Result<()>>> {
        self.write(move |db| batches.iter().map(|batch| chunk_log::append(db, batch)).collect())
            .await
    }

    async fn chunks_after(&self, id: GenerationId, after_seq: u64, limit: u32) -> Result<Vec<ChunkBatch>> {
        self.read(move |db| chunk_log::after(db, id, after_seq, limit))
            .await
    }

    async fn log_text(&self, id: GenerationId) -> Result<LogText> {
        self.read(move |db| chunk_log::text(db, id)).await
    }

    async fn renew_leases(
        &self,
        node_id: &str,
        ids: &[GenerationId],
        lease_until: Timestamp,
    ) -> Result<Vec<GenerationId>> {
        let (node_id, ids) = (node_id.to_owned(), ids.to_vec());
        self.write(move |db| {
            let mut lost = Vec::new();
            for id in ids {
                let renewed = db.changes(RENEW, (key(id), &node_id, time(lease_until)))?;
                if !renewed && !db.exists(OWN, (key(id), &node_id))? {
                    lost.push(id);
                }
            }
            Ok(lost)
        })
        .await
    }

    async fn finish_generation(&self, id: GenerationId, fence: u64, ended: Ended) -> Result<bool> {
        let (at, outcome, usage) = end_columns(Some(ended))?;
        self.write(move |db| db.changes(FINISH, (key(id), number(fence), at, outcome, usage)))
            .await
    }

    async fn interrupt_generation(
        &self,
        id: GenerationId,
        seen_lease: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        self.write(move |db| interrupt(db, id, seen_lease, now)).await
    }

    async fn mark_settled(&self, id: GenerationId, counting: &Counting) -> Result<()> {
        let counting = counting.clone();
        self.write(move |db| {
            // Counted by whoever settles it, in the same transaction.
            if db.changes(SETTLE, [key(id)])?
                && let Some(settled) = db.first(BY_ID, [key(id)], record)?
                && let Some(new) = UsageRecord::of(&settled, &counting)
            {
                usage::count(db, &new)?;
            }
            Ok(())
        })
        .await
    }

    async fn unsettled_generations(&self, from: Timestamp, limit: u32) -> Result<Vec<GenerationRecord>> {
        self.read(move |db| db.all(UNSETTLED, (time(from), limit), record))
            .await
    }

    async fn running_generation(&self, conversation: ConversationId) -> Result<Option<GenerationRecord>> {
        self.read(move |db| db.first(RUNNING, [key(conversation)], record))
            .await
    }

    async fn unsettled_in(&self, conversations: &[ConversationId]) -> Result<Vec<GenerationRecord>> {
        let conversations = conversations.to_vec();
        self.read(move |db| db.those(UNSETTLED_IN, &conversations, record))
            .await
    }

    async fn collect_logs(&self, before: Timestamp) -> Result<u64> {
        let mut collected = 0;
        loop {
            let slice = self.write(move |db| {
                let ids = db.all(OLD_LOGS, (time(before), SLICE), |row| {
                    row.id::<GenerationId>("id")
                })?;
                for id in &ids {
                    chunk_log::delete(db, *id)?;
                    db.execute(COLLECTED, [key(*id)])?;
                }
                Ok(ids.len())
            });
            match slice.await? {
                0 => return Ok(collected),
                logs => collected += u64::try_from(logs).unwrap_or(u64::MAX),
            }
        }
    }
}
