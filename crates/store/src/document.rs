//! Documents of a chatbot: the file, its text, its passages ("chunks") with their vectors, and the job that makes the one
//! out of the other.
//!
//! Life: `add_document` (queued, no parts yet) → `put_part`* → `seal_document` (the whole file is there: it may be
//! claimed) → `claim_document` (a lease and a new fence) → `report_document`* → `put_text`*, `put_chunks`* under that
//! fence → `finish_document` (compare-and-set on the fence; from then on readers see the chunks of this fence) or
//! `fail_document`. Each step can be repeated after a crash. A writer that was taken over (its lease ran out) writes under
//! an old fence, which nobody reads; `collect_documents` takes that away.
//!
//! What a chatbot is answered from is the chunks of its ready documents, each under its `ready_fence`. Whoever holds an
//! index of them compares [`library_version`](Documents::library_version), which is raised by everything that changes
//! them.

use crate::Result;
use wire::{
    ChatbotId, DocumentId, Timestamp, UserId,
    document::{DocumentFailure, DocumentStatus, Progress},
};

/// Bytes of one part of a file or of its text, at most: far below MongoDB's 16 MB, and little to hold in memory.
pub const PART_BYTES: usize = 256 * 1024;

/// A document without its contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRecord {
    /// Which.
    pub id: DocumentId,
    /// Of which chatbot.
    pub chatbot_id: ChatbotId,
    /// Who uploaded it: whose quota it counts against.
    pub user_id: UserId,
    /// The file's name.
    pub name: String,
    /// By its content; `None` until that was looked at.
    pub media_type: Option<String>,
    /// The file's size; 0 until it is sealed.
    pub bytes: u64,
    /// Of the file; all zero until it is sealed.
    pub sha256: [u8; 32],
    /// Whether the whole file is there.
    pub sealed: bool,
    /// How far it is.
    pub status: DocumentStatus,
    /// Of the present step.
    pub progress: Option<Progress>,
    /// Why it failed.
    pub failure: Option<DocumentFailure>,
    /// Known once it is extracted.
    pub pages: Option<u32>,
    /// Known once it is ready.
    pub chunks: Option<u32>,
    /// The embedding model of its vectors; `None`: it has none, or is not ready.
    pub embedding_model: Option<String>,
    /// Raised by each claim; the worker's proof.
    pub fence: u64,
    /// The fence whose text and chunks are read; `None` until it was ready for the first time. A document that is made
    /// anew stays readable meanwhile.
    pub ready_fence: Option<u64>,
    /// The worker's node, and until when it is taken for alive. `None`: nobody works on it.
    pub lease: Option<DocumentLease>,
    /// How often a worker has begun and not ended: a file that kills its worker again and again is given up.
    pub attempts: u32,
    /// When it was uploaded.
    pub created_at: Timestamp,
}

/// Who works on a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentLease {
    /// Which node.
    pub node_id: String,
    /// Past it the worker may be dead.
    pub until: Timestamp,
}

/// A passage.
#[derive(Debug, Clone, PartialEq)]
pub struct ChunkRecord {
    /// Its number within its document, from 0.
    pub index: u32,
    /// Where it begins in the document's text, in characters.
    pub start: u32,
    /// Where it ends, exclusive.
    pub end: u32,
    /// The page it begins on, and where it turns to others; empty where there are no pages.
    pub pages: Vec<PageStart>,
    /// The headings above it, outermost first.
    pub headings: Vec<String>,
    /// What search reads before its text. The text itself is the document's, from `start` to `end`.
    pub context: String,
    /// Tokens of its text.
    pub tokens: u32,
    /// Its vector, of the document's embedding model; `None` without one.
    pub vector: Option<Vec<f32>>,
}

/// Where a passage comes to a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageStart {
    /// From 1.
    pub page: u32,
    /// The first character on it, of the document's text.
    pub at: u32,
}

/// What is known when a document is ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentReady {
    /// Pages, where there are any.
    pub pages: Option<u32>,
    /// How many chunks were put.
    pub chunks: u32,
    /// The model of their vectors.
    pub embedding_model: Option<String>,
}

/// How much a user or a chatbot has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DocumentUse {
    /// Documents, whatever their state.
    pub documents: u64,
    /// Bytes of their files.
    pub bytes: u64,
}

