//! Documents in MongoDB: the record and its life. What it holds (file, text, chunks) stands in [`contents`], the vectors
//! and who makes them in [`vectors`], what is said of all of a chatbot's or a user's in [`library`], and whether there is
//! room for one more in [`room`].
//!
//! Files are kept in parts of a collection of ours, as GridFS does it, and not in GridFS: its writes are no single
//! documents with a place of their own, so that a repeated one would be stored twice.
//!
//! What changes a library ends with raising its version. Until that is done the document says `told: false`; whoever
//! finds one that still says so (`heal_documents`) raises it for a process that died in between.

pub(super) mod contents;
pub(super) mod library;
pub(super) mod room;
pub(super) mod vectors;

use super::{
    MongoStore,
    collection::{CHATBOT, DOCUMENT},
    query::queries,
    value::{Fields, bytes, key, keys, number, time},
};
use crate::{
    Result, StoreError,
    document::{
        self, ChunkRecord, ChunkVector, DocumentLease, DocumentReady, DocumentRecord, DocumentUse, Documents,
        LibraryRecord, Room, Sealed,
    },
    value::Word,
};
use mongodb::bson::{Bson, Document, doc};
use wire::{
    ChatbotId, DocumentId, Timestamp, UserId,
    document::{DocumentFailure, DocumentStatus, Progress},
};

/// Claims that others may be faster at, one after another.
const CLAIMS: usize = 16;
/// Documents looked at for one that is free: more than there are workers.
const WAITING: u32 = 200;
/// Documents looked at at a time, in a round of cleaning.
const ROUND: u32 = 100;

queries! {
    chatbot(id: ChatbotId) in CHATBOT { "_id": key(id), "deleted": false } project { "_id": 1 };
    by_id(id: DocumentId) in DOCUMENT { "_id": key(id), "deleting": false };
    unsealed(id: DocumentId) in DOCUMENT { "_id": key(id), "deleting": false, "sealed": false };
    by_content(chatbot: ChatbotId, sum: [u8; 32]) in DOCUMENT {
        "chatbot_id": key(chatbot), "sha256": bytes(&sum), "sealed": true,
    };
    of_chatbot(id: ChatbotId) in DOCUMENT { "chatbot_id": key(id), "sealed": true }
        sort { "created_at": 1, "_id": 1 };
    any_of_chatbot(id: ChatbotId) in DOCUMENT { "chatbot_id": key(id) } project { "_id": 1 };
    of_any(chatbots: &[ChatbotId]) in DOCUMENT { "chatbot_id": { "$in": keys(chatbots) } } project { "_id": 1 };
    /// Bots that were deleted, in pages.
    deleted_chatbots(behind: ChatbotId) in CHATBOT { "deleted": true, "_id": { "$gt": key(behind) } } sort { "_id": 1 }
        project { "_id": 1 };
    of_user(id: UserId) in DOCUMENT { "user_id": key(id) } project { "bytes": 1, "sealed": 1, "deleting": 1 };
    waiting_of(id: UserId) in DOCUMENT { "user_id": key(id), "waiting": true } project { "_id": 1 };
    whatever(id: DocumentId) in DOCUMENT { "_id": key(id) };
    /// Those from before there were turns have none, and come first.
    waiting() in DOCUMENT { "waiting": true } sort { "turn": 1, "_id": 1 };
    claimable(id: DocumentId, fence: u64) in DOCUMENT { "_id": key(id), "fence": number(fence), "waiting": true };
    claimed(id: DocumentId, fence: u64) in DOCUMENT {
        "_id": key(id), "fence": number(fence), "claimed": true, "deleting": false,
    };
    ended(id: DocumentId) in DOCUMENT { "_id": key(id), "deleting": false, "over": true };
    in_status(status: &str) in DOCUMENT { "status": status, "sealed": true } project { "_id": 1 };
    /// Only what says which models they have vectors of.
    models_of(status: &str) in DOCUMENT { "status": status } sort { "created_at": 1, "_id": 1 } project { "models": 1 };
    /// What a worker of an earlier fence, or the last of a failed one, may have left something under.
    perhaps_stale(behind: DocumentId) in DOCUMENT {
        "_id": { "$gt": key(behind) }, "over": true,
        "$or": [{ "fence": { "$gt": 1_i64 } }, { "status": DocumentStatus::Failed.word() }],
    } sort { "_id": 1 };
    untold() in DOCUMENT { "told": false };
    deleting() in DOCUMENT { "deleting": true };
    forgotten(before: Timestamp) in DOCUMENT { "sealed": false, "created_at": { "$lt": time(before) } };
}

