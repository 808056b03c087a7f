//! Generations in MongoDB. Their logs are in [`super::chunk_log`].
//!
//! **The claim.** A generation that is not settled holds its conversation: a unique index over `conversation_id` that knows
//! only those makes the second one's insert fail, on whichever node.
//!
//! **Taking over** ([`MongoStore::interrupt_generation`]) is three writes; each can be repeated by anybody, and the first
//! decides.
//! 1. *The claim is taken*: one compare-and-set on the record (it runs, with the lease that was seen, which has passed by
//!    the database's clock) raises its fence and marks it as sealed. Before it nothing has happened. After it the writer
//!    can do nothing more to the record: it cannot end it (another fence), nor renew its lease (sealed). Were the log
//!    sealed before this, a writer that renewed its lease in between would live on with a log that is closed to it.
//! 2. *The log is sealed*: a document is inserted where the next batch would be. A batch that was on its way when the
//!    claim was taken stands before the seal, and belongs to the answer, or collides with it; so the log that is sealed
//!    is an exact prefix, whatever the writer was told. (The writer reads the fence before it adds a batch, so only a
//!    batch on its way can come here; but it may be on its way for long, when its process sleeps.)
//! 3. *The record ends* as interrupted, by a compare-and-set on running: one of any number of reapers succeeds.
//!
//! Who dies after 1 or 2 leaves a running record whose lease is as it was seen: the next reaper begins again at 1, raises
//! the fence once more, finds the seal in its place, and ends the record.

use super::{
    MongoStore, chunk_log,
    collection::{CONVERSATION, GENERATION},
    query::queries,
    value::{Fields, key, keys, number, optional_time, time},
};
use crate::{
    Result, StoreError,
    generation::{ChunkBatch, Ended, GenerationRecord, Generations, LogText},
    usage::{Counting, UsageRecord},
    value::Word,
};
use mongodb::bson::{Bson, Document, doc};
use std::collections::HashSet;
use wire::{
    ConversationId, GenerationId, MessageId, Timestamp,
    message::{Outcome, Usage},
};

/// Logs that are looked for and deleted at a time.
const SLICE: u32 = 20;

queries! {
    conversation(id: ConversationId) in CONVERSATION { "_id": key(id) } project { "_id": 1 };
    by_id(id: GenerationId) in GENERATION { "_id": key(id) };
    of_message(message: MessageId) in GENERATION { "message_id": key(message) } sort { "started_at": 1, "_id": 1 };
    by_ids(ids: &[GenerationId]) in GENERATION { "_id": { "$in": keys(ids) } };
    running(id: GenerationId) in GENERATION { "_id": key(id), "ended_at": Bson::Null };
    running_unsealed(id: GenerationId) in GENERATION { "_id": key(id), "ended_at": Bson::Null, "sealed": false };
    running_sealed(id: GenerationId) in GENERATION { "_id": key(id), "ended_at": Bson::Null, "sealed": true };
    running_with(id: GenerationId, fence: u64) in GENERATION {
        "_id": key(id), "fence": number(fence), "ended_at": Bson::Null,
    };
    running_of(ids: &[GenerationId], node: &str) in GENERATION {
        "_id": { "$in": keys(ids) }, "node_id": node, "sealed": false, "ended_at": Bson::Null,
    };
    own(ids: &[GenerationId], node: &str) in GENERATION {
        "_id": { "$in": keys(ids) }, "node_id": node, "sealed": false,
    } project { "_id": 1 };
    /// Compared as numbers: the stand-in for MongoDB cannot compare a stored date with the time of its clock.
    lapsed(id: GenerationId, seen: Timestamp) in GENERATION {
        "_id": key(id), "ended_at": Bson::Null, "lease_until": time(seen),
        "$expr": { "$lt": [{ "$toLong": "$lease_until" }, { "$toLong": "$$NOW" }] },
    };
    ended(id: GenerationId) in GENERATION { "_id": key(id), "ended_at": { "$ne": Bson::Null } };
    asked_to_stop(node: &str) in GENERATION { "node_id": node, "stop_requested": true } project { "_id": 1 };
    unsettled(from: Timestamp) in GENERATION {
        "settled": false, "started_at": { "$gte": time(from) },
    } sort { "started_at": 1, "_id": 1 };
    claim(conversation: ConversationId) in GENERATION { "conversation_id": key(conversation), "settled": false };
    claims(conversations: &[ConversationId]) in GENERATION {
        "conversation_id": { "$in": keys(conversations) }, "settled": false,
    };
    old_logs(before: Timestamp) in GENERATION {
        "settled": true, "log_collected": false, "ended_at": { "$lt": time(before) },
    } project { "_id": 1 };
}

