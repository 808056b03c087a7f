//! The chunk logs in MongoDB: one document a batch, only ever added.
//!
//! A batch's `_id` is `{ generation_id, first_seq }`: the same place cannot be taken twice, on whatever shard, since a
//! generation's log is sharded by a hash of `_id.generation_id`. Logs are read by an index over
//! (`_id.generation_id`, `next_seq`), which finds what follows a delta, and the end of a log, at once.
//!
//! **Adding** costs two round trips: the generations (for their fences) and the ends of their logs are read side by side,
//! then everything is inserted. The reads give the honest writer its errors; what makes it exact is the insert, which
//! collides with whatever stands there already (see [`super::generation`] for the seal). A log's batches are inserted in
//! order, so a log has no holes: where one batch of several collides, those behind it are not inserted.
//!
//! **The seal** is a document without text where the next batch would be; its `next_seq` is one more than its own place,
//! so that it sorts behind the last batch. Whoever seals looks for the log's end, inserts, and looks again when a batch
//! was faster.

use super::{
    MongoStore,
    collection::CHUNK_BATCH,
    db::{Db, Inserted},
    query::queries,
    value::{Fields, bytes, key, keys, number},
};
use crate::{
    Result, StoreError,
    generation::{ChunkBatch, GenerationRecord, LogText},
    lengths,
};
use futures::{StreamExt, TryStreamExt};
use mongodb::bson::{Bson, Document, doc};
use std::collections::HashMap;
use wire::GenerationId;

/// The number of a log's first delta.
const FIRST: u64 = 1;
/// Logs that are looked at, or written, at a time.
const AT_ONCE: usize = 16;
/// Times that a seal may find another batch in its place: a writer that is this fast is not dead.
const SEALS: usize = 100;

queries! {
    ending(id: GenerationId, next_seq: u64) in CHUNK_BATCH {
        "_id.generation_id": key(id), "next_seq": number(next_seq),
    };
    last(id: GenerationId) in CHUNK_BATCH { "_id.generation_id": key(id) } sort { "next_seq": -1 };
    behind(id: GenerationId, seq: u64) in CHUNK_BATCH {
        "_id.generation_id": key(id), "next_seq": { "$gt": number(seq) },
    } sort { "next_seq": 1 };
    whole(id: GenerationId) in CHUNK_BATCH { "_id.generation_id": key(id) } sort { "next_seq": 1 };
    logs(ids: &[GenerationId]) in CHUNK_BATCH { "_id.generation_id": { "$in": keys(ids) } };
}

fn place(id: GenerationId, first_seq: u64) -> Document {
    doc! { "generation_id": key(id), "first_seq": number(first_seq) }
}

pub(super) fn document(batch: &ChunkBatch, lengths: &[u8]) -> Document {
    doc! {
        "_id": place(batch.generation_id, batch.first_seq), "next_seq": number(batch.next_seq()),
        "fence": number(batch.fence), "lengths": bytes(lengths), "text": &batch.text,
    }
}

pub(super) fn seal_document(id: GenerationId, end: u64, fence: u64) -> Document {
    doc! {
        "_id": place(id, end), "next_seq": number(end.saturating_add(1)), "fence": number(fence), "text": Bson::Null,
    }
}

/// `None` for the seal.
pub(super) fn record(document: &Document) -> Result<Option<ChunkBatch>> {
    let fields = Fields::of(document);
    if !fields.is_there("text") {
        return Ok(None);
    }
    let place = fields.inner("_id")?;
    let text = fields.text("text")?;
    let lengths = lengths::decode(&text, fields.bytes("lengths")?)
        .ok_or_else(|| StoreError::Damaged("the boundaries of a chunk batch".into()))?;
    Ok(Some(ChunkBatch {
        generation_id: place.id("generation_id")?,
        fence: fields.number("fence")?,
        first_seq: place.number("first_seq")?,
        text,
        lengths,
    }))
}

/// The number that the next delta of this log must have. Behind a seal it is one that no writer asks for.
async fn next_seq(db: &Db, id: GenerationId) -> Result<u64> {
    match db.first(last(id)).await? {
        Some(last) => Fields::of(&last).number("next_seq"),
        None => Ok(FIRST),
    }
}

