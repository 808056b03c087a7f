//! Documents in SQLite: the record and its life. What it holds (file, text, chunks) stands in [`contents`], the vectors
//! and who makes them in [`vectors`], what is said of all of a chatbot's or a user's in [`library`].

pub(super) mod contents;
pub(super) mod library;
pub(super) mod vectors;

use super::{
    SqliteStore,
    db::{Db, Fields, Sql, statements},
    value::{Word, key, number, time},
};
use crate::{
    Result, StoreError,
    document::{
        self, ChunkRecord, ChunkVector, DocumentLease, DocumentReady, DocumentRecord, DocumentUse, Documents,
        LibraryRecord, Room, Sealed,
    },
    models,
};
use wire::{
    ChatbotId, DocumentId, Timestamp, UserId,
    document::{DocumentFailure, DocumentStatus, Progress},
};

statements! {
    IN_STATUS = "SELECT id FROM document WHERE status = ?1 AND sealed = 1 LIMIT ?2";
    CHATBOT = "SELECT 1 FROM chatbot WHERE id = ?1 AND deleted_at IS NULL";
    INSERT = "INSERT INTO document (id, chatbot_id, user_id, name, media_type, bytes, sha256, sealed, status, fence,
                                    attempts, created_at, turn)
              VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, 0, 'queued', 0, 0, ?7, ?7) ON CONFLICT DO NOTHING";
    BY_ID = "SELECT * FROM document WHERE id = ?1 AND deleting = 0";
    BY_CONTENT = "SELECT * FROM document WHERE chatbot_id = ?1 AND sha256 = ?2 AND sealed = 1";
    SEAL = "UPDATE document SET sealed = 1, bytes = ?2, sha256 = ?3, turn = ?4 WHERE id = ?1 AND sealed = 0";
    OF_CHATBOT = "SELECT * FROM document WHERE chatbot_id = ?1 AND sealed = 1 ORDER BY created_at, id";
    ALL_OF_CHATBOT = "SELECT id FROM document WHERE chatbot_id = ?1 AND deleting = 0";
    USE = "SELECT count(*) AS documents, coalesce(sum(bytes), 0) AS bytes, coalesce(sum(sealed = 0), 0) AS unsealed
           FROM document WHERE user_id = ?1 AND deleting = 0";
    SEALED = "SELECT count(*) AS documents FROM document WHERE chatbot_id = ?1 AND sealed = 1";
    /// Nobody finds it any more, nobody who works on it goes on, and the same file may come again.
    MARK = "UPDATE document SET deleting = 1, sealed = 0, status = 'queued', node_id = NULL, lease_until = NULL,
                                progress_done = NULL, progress_total = NULL
            WHERE id = ?1 AND deleting = 0";
    DELETE = "DELETE FROM document WHERE id = ?1 AND deleting = 1";
    DELETING = "SELECT id FROM document WHERE deleting = 1 LIMIT ?1";
    /// Their chatbot was deleted, and whoever did it died before they were.
    ORPHANS = "SELECT document.id FROM chatbot CROSS JOIN document ON document.chatbot_id = chatbot.id
               WHERE chatbot.deleted_at >= 0 AND document.deleting = 0 LIMIT ?1";
    WAITING_OF_USER = "SELECT 1 FROM document
                       WHERE user_id = ?1 AND sealed = 1 AND status IN ('queued', 'extracting', 'chunking', 'embedding')
                       LIMIT ?2";
    WAITING = "SELECT * FROM document
               WHERE sealed = 1 AND status IN ('queued', 'extracting', 'chunking', 'embedding')
                   AND (lease_until IS NULL OR lease_until < ?1)
               ORDER BY turn, id LIMIT 1";
    CLAIM = "UPDATE document SET fence = fence + 1, attempts = attempts + 1, status = 'extracting', node_id = ?2,
                                 lease_until = ?3, progress_done = NULL, progress_total = NULL
             WHERE id = ?1";
    REPORT = "UPDATE document SET status = ?3, progress_done = ?4, progress_total = ?5, lease_until = ?6
              WHERE id = ?1 AND fence = ?2 AND node_id IS NOT NULL";
    MEDIA_TYPE = "UPDATE document SET media_type = ?3 WHERE id = ?1 AND fence = ?2 AND node_id IS NOT NULL";
    FINISH = "UPDATE document SET status = 'ready', ready_fence = ?2, pages = ?3, chunks = ?4, models = ?5,
                                  node_id = NULL, lease_until = NULL, progress_done = NULL, progress_total = NULL,
                                  attempts = 0, fault = NULL, failure = NULL
              WHERE id = ?1 AND fence = ?2 AND node_id IS NOT NULL";
    FAIL = "UPDATE document SET status = 'failed', fault = ?3, failure = ?4, node_id = NULL, lease_until = NULL,
                                progress_done = NULL, progress_total = NULL, attempts = 0
            WHERE id = ?1 AND fence = ?2 AND node_id IS NOT NULL";
    RELEASE = "UPDATE document SET status = 'queued', node_id = NULL, lease_until = NULL, progress_done = NULL,
                                   progress_total = NULL, attempts = attempts - 1
               WHERE id = ?1 AND fence = ?2 AND node_id IS NOT NULL";
    REQUEUE = "UPDATE document SET status = 'queued', fault = NULL, failure = NULL, node_id = NULL, lease_until = NULL,
                                   progress_done = NULL, progress_total = NULL, turn = ?2
               WHERE id = ?1 AND status IN ('ready', 'failed')";
    UNSEALED = "SELECT id FROM document WHERE sealed = 0 AND created_at < ?1 AND deleting = 0 LIMIT ?2";
}

