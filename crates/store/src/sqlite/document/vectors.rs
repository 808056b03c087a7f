//! Vectors of passages, by model; and the claims of who makes those of another model for documents that are ready.

use super::{
    super::{
        db::{Db, Fields, Sql, statements},
        value::{key, number, time},
    },
    by_id, library, record,
};
use crate::{
    Result, StoreError,
    document::{ChunkVector, DocumentRecord},
    models, vector,
};
use wire::{DocumentId, Timestamp, document::DocumentStatus};

/// Vectors that are taken away in one job: some MB.
const SLICE: u32 = 500;

statements! {
    /// Only while its document is there: a worker may be late.
    PUT = "INSERT INTO document_vector (document_id, fence, model, number, vector)
           SELECT ?1, ?2, ?3, ?4, ?5 FROM document WHERE id = ?1 AND deleting = 0
           ON CONFLICT DO UPDATE SET vector = ?5";
    PAGE = "SELECT number, vector FROM document_vector
            WHERE document_id = ?1 AND fence = ?2 AND model = ?3 AND number >= ?4 ORDER BY number LIMIT ?5";
    WITHOUT = "SELECT * FROM document WHERE status = 'ready'
                   AND NOT EXISTS (SELECT 1 FROM json_each(document.models) AS model WHERE model.value = ?1)
               ORDER BY created_at, id LIMIT ?2";
    CLAIM = "UPDATE document SET fence = fence + 1, node_id = ?2, lease_until = ?3, progress_done = NULL,
                                 progress_total = NULL
             WHERE id = ?1";
    FINISH = "UPDATE document SET models = ?3, node_id = NULL, lease_until = NULL, progress_done = NULL,
                                  progress_total = NULL
              WHERE id = ?1 AND fence = ?2 AND status = 'ready' AND node_id IS NOT NULL";
    RELEASE = "UPDATE document SET node_id = NULL, lease_until = NULL, progress_done = NULL, progress_total = NULL
               WHERE id = ?1 AND fence = ?2 AND status = 'ready' AND node_id IS NOT NULL";
    SET_MODELS = "UPDATE document SET models = ?2 WHERE id = ?1";
    FORGET = "DELETE FROM document_vector WHERE (document_id, fence, model, number) IN
              (SELECT document_id, fence, model, number FROM document_vector
               WHERE document_id = ?1 AND fence = ?2 AND model <> ?3 LIMIT ?4)";
}

pub(super) fn put(db: &Db, id: DocumentId, fence: u64, model: &str, vectors: &[ChunkVector]) -> Result<()> {
    for each in vectors {
        let bytes = vector::encode(&each.vector);
        db.execute(PUT, (key(id), number(fence), model, each.index, bytes))?;
    }
    Ok(())
}

pub(super) fn page(
    db: &Db,
    id: DocumentId,
    fence: u64,
    model: &str,
    from: u32,
    limit: u32,
) -> Result<Vec<ChunkVector>> {
    db.all(PAGE, (key(id), number(fence), model, from, limit), of_row)
}

pub(in crate::sqlite) fn of_row(row: &Fields<'_>) -> Result<ChunkVector> {
    Ok(ChunkVector {
        index: row.u32("number")?,
        vector: vector::decode(&row.bytes("vector")?)
            .ok_or_else(|| StoreError::Damaged("the vector of a chunk".into()))?,
    })
}

pub(super) fn documents_without(db: &Db, model: &str, limit: u32) -> Result<Vec<DocumentRecord>> {
    db.all(WITHOUT, (model, limit), record)
}

pub(super) fn claim(
    db: &Db,
    id: DocumentId,
    model: &str,
    node_id: &str,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Option<DocumentRecord>> {
    let is_free = |document: &DocumentRecord| {
        document.status == DocumentStatus::Ready
            && !document.embedding_models.iter().any(|has| has == model)
            && document.lease.as_ref().is_none_or(|lease| lease.until < now)
    };
    if !by_id(db, id)?.as_ref().is_some_and(is_free) {
        return Ok(None);
    }
    db.execute(CLAIM, (key(id), node_id, time(lease_until)))?;
    library::note_change(db, id)?;
    by_id(db, id)
}

pub(super) fn finish(db: &Db, id: DocumentId, fence: u64, model: &str) -> Result<bool> {
    let Some(mut document) = by_id(db, id)? else {
        return Ok(false);
    };
    let has = document.embedding_models.iter().any(|has| has == model);
    if !has {
        document.embedding_models.push(model.to_owned());
    }
    let list = models::encode(&document.embedding_models);
    if !db.changes(FINISH, (key(id), number(fence), list))? {
        return Ok(has && document.fence == fence);
    }
    library::raise(db, document.chatbot_id)?;
    library::note_change(db, id)?;
    Ok(true)
}

pub(super) fn release(db: &Db, id: DocumentId, fence: u64) -> Result<bool> {
    let released = db.changes(RELEASE, (key(id), number(fence)))?;
    if released {
        library::note_change(db, id)?;
    }
    Ok(released)
}

/// Takes some of the vectors of other models than this one away: whether there were any.
pub(super) fn forget_slice(db: &Db, id: DocumentId, but: &str) -> Result<bool> {
    match by_id(db, id)?.and_then(|document| document.ready_fence) {
        Some(fence) => db.changes(FORGET, (key(id), number(fence), but, SLICE)),
        None => Ok(false),
    }
}

/// Says of no other model than this one that all passages have its vectors.
pub(super) fn forget(db: &Db, id: DocumentId, but: &str) -> Result<()> {
    let Some(mut document) = by_id(db, id)?.filter(|document| document.ready_fence.is_some()) else {
        return Ok(());
    };
    let had = document.embedding_models.len();
    document.embedding_models.retain(|has| has == but);
    if document.embedding_models.len() < had {
        db.execute(SET_MODELS, (key(id), models::encode(&document.embedding_models)))?;
        library::raise(db, document.chatbot_id)?;
    }
    Ok(())
}