/// The smallest time: nobody's lease.
fn no_lease() -> Bson {
    time(Timestamp::from_millis(0))
}

/// A whole record, of a document that is not being deleted.
pub(super) fn document(document: &DocumentRecord) -> Document {
    let [done, total] = of_progress(document.progress);
    let lease = document.lease.as_ref();
    let is_over = matches!(document.status, DocumentStatus::Ready | DocumentStatus::Failed);
    doc! {
        "_id": key(document.id), "chatbot_id": key(document.chatbot_id), "user_id": key(document.user_id),
        "name": &document.name, "media_type": document.media_type.as_deref(), "bytes": number(document.bytes),
        "sha256": bytes(&document.sha256), "sealed": document.sealed, "status": document.status.word(),
        "progress_done": done, "progress_total": total,
        "fault": document.failure.as_ref().map(|failure| failure.fault.word()),
        "failure": document.failure.as_ref().map(|failure| failure.detail.as_str()),
        "pages": optional_number(document.pages), "chunks": optional_number(document.chunks),
        "models": &document.embedding_models, "fence": number(document.fence),
        "ready_fence": document.ready_fence.map_or(Bson::Null, number),
        "node_id": lease.map(|lease| lease.node_id.as_str()),
        "lease_until": lease.map_or_else(no_lease, |lease| time(lease.until)),
        "attempts": number(document.attempts.into()), "change": number(document.change),
        "created_at": time(document.created_at), "turn": time(document.created_at), "waiting": document.sealed && !is_over,
        "claimed": lease.is_some(), "over": is_over, "deleting": false, "told": true,
    }
}

/// One that has no file yet.
fn new_document(new: &DocumentRecord) -> Document {
    document(&DocumentRecord {
        bytes: 0,
        sha256: [0; 32],
        sealed: false,
        status: DocumentStatus::Queued,
        fence: 0,
        lease: None,
        attempts: 0,
        change: 0,
        ..new.clone()
    })
}

pub(super) fn record(document: &Document) -> Result<DocumentRecord> {
    let fields = Fields::of(document);
    let lease = match fields.optional_text("node_id")? {
        Some(node_id) => Some(DocumentLease {
            node_id,
            until: fields.time("lease_until")?,
        }),
        None => None,
    };
    let failure = match fields.optional_text("failure")? {
        Some(detail) => Some(DocumentFailure {
            fault: fields.word("fault")?,
            detail,
        }),
        None => None,
    };
    let progress = match fields.optional_u32("progress_done")? {
        Some(done) => Some(Progress {
            done,
            total: fields.optional_u32("progress_total")?,
        }),
        None => None,
    };
    let attempts = u32::try_from(fields.number("attempts")?);
    Ok(DocumentRecord {
        id: fields.id("_id")?,
        chatbot_id: fields.id("chatbot_id")?,
        user_id: fields.id("user_id")?,
        name: fields.text("name")?,
        media_type: fields.optional_text("media_type")?,
        bytes: fields.number("bytes")?,
        sha256: fields.hash("sha256")?,
        sealed: fields.yes("sealed")?,
        status: fields.word("status")?,
        progress,
        failure,
        pages: fields.optional_u32("pages")?,
        chunks: fields.optional_u32("chunks")?,
        // One from before there were several has none that is known here: it gets them anew.
        embedding_models: fields.texts("models")?,
        fence: fields.number("fence")?,
        ready_fence: fields.optional_number("ready_fence")?,
        lease,
        attempts: attempts.map_err(|_| StoreError::Damaged("the attempts of a document".into()))?,
        change: fields.optional_number("change")?.unwrap_or_default(),
        created_at: fields.time("created_at")?,
    })
}

fn of_progress(progress: Option<Progress>) -> [Bson; 2] {
    let done = progress.map(|progress| progress.done);
    let total = progress.and_then(|progress| progress.total);
    [done, total].map(|value| value.map_or(Bson::Null, |value| number(value.into())))
}

