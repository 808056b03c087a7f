//! Vectors of passages, by model; and the claims of who makes those of another model for documents that are ready.

use super::{
    super::{
        collection::{DOCUMENT, DOCUMENT_VECTOR},
        db::Db,
        query::queries,
        value::{Fields, bytes, key, number, time},
    },
    contents, no_lease, record,
};
use crate::{
    Result, StoreError,
    document::{ChunkVector, DocumentRecord},
    value::Word,
    vector,
};
use futures::{StreamExt, TryStreamExt};
use mongodb::bson::{Bson, Document, doc};
use wire::{DocumentId, Timestamp, document::DocumentStatus};

/// Vectors written at a time.
const AT_ONCE: usize = 16;

queries! {
    living(id: DocumentId) in DOCUMENT { "_id": key(id), "deleting": false };
    ready_at(id: DocumentId, fence: u64) in DOCUMENT {
        "_id": key(id), "fence": number(fence), "deleting": false, "status": DocumentStatus::Ready.word(),
    };
    claimed(id: DocumentId, fence: u64) in DOCUMENT {
        "_id": key(id), "fence": number(fence), "deleting": false, "status": DocumentStatus::Ready.word(),
        "claimed": true,
    };
    vector_at(id: DocumentId, fence: u64, model: &str, index: u64) in DOCUMENT_VECTOR {
        "document_id": key(id), "fence": number(fence), "model": model, "number": number(index),
    };
    vectors_from(id: DocumentId, fence: u64, model: &str, from: u64) in DOCUMENT_VECTOR {
        "document_id": key(id), "fence": number(fence), "model": model, "number": { "$gte": number(from) },
    } sort { "number": 1 };
    all_vectors(id: DocumentId) in DOCUMENT_VECTOR { "document_id": key(id) };
    of_model(id: DocumentId, fence: u64, model: &str) in DOCUMENT_VECTOR {
        "document_id": key(id), "fence": number(fence), "model": model,
    };
    vectors_between(id: DocumentId, from: u64, to: u64) in DOCUMENT_VECTOR {
        "document_id": key(id), "fence": { "$gte": number(from), "$lt": number(to) },
    };
}

pub(super) async fn put(
    db: &Db,
    id: DocumentId,
    fence: u64,
    model: &str,
    vectors: &[ChunkVector],
) -> Result<()> {
    if !contents::is_living(db, id).await? {
        return Ok(());
    }
    futures::stream::iter(vectors)
        .map(Ok)
        .try_for_each_concurrent(AT_ONCE, |each| {
            let stored = bytes(&vector::encode(&each.vector));
            db.upsert(
                vector_at(id, fence, model, each.index.into()),
                doc! { "$set": { "vector": stored } },
            )
        })
        .await?;
    contents::take_back_if_gone(db, id).await
}

pub(super) async fn page(
    db: &Db,
    id: DocumentId,
    fence: u64,
    model: &str,
    from: u32,
    limit: u32,
) -> Result<Vec<ChunkVector>> {
    let found = db
        .page(vectors_from(id, fence, model, from.into()), limit)
        .await?;
    found.iter().map(of_document).collect()
}

pub(in crate::mongo) fn of_document(document: &Document) -> Result<ChunkVector> {
    let fields = Fields::of(document);
    let damaged = || StoreError::Damaged("the vector of a chunk".into());
    Ok(ChunkVector {
        index: u32::try_from(fields.number("number")?).map_err(|_| damaged())?,
        vector: vector::decode(fields.bytes("vector")?).ok_or_else(damaged)?,
    })
}

/// Takes all of a document's away.
pub(super) async fn delete(db: &Db, id: DocumentId) -> Result<()> {
    db.delete_all(all_vectors(id)).await.map(drop)
}

/// Takes those away that were made under fences from `from` up to, without, `to`: how many.
pub(super) async fn delete_between(db: &Db, id: DocumentId, from: u64, to: u64) -> Result<u64> {
    db.delete_all(vectors_between(id, from, to)).await
}

async fn found(db: &Db, id: DocumentId) -> Result<Option<DocumentRecord>> {
    db.first(living(id)).await?.as_ref().map(record).transpose()
}

fn has(document: &DocumentRecord, model: &str) -> bool {
    document.embedding_models.iter().any(|has| has == model)
}

pub(super) async fn claim(
    db: &Db,
    id: DocumentId,
    model: &str,
    node_id: &str,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Option<DocumentRecord>> {
    let is_free = |document: &DocumentRecord| {
        document.status == DocumentStatus::Ready
            && !has(document, model)
            && document.lease.as_ref().is_none_or(|lease| lease.until < now)
    };
    let Some(free) = found(db, id).await?.filter(is_free) else {
        return Ok(None);
    };
    let claim = doc! {
        "$inc": { "fence": 1_i64 },
        "$set": {
            "node_id": node_id, "lease_until": time(lease_until), "claimed": true, "progress_done": Bson::Null,
            "progress_total": Bson::Null,
        },
    };
    let claimed = db.change(ready_at(id, free.fence), claim).await?;
    claimed.as_ref().map(record).transpose()
}

/// What every end of such a claim sets.
fn over() -> Document {
    doc! {
        "node_id": Bson::Null, "lease_until": no_lease(), "claimed": false, "progress_done": Bson::Null,
        "progress_total": Bson::Null,
    }
}

/// The document, when the claim was still good, or was ended so before.
pub(super) async fn finish(
    db: &Db,
    id: DocumentId,
    fence: u64,
    model: &str,
) -> Result<Option<DocumentRecord>> {
    let mut set = over();
    set.insert("told", false);
    let change = doc! { "$set": set, "$addToSet": { "models": model } };
    if let Some(finished) = db.change(claimed(id, fence), change).await? {
        return record(&finished).map(Some);
    }
    let found = found(db, id).await?;
    Ok(found.filter(|document| document.fence == fence && has(document, model)))
}

pub(super) async fn release(db: &Db, id: DocumentId, fence: u64) -> Result<Option<DocumentRecord>> {
    let released = db.change(claimed(id, fence), doc! { "$set": over() }).await?;
    released.as_ref().map(record).transpose()
}

/// The document, when anything was said of other models.
pub(super) async fn forget(db: &Db, id: DocumentId, but: &str) -> Result<Option<DocumentRecord>> {
    let Some(document) = found(db, id).await? else {
        return Ok(None);
    };
    let Some(fence) = document.ready_fence else {
        return Ok(None);
    };
    let others: Vec<&String> = document
        .embedding_models
        .iter()
        .filter(|has| *has != but)
        .collect();
    if others.is_empty() {
        return Ok(None);
    }
    // First what is there, then what is said: broken off in between, it is done again.
    for model in &others {
        db.delete_all(of_model(id, fence, model)).await?;
    }
    let list: Vec<Bson> = others.iter().map(|model| Bson::from(model.as_str())).collect();
    let unsaid = doc! { "$pull": { "models": { "$in": list } }, "$set": { "told": false } };
    db.update(living(id), unsaid).await?;
    Ok(Some(document))
}