/// Whether anything was said.
pub(super) async fn has_begun(db: &Db, id: GenerationId) -> Result<bool> {
    match db.first(behind(id, FIRST)).await? {
        Some(first) => Ok(record(&first)?.is_some()),
        None => Ok(false),
    }
}

/// What is to be done about a batch.
enum Verdict {
    /// It is decided without a write.
    Decided(Result<()>),
    /// To be inserted.
    Insert(Document),
    /// Something stands there: perhaps this very batch.
    Compare,
}

fn judge(batch: &ChunkBatch, generation: Option<&GenerationRecord>, next: u64) -> Verdict {
    let Some(generation) = generation else {
        return Verdict::Decided(Err(StoreError::NotFound("generation")));
    };
    if generation.fence != batch.fence {
        return Verdict::Decided(Err(StoreError::Fenced("generation")));
    }
    let Some(lengths) = lengths::encode(&batch.text, &batch.lengths) else {
        return Verdict::Decided(Err(StoreError::Conflict("lengths")));
    };
    if batch.lengths.is_empty() {
        return Verdict::Decided(Ok(()));
    }
    if batch.first_seq > next {
        return Verdict::Decided(Err(StoreError::Conflict("gap")));
    }
    if batch.first_seq < next {
        return Verdict::Compare;
    }
    if generation.ended.is_some() {
        return Verdict::Decided(Err(StoreError::Fenced("ended")));
    }
    Verdict::Insert(document(batch, &lengths))
}

/// Adds batches. One result a batch, in order.
pub(super) async fn append(store: &MongoStore, batches: Vec<ChunkBatch>) -> Result<Vec<Result<()>>> {
    let mut logs: HashMap<GenerationId, Vec<usize>> = HashMap::new();
    for (index, batch) in batches.iter().enumerate() {
        logs.entry(batch.generation_id).or_default().push(index);
    }
    let ids: Vec<GenerationId> = logs.keys().copied().collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ends = futures::stream::iter(ids.iter().copied())
        .map(|id| async move { Ok::<_, StoreError>((id, next_seq(&store.db, id).await?)) })
        .buffer_unordered(AT_ONCE)
        .try_collect::<HashMap<_, _>>();
    let (generations, ends) = futures::try_join!(store.generations_by_id(&ids), ends)?;
    let generations: HashMap<_, _> = generations.into_iter().map(|g| (g.id, g)).collect();

    let mut verdicts = Vec::with_capacity(batches.len());
    let mut ends = ends;
    for batch in &batches {
        let next = ends.entry(batch.generation_id).or_insert(FIRST);
        let verdict = judge(batch, generations.get(&batch.generation_id), *next);
        if matches!(verdict, Verdict::Insert(_)) {
            *next = batch.next_seq();
        }
        verdicts.push(verdict);
    }
    insert(&store.db, &batches, &mut verdicts, &logs).await?;

    let mut results = Vec::with_capacity(batches.len());
    for (batch, verdict) in batches.iter().zip(verdicts) {
        results.push(match verdict {
            Verdict::Decided(result) => result,
            Verdict::Insert(_) => Ok(()),
            Verdict::Compare => stands(&store.db, batch).await?,
        });
    }
    Ok(results)
}

/// Inserts what is to be inserted. Where a batch collides, it and those of its log behind it must be compared.
async fn insert(
    db: &Db,
    batches: &[ChunkBatch],
    verdicts: &mut [Verdict],
    logs: &HashMap<GenerationId, Vec<usize>>,
) -> Result<()> {
    let wanted = |index: &usize| match verdicts.get(*index) {
        Some(Verdict::Insert(document)) => Some((*index, document.clone())),
        _ => None,
    };
    let (mut alone, mut in_order) = ((Vec::new(), Vec::new()), Vec::new());
    for log in logs.values() {
        let mut inserts: Vec<(usize, Document)> = log.iter().filter_map(wanted).collect();
        if inserts.len() > 1 {
            in_order.push(inserts);
        } else if let Some((index, document)) = inserts.pop() {
            alone.0.push(index);
            alone.1.push(document);
        }
    }
    let mut collided = Vec::new();
    if !alone.1.is_empty() {
        let duplicates = db.insert_all(CHUNK_BATCH, &alone.1).await?;
        collided.extend(duplicates.into_iter().filter_map(|at| alone.0.get(at).copied()));
    }
    for log in in_order {
        let (indexes, documents): (Vec<usize>, Vec<Document>) = log.into_iter().unzip();
        collided.extend(insert_log(db, batches, &indexes, &documents).await?);
    }
    for index in collided {
        if let Some(verdict) = verdicts.get_mut(index) {
            *verdict = Verdict::Compare;
        }
    }
    Ok(())
}

