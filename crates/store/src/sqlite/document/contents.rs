//! What a document holds: the file in parts; its text and its chunks, each under the fence of the worker that made them.

use super::super::{
    db::{Db, Fields, Sql, statements},
    value::{key, number},
};
use crate::{Result, StoreError, document::ChunkRecord, pages};
use wire::DocumentId;

statements! {
    PUT_PART = "INSERT INTO document_part (document_id, part, bytes) VALUES (?1, ?2, ?3)
                ON CONFLICT DO UPDATE SET bytes = ?3";
    PART = "SELECT bytes FROM document_part WHERE document_id = ?1 AND part = ?2";
    /// Only while its document is there: a worker may be late.
    PUT_TEXT = "INSERT INTO document_text (document_id, fence, part, bytes)
                SELECT ?1, ?2, ?3, ?4 FROM document WHERE id = ?1
                ON CONFLICT DO UPDATE SET bytes = ?4";
    TEXT = "SELECT bytes FROM document_text WHERE document_id = ?1 AND fence = ?2 AND part = ?3";
    PUT_CHUNK = "INSERT INTO document_chunk (document_id, fence, number, start, finish, pages, headings, context, tokens)
                 SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM document WHERE id = ?1
                 ON CONFLICT DO UPDATE SET start = ?4, finish = ?5, pages = ?6, headings = ?7, context = ?8, tokens = ?9";
    CHUNKS = "SELECT * FROM document_chunk WHERE document_id = ?1 AND fence = ?2 AND number >= ?3
              ORDER BY number LIMIT ?4";
    /// What a worker of an earlier fence, or the last of a failed one, may have left something under.
    PERHAPS_STALE = "SELECT id, fence, ready_fence FROM document
                     WHERE id > ?1 AND (status = 'failed' OR (status = 'ready' AND fence > 1)) ORDER BY id LIMIT ?2";
    DROP_TEXTS = "DELETE FROM document_text WHERE document_id = ?1 AND fence < ?2 AND fence IS NOT ?3";
    DROP_CHUNKS = "DELETE FROM document_chunk WHERE document_id = ?1 AND fence < ?2 AND fence IS NOT ?3";
    DROP_VECTORS = "DELETE FROM document_vector WHERE document_id = ?1 AND fence < ?2 AND fence IS NOT ?3";
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

/// Takes away what was made under fences that are neither read nor written, of the documents behind this one: how many had
/// such, and the last that was looked at, when there may be more.
pub(super) fn collect(db: &Db, behind: DocumentId, limit: u32) -> Result<(u64, Option<DocumentId>)> {
    let mut cleaned = 0;
    let found = db.all(PERHAPS_STALE, (key(behind), limit), |row| {
        Ok((
            row.id::<DocumentId>("id")?,
            row.number("fence")?,
            row.optional_number("ready_fence")?,
        ))
    })?;
    let is_full = found.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
    let last = found.last().map(|(id, ..)| *id).filter(|_| is_full);
    for (id, fence, ready) in found {
        // Of a failed one the last try goes, too.
        let below = number(fence + u64::from(ready != Some(fence)));
        let ready = ready.map(number);
        let texts = db.execute(DROP_TEXTS, (key(id), below, ready))?;
        let chunks = db.execute(DROP_CHUNKS, (key(id), below, ready))?;
        let vectors = db.execute(DROP_VECTORS, (key(id), below, ready))?;
        cleaned += u64::from(texts + chunks + vectors > 0);
    }
    Ok((cleaned, last))
}
