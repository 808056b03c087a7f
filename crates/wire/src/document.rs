//! Documents of a chatbot, what is found in them, and what an answer cites.

use crate::{ChatbotId, DocumentId, Timestamp};
use serde::{Deserialize, Serialize};

/// How far a document is on its way from a file to something that questions are answered from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DocumentStatus {
    /// Stored; waits for its turn.
    Queued,
    /// Its text is being read out of the file.
    Extracting,
    /// The text is being cut into passages.
    Chunking,
    /// The passages are being made comparable with questions.
    Embedding,
    /// Questions are answered from it.
    Ready,
    /// It cannot be used; `failure` says why.
    Failed,
}

/// Why a document cannot be used: a word for programs. The sentence for people stands beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DocumentFault {
    /// A kind of file that is not read here.
    Unsupported,
    /// It needs a password.
    Encrypted,
    /// It is not what it says it is, or not whole.
    Damaged,
    /// Unpacked, it is larger than allowed.
    TooLarge,
    /// More pages than allowed.
    TooManyPages,
    /// Reading it took too long.
    TimedOut,
    /// Reading it took too much memory.
    OutOfMemory,
    /// The reader of this kind of file broke on it.
    Crashed,
    /// There is no text in it: a scan, or empty.
    NoText,
    /// The embedding model refused it.
    EmbeddingFailed,
    /// The chatbot's documents have as many passages as can be searched.
    LibraryFull,
    /// Our fault; the log says more.
    Internal,
}

/// Why a document failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct DocumentFailure {
    /// For programs.
    pub fault: DocumentFault,
    /// For people.
    pub detail: String,
}

/// How much of the present step is done. The units are pages while extracting, passages while embedding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Progress {
    /// Done.
    pub done: u32,
    /// Of how many; `None` while that is not known.
    pub total: Option<u32>,
}

/// A document of a chatbot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Document {
    /// Which.
    pub id: DocumentId,
    /// Whose.
    pub chatbot_id: ChatbotId,
    /// The file's name, as it was uploaded.
    pub name: String,
    /// What it is by its content: `application/pdf`. `None` until that was looked at.
    pub media_type: Option<String>,
    /// The file's size.
    pub bytes: u64,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// How far it is.
    pub status: DocumentStatus,
    /// Of the present step, while one is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Progress>,
    /// Why it cannot be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<DocumentFailure>,
    /// Pages, where the kind of file has any. Known once it is extracted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<u32>,
    /// Passages. Known once it is cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chunks: Option<u32>,
    /// When it was uploaded.
    pub created_at: Timestamp,
}

/// What became of one file of `POST /chatbot/{id}/document`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Uploaded {
    /// The new document; or the one that was there with the same content.
    pub document_id: DocumentId,
    /// The file's name.
    pub name: String,
    /// How far that document is.
    pub status: DocumentStatus,
    /// Whether the chatbot has this very file already: nothing was added.
    pub known: bool,
}

/// A place that an answer rests on. Made by retrieval, never taken from the model's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Citation {
    /// As the model was shown it, from 1: `[1]` in the answer.
    pub number: u32,
    /// In which document.
    pub document_id: DocumentId,
    /// Its name, as it was then.
    pub document_name: String,
    /// On which page, where there are pages; from 1.
    pub page: Option<u32>,
    /// Where it begins in the document's text, in characters.
    pub start: u32,
    /// Where it ends, exclusive.
    pub end: u32,
    /// What stands there, shortened for people.
    pub snippet: String,
    /// How well it fits the question, per mille; comparable within one answer only.
    pub score: u32,
}

/// `POST /chatbot/{id}/search`: what would an answer rest on?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SearchRequest {
    /// The question.
    pub query: String,
    /// How many passages, at most; 10 if not given, 50 at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub k: Option<u32>,
}

/// A passage that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SearchHit {
    /// In which document.
    pub document_id: DocumentId,
    /// Its name.
    pub document_name: String,
    /// On which page.
    pub page: Option<u32>,
    /// Where it begins in the document's text, in characters.
    pub start: u32,
    /// Where it ends, exclusive.
    pub end: u32,
    /// The headings above it, outermost first.
    pub headings: Vec<String>,
    /// The passage.
    pub text: String,
    /// By which it was ranked.
    pub score: f32,
    /// Of the words alone (BM25); `None` when no word fits.
    pub keyword_score: Option<f32>,
    /// Of the meaning alone (cosine); `None` without an embedding model.
    pub vector_score: Option<f32>,
}

/// The answer to a [`SearchRequest`], best first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SearchResult {
    /// Best first.
    pub hits: Vec<SearchHit>,
    /// How long each step took.
    pub times: Vec<StageTime>,
    /// Passages that were searched.
    pub chunks: u32,
}

/// How long a step of retrieval took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct StageTime {
    /// `load`, `embed`, `keyword`, `vector`, `fuse`.
    pub stage: String,
    /// Milliseconds.
    pub ms: f32,
}

/// What a piece of a document's text is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum BlockKind {
    /// A heading; 1 is the highest level.
    Heading {
        /// 1 to 6.
        level: u8,
    },
    /// Running text.
    Paragraph,
    /// One item of a list.
    ListItem,
    /// A table, a line a row, cells parted by ` | `.
    Table,
    /// Source code.
    Code,
}

/// A piece of a document's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TextBlock {
    /// What it is.
    #[serde(flatten)]
    pub kind: BlockKind,
    /// Where it begins in the document's text, in characters.
    pub start: u32,
    /// On which page.
    pub page: Option<u32>,
    /// What it says.
    pub text: String,
}

/// `GET /chatbot/{id}/document/{doc}/text?from=&at=&limit=`: the extracted text, in pieces that are typed and never HTML.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct DocumentText {
    /// Which.
    pub document_id: DocumentId,
    /// Its name.
    pub name: String,
    /// The number of the first of these blocks.
    #[serde(default)]
    pub from: u32,
    /// In order.
    pub blocks: Vec<TextBlock>,
    /// `from` of the next page; `None` at the end.
    pub next: Option<u32>,
}
