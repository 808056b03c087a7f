//! What a document holds: the file in parts; its text and its chunks, each under the fence of the worker that made them.

use super::super::{
    db::{Db, Fields, Sql, statements},
    value::{key, number},
};
use crate::{Result, StoreError, document::ChunkRecord, pages};
use wire::DocumentId;

/// Rows of a slice that is deleted in one job: some MB of parts (of a quarter MB each), of vectors, or of passages.
const PARTS: u32 = 16;
const VECTORS: u32 = 500;
const CHUNKS_AT_ONCE: u32 = 1_000;

statements! {
    PUT_PART = "INSERT INTO document_part (document_id, part, bytes) VALUES (?1, ?2, ?3)
                ON CONFLICT DO UPDATE SET bytes = ?3";
    PART = "SELECT bytes FROM document_part WHERE document_id = ?1 AND part = ?2";
    /// Only while its document is there: a worker may be late.
    PUT_TEXT = "INSERT INTO document_text (document_id, fence, part, bytes)
                SELECT ?1, ?2, ?3, ?4 FROM document WHERE id = ?1 AND deleting = 0
                ON CONFLICT DO UPDATE SET bytes = ?4";
    TEXT = "SELECT bytes FROM document_text WHERE document_id = ?1 AND fence = ?2 AND part = ?3";
    PUT_CHUNK = "INSERT INTO document_chunk (document_id, fence, number, start, finish, pages, headings, context, tokens)
                 SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM document WHERE id = ?1 AND deleting = 0
                 ON CONFLICT DO UPDATE SET start = ?4, finish = ?5, pages = ?6, headings = ?7, context = ?8, tokens = ?9";
    CHUNKS = "SELECT * FROM document_chunk WHERE document_id = ?1 AND fence = ?2 AND number >= ?3
              ORDER BY number LIMIT ?4";
    /// What a worker of an earlier fence, or the last of a failed one, may have left something under.
    PERHAPS_STALE = "SELECT id, fence, ready_fence FROM document
                     WHERE id > ?1 AND (status = 'failed' OR (status = 'ready' AND fence > 1)) ORDER BY id LIMIT ?2";
    IS_STALE = "SELECT 1 FROM document_vector WHERE document_id = ?1 AND fence < ?2 AND fence IS NOT ?3
                UNION ALL
                SELECT 1 FROM document_chunk WHERE document_id = ?1 AND fence < ?2 AND fence IS NOT ?3
                UNION ALL
                SELECT 1 FROM document_text WHERE document_id = ?1 AND fence < ?2 AND fence IS NOT ?3
                LIMIT 1";
    DROP_VECTORS = "DELETE FROM document_vector WHERE (document_id, fence, model, number) IN
                    (SELECT document_id, fence, model, number FROM document_vector
                     WHERE document_id = ?1 AND fence < ?2 AND fence IS NOT ?3 LIMIT ?4)";
    DROP_CHUNKS = "DELETE FROM document_chunk WHERE (document_id, fence, number) IN
                   (SELECT document_id, fence, number FROM document_chunk
                    WHERE document_id = ?1 AND fence < ?2 AND fence IS NOT ?3 LIMIT ?4)";
    DROP_TEXTS = "DELETE FROM document_text WHERE (document_id, fence, part) IN
                  (SELECT document_id, fence, part FROM document_text
                   WHERE document_id = ?1 AND fence < ?2 AND fence IS NOT ?3 LIMIT ?4)";
    DROP_PARTS = "DELETE FROM document_part WHERE (document_id, part) IN
                  (SELECT document_id, part FROM document_part WHERE document_id = ?1 LIMIT ?2)";
}

pub(super) fn put_part(db: &Db, id: DocumentId, index: u32, bytes: &[u8]) -> Result<()> {
    db.execute(PUT_PART, (key(id), index, bytes)).map(drop)
}

pub(super) fn part(db: &Db, id: DocumentId, index: u32) -> Result<Option<Vec<u8>>> {
    db.first(PART, (key(id), index), |row| row.bytes("bytes"))
}