/// Documents cleaned in one round of garbage collection, of each kind.
const ROUND: u32 = 100;

pub(super) fn record(row: &Fields<'_>) -> Result<DocumentRecord> {
    let lease = match row.optional_text("node_id")? {
        Some(node_id) => Some(DocumentLease {
            node_id,
            until: row.time("lease_until")?,
        }),
        None => None,
    };
    let failure = match row.optional_text("failure")? {
        Some(detail) => Some(DocumentFailure {
            fault: row.word("fault")?,
            detail,
        }),
        None => None,
    };
    let progress = match row.optional_u32("progress_done")? {
        Some(done) => Some(Progress {
            done,
            total: row.optional_u32("progress_total")?,
        }),
        None => None,
    };
    Ok(DocumentRecord {
        id: row.id("id")?,
        chatbot_id: row.id("chatbot_id")?,
        user_id: row.id("user_id")?,
        name: row.text("name")?,
        media_type: row.optional_text("media_type")?,
        bytes: row.number("bytes")?,
        sha256: hash(row)?,
        sealed: row.yes("sealed")?,
        status: row.word("status")?,
        progress,
        failure,
        pages: row.optional_u32("pages")?,
        chunks: row.optional_u32("chunks")?,
        embedding_models: models::decode(&row.text("models")?)?,
        fence: row.number("fence")?,
        ready_fence: row.optional_number("ready_fence")?,
        lease,
        attempts: row.u32("attempts")?,
        change: row.number("change")?,
        created_at: row.time("created_at")?,
    })
}

fn hash(row: &Fields<'_>) -> Result<[u8; 32]> {
    row.bytes("sha256")?
        .try_into()
        .map_err(|_| StoreError::Damaged("a document's sum".into()))
}

fn by_id(db: &Db, id: DocumentId) -> Result<Option<DocumentRecord>> {
    db.first(BY_ID, [key(id)], record)
}

fn add(db: &Db, document: &DocumentRecord) -> Result<()> {
    if !db.exists(CHATBOT, [key(document.chatbot_id)])? {
        return Err(StoreError::NotFound("chatbot"));
    }
    let added = db.changes(
        INSERT,
        (
            key(document.id),
            key(document.chatbot_id),
            key(document.user_id),
            &document.name,
            &document.media_type,
            [0u8; 32],
            time(document.created_at),
        ),
    )?;
    if added {
        Ok(())
    } else {
        Err(StoreError::Conflict("document"))
    }
}

fn used(db: &Db, user: UserId) -> Result<DocumentUse> {
    let used = db.first(USE, [key(user)], |row| {
        Ok(DocumentUse {
            documents: row.number("documents")?,
            bytes: row.number("bytes")?,
            unsealed: row.number("unsealed")?,
        })
    })?;
    Ok(used.unwrap_or_default())
}

/// When a document of this user is worked on that begins to wait now.
fn turn(db: &Db, user: UserId, now: Timestamp) -> Result<Timestamp> {
    let mut waiting = 0_u32;
    db.each(WAITING_OF_USER, (key(user), document::TURNS), |_| {
        waiting = waiting.saturating_add(1);
        Ok(())
    })?;
    Ok(document::turn(now, waiting))
}