/// What every end of a claim sets.
fn over(status: DocumentStatus) -> Document {
    let queued = status == DocumentStatus::Queued;
    doc! {
        "status": status.word(), "node_id": Bson::Null, "lease_until": no_lease(), "progress_done": Bson::Null,
        "progress_total": Bson::Null, "waiting": queued, "claimed": false, "over": !queued,
    }
}

fn optional_number(value: Option<u32>) -> Bson {
    value.map_or(Bson::Null, |value| number(value.into()))
}

impl MongoStore {
    async fn document_by_id(&self, id: DocumentId) -> Result<Option<DocumentRecord>> {
        let found = self.db.first(by_id(id)).await?;
        found.as_ref().map(record).transpose()
    }

    /// When a document of this user is worked on that begins to wait now.
    async fn turn(&self, user: UserId, now: Timestamp) -> Result<Bson> {
        let waiting = self.db.page(waiting_of(user), document::TURNS).await?;
        let waiting = u32::try_from(waiting.len()).unwrap_or(u32::MAX);
        Ok(time(document::turn(now, waiting)))
    }

    /// What a chatbot is answered from has changed by this document.
    async fn tell_library(&self, id: DocumentId, chatbot: ChatbotId) -> Result<()> {
        library::raise(&self.db, chatbot).await?;
        self.db
            .update(whatever(id), doc! { "$set": { "told": true } })
            .await
            .map(drop)
    }

    /// Ends a claim by this change; true also when an attempt before did it.
    async fn end_claim(
        &self,
        id: DocumentId,
        fence: u64,
        change: Document,
        is_done: impl Fn(&DocumentRecord) -> bool,
    ) -> Result<bool> {
        let ended = self.db.change(claimed(id, fence), change).await?;
        let document = match &ended {
            Some(document) => Some(record(document)?),
            None => self
                .document_by_id(id)
                .await?
                .filter(|document| document.fence == fence && is_done(document)),
        };
        let Some(document) = document else {
            return Ok(false);
        };
        self.tell_library(id, document.chatbot_id).await?;
        library::note_change(&self.db, &document).await?;
        Ok(true)
    }

    /// Takes away what a document marked as deleted holds, then the document.
    async fn take_document_away(&self, id: DocumentId, chatbot: ChatbotId) -> Result<()> {
        self.tell_library(id, chatbot).await?;
        contents::delete(&self.db, id).await?;
        self.db.delete(whatever(id)).await.map(drop)
    }

    /// Deletes the documents of bots that are gone: whoever deleted such a bot died before they were, or one was added at
    /// that very moment.
    async fn collect_orphans(&self) -> Result<u64> {
        let mut deleted = 0;
        let mut behind = ChatbotId::from_uuid(uuid::Uuid::nil());
        loop {
            let page = self.db.page(deleted_chatbots(behind), ROUND).await?;
            let bots = page.iter().map(|bot| Fields::of(bot).id("_id"));
            let bots: Vec<ChatbotId> = bots.collect::<Result<_>>()?;
            let Some(last) = bots.last() else {
                return Ok(deleted);
            };
            behind = *last;
            for document in self.db.all(of_any(&bots)).await? {
                deleted += u64::from(self.delete_document(Fields::of(&document).id("_id")?).await?);
            }
        }
    }

    /// Deletes uploads that have broken off before this.
    async fn collect_unsealed(&self, before: Timestamp) -> Result<u64> {
        let mut deleted = 0;
        loop {
            let page = self.db.page(forgotten(before), ROUND).await?;
            let mut of_page = 0;
            for document in &page {
                of_page += u64::from(self.delete_document(Fields::of(document).id("_id")?).await?);
            }
            deleted += of_page;
            // Those that are being deleted by somebody else are found, too.
            if of_page == 0 || page.len() < usize::try_from(ROUND).unwrap_or(usize::MAX) {
                return Ok(deleted);
            }
        }
    }
}

#[async_trait::async_trait]
impl Documents for MongoStore {
    async fn add_document(&self, document: DocumentRecord) -> Result<()> {
        if self.db.first(chatbot(document.chatbot_id)).await?.is_none() {
            return Err(StoreError::NotFound("chatbot"));
        }
        if self.db.insert(DOCUMENT, new_document(&document)).await? {
            return Ok(());
        }
        Err(StoreError::Conflict("document"))
    }