/// Inserts batches of one log, in order: which of them did not get their place.
async fn insert_log(
    db: &Db,
    batches: &[ChunkBatch],
    indexes: &[usize],
    documents: &[Document],
) -> Result<Vec<usize>> {
    let mut from = 0;
    while let Some(rest) = documents.get(from..).filter(|rest| !rest.is_empty()) {
        let Inserted::Until(at) = db.insert_in_order(CHUNK_BATCH, rest).await? else {
            break;
        };
        let at = from.saturating_add(at);
        let batch = indexes.get(at).and_then(|index| batches.get(*index));
        match batch {
            // An attempt whose answer was lost has come this far, or further.
            Some(batch) if stands(db, batch).await?.is_ok() => from = at.saturating_add(1),
            _ => return Ok(indexes.get(at..).unwrap_or_default().to_vec()),
        }
    }
    Ok(Vec::new())
}

/// Whether this very batch stands in its place, safely: the write that changes nothing is answered when a majority has
/// what was written before it.
async fn stands(db: &Db, batch: &ChunkBatch) -> Result<Result<()>> {
    let (id, next_seq) = (batch.generation_id, batch.next_seq());
    let stored = db.first(behind(id, batch.first_seq)).await?;
    let stored = stored.as_ref().map(record).transpose()?.flatten();
    if stored.as_ref() != Some(batch) {
        return Ok(Err(StoreError::Fenced("batch")));
    }
    let unchanged = doc! { "$set": { "next_seq": number(next_seq) } };
    if db.update(ending(id, next_seq), unchanged).await? {
        Ok(Ok(()))
    } else {
        Ok(Err(StoreError::Fenced("batch")))
    }
}

/// Closes a log to its writer. Idempotent.
pub(super) async fn seal(db: &Db, id: GenerationId, fence: u64) -> Result<()> {
    for _ in 0..SEALS {
        let end = match db.first(last(id)).await? {
            None => FIRST,
            Some(last) if record(&last)?.is_none() => return Ok(()),
            Some(last) => Fields::of(&last).number("next_seq")?,
        };
        if db.insert(CHUNK_BATCH, seal_document(id, end, fence)).await? {
            return Ok(());
        }
    }
    Err(StoreError::Unavailable(
        "a log grows faster than it can be sealed".into(),
    ))
}

/// The batches with deltas behind `after_seq`, at most `limit`; never past a seal or a hole.
pub(super) async fn after(db: &Db, id: GenerationId, after_seq: u64, limit: u32) -> Result<Vec<ChunkBatch>> {
    let mut wanted = after_seq.saturating_add(1);
    let mut batches = Vec::new();
    for document in db.page(behind(id, wanted), limit).await? {
        let Some(batch) = record(&document)?.filter(|batch| batch.first_seq <= wanted) else {
            break;
        };
        wanted = batch.next_seq();
        batches.push(batch);
    }
    Ok(batches)
}

/// The whole text, up to the seal. A log with a hole in it is damaged: an answer with a piece missing is worse than none.
pub(super) async fn text(db: &Db, id: GenerationId) -> Result<LogText> {
    let (mut text, mut next) = (String::new(), FIRST);
    for document in db.all(whole(id)).await? {
        let Some(batch) = record(&document)? else {
            break;
        };
        if batch.first_seq != next {
            return Err(StoreError::Damaged(format!("a chunk log has a hole at {next}")));
        }
        next = batch.next_seq();
        text.push_str(&batch.text);
    }
    Ok(LogText {
        text,
        seq: next.saturating_sub(FIRST),
    })
}

/// Takes whole logs away.
pub(super) async fn delete(db: &Db, ids: &[GenerationId]) -> Result<()> {
    db.delete_all(logs(ids)).await.map(drop)
}