fn seal(
    db: &Db,
    id: DocumentId,
    (bytes, sha256): (u64, [u8; 32]),
    room: Room,
    now: Timestamp,
) -> Result<Sealed> {
    let document = by_id(db, id)?.ok_or(StoreError::NotFound("document"))?;
    if document.sealed {
        return Ok(Sealed::New(document));
    }
    if let Some(known) = db.first(BY_CONTENT, (key(document.chatbot_id), sha256), record)? {
        return Ok(Sealed::Known(known));
    }
    // One transaction after the other: what is counted here is all that there is.
    if used(db, document.user_id)?.bytes.saturating_add(bytes) > room.user_bytes {
        return Ok(Sealed::NoRoomForUser);
    }
    let there = db.first(SEALED, [key(document.chatbot_id)], |row| row.number("documents"))?;
    if there.unwrap_or_default() >= room.chatbot_documents {
        return Ok(Sealed::NoRoomInChatbot);
    }
    let turn = turn(db, document.user_id, now)?;
    db.execute(SEAL, (key(id), number(bytes), sha256, time(turn)))?;
    library::raise(db, document.chatbot_id)?;
    library::note_change(db, id)?;
    by_id(db, id)?
        .map(Sealed::New)
        .ok_or(StoreError::NotFound("document"))
}

/// From here on it is gone for everybody; what it holds is still there.
fn mark(db: &Db, id: DocumentId) -> Result<bool> {
    let Some(document) = by_id(db, id)? else {
        return Ok(false);
    };
    db.execute(MARK, [key(id)])?;
    library::raise(db, document.chatbot_id)?;
    Ok(true)
}

fn claim(db: &Db, node_id: &str, now: Timestamp, lease_until: Timestamp) -> Result<Option<DocumentRecord>> {
    let Some(waiting) = db.first(WAITING, [time(now)], record)? else {
        return Ok(None);
    };
    db.execute(CLAIM, (key(waiting.id), node_id, time(lease_until)))?;
    library::note_change(db, waiting.id)?;
    by_id(db, waiting.id)
}

/// Ends a claim by `end`; true also when an attempt before did it.
fn end(
    db: &Db,
    id: DocumentId,
    fence: u64,
    is_done: impl Fn(&DocumentRecord) -> bool,
    end: impl FnOnce(&Db) -> Result<bool>,
) -> Result<bool> {
    if end(db)? {
        if let Some(document) = by_id(db, id)? {
            library::raise(db, document.chatbot_id)?;
            library::note_change(db, id)?;
        }
        return Ok(true);
    }
    Ok(by_id(db, id)?.is_some_and(|document| document.fence == fence && is_done(&document)))
}

fn ids(db: &Db, sql: Sql, params: impl rusqlite::Params) -> Result<Vec<DocumentId>> {
    db.all(sql, params, |row| row.id("id"))
}

impl SqliteStore {
    /// Takes away what a marked document holds, a slice a job, so that others write in between; then the document. Can be
    /// repeated, also while another does it.
    async fn take_document_away(&self, id: DocumentId) -> Result<()> {
        while self.write(move |db| contents::delete_slice(db, id)).await? {}
        self.write(move |db| db.changes(DELETE, [key(id)]))
            .await
            .map(drop)
    }

    /// Deletes what this statement finds, a page of ids at a time: how many.
    async fn delete_found(
        &self,
        page: impl Fn(&Db) -> Result<Vec<DocumentId>> + Clone + Send + 'static,
    ) -> Result<u64> {
        let mut deleted = 0;
        loop {
            let found = self.read(page.clone()).await?;
            let is_last = found.len() < usize::try_from(ROUND).unwrap_or(usize::MAX);
            for id in found {
                deleted += u64::from(self.delete_document(id).await?);
            }
            if is_last {
                return Ok(deleted);
            }
        }
    }
}

#[async_trait::async_trait]
impl Documents for SqliteStore {
    async fn add_document(&self, document: DocumentRecord) -> Result<()> {
        self.write(move |db| add(db, &document)).await
    }

    async fn put_part(&self, id: DocumentId, index: u32, bytes: Vec<u8>) -> Result<()> {
        self.write(move |db| match by_id(db, id)? {
            None => Err(StoreError::NotFound("document")),
            Some(document) if document.sealed => Err(StoreError::Conflict("sealed")),
            Some(_) => contents::put_part(db, id, index, &bytes),
        })
        .await
    }

    async fn seal_document(
        &self,
        id: DocumentId,
        bytes: u64,
        sha256: [u8; 32],
        room: Room,
        now: Timestamp,
    ) -> Result<Sealed> {
        self.write(move |db| seal(db, id, (bytes, sha256), room, now))
            .await
    }

    async fn part(&self, id: DocumentId, index: u32) -> Result<Option<Vec<u8>>> {
        self.read(move |db| contents::part(db, id, index)).await
    }

    async fn document(&self, id: DocumentId) -> Result<Option<DocumentRecord>> {
        self.read(move |db| by_id(db, id)).await
    }