    async fn put_part(&self, id: DocumentId, index: u32, bytes: Vec<u8>) -> Result<()> {
        match self.document_by_id(id).await? {
            None => Err(StoreError::NotFound("document")),
            Some(document) if document.sealed => Err(StoreError::Conflict("sealed")),
            Some(_) => contents::put_part(&self.db, id, index, &bytes).await,
        }
    }

    async fn seal_document(
        &self,
        id: DocumentId,
        size: u64,
        sha256: [u8; 32],
        room: Room,
        now: Timestamp,
    ) -> Result<Sealed> {
        let not_found = || StoreError::NotFound("document");
        let document = self.document_by_id(id).await?.ok_or_else(not_found)?;
        if !document.sealed {
            // Known before counted: what is not kept twice needs no room.
            if let Some(known) = self.db.first(by_content(document.chatbot_id, sha256)).await? {
                return record(&known).map(Sealed::Known);
            }
            if !room::reserve_for_user(&self.db, document.user_id, id, size, room.user_bytes).await? {
                return Ok(Sealed::NoRoomForUser);
            }
            let chatbot = document.chatbot_id;
            if !room::reserve_in_chatbot(&self.db, chatbot, id, room.chatbot_documents).await? {
                return Ok(Sealed::NoRoomInChatbot);
            }
            let turn = self.turn(document.user_id, now).await?;
            let sealed = doc! { "$set": {
                "sealed": true, "bytes": number(size), "sha256": bytes(&sha256), "waiting": true, "told": false,
                "turn": turn,
            } };
            // The unique index over a chatbot's contents refuses a second one.
            if !self.db.update_unless_taken(unsealed(id), sealed).await? {
                let known = self.db.first(by_content(document.chatbot_id, sha256)).await?;
                return record(&known.ok_or_else(not_found)?).map(Sealed::Known);
            }
        }
        self.tell_library(id, document.chatbot_id).await?;
        library::note_change(&self.db, &document).await?;
        let sealed = self.document_by_id(id).await?;
        sealed.map(Sealed::New).ok_or_else(not_found)
    }

    async fn part(&self, id: DocumentId, index: u32) -> Result<Option<Vec<u8>>> {
        contents::part(&self.db, id, index).await
    }

    async fn document(&self, id: DocumentId) -> Result<Option<DocumentRecord>> {
        self.document_by_id(id).await
    }

    async fn documents(&self, chatbot: ChatbotId) -> Result<Vec<DocumentRecord>> {
        let found = self.db.all(of_chatbot(chatbot)).await?;
        found.iter().map(record).collect()
    }

    async fn count_documents(&self, status: DocumentStatus, limit: u32) -> Result<u32> {
        let found = self.db.page(in_status(status.word()), limit).await?;
        Ok(u32::try_from(found.len()).unwrap_or(u32::MAX))
    }

    async fn document_use(&self, user: UserId) -> Result<DocumentUse> {
        let mut used = DocumentUse::default();
        for document in self.db.all(of_user(user)).await? {
            let fields = Fields::of(&document);
            if fields.yes("deleting")? {
                continue;
            }
            used.documents += 1;
            used.bytes += fields.number("bytes")?;
            used.unsealed += u64::from(!fields.yes("sealed")?);
        }
        Ok(used)
    }

    async fn delete_document(&self, id: DocumentId) -> Result<bool> {
        // Off its unique place first: the same file may come again at once.
        let marked = doc! { "$set": {
            "deleting": true, "sealed": false, "waiting": false, "claimed": false, "over": false, "told": false,
        } };
        let Some(document) = self.db.change(by_id(id), marked).await? else {
            return Ok(false);
        };
        let chatbot = Fields::of(&document).id("chatbot_id")?;
        self.take_document_away(id, chatbot).await?;
        Ok(true)
    }

    async fn delete_documents_of(&self, chatbot: ChatbotId) -> Result<u64> {
        let mut deleted = 0;
        for document in self.db.all(any_of_chatbot(chatbot)).await? {
            deleted += u64::from(self.delete_document(Fields::of(&document).id("_id")?).await?);
        }
        Ok(deleted)
    }