/// Documents.
#[async_trait::async_trait]
pub trait Documents {
    /// Adds one that has no file yet. `Conflict("document")` when the id exists, `NotFound("chatbot")` when that was
    /// deleted.
    async fn add_document(&self, document: DocumentRecord) -> Result<()>;
    /// Adds the part `index` (from 0) of the file: at most [`PART_BYTES`]. Idempotent. `NotFound("document")`,
    /// `Conflict("sealed")`.
    async fn put_part(&self, id: DocumentId, index: u32, bytes: Vec<u8>) -> Result<()>;
    /// The file is whole: its size and sum. Raises the library's version. When another sealed document of this chatbot
    /// has the same sum, gives that one, and this one is not sealed (the caller deletes it); else gives this one.
    async fn seal_document(&self, id: DocumentId, bytes: u64, sha256: [u8; 32]) -> Result<DocumentRecord>;
    /// A part of the file; `None` behind the last.
    async fn part(&self, id: DocumentId, index: u32) -> Result<Option<Vec<u8>>>;
    /// By id; `None` when it was deleted.
    async fn document(&self, id: DocumentId) -> Result<Option<DocumentRecord>>;
    /// All sealed documents of a chatbot, oldest first.
    async fn documents(&self, chatbot: ChatbotId) -> Result<Vec<DocumentRecord>>;
    /// What this user has uploaded.
    async fn document_use(&self, user: UserId) -> Result<DocumentUse>;
    /// Takes it away at once: the record first (no index finds it any more), the library's version is raised, then
    /// chunks, text and file. Idempotent; false when it was not there.
    async fn delete_document(&self, id: DocumentId) -> Result<bool>;
    /// The same for all documents of a deleted chatbot. Returns how many.
    async fn delete_documents_of(&self, chatbot: ChatbotId) -> Result<u64>;

    /// Claims the oldest sealed document that waits: queued; or under way, with a lease that ended before `now`. Sets the
    /// lease, raises fence and attempts, sets `Extracting`. `None` when none waits.
    async fn claim_document(
        &self,
        node_id: &str,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Option<DocumentRecord>>;
    /// Renews the lease and tells how far it is: false when the document was deleted or taken over (the worker stops).
    async fn report_document(
        &self,
        id: DocumentId,
        fence: u64,
        status: DocumentStatus,
        progress: Option<Progress>,
        lease_until: Timestamp,
    ) -> Result<bool>;
    /// Notes what kind of file it is. False as `report_document`.
    async fn set_media_type(&self, id: DocumentId, fence: u64, media_type: &str) -> Result<bool>;
    /// Puts part `index` of the extracted text (JSON, opaque here) under this fence. Idempotent.
    async fn put_text(&self, id: DocumentId, fence: u64, index: u32, bytes: Vec<u8>) -> Result<()>;
    /// A part of the text under this fence; `None` behind the last.
    async fn text(&self, id: DocumentId, fence: u64, index: u32) -> Result<Option<Vec<u8>>>;
    /// Puts chunks under this fence; the same index again replaces. Idempotent.
    async fn put_chunks(&self, id: DocumentId, fence: u64, chunks: Vec<ChunkRecord>) -> Result<()>;
    /// Chunks under this fence from index `from` on, in order, at most `limit`.
    async fn chunks(&self, id: DocumentId, fence: u64, from: u32, limit: u32) -> Result<Vec<ChunkRecord>>;
    /// It is ready: compare-and-set on the fence. Sets `ready_fence`, ends the lease, sets attempts to 0, raises the
    /// library's version. False (and no change) when it was taken over or deleted. Idempotent.
    async fn finish_document(&self, id: DocumentId, fence: u64, ready: DocumentReady) -> Result<bool>;
    /// It failed: the same, with the reason. What was ready before stays readable.
    async fn fail_document(&self, id: DocumentId, fence: u64, failure: DocumentFailure) -> Result<bool>;
    /// Lets go of a claim without a result (shutdown): queued again, attempts as before the claim. False when it was taken
    /// over.
    async fn release_document(&self, id: DocumentId, fence: u64) -> Result<bool>;
    /// Queues it again (re-index, another embedding model): true when it was ready or failed.
    async fn requeue_document(&self, id: DocumentId) -> Result<bool>;
    /// Ready documents whose vectors are not of this model, oldest first, at most `limit`.
    async fn documents_of_other_models(&self, model: Option<&str>, limit: u32)
    -> Result<Vec<DocumentRecord>>;

    /// Raised by everything that changes what this chatbot is answered from; 0 when it never had a document.
    async fn library_version(&self, chatbot: ChatbotId) -> Result<u64>;

    /// Garbage only: uploads not sealed since `before`; texts and chunks under fences that are neither ready nor claimed.
    /// Returns how many documents were looked at and cleaned.
    async fn collect_documents(&self, before: Timestamp) -> Result<u64>;
}
