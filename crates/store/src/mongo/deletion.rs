//! Taking a conversation away, with all that belongs to it.
//!
//! First the intention is written down, then the conversation goes (from here on nobody finds it), then what belongs to
//! it. Broken off, it can be repeated; and the intention stays until [`MongoStore::finish_deletions`] has looked once
//! more, much later: what somebody was just adding when it was deleted goes then.

use super::{
    MongoStore,
    collection::{CHUNK_BATCH, CONVERSATION, DELETION, GENERATION, MESSAGE},
    query::queries,
    value::{Fields, key, keys, optional_key, time},
};
use crate::Result;
use mongodb::bson::{Document, doc};
use wire::{ConversationId, GenerationId, MessageId, Timestamp};

/// Documents that are looked for and deleted at a time.
const SLICE: u32 = 500;
/// Generations whose logs are deleted at a time.
const LOGS: u32 = 20;

queries! {
    conversation(id: ConversationId) in CONVERSATION { "_id": key(id) } project { "_id": 1 };
    intention(id: ConversationId) in DELETION { "_id": key(id) };
    intentions(before: Timestamp) in DELETION { "at": { "$lt": time(before) } };
    claim(id: ConversationId) in GENERATION { "conversation_id": key(id), "settled": false } project { "_id": 1 };
    generations(id: ConversationId) in GENERATION { "conversation_id": key(id) } project { "_id": 1 };
    generations_by_id(ids: &[GenerationId]) in GENERATION { "_id": { "$in": keys(ids) } };
    logs(ids: &[GenerationId]) in CHUNK_BATCH { "_id.generation_id": { "$in": keys(ids) } };
    messages(id: ConversationId) in MESSAGE { "conversation_id": key(id) } project { "_id": 1 };
    messages_by_id(ids: &[MessageId]) in MESSAGE { "_id": { "$in": keys(ids) } };
}

impl MongoStore {
    /// Whether it was there.
    pub(super) async fn take_away(&self, id: ConversationId, now: Timestamp) -> Result<bool> {
        if self.db.first(conversation(id)).await?.is_none() {
            if self.db.first(intention(id)).await?.is_some() {
                self.take_what_belongs(id).await?;
            }
            return Ok(false);
        }
        // Of all its generations only one that is not settled can have a writer, who may still be writing.
        let claim = self.db.first(claim(id)).await?;
        let writer: Option<GenerationId> = claim
            .as_ref()
            .map(|claim| Fields::of(claim).id("_id"))
            .transpose()?;
        let intended = doc! { "$set": { "at": time(now), "generation_id": optional_key(writer) } };
        self.db.upsert(intention(id), intended).await?;
        let was_there = self.db.delete(conversation(id)).await?;
        self.take_what_belongs(id).await?;
        Ok(was_there)
    }

    async fn take_what_belongs(&self, id: ConversationId) -> Result<()> {
        loop {
            let slice = self.db.page(generations(id), LOGS).await?;
            let ids: Vec<GenerationId> = ids(&slice)?;
            if ids.is_empty() {
                break;
            }
            // The logs first: a generation that is still there is found again.
            self.db.delete_all(logs(&ids)).await?;
            self.db.delete_all(generations_by_id(&ids)).await?;
        }
        loop {
            let slice = self.db.page(messages(id), SLICE).await?;
            let ids: Vec<MessageId> = ids(&slice)?;
            if ids.is_empty() {
                return Ok(());
            }
            self.db.delete_all(messages_by_id(&ids)).await?;
        }
    }

    /// Looks once more for what belongs to conversations that were deleted before `before`.
    pub(super) async fn finish_deletions(&self, before: Timestamp) -> Result<()> {
        loop {
            let slice = self.db.page(intentions(before), SLICE).await?;
            if slice.is_empty() {
                return Ok(());
            }
            for deletion in &slice {
                let deletion = Fields::of(deletion);
                let id = deletion.id("_id")?;
                if let Some(writer) = deletion.optional_id::<GenerationId>("generation_id")? {
                    self.db.delete_all(logs(&[writer])).await?;
                }
                self.take_what_belongs(id).await?;
                self.db.delete(intention(id)).await?;
            }
        }
    }
}

fn ids<T: crate::value::Key>(documents: &[Document]) -> Result<Vec<T>> {
    documents
        .iter()
        .map(|document| Fields::of(document).id("_id"))
        .collect()
}