    async fn claim_document(
        &self,
        node_id: &str,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Option<DocumentRecord>> {
        for _ in 0..CLAIMS {
            let waiting = self.db.page(waiting(), WAITING).await?;
            let waiting: Vec<DocumentRecord> = waiting.iter().map(record).collect::<Result<_>>()?;
            let is_free =
                |document: &DocumentRecord| document.lease.as_ref().is_none_or(|lease| lease.until < now);
            let Some(found) = waiting.into_iter().find(is_free) else {
                return Ok(None);
            };
            let claim = doc! {
                "$inc": { "fence": 1_i64, "attempts": 1_i64 },
                "$set": {
                    "status": DocumentStatus::Extracting.word(), "node_id": node_id, "lease_until": time(lease_until),
                    "claimed": true, "over": false, "progress_done": Bson::Null, "progress_total": Bson::Null,
                },
            };
            if let Some(claimed) = self.db.change(claimable(found.id, found.fence), claim).await? {
                let claimed = record(&claimed)?;
                library::note_change(&self.db, &claimed).await?;
                return Ok(Some(claimed));
            }
        }
        Ok(None)
    }

    async fn report_document(
        &self,
        id: DocumentId,
        fence: u64,
        status: DocumentStatus,
        progress: Option<Progress>,
        lease_until: Timestamp,
    ) -> Result<bool> {
        let [done, total] = of_progress(progress);
        let report = doc! { "$set": {
            "status": status.word(), "progress_done": done, "progress_total": total, "lease_until": time(lease_until),
        } };
        let Some(reported) = self.db.change(claimed(id, fence), report).await? else {
            return Ok(false);
        };
        library::note_change(&self.db, &record(&reported)?).await?;
        Ok(true)
    }

    async fn set_media_type(&self, id: DocumentId, fence: u64, media_type: &str) -> Result<bool> {
        let set = doc! { "$set": { "media_type": media_type } };
        self.db.update(claimed(id, fence), set).await
    }

    async fn put_text(&self, id: DocumentId, fence: u64, index: u32, bytes: Vec<u8>) -> Result<()> {
        contents::put_text(&self.db, id, fence, index, &bytes).await
    }

    async fn text(&self, id: DocumentId, fence: u64, index: u32) -> Result<Option<Vec<u8>>> {
        contents::text(&self.db, id, fence, index).await
    }

    async fn put_chunks(&self, id: DocumentId, fence: u64, chunks: Vec<ChunkRecord>) -> Result<()> {
        contents::put_chunks(&self.db, id, fence, &chunks).await
    }

    async fn chunks(&self, id: DocumentId, fence: u64, from: u32, limit: u32) -> Result<Vec<ChunkRecord>> {
        contents::chunks(&self.db, id, fence, from, limit).await
    }

    async fn put_vectors(
        &self,
        id: DocumentId,
        fence: u64,
        model: &str,
        vectors: Vec<ChunkVector>,
    ) -> Result<()> {
        vectors::put(&self.db, id, fence, model, &vectors).await
    }

    async fn vectors(
        &self,
        id: DocumentId,
        fence: u64,
        model: &str,
        from: u32,
        limit: u32,
    ) -> Result<Vec<ChunkVector>> {
        vectors::page(&self.db, id, fence, model, from, limit).await
    }

    async fn finish_document(&self, id: DocumentId, fence: u64, ready: DocumentReady) -> Result<bool> {
        let mut set = over(DocumentStatus::Ready);
        set.extend(doc! {
            "ready_fence": number(fence), "pages": optional_number(ready.pages), "chunks": number(ready.chunks.into()),
            "models": ready.embedding_models, "attempts": number(0), "fault": Bson::Null,
            "failure": Bson::Null, "told": false,
        });
        let is_done = |document: &DocumentRecord| {
            document.status == DocumentStatus::Ready && document.ready_fence == Some(fence)
        };
        self.end_claim(id, fence, doc! { "$set": set }, is_done).await
    }

    async fn fail_document(&self, id: DocumentId, fence: u64, failure: DocumentFailure) -> Result<bool> {
        let mut set = over(DocumentStatus::Failed);
        set.extend(doc! {
            "fault": failure.fault.word(), "failure": &failure.detail, "attempts": number(0), "told": false,
        });
        let is_done = |document: &DocumentRecord| document.failure.as_ref() == Some(&failure);
        self.end_claim(id, fence, doc! { "$set": set }, is_done).await
    }

    async fn release_document(&self, id: DocumentId, fence: u64) -> Result<bool> {
        let mut set = over(DocumentStatus::Queued);
        set.insert("told", false);
        let change = doc! { "$set": set, "$inc": { "attempts": -1_i64 } };
        let is_done = |document: &DocumentRecord| document.status == DocumentStatus::Queued;
        self.end_claim(id, fence, change, is_done).await
    }

    async fn requeue_document(&self, id: DocumentId, now: Timestamp) -> Result<bool> {
        let Some(document) = self.document_by_id(id).await? else {
            return Ok(false);
        };
        let turn = self.turn(document.user_id, now).await?;
        let mut set = over(DocumentStatus::Queued);
        set.extend(doc! { "fault": Bson::Null, "failure": Bson::Null, "turn": turn });
        let Some(queued) = self.db.change(ended(id), doc! { "$set": set }).await? else {
            return Ok(false);
        };
        library::note_change(&self.db, &record(&queued)?).await?;
        Ok(true)
    }

    async fn documents_without(&self, model: &str, limit: u32) -> Result<Vec<DocumentRecord>> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut without = Vec::new();
        for ready in self.db.all(models_of(DocumentStatus::Ready.word())).await? {
            let fields = Fields::of(&ready);
            if without.len() >= limit {
                break;
            }
            if !fields.texts("models")?.iter().any(|has| has == model) {
                without.extend(self.document_by_id(fields.id("_id")?).await?);
            }
        }
        // One may have changed in between.
        without.retain(|document| document.status == DocumentStatus::Ready);
        Ok(without)
    }