pub(super) fn put_text(db: &Db, id: DocumentId, fence: u64, index: u32, bytes: &[u8]) -> Result<()> {
    db.execute(PUT_TEXT, (key(id), number(fence), index, bytes))
        .map(drop)
}

pub(super) fn text(db: &Db, id: DocumentId, fence: u64, index: u32) -> Result<Option<Vec<u8>>> {
    db.first(TEXT, (key(id), number(fence), index), |row| row.bytes("bytes"))
}

pub(super) fn put_chunks(db: &Db, id: DocumentId, fence: u64, chunks: &[ChunkRecord]) -> Result<()> {
    for chunk in chunks {
        db.execute(
            PUT_CHUNK,
            (
                key(id),
                number(fence),
                chunk.index,
                chunk.start,
                chunk.end,
                pages::encode(&chunk.pages),
                serde_json::json!(chunk.headings).to_string(),
                &chunk.context,
                chunk.tokens,
            ),
        )?;
    }
    Ok(())
}

pub(super) fn chunks(db: &Db, id: DocumentId, fence: u64, from: u32, limit: u32) -> Result<Vec<ChunkRecord>> {
    db.all(CHUNKS, (key(id), number(fence), from, limit), chunk)
}

pub(in crate::sqlite) fn chunk(row: &Fields<'_>) -> Result<ChunkRecord> {
    let damaged = |what: &str| StoreError::Damaged(format!("the {what} of a chunk"));
    Ok(ChunkRecord {
        index: row.u32("number")?,
        start: row.u32("start")?,
        end: row.u32("finish")?,
        pages: pages::decode(&row.text("pages")?)?,
        headings: serde_json::from_str(&row.text("headings")?).map_err(|_| damaged("headings"))?,
        context: row.text("context")?,
        tokens: row.u32("tokens")?,
    })
}

/// What was made of a document under fences that are neither read nor written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stale {
    id: DocumentId,
    below: u64,
    ready: Option<u64>,
}

impl Stale {
    /// All that was made of it, whatever the fence.
    const fn whole(id: DocumentId) -> Self {
        Self {
            id,
            below: u64::MAX,
            ready: None,
        }
    }

    /// Whether there is any.
    pub(super) fn is_there(&self, db: &Db) -> Result<bool> {
        db.exists(
            IS_STALE,
            (key(self.id), number(self.below), self.ready.map(number)),
        )
    }

    /// Takes some MB of it away; whether there was any.
    pub(super) fn delete_slice(&self, db: &Db) -> Result<bool> {
        let (id, below, ready) = (key(self.id), number(self.below), self.ready.map(number));
        Ok(db.changes(DROP_VECTORS, (id, below, ready, VECTORS))?
            || db.changes(DROP_CHUNKS, (id, below, ready, CHUNKS_AT_ONCE))?
            || db.changes(DROP_TEXTS, (id, below, ready, PARTS))?)
    }
}

/// Takes some MB away of what a document holds; false when nothing is left.
pub(super) fn delete_slice(db: &Db, id: DocumentId) -> Result<bool> {
    Ok(Stale::whole(id).delete_slice(db)? || db.changes(DROP_PARTS, (key(id), PARTS))?)
}

/// What may be stale of the documents behind this one, and the last that was looked at, when there may be more. It stays
/// stale: fences only grow, and nobody writes under one that is not the newest.
pub(super) fn perhaps_stale(
    db: &Db,
    behind: DocumentId,
    limit: u32,
) -> Result<(Vec<Stale>, Option<DocumentId>)> {
    let found = db.all(PERHAPS_STALE, (key(behind), limit), |row| {
        let (fence, ready) = (row.number("fence")?, row.optional_number("ready_fence")?);
        Ok(Stale {
            id: row.id("id")?,
            // Of a failed one the last try goes, too.
            below: fence + u64::from(ready != Some(fence)),
            ready,
        })
    })?;
    let is_full = found.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
    let last = found.last().map(|stale| stale.id).filter(|_| is_full);
    Ok((found, last))
}
