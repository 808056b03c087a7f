//! Documents of a chatbot: the file, its text, its passages ("chunks"), their vectors, and the job that makes the one out
//! of the other.
//!
//! Life: `add_document` (queued, no parts yet) → `put_part`* → `seal_document` (the whole file is there: it may be
//! claimed) → `claim_document` (a lease and a new fence) → `report_document`* → `put_text`*, `put_chunks`* under that
//! fence → `finish_document` (compare-and-set on the fence; from then on readers see the chunks of this fence) or
//! `fail_document`. Each step can be repeated after a crash. A writer that was taken over (its lease ran out) writes under
//! an old fence, which nobody reads; `collect_documents` takes that away.
//!
//! What a chatbot is answered from is the chunks of its ready documents, each under its `ready_fence`. Whoever holds an
//! index of them compares the version of its [`library`](Documents::library), which is raised by everything that changes
//! them.
//!
//! Vectors are kept by chunk and model, so that those of another model grow beside the ones that questions are compared
//! with: `claim_embedding` → `put_vectors`* → `finish_embedding`, a ready document each; when all of a chatbot's have them,
//! `switch_library` makes that model the one that counts, and `forget_vectors` takes the others' away.

use crate::Result;
use std::time::Duration;
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
    /// The embedding models that every chunk under `ready_fence` has a vector of, in the order in which they came.
    pub embedding_models: Vec<String>,
    /// Raised by each claim; the worker's proof.
    pub fence: u64,
    /// The fence whose text and chunks are read; `None` until it was ready for the first time. A document that is made
    /// anew stays readable meanwhile.
    pub ready_fence: Option<u64>,
    /// The worker's node, and until when it is taken for alive. `None`: nobody works on it.
    pub lease: Option<DocumentLease>,
    /// How often a worker has begun and not ended: a file that kills its worker again and again is given up.
    pub attempts: u32,
    /// The number of its last change among all documents of its user: see [`Documents::changed_documents`].
    pub change: u64,
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
}

/// What an embedding model made of a passage.
#[derive(Debug, Clone, PartialEq)]
pub struct ChunkVector {
    /// The chunk's number.
    pub index: u32,
    /// Its vector.
    pub vector: Vec<f32>,
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
    /// The models that all of them have vectors of.
    pub embedding_models: Vec<String>,
}

/// What there is room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Bytes of all files of the user, with the new one.
    pub user_bytes: u64,
    /// Documents of the chatbot, with the new one.
    pub chatbot_documents: u64,
}

impl Room {
    /// For everything.
    pub const UNLIMITED: Self = Self {
        user_bytes: u64::MAX,
        chatbot_documents: u64::MAX,
    };
}

/// What became of a file that is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sealed {
    /// It waits for a worker.
    New(DocumentRecord),
    /// The chatbot has this one with the same content; the new one is not sealed.
    Known(DocumentRecord),
    /// The user's files would take more than there is room for; it is not sealed.
    NoRoomForUser,
    /// The chatbot would have more documents than there is room for; it is not sealed.
    NoRoomInChatbot,
}

/// What a chatbot is answered from, as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LibraryRecord {
    /// Raised by everything that changes it; 0 when there never was a document.
    pub version: u64,
    /// The embedding model by whose vectors questions are compared. `None`: none so far.
    pub model: Option<String>,
}

/// How much a user or a chatbot has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DocumentUse {
    /// Documents, whatever their state.
    pub documents: u64,
    /// Bytes of their files.
    pub bytes: u64,
    /// Of the documents, those whose file is not whole: on its way in, or broken off. Their bytes are not counted.
    pub unsealed: u64,
}

/// Files of one user that wait, as far as they are counted.
pub(crate) const TURNS: u32 = 1_000;
/// By how much each file that its user has waiting puts off the next one: about what working on one takes.
const TURN: Duration = Duration::from_secs(20);