    async fn claim_embedding(
        &self,
        id: DocumentId,
        model: &str,
        node_id: &str,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Option<DocumentRecord>> {
        let claimed = vectors::claim(&self.db, id, model, node_id, now, lease_until).await?;
        if let Some(claimed) = &claimed {
            library::note_change(&self.db, claimed).await?;
        }
        Ok(claimed)
    }

    async fn finish_embedding(&self, id: DocumentId, fence: u64, model: &str) -> Result<bool> {
        let Some(finished) = vectors::finish(&self.db, id, fence, model).await? else {
            return Ok(false);
        };
        self.tell_library(id, finished.chatbot_id).await?;
        library::note_change(&self.db, &finished).await?;
        Ok(true)
    }

    async fn release_embedding(&self, id: DocumentId, fence: u64) -> Result<bool> {
        let Some(released) = vectors::release(&self.db, id, fence).await? else {
            return Ok(false);
        };
        library::note_change(&self.db, &released).await?;
        Ok(true)
    }

    async fn forget_vectors(&self, id: DocumentId, but: &str) -> Result<()> {
        if let Some(changed) = vectors::forget(&self.db, id, but).await? {
            self.tell_library(id, changed.chatbot_id).await?;
        }
        Ok(())
    }

    async fn library(&self, chatbot: ChatbotId) -> Result<LibraryRecord> {
        library::get(&self.db, chatbot).await
    }

    async fn switch_library(&self, chatbot: ChatbotId, from: Option<&str>, to: &str) -> Result<bool> {
        library::switch(&self.db, chatbot, from, to).await
    }

    async fn document_changes(&self, users: &[UserId]) -> Result<Vec<(UserId, u64)>> {
        library::changes(&self.db, users).await
    }

    async fn changed_documents(&self, user: UserId, after: u64, limit: u32) -> Result<Vec<DocumentRecord>> {
        library::changed(&self.db, user, after, limit).await
    }

    async fn heal_documents(&self) -> Result<()> {
        for document in self.db.page(untold(), ROUND).await? {
            let fields = Fields::of(&document);
            self.tell_library(fields.id("_id")?, fields.id("chatbot_id")?)
                .await?;
        }
        for document in self.db.page(deleting(), ROUND).await? {
            let fields = Fields::of(&document);
            self.take_document_away(fields.id("_id")?, fields.id("chatbot_id")?)
                .await?;
        }
        Ok(())
    }

    async fn collect_documents(&self, before: Timestamp) -> Result<u64> {
        self.heal_documents().await?;
        let mut cleaned = self.collect_unsealed(before).await?;
        cleaned += self.collect_orphans().await?;
        let mut behind = DocumentId::from_uuid(uuid::Uuid::nil());
        loop {
            let page = self.db.page(perhaps_stale(behind), ROUND).await?;
            for document in &page {
                let document = record(document)?;
                cleaned += u64::from(contents::collect(&self.db, &document).await?);
                behind = document.id;
            }
            if page.len() < usize::try_from(ROUND).unwrap_or(usize::MAX) {
                return Ok(cleaned);
            }
        }
    }
}
