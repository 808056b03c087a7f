//! What a document holds: the file in parts; its text and its chunks, each under the fence of the worker that made them.
//! Each has a place of its own, by a unique index, so that a repeated write changes nothing.

use super::{
    super::{
        collection::{DOCUMENT, DOCUMENT_CHUNK, DOCUMENT_PART, DOCUMENT_TEXT},
        db::Db,
        query::queries,
        value::{Fields, bytes, key, number},
    },
    vectors,
};
use crate::{
    Result, StoreError,
    document::{ChunkRecord, DocumentRecord},
    pages,
};
use futures::{StreamExt, TryStreamExt};
use mongodb::bson::{Document, doc};
use wire::DocumentId;

/// Chunks written at a time.
const AT_ONCE: usize = 16;

queries! {
    living(id: DocumentId) in DOCUMENT { "_id": key(id), "deleting": false } project { "_id": 1 };
    file_part(id: DocumentId, index: u64) in DOCUMENT_PART { "document_id": key(id), "part": number(index) };
    file_parts(id: DocumentId) in DOCUMENT_PART { "document_id": key(id) };
    text_part(id: DocumentId, fence: u64, index: u64) in DOCUMENT_TEXT {
        "document_id": key(id), "fence": number(fence), "part": number(index),
    };
    texts(id: DocumentId) in DOCUMENT_TEXT { "document_id": key(id) };
    texts_between(id: DocumentId, from: u64, to: u64) in DOCUMENT_TEXT {
        "document_id": key(id), "fence": { "$gte": number(from), "$lt": number(to) },
    };
    chunk_at(id: DocumentId, fence: u64, index: u64) in DOCUMENT_CHUNK {
        "document_id": key(id), "fence": number(fence), "number": number(index),
    };
    chunks_from(id: DocumentId, fence: u64, from: u64) in DOCUMENT_CHUNK {
        "document_id": key(id), "fence": number(fence), "number": { "$gte": number(from) },
    } sort { "number": 1 };
    all_chunks(id: DocumentId) in DOCUMENT_CHUNK { "document_id": key(id) };
    chunks_between(id: DocumentId, from: u64, to: u64) in DOCUMENT_CHUNK {
        "document_id": key(id), "fence": { "$gte": number(from), "$lt": number(to) },
    };
}

pub(super) async fn put_part(db: &Db, id: DocumentId, index: u32, content: &[u8]) -> Result<()> {
    let part = doc! { "$set": { "bytes": bytes(content) } };
    db.upsert(file_part(id, index.into()), part).await?;
    take_back_if_gone(db, id).await
}

pub(super) async fn part(db: &Db, id: DocumentId, index: u32) -> Result<Option<Vec<u8>>> {
    bytes_of(db.first(file_part(id, index.into())).await?)
}

fn bytes_of(found: Option<Document>) -> Result<Option<Vec<u8>>> {
    found
        .map(|found| Fields::of(&found).bytes("bytes").map(<[u8]>::to_vec))
        .transpose()
}

pub(super) async fn put_text(db: &Db, id: DocumentId, fence: u64, index: u32, content: &[u8]) -> Result<()> {
    if !is_living(db, id).await? {
        return Ok(());
    }
    let part = doc! { "$set": { "bytes": bytes(content) } };
    db.upsert(text_part(id, fence, index.into()), part).await?;
    take_back_if_gone(db, id).await
}

/// A worker may be late: nothing more is written to a document that was deleted.
pub(super) async fn is_living(db: &Db, id: DocumentId) -> Result<bool> {
    Ok(db.first(living(id)).await?.is_some())
}

/// After each write: one whose document was deleted while it was written is taken back. The deletion marks the document
/// before it takes anything away, so either this sees the mark, or the deletion comes after what was written.
pub(super) async fn take_back_if_gone(db: &Db, id: DocumentId) -> Result<()> {
    if is_living(db, id).await? {
        return Ok(());
    }
    delete(db, id).await
}

pub(super) async fn text(db: &Db, id: DocumentId, fence: u64, index: u32) -> Result<Option<Vec<u8>>> {
    bytes_of(db.first(text_part(id, fence, index.into())).await?)
}

pub(super) async fn put_chunks(db: &Db, id: DocumentId, fence: u64, chunks: &[ChunkRecord]) -> Result<()> {
    if !is_living(db, id).await? {
        return Ok(());
    }
    futures::stream::iter(chunks)
        .map(Ok)
        .try_for_each_concurrent(AT_ONCE, |chunk| {
            db.upsert(
                chunk_at(id, fence, chunk.index.into()),
                doc! { "$set": document(chunk) },
            )
        })
        .await?;
    take_back_if_gone(db, id).await
}

pub(in crate::mongo) fn document(chunk: &ChunkRecord) -> Document {
    doc! {
        "start": number(chunk.start.into()), "finish": number(chunk.end.into()),
        "pages": pages::encode(&chunk.pages),
        "headings": serde_json::json!(chunk.headings).to_string(), "context": &chunk.context,
        "tokens": number(chunk.tokens.into()),
    }
}

pub(super) async fn chunks(
    db: &Db,
    id: DocumentId,
    fence: u64,
    from: u32,
    limit: u32,
) -> Result<Vec<ChunkRecord>> {
    let found = db.page(chunks_from(id, fence, from.into()), limit).await?;
    found.iter().map(chunk).collect()
}

pub(in crate::mongo) fn chunk(document: &Document) -> Result<ChunkRecord> {
    let fields = Fields::of(document);
    let damaged = |what: &str| StoreError::Damaged(format!("the {what} of a chunk"));
    let small = |name: &'static str| {
        fields
            .number(name)
            .and_then(|value| u32::try_from(value).map_err(|_| damaged(name)))
    };
    Ok(ChunkRecord {
        index: small("number")?,
        start: small("start")?,
        end: small("finish")?,
        pages: pages::decode(&fields.text("pages")?)?,
        headings: serde_json::from_str(&fields.text("headings")?).map_err(|_| damaged("headings"))?,
        context: fields.text("context")?,
        tokens: small("tokens")?,
    })
}

/// Takes all of it away.
pub(super) async fn delete(db: &Db, id: DocumentId) -> Result<()> {
    vectors::delete(db, id).await?;
    db.delete_all(all_chunks(id)).await?;
    db.delete_all(texts(id)).await?;
    db.delete_all(file_parts(id)).await.map(drop)
}

/// Takes away what was made under fences that are neither read nor written; whether there was such.
pub(super) async fn collect(db: &Db, of: &DocumentRecord) -> Result<bool> {
    // Fences begin with 1. Of a failed one the last try goes, too.
    let ready = of.ready_fence.unwrap_or(0);
    let below = of.fence + u64::from(ready != of.fence);
    let mut deleted = 0;
    for (from, to) in [(0, ready), (ready.saturating_add(1), below)] {
        if from < to {
            deleted += db.delete_all(texts_between(of.id, from, to)).await?;
            deleted += db.delete_all(chunks_between(of.id, from, to)).await?;
            deleted += vectors::delete_between(db, of.id, from, to).await?;
        }
    }
    Ok(deleted > 0)
}