    async fn documents(&self, chatbot: ChatbotId) -> Result<Vec<DocumentRecord>> {
        self.read(move |db| db.all(OF_CHATBOT, [key(chatbot)], record))
            .await
    }

    async fn count_documents(&self, status: DocumentStatus, limit: u32) -> Result<u32> {
        self.read(move |db| {
            let mut count = 0_u32;
            db.each(IN_STATUS, (status.word(), limit), |_| {
                count = count.saturating_add(1);
                Ok(())
            })?;
            Ok(count)
        })
        .await
    }

    async fn document_use(&self, user: UserId) -> Result<DocumentUse> {
        self.read(move |db| used(db, user)).await
    }

    async fn delete_document(&self, id: DocumentId) -> Result<bool> {
        if !self.write(move |db| mark(db, id)).await? {
            return Ok(false);
        }
        self.take_document_away(id).await?;
        Ok(true)
    }

    async fn delete_documents_of(&self, chatbot: ChatbotId) -> Result<u64> {
        // Of all of them the record first: none is found while the contents of the others go.
        let marked = self.write(move |db| {
            let marked = ids(db, ALL_OF_CHATBOT, [key(chatbot)])?;
            for id in &marked {
                mark(db, *id)?;
            }
            Ok(marked)
        });
        let marked = marked.await?;
        for id in &marked {
            self.take_document_away(*id).await?;
        }
        Ok(u64::try_from(marked.len()).unwrap_or(u64::MAX))
    }

