//! A file on its way in: stored part by part as it comes, never whole in memory. One that breaks off takes with it what it
//! has stored (see [`Upload`]'s end); what a process that dies has of one is an unsealed document, which nobody sees and the
//! garbage collection takes.

use super::document;
use crate::{
    app::{App, AppState},
    audit::{self, Who},
    chatbot, limits,
    problem::{ApiError, ApiResult},
};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use store::{
    chatbot::ChatbotRecord,
    document::{DocumentRecord, PART_BYTES, Room, Sealed},
    user::UserRecord,
};
use tokio::runtime::Handle;
use wire::{
    ChatbotId, DocumentId, ProblemCode, UserId,
    admin::AuditKind,
    document::{DocumentStatus, Uploaded},
};

/// Files of one user that are on their way in at the same time, at most. Until they are whole they are not counted, and they
/// are as large as one file may be.
const COMING: u64 = 16;
/// Seconds until somebody who has that many may try again.
const WAIT: u32 = 10;
/// Characters of a file's name that are kept.
const NAME_CHARS: usize = 200;

/// Where files go: a chatbot that this user may edit, and what room is left for it.
#[derive(Debug)]
pub struct Shelf {
    bot: ChatbotRecord,
    user: UserId,
}

impl Shelf {
    /// The chatbot's.
    ///
    /// # Errors
    /// `not_found`; `forbidden` for a chatbot that this user only may talk with.
    pub async fn of(app: &App, user: &UserRecord, bot: ChatbotId) -> ApiResult<Self> {
        Ok(Self {
            bot: chatbot::editable(app, user, bot).await?,
            user: user.id,
        })
    }

    /// Notes in the audit log that a file was added.
    pub async fn note(&self, app: &App, user: &UserRecord, added: &Uploaded) {
        if !added.known {
            let what = format!("{}: {}", self.bot.name, added.name);
            audit::note(app, AuditKind::DocumentAdded, Who::User(user), &what).await;
        }
    }

    /// Begins a file.
    ///
    /// # Errors
    /// `quota_exceeded`; `rate_limited` when too many of the user's are on their way.
    pub async fn begin(&self, app: &AppState, name: &str) -> ApiResult<Upload> {
        let config = &app.config.documents;
        // What is asked here and while the file comes spares the sender its rest; what counts is asked at its end.
        let there = app.store.documents(self.bot.id).await?.len();
        if there >= config.documents_per_chatbot {
            return Err(chatbot_is_full(config.documents_per_chatbot));
        }
        let quota = limits::of(app, self.user).await?.document_quota;
        let used = app.store.document_use(self.user).await?;
        if used.unsealed >= COMING {
            let detail = "Too many of your files are on their way at once. Send them one after another.";
            return Err(ApiError::new(ProblemCode::RateLimited, detail).retry_after(WAIT));
        }
        let record = new_record(app, self.bot.id, self.user, name);
        app.store.add_document(record.clone()).await?;
        Ok(Upload {
            app: Arc::clone(app),
            record,
            sum: Sha256::new(),
            bytes: 0,
            left: quota.saturating_sub(used.bytes),
            quota,
            buffer: Vec::new(),
            next: 0,
            is_over: false,
        })
    }
}

/// A document without a file yet.
pub(super) fn new_record(app: &App, chatbot_id: ChatbotId, user_id: UserId, name: &str) -> DocumentRecord {
    DocumentRecord {
        id: DocumentId::from_uuid(app.ids.new_uuid()),
        chatbot_id,
        user_id,
        name: name_of(name),
        media_type: None,
        bytes: 0,
        sha256: [0; 32],
        sealed: false,
        status: DocumentStatus::Queued,
        progress: None,
        failure: None,
        pages: None,
        chunks: None,
        embedding_models: Vec::new(),
        fence: 0,
        ready_fence: None,
        lease: None,
        attempts: 0,
        change: 0,
        created_at: app.clock.now(),
    }
}

fn chatbot_is_full(allowed: usize) -> ApiError {
    let detail = format!("This chatbot has all the {allowed} documents that are allowed. Delete some first.");
    ApiError::new(ProblemCode::QuotaExceeded, detail)
}

fn user_is_full() -> ApiError {
    let detail = "Your documents take all the room that you have. Delete some first.";
    ApiError::new(ProblemCode::QuotaExceeded, detail)
}

/// A file that is coming in. One that is dropped before it is whole takes with it what was stored of it.
pub struct Upload {
    app: AppState,
    record: DocumentRecord,
    /// Bytes of all the user's files, at most.
    quota: u64,
    sum: Sha256,
    bytes: u64,
    /// Bytes that the user's quota has left.
    left: u64,
    buffer: Vec<u8>,
    next: u32,
    /// It was refused, or is whole.
    is_over: bool,
}