fn usage_document(usage: Usage) -> Document {
    doc! {
        "prompt_tokens": usage.prompt_tokens.map(i64::from),
        "completion_tokens": usage.completion_tokens.map(i64::from),
    }
}

fn end_fields(ended: Option<Ended>) -> Document {
    doc! {
        "ended_at": optional_time(ended.map(|ended| ended.at)),
        "outcome": ended.map(|ended| ended.outcome.word()),
        "usage": ended.and_then(|ended| ended.usage).map(usage_document),
    }
}

pub(super) fn document(new: &GenerationRecord) -> Document {
    let mut document = doc! {
        "_id": key(new.id), "prompt_id": key(new.prompt_id), "message_id": key(new.message_id),
        "offset": number(new.offset),
        "conversation_id": key(new.conversation_id), "user_id": key(new.user_id), "session_id": key(new.session_id),
        "node_id": &new.node_id, "fence": number(new.fence), "lease_until": time(new.lease_until),
        "started_at": time(new.started_at), "settled": new.settled, "sealed": false, "stop_requested": false,
        "log_collected": false,
    };
    document.extend(end_fields(new.ended));
    document
}

pub(super) fn record(document: &Document) -> Result<GenerationRecord> {
    let fields = Fields::of(document);
    Ok(GenerationRecord {
        id: fields.id("_id")?,
        prompt_id: fields.id("prompt_id")?,
        message_id: fields.id("message_id")?,
        offset: fields.optional_number("offset")?.unwrap_or(0),
        conversation_id: fields.id("conversation_id")?,
        user_id: fields.id("user_id")?,
        session_id: fields.id("session_id")?,
        node_id: fields.text("node_id")?,
        fence: fields.number("fence")?,
        lease_until: fields.time("lease_until")?,
        started_at: fields.time("started_at")?,
        ended: end(fields)?,
        settled: fields.yes("settled")?,
    })
}

fn end(fields: Fields<'_>) -> Result<Option<Ended>> {
    let Some(at) = fields.optional_time("ended_at")? else {
        return Ok(None);
    };
    let usage = if fields.is_there("usage") {
        let usage = fields.inner("usage")?;
        Some(Usage {
            prompt_tokens: usage.optional_u32("prompt_tokens")?,
            completion_tokens: usage.optional_u32("completion_tokens")?,
        })
    } else {
        None
    };
    Ok(Some(Ended {
        outcome: fields.word("outcome")?,
        at,
        usage,
    }))
}

fn ids(documents: &[Document]) -> Result<Vec<GenerationId>> {
    documents
        .iter()
        .map(|document| Fields::of(document).id("_id"))
        .collect()
}

/// The end of a record. Nobody needs to stop it any more.
fn ending(ended: Ended) -> Document {
    let mut fields = end_fields(Some(ended));
    fields.insert("stop_requested", false);
    doc! { "$set": fields }
}

impl MongoStore {
    /// What is known of these generations; those that are not there are missing.
    pub(super) async fn generations_by_id(&self, ids: &[GenerationId]) -> Result<Vec<GenerationRecord>> {
        self.db.all(by_ids(ids)).await?.iter().map(record).collect()
    }
}

#[async_trait::async_trait]
impl Generations for MongoStore {
    async fn start_generation(&self, generation: GenerationRecord) -> Result<()> {
        if self
            .db
            .first(conversation(generation.conversation_id))
            .await?
            .is_none()
        {
            return Err(StoreError::NotFound("conversation"));
        }
        if self.db.insert(GENERATION, document(&generation)).await? {
            return Ok(());
        }
        if self.db.first(by_id(generation.id)).await?.is_some() {
            Err(StoreError::Conflict("generation"))
        } else {
            Err(StoreError::Conflict("running"))
        }
    }

    async fn abandon_generation(&self, id: GenerationId) -> Result<()> {
        // Its writer asks this, and no log is written by anybody else.
        if !chunk_log::has_begun(&self.db, id).await? {
            self.db.delete(running_unsealed(id)).await?;
        }
        Ok(())
    }

    async fn request_stop(&self, id: GenerationId) -> Result<bool> {
        let asked = doc! { "$set": { "stop_requested": true } };
        self.db.update(running(id), asked).await
    }