    async fn claim_document(
        &self,
        node_id: &str,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Option<DocumentRecord>> {
        let node_id = node_id.to_owned();
        self.write(move |db| claim(db, &node_id, now, lease_until)).await
    }

    async fn report_document(
        &self,
        id: DocumentId,
        fence: u64,
        status: DocumentStatus,
        progress: Option<Progress>,
        lease_until: Timestamp,
    ) -> Result<bool> {
        let done = progress.map(|progress| progress.done);
        let total = progress.and_then(|progress| progress.total);
        let lease = time(lease_until);
        self.write(move |db| {
            let ours = db.changes(
                REPORT,
                (key(id), number(fence), status.word(), done, total, lease),
            )?;
            if ours {
                library::note_change(db, id)?;
            }
            Ok(ours)
        })
        .await
    }

    async fn set_media_type(&self, id: DocumentId, fence: u64, media_type: &str) -> Result<bool> {
        let media_type = media_type.to_owned();
        self.write(move |db| db.changes(MEDIA_TYPE, (key(id), number(fence), media_type)))
            .await
    }

    async fn put_text(&self, id: DocumentId, fence: u64, index: u32, bytes: Vec<u8>) -> Result<()> {
        self.write(move |db| contents::put_text(db, id, fence, index, &bytes))
            .await
    }

    async fn text(&self, id: DocumentId, fence: u64, index: u32) -> Result<Option<Vec<u8>>> {
        self.read(move |db| contents::text(db, id, fence, index)).await
    }

    async fn put_chunks(&self, id: DocumentId, fence: u64, chunks: Vec<ChunkRecord>) -> Result<()> {
        self.write(move |db| contents::put_chunks(db, id, fence, &chunks))
            .await
    }

    async fn chunks(&self, id: DocumentId, fence: u64, from: u32, limit: u32) -> Result<Vec<ChunkRecord>> {
        self.read(move |db| contents::chunks(db, id, fence, from, limit))
            .await
    }

    async fn put_vectors(
        &self,
        id: DocumentId,
        fence: u64,
        model: &str,
        vectors: Vec<ChunkVector>,
    ) -> Result<()> {
        let model = model.to_owned();
        self.write(move |db| vectors::put(db, id, fence, &model, &vectors))
            .await
    }

    async fn vectors(
        &self,
        id: DocumentId,
        fence: u64,
        model: &str,
        from: u32,
        limit: u32,
    ) -> Result<Vec<ChunkVector>> {
        let model = model.to_owned();
        self.read(move |db| vectors::page(db, id, fence, &model, from, limit))
            .await
    }

    async fn finish_document(&self, id: DocumentId, fence: u64, ready: DocumentReady) -> Result<bool> {
        self.write(move |db| {
            let is_done = |document: &DocumentRecord| {
                document.status == DocumentStatus::Ready && document.ready_fence == Some(fence)
            };
            end(db, id, fence, is_done, |db| {
                let models = models::encode(&ready.embedding_models);
                db.changes(
                    FINISH,
                    (key(id), number(fence), ready.pages, ready.chunks, models),
                )
            })
        })
        .await
    }

    async fn fail_document(&self, id: DocumentId, fence: u64, failure: DocumentFailure) -> Result<bool> {
        self.write(move |db| {
            let is_done = |document: &DocumentRecord| document.failure.as_ref() == Some(&failure);
            end(db, id, fence, is_done, |db| {
                db.changes(
                    FAIL,
                    (key(id), number(fence), failure.fault.word(), &failure.detail),
                )
            })
        })
        .await
    }

    async fn release_document(&self, id: DocumentId, fence: u64) -> Result<bool> {
        self.write(move |db| {
            let is_done = |document: &DocumentRecord| document.status == DocumentStatus::Queued;
            end(db, id, fence, is_done, |db| {
                db.changes(RELEASE, (key(id), number(fence)))
            })
        })
        .await
    }

    async fn requeue_document(&self, id: DocumentId, now: Timestamp) -> Result<bool> {
        self.write(move |db| {
            let Some(document) = by_id(db, id)? else {
                return Ok(false);
            };
            let turn = turn(db, document.user_id, now)?;
            let queued = db.changes(REQUEUE, (key(id), time(turn)))?;
            if queued {
                library::note_change(db, id)?;
            }
            Ok(queued)
        })
        .await
    }

    async fn documents_without(&self, model: &str, limit: u32) -> Result<Vec<DocumentRecord>> {
        let model = model.to_owned();
        self.read(move |db| vectors::documents_without(db, &model, limit))
            .await
    }

    async fn claim_embedding(
        &self,
        id: DocumentId,
        model: &str,
        node_id: &str,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Option<DocumentRecord>> {
        let (model, node_id) = (model.to_owned(), node_id.to_owned());
        self.write(move |db| vectors::claim(db, id, &model, &node_id, now, lease_until))
            .await
    }

    async fn finish_embedding(&self, id: DocumentId, fence: u64, model: &str) -> Result<bool> {
        let model = model.to_owned();
        self.write(move |db| vectors::finish(db, id, fence, &model)).await
    }

    async fn release_embedding(&self, id: DocumentId, fence: u64) -> Result<bool> {
        self.write(move |db| vectors::release(db, id, fence)).await
    }

    async fn forget_vectors(&self, id: DocumentId, but: &str) -> Result<()> {
        // First what is there, a slice at a time, then what is said: broken off in between, it is done again.
        loop {
            let but = but.to_owned();
            if !self.write(move |db| vectors::forget_slice(db, id, &but)).await? {
                break;
            }
        }
        let but = but.to_owned();
        self.write(move |db| vectors::forget(db, id, &but)).await
    }

    async fn library(&self, chatbot: ChatbotId) -> Result<LibraryRecord> {
        self.read(move |db| library::get(db, chatbot)).await
    }

    async fn switch_library(&self, chatbot: ChatbotId, from: Option<&str>, to: &str) -> Result<bool> {
        let (from, to) = (from.map(str::to_owned), to.to_owned());
        self.write(move |db| library::switch(db, chatbot, from.as_deref(), &to))
            .await
    }

    async fn document_changes(&self, users: &[UserId]) -> Result<Vec<(UserId, u64)>> {
        let users = users.to_vec();
        self.read(move |db| library::changes(db, &users)).await
    }

    async fn changed_documents(&self, user: UserId, after: u64, limit: u32) -> Result<Vec<DocumentRecord>> {
        self.read(move |db| library::changed(db, user, after, limit))
            .await
    }

    async fn heal_documents(&self) -> Result<()> {
        for id in self.read(|db| ids(db, DELETING, [ROUND])).await? {
            self.take_document_away(id).await?;
        }
        Ok(())
    }

    async fn collect_documents(&self, before: Timestamp) -> Result<u64> {
        self.heal_documents().await?;
        let mut cleaned = self
            .delete_found(move |db| ids(db, UNSEALED, (time(before), ROUND)))
            .await?;
        cleaned += self.delete_found(|db| ids(db, ORPHANS, [ROUND])).await?;
        let mut behind = Some(DocumentId::from_uuid(uuid::Uuid::nil()));
        while let Some(id) = behind {
            let (page, last) = self
                .read(move |db| contents::perhaps_stale(db, id, ROUND))
                .await?;
            for stale in page {
                let mut is_stale = false;
                // A slice at a time, so that others write in between.
                while self.read(move |db| stale.is_there(db)).await? {
                    self.write(move |db| stale.delete_slice(db)).await?;
                    is_stale = true;
                }
                cleaned += u64::from(is_stale);
            }
            behind = last;
        }
        Ok(cleaned)
    }
}