/// When the turn of a document comes that begins to wait now, while so many of its user wait: those who bring many do not
/// keep those waiting who bring one, and nobody waits for ever.
pub(crate) fn turn(now: Timestamp, waiting: u32) -> Timestamp {
    now.plus(TURN.saturating_mul(waiting))
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
    /// The file is whole: its size and sum. Raises the library's version. When it is known already, or there is no room
    /// for it, it is not sealed, and the caller deletes it. Of any number of files that come at once only those are
    /// sealed that there is room for together. Idempotent.
    async fn seal_document(
        &self,
        id: DocumentId,
        bytes: u64,
        sha256: [u8; 32],
        room: Room,
        now: Timestamp,
    ) -> Result<Sealed>;
    /// A part of the file; `None` behind the last.
    async fn part(&self, id: DocumentId, index: u32) -> Result<Option<Vec<u8>>>;
    /// By id; `None` when it was deleted.
    async fn document(&self, id: DocumentId) -> Result<Option<DocumentRecord>>;
    /// All sealed documents of a chatbot, oldest first.
    async fn documents(&self, chatbot: ChatbotId) -> Result<Vec<DocumentRecord>>;
    /// How many documents have this status; of more than `limit` no more are counted.
    async fn count_documents(&self, status: DocumentStatus, limit: u32) -> Result<u32>;
    /// What this user has uploaded.
    async fn document_use(&self, user: UserId) -> Result<DocumentUse>;
    /// Takes it away at once: the record first (no index finds it any more), the library's version is raised, then
    /// chunks, text and file, in pieces between which others write. Idempotent; false when it was not there. What a caller
    /// that is dropped leaves is taken away by `heal_documents`.
    async fn delete_document(&self, id: DocumentId) -> Result<bool>;
    /// The same for all documents of a chatbot that is or will be deleted. Returns how many.
    async fn delete_documents_of(&self, chatbot: ChatbotId) -> Result<u64>;

    /// Claims the sealed document that waits and whose turn is next: queued; or under way, with a lease that ended before
    /// `now`. It waits since it was sealed or queued again, a while longer for each other one of its user that waited then.
    /// Sets the lease, raises fence and attempts, sets `Extracting`. `None` when none waits.
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
    /// Puts vectors of this model beside the chunks under this fence; the same index again replaces. Idempotent.
    async fn put_vectors(
        &self,
        id: DocumentId,
        fence: u64,
        model: &str,
        vectors: Vec<ChunkVector>,
    ) -> Result<()>;
    /// Vectors of this model under this fence from the chunk `from` on, in order, at most `limit`.
    async fn vectors(
        &self,
        id: DocumentId,
        fence: u64,
        model: &str,
        from: u32,
        limit: u32,
    ) -> Result<Vec<ChunkVector>>;
    /// It is ready: compare-and-set on the fence. Sets `ready_fence`, ends the lease, sets attempts to 0, raises the
    /// library's version. False (and no change) when it was taken over or deleted. Idempotent.
    async fn finish_document(&self, id: DocumentId, fence: u64, ready: DocumentReady) -> Result<bool>;
    /// It failed: the same, with the reason. What was ready before stays readable.
    async fn fail_document(&self, id: DocumentId, fence: u64, failure: DocumentFailure) -> Result<bool>;
    /// Lets go of a claim without a result (shutdown): queued again, attempts as before the claim. False when it was taken
    /// over.
    async fn release_document(&self, id: DocumentId, fence: u64) -> Result<bool>;
    /// Queues it again, to be made anew, behind what waits: true when it was ready or failed. Ends a claim for vectors.
    async fn requeue_document(&self, id: DocumentId, now: Timestamp) -> Result<bool>;

    /// Ready documents without vectors of this model, oldest first, at most `limit`.
    async fn documents_without(&self, model: &str, limit: u32) -> Result<Vec<DocumentRecord>>;
    /// Claims one of them, for vectors of this model: sets the lease and raises the fence, and it stays ready. `None` when
    /// it has them by now, is not ready, or somebody works on it whose lease has not ended before `now`.
    async fn claim_embedding(
        &self,
        id: DocumentId,
        model: &str,
        node_id: &str,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Option<DocumentRecord>>;
    /// Every chunk under `ready_fence` has a vector of this model: compare-and-set on the claim's fence. Ends the lease,
    /// raises the library's version. False (and no change) when it was taken over, queued again or deleted. Idempotent.
    async fn finish_embedding(&self, id: DocumentId, fence: u64, model: &str) -> Result<bool>;
    /// Lets go of such a claim without a result. False when it was somebody else's by then.
    async fn release_embedding(&self, id: DocumentId, fence: u64) -> Result<bool>;
    /// Takes the vectors of all models but this one, under `ready_fence`, away. Raises the library's version when there
    /// were any. Idempotent.
    async fn forget_vectors(&self, id: DocumentId, but: &str) -> Result<()>;

    /// What this chatbot is answered from, as a whole.
    async fn library(&self, chatbot: ChatbotId) -> Result<LibraryRecord>;
    /// Questions are compared by vectors of `to` from now on: compare-and-set on the model. Raises the version. True also
    /// when it is that one already.
    async fn switch_library(&self, chatbot: ChatbotId, from: Option<&str>, to: &str) -> Result<bool>;

    /// The number of the last change to a document of each of these users; who never had one is missing.
    async fn document_changes(&self, users: &[UserId]) -> Result<Vec<(UserId, u64)>>;
    /// Sealed documents of this user whose last change has a higher number, in that order, at most `limit`. A change is
    /// a new status, progress, or end of work. Numbers grow, and a change may be seen a moment after the one that follows
    /// it.
    async fn changed_documents(&self, user: UserId, after: u64, limit: u32) -> Result<Vec<DocumentRecord>>;

    /// Garbage only: what `heal_documents` finds; uploads not sealed since `before`; documents of chatbots that were deleted;
    /// texts and chunks under fences that are neither ready nor claimed. Returns how many documents were cleaned.
    async fn collect_documents(&self, before: Timestamp) -> Result<u64>;
    /// Goes on with deletions, and with raising libraries' versions, that a process left half done. Costs two small reads
    /// when there are none.
    async fn heal_documents(&self) -> Result<()>;
}