    async fn stops_requested(&self, node_id: &str) -> Result<Vec<GenerationId>> {
        ids(&self.db.all(asked_to_stop(node_id)).await?)
    }

    async fn generation(&self, id: GenerationId) -> Result<Option<GenerationRecord>> {
        self.db.first(by_id(id)).await?.as_ref().map(record).transpose()
    }

    async fn generations_of(&self, message: MessageId) -> Result<Vec<GenerationRecord>> {
        let found = self.db.all(of_message(message)).await?;
        let mut found = found.iter().map(record).collect::<Result<Vec<_>>>()?;
        // Stable: by time among those of one place.
        found.sort_by_key(|generation| generation.offset);
        Ok(found)
    }

    async fn append_chunks(&self, batches: Vec<ChunkBatch>) -> Result<Vec<Result<()>>> {
        chunk_log::append(self, batches).await
    }

    async fn chunks_after(&self, id: GenerationId, after_seq: u64, limit: u32) -> Result<Vec<ChunkBatch>> {
        chunk_log::after(&self.db, id, after_seq, limit).await
    }

    async fn log_text(&self, id: GenerationId) -> Result<LogText> {
        chunk_log::text(&self.db, id).await
    }

    async fn renew_leases(
        &self,
        node_id: &str,
        ids: &[GenerationId],
        lease_until: Timestamp,
    ) -> Result<Vec<GenerationId>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        // A renewal that was delayed must not shorten a later one.
        let renewed = doc! { "$max": { "lease_until": time(lease_until) } };
        self.db.update_all(running_of(ids, node_id), renewed).await?;
        let own: HashSet<_> = self::ids(&self.db.all(own(ids, node_id)).await?)?
            .into_iter()
            .collect();
        Ok(ids.iter().copied().filter(|id| !own.contains(id)).collect())
    }

    async fn finish_generation(&self, id: GenerationId, fence: u64, ended: Ended) -> Result<bool> {
        self.db.update(running_with(id, fence), ending(ended)).await
    }

    async fn interrupt_generation(
        &self,
        id: GenerationId,
        seen_lease: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        let taken = doc! { "$inc": { "fence": 1_i64 }, "$set": { "sealed": true } };
        let Some(taken) = self.db.change(lapsed(id, seen_lease), taken).await? else {
            return Ok(false);
        };
        chunk_log::seal(&self.db, id, Fields::of(&taken).number("fence")?).await?;
        let interrupted = Ended {
            outcome: Outcome::Interrupted,
            at: now,
            usage: None,
        };
        self.db.update(running_sealed(id), ending(interrupted)).await
    }

    async fn mark_settled(&self, id: GenerationId, counting: &Counting) -> Result<()> {
        // Counted first: who dies in between is followed by somebody who does both again.
        let Some(ending) = self
            .generation(id)
            .await?
            .filter(|generation| !generation.settled)
        else {
            return Ok(());
        };
        if let Some(new) = UsageRecord::of(&ending, counting) {
            self.count(id, &new).await?;
        }
        let settled = doc! { "$set": { "settled": true } };
        self.db.update(ended(id), settled).await.map(drop)
    }

    async fn unsettled_generations(&self, from: Timestamp, limit: u32) -> Result<Vec<GenerationRecord>> {
        self.db
            .page(unsettled(from), limit)
            .await?
            .iter()
            .map(record)
            .collect()
    }

    async fn running_generation(&self, conversation: ConversationId) -> Result<Option<GenerationRecord>> {
        let found = self.db.first(claim(conversation)).await?;
        let found = found.as_ref().map(record).transpose()?;
        Ok(found.filter(|generation| generation.ended.is_none()))
    }

    async fn unsettled_in(&self, conversations: &[ConversationId]) -> Result<Vec<GenerationRecord>> {
        if conversations.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.db.all(claims(conversations)).await?;
        found.iter().map(record).collect()
    }

    async fn collect_logs(&self, before: Timestamp) -> Result<u64> {
        self.finish_deletions(before).await?;
        let mut collected = 0;
        loop {
            let slice = ids(&self.db.page(old_logs(before), SLICE).await?)?;
            if slice.is_empty() {
                return Ok(collected);
            }
            chunk_log::delete(&self.db, &slice).await?;
            let noted = doc! { "$set": { "log_collected": true } };
            self.db.update_all(by_ids(&slice), noted).await?;
            collected += u64::try_from(slice.len()).unwrap_or(u64::MAX);
        }
    }
}
