//! The chunk logs in SQLite: one row a batch, only ever added. Read whole by [`text`], by nothing else.
//!
//! Adding a batch looks at the generation's row and at the log's last row, and writes one row: its cost does not grow
//! with the log.

use super::{
    db::{Db, Fields, Sql, statements},
    value::{key, number},
};
use crate::{
    Result, StoreError,
    generation::{ChunkBatch, LogText},
    lengths,
};
use wire::GenerationId;

statements! {
    WRITER = "SELECT fence, ended_at FROM generation WHERE id = ?1";
    END = "SELECT next_seq FROM chunk_batch WHERE generation_id = ?1 ORDER BY first_seq DESC LIMIT 1";
    AT = "SELECT * FROM chunk_batch WHERE generation_id = ?1 AND first_seq = ?2";
    ADD = "INSERT INTO chunk_batch (generation_id, first_seq, next_seq, fence, lengths, text)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    /// A reader may stand in the middle of a batch: the batch it stands in is the first of the answer.
    AFTER = "SELECT * FROM chunk_batch
             WHERE generation_id = ?1
                 AND first_seq >= coalesce((SELECT max(first_seq) FROM chunk_batch
                                            WHERE generation_id = ?1 AND first_seq <= ?2), 0)
                 AND next_seq > ?2 AND text IS NOT NULL
             ORDER BY first_seq LIMIT ?3";
    WHOLE = "SELECT first_seq, next_seq, text FROM chunk_batch WHERE generation_id = ?1 AND text IS NOT NULL
             ORDER BY first_seq";
    DELETE = "DELETE FROM chunk_batch WHERE generation_id = ?1";
}

/// The number of a log's first delta.
const FIRST: u64 = 1;

pub(super) fn record(row: &Fields<'_>) -> Result<ChunkBatch> {
    let text = row.text("text")?;
    let lengths = lengths::decode(&text, &row.bytes("lengths")?)
        .ok_or_else(|| StoreError::Damaged("the boundaries of a chunk batch".into()))?;
    Ok(ChunkBatch {
        generation_id: row.id("generation_id")?,
        fence: row.number("fence")?,
        first_seq: row.number("first_seq")?,
        text,
        lengths,
    })
}

/// The number that the next delta of this log must have.
fn next_seq(db: &Db, id: GenerationId) -> Result<u64> {
    Ok(db
        .first(END, [key(id)], |row| row.number("next_seq"))?
        .unwrap_or(FIRST))
}

/// Whether nothing was said yet, nor the log sealed.
pub(super) fn is_empty(db: &Db, id: GenerationId) -> Result<bool> {
    Ok(!db.exists(END, [key(id)])?)
}

/// Adds a batch. The inner result is this batch's, the outer one everybody's.
pub(super) fn append(db: &Db, batch: &ChunkBatch) -> Result<Result<()>> {
    let id = batch.generation_id;
    let writer = db.first(WRITER, [key(id)], |row| {
        Ok((row.number("fence")?, row.optional_time("ended_at")?))
    })?;
    let Some((fence, ended_at)) = writer else {
        return Ok(Err(StoreError::NotFound("generation")));
    };
    if fence != batch.fence {
        return Ok(Err(StoreError::Fenced("generation")));
    }
    let Some(lengths) = lengths::encode(&batch.text, &batch.lengths) else {
        return Ok(Err(StoreError::Conflict("lengths")));
    };
    if batch.lengths.is_empty() {
        return Ok(Ok(()));
    }
    let next = next_seq(db, id)?;
    if batch.first_seq > next {
        return Ok(Err(StoreError::Conflict("gap")));
    }
    if batch.first_seq < next {
        let stored = db.first(AT, (key(id), number(batch.first_seq)), record)?;
        return Ok(if stored.as_ref() == Some(batch) {
            Ok(())
        } else {
            Err(StoreError::Fenced("batch"))
        });
    }
    if ended_at.is_some() {
        return Ok(Err(StoreError::Fenced("ended")));
    }
    let (first, end) = (number(batch.first_seq), number(batch.next_seq()));
    db.execute(
        ADD,
        (key(id), first, end, number(batch.fence), lengths, &batch.text),
    )?;
    Ok(Ok(()))
}

/// Closes a log to its writer: a row stands where its next batch would.
pub(super) fn seal(db: &Db, id: GenerationId, fence: u64) -> Result<()> {
    let next = number(next_seq(db, id)?);
    db.execute(
        ADD,
        (
            key(id),
            next,
            next,
            number(fence),
            None::<Vec<u8>>,
            None::<String>,
        ),
    )
    .map(drop)
}

/// The batches with deltas behind `after_seq`, at most `limit`.
pub(super) fn after(db: &Db, id: GenerationId, after_seq: u64, limit: u32) -> Result<Vec<ChunkBatch>> {
    db.all(
        AFTER,
        (key(id), number(after_seq.saturating_add(1)), limit),
        record,
    )
}

/// The whole text. A log with a hole in it is damaged: an answer with a piece missing is worse than none.
pub(super) fn text(db: &Db, id: GenerationId) -> Result<LogText> {
    let (mut text, mut next) = (String::new(), FIRST);
    db.each(WHOLE, [key(id)], |row| {
        if row.number("first_seq")? != next {
            return Err(StoreError::Damaged(format!("a chunk log has a hole at {next}")));
        }
        next = row.number("next_seq")?;
        text.push_str(&row.text("text")?);
        Ok(())
    })?;
    Ok(LogText {
        text,
        seq: next.saturating_sub(FIRST),
    })
}

/// Takes a whole log away.
pub(super) fn delete(db: &Db, id: GenerationId) -> Result<()> {
    db.execute(DELETE, [key(id)]).map(drop)
}