impl Drop for Upload {
    fn drop(&mut self) {
        // Outside of a runtime the program is at its end.
        let Some(runtime) = Handle::try_current().ok().filter(|_| !self.is_over) else {
            return;
        };
        let (app, id) = (Arc::clone(&self.app), self.record.id);
        let tasks = app.tasks.clone();
        tasks.spawn_on(async move { take_back(&app, id).await }, &runtime);
    }
}

impl std::fmt::Debug for Upload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upload")
            .field("id", &self.record.id)
            .finish_non_exhaustive()
    }
}

impl Upload {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// `too_large`, `quota_exceeded`, and the store's.
    pub async fn write(&mut self, bytes: &[u8]) -> ApiResult<()> {
        let limit = self.app.config.documents.document_bytes;
        self.bytes = self
            .bytes
            .saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if self.bytes > limit {
            let detail = format!(
                "The file {} is too large: one may have at most {} MB.",
                self.record.name,
                limit / (1024 * 1024)
            );
            return Err(self.refuse(ApiError::new(ProblemCode::TooLarge, detail)).await);
        }
        if self.bytes > self.left {
            return Err(self.refuse(user_is_full()).await);
        }
        self.sum.update(bytes);
        self.buffer.extend_from_slice(bytes);
        while self.buffer.len() >= PART_BYTES {
            let rest = self.buffer.split_off(PART_BYTES);
            let part = std::mem::replace(&mut self.buffer, rest);
            self.put(part).await?;
        }
        Ok(())
    }

    /// The file is whole. One that the chatbot has already is not kept twice.
    ///
    /// # Errors
    /// `invalid_field` for an empty file; `quota_exceeded` when others took the room meanwhile; the store's.
    pub async fn finish(mut self) -> ApiResult<Uploaded> {
        if self.bytes == 0 {
            let detail = format!("file: {} is empty", self.record.name);
            return Err(self
                .refuse(ApiError::new(ProblemCode::InvalidField, detail))
                .await);
        }
        let last = std::mem::take(&mut self.buffer);
        if !last.is_empty() {
            self.put(last).await?;
        }
        let sum: [u8; 32] = std::mem::take(&mut self.sum).finalize().into();
        // From here on it is whole, whether or not somebody still waits for the answer.
        self.is_over = true;
        let sealing = seal(Arc::clone(&self.app), self.record.id, self.bytes, sum, self.quota);
        self.app.to_its_end(sealing).await
    }

    async fn put(&mut self, part: Vec<u8>) -> ApiResult<()> {
        self.app.store.put_part(self.record.id, self.next, part).await?;
        self.next = self.next.saturating_add(1);
        Ok(())
    }

    /// What came so far is of no use.
    async fn refuse(&mut self, why: ApiError) -> ApiError {
        take_back(&self.app, self.record.id).await;
        self.is_over = true;
        why
    }
}

async fn take_back(app: &App, id: DocumentId) {
    if let Err(error) = app.store.delete_document(id).await {
        tracing::debug!(%error, "Could not take a refused upload away; it is collected later");
    }
}

async fn seal(app: AppState, id: DocumentId, bytes: u64, sum: [u8; 32], quota: u64) -> ApiResult<Uploaded> {
    let store = &app.store;
    let most = app.config.documents.documents_per_chatbot;
    let room = Room {
        user_bytes: quota,
        chatbot_documents: u64::try_from(most).unwrap_or(u64::MAX),
    };
    let sealed = store.seal_document(id, bytes, sum, room, app.clock.now()).await?;
    let (sealed, known) = match sealed {
        Sealed::New(new) => {
            app.library.wake();
            (new, false)
        }
        Sealed::Known(known) => {
            store.delete_document(id).await?;
            (known, true)
        }
        Sealed::NoRoomForUser => {
            take_back(&app, id).await;
            return Err(user_is_full());
        }
        Sealed::NoRoomInChatbot => {
            take_back(&app, id).await;
            return Err(chatbot_is_full(most));
        }
    };
    Ok(Uploaded {
        document_id: sealed.id,
        name: document::shown(&sealed).name,
        status: sealed.status,
        known,
    })
}

/// The name that people know the file by: without folders and control characters, not too long.
fn name_of(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last
        .chars()
        .filter(|c| !c.is_control() && !is_hidden(*c))
        .take(NAME_CHARS)
        .collect();
    match kept.trim() {
        "" | "." | ".." => "document".to_owned(),
        kept => kept.to_owned(),
    }
}

/// Marks that make a name look like another one.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_name_and_no_path() {
        assert_eq!(name_of("Zephyr manual.pdf"), "Zephyr manual.pdf");
        assert_eq!(name_of("../../etc/passwd"), "passwd");
        assert_eq!(name_of("C:\\Users\\ada\\kettle.docx"), "kettle.docx");
        assert_eq!(name_of("a\u{202e}fdp.exe\r\n"), "afdp.exe");
        for nothing in ["", "  ", "..", "folder/", "\u{200b}"] {
            assert_eq!(name_of(nothing), "document", "{nothing:?}");
        }
        assert_eq!(name_of(&"ü".repeat(500)).chars().count(), NAME_CHARS);
    }
}
