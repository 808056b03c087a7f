//! What a chatbot's documents are searched by, in memory: words (BM25) and meaning (vectors), side by side.
//!
//! Must not know: storage, models, how scores are fused. An index belongs to one chatbot and holds nothing else: there is no
//! filter that could be forgotten. Start at [`ChatbotIndex`]; `lexical.rs` has the words, `dense.rs` the vectors,
//! `analyse.rs` says what a word is.
//!
//! Chunks have slots, numbers in the order they came. A document that is removed leaves its slots empty; when they are more
//! than those in use, the rest closes up. Adding and removing cost what the document costs, on the average.

pub(crate) mod analyse;
mod common_words;
mod dense;
mod language;
mod lexical;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::Arc,
};

use wire::{ChatbotId, DocumentId};

use crate::chunk::{Chunk, ChunkedDocument};
use crate::document::Spans;
use analyse::Analyser;
pub use dense::VectorSpace;
use dense::{Dense, Prepared};
pub(crate) use language::Language;
use lexical::Lexical;
pub(crate) use lexical::QueryTerm;

/// All that is searched for one chatbot.
#[derive(Debug)]
pub struct ChatbotIndex {
    chatbot: ChatbotId,
    documents: BTreeMap<DocumentId, Arc<Entry>>,
    /// The document of each slot, and which of its chunks; `None` where a document was removed.
    slots: Vec<Option<Slot>>,
    empty: usize,
    /// Documents that were ever added: a number for each.
    added: u32,
    lexical: Lexical,
    dense: Option<Dense>,
}

/// A chunk's place in the index.
#[derive(Debug, Clone)]
pub(crate) struct Slot {
    pub(crate) entry: Arc<Entry>,
    pub(crate) chunk: usize,
}

/// A document as the index has it.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) id: DocumentId,
    pub(crate) name: Arc<str>,
    pub(crate) text: Arc<str>,
    pub(crate) chunks: Vec<Chunk>,
    /// Where each chunk's text is, in bytes.
    pub(crate) bytes: Vec<Range<usize>>,
    pub(crate) language: Language,
    pub(crate) has_vectors: bool,
}

/// A document to be searched.
#[derive(Debug, Clone)]
pub struct IndexDocument {
    /// The chatbot it was given to. Another chatbot's index refuses it.
    pub chatbot: ChatbotId,
    /// Which.
    pub id: DocumentId,
    /// What its readers call it.
    pub name: String,
    /// Its text and chunks.
    pub chunked: ChunkedDocument,
    /// The vectors of its chunks, in their order; `None` while they are not computed: it is then found by words only.
    pub vectors: Option<DocumentVectors>,
}

/// The vectors of a document's chunks.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentVectors {
    /// What they were made by.
    pub space: VectorSpace,
    /// One a chunk, of length 1.
    pub vectors: Vec<Vec<f32>>,
}

/// Why a document was not taken into an index. Nothing was changed then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    /// It is another chatbot's.
    #[error("the document belongs to another chatbot")]
    ForeignDocument,
    /// Its vectors are of another model, or as wide as another's: they cannot be compared.
    #[error("the vectors come from another embedding model than the index's")]
    OtherVectorSpace,
    /// There are not as many vectors as chunks, or one is as wide as no other, or has no number in it.
    #[error("the vectors do not fit the chunks")]
    VectorsDoNotFit,
    /// A chunk's span is outside of the text.
    #[error("a chunk lies outside of the document's text")]
    ChunkOutsideText,
    /// There is no room for more chunks in one index.
    #[error("the index is full")]
    Full,
}

/// What an index occupies, in bytes of the heap, about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IndexMemory {
    /// Chunks that are searched.
    pub chunks: usize,
    /// Texts, chunks and what belongs to them.
    pub documents: usize,
    /// The words.
    pub lexical: usize,
    /// The vectors.
    pub dense: usize,
}

impl IndexMemory {
    /// All of it.
    pub const fn total(self) -> usize {
        self.documents
            .saturating_add(self.lexical)
            .saturating_add(self.dense)
    }

    /// What 10,000 such chunks occupy.
    pub fn per_10_000_chunks(self) -> usize {
        self.total()
            .saturating_mul(10_000)
            .checked_div(self.chunks)
            .unwrap_or(0)
    }
}

impl ChatbotIndex {
    /// An empty index, for the vectors of this model, or for words only.
    pub fn new(chatbot: ChatbotId, space: Option<VectorSpace>) -> Self {
        Self {
            chatbot,
            documents: BTreeMap::new(),
            slots: Vec::new(),
            empty: 0,
            added: 0,
            lexical: Lexical::default(),
            dense: space.map(Dense::new),
        }
    }

    /// Whose it is.
    pub const fn chatbot(&self) -> ChatbotId {
        self.chatbot
    }

    /// The vectors it takes.
    pub fn space(&self) -> Option<&VectorSpace> {
        self.dense.as_ref().map(Dense::space)
    }

    /// Chunks that are searched.
    pub fn chunks(&self) -> usize {
        self.slots.len().saturating_sub(self.empty)
    }

    /// The documents it has, in the order of their ids.
    pub fn documents(&self) -> impl Iterator<Item = DocumentId> + '_ {
        self.documents.keys().copied()
    }

    /// Takes a document in; one with the same id is replaced.
    pub fn add(&mut self, document: IndexDocument) -> Result<(), IndexError> {
        if document.chatbot != self.chatbot {
            return Err(IndexError::ForeignDocument);
        }
        let vectors = self.fitting_vectors(&document)?;
        let entry = Arc::new(Entry::new(document, vectors.is_some())?);
        let end = self.slots.len().saturating_add(entry.chunks.len());
        if u32::try_from(end).is_err() {
            return Err(IndexError::Full);
        }
        self.remove(entry.id);
        self.added = self.added.wrapping_add(1);
        let owner = self.added;
        let analyser = Analyser::new(entry.language);
        for (chunk, text) in entry.texts().enumerate() {
            self.lexical.add(owner, &analyser, text);
            self.slots.push(Some(Slot {
                entry: Arc::clone(&entry),
                chunk,
            }));
            if let Some(dense) = &mut self.dense {
                dense.push(
                    vectors
                        .as_ref()
                        .and_then(|vectors| vectors.get(chunk))
                        .map(Vec::as_slice),
                );
            }
        }
        self.lexical.speaks(entry.language);
        self.documents.insert(entry.id, entry);
        Ok(())
    }

    /// Removes a document; says whether it was there.
    pub fn remove(&mut self, id: DocumentId) -> bool {
        let Some(entry) = self.documents.remove(&id) else {
            return false;
        };
        let analyser = Analyser::new(entry.language);
        for text in entry.texts() {
            self.lexical.forget(&analyser, text);
        }
        for slot in &mut self.slots {
            if slot.as_ref().is_some_and(|slot| slot.entry.id == id) {
                *slot = None;
                self.empty = self.empty.saturating_add(1);
            }
        }
        if self.empty > self.slots.len() / 2 {
            self.close_up();
        }
        true
    }

    /// What it occupies.
    pub fn memory(&self) -> IndexMemory {
        let documents = self.documents.values().map(|entry| entry.bytes()).sum::<usize>();
        IndexMemory {
            chunks: self.chunks(),
            documents: documents
                .saturating_add(self.slots.capacity().saturating_mul(size_of::<Option<Slot>>())),
            lexical: self.lexical.bytes(),
            dense: self.dense.as_ref().map_or(0, Dense::bytes),
        }
    }

    /// The chunk in a slot.
    pub(crate) fn slot(&self, slot: usize) -> Option<&Slot> {
        self.slots.get(slot).and_then(Option::as_ref)
    }

    /// The document of each slot, by a number of its own: what has the same stands side by side. An empty slot keeps the
    /// number of the document that was there.
    pub(crate) fn owners(&self) -> &[u32] {
        self.lexical.owners()
    }

    /// Which slots are in use.
    pub(crate) fn used(&self) -> impl Iterator<Item = bool> + '_ {
        self.slots.iter().map(Option::is_some)
    }

    /// The words that a query's text asks for, in every language the documents have.
    pub(crate) fn query_terms(&self, text: &str, weight: f32, terms: &mut Vec<QueryTerm>) {
        self.lexical.query_terms(text, weight, terms);
    }

    /// The language of a document.
    pub(crate) fn language(&self, id: DocumentId) -> Language {
        self.documents
            .get(&id)
            .map_or_else(Language::default, |entry| entry.language)
    }

    /// How rare a term is among the chunks.
    pub(crate) fn idf(&self, term: &str) -> f32 {
        self.lexical.idf(term, self.chunks())
    }

    /// BM25 of each slot; 0 where no word is found.
    pub(crate) fn lexical_scores(&self, terms: &[QueryTerm]) -> Vec<f32> {
        self.lexical.scores(terms, self.chunks())
    }

    /// The cosine of each slot; `None` without a query's vector that fits.
    pub(crate) fn dense_scores(&self, query: &[f32]) -> Option<Vec<f32>> {
        let dense = self.dense.as_ref()?;
        Some(dense.scores(&Prepared::new(query, dense.space())?))
    }

    fn fitting_vectors(&self, document: &IndexDocument) -> Result<Option<Vec<Vec<f32>>>, IndexError> {
        let (Some(dense), Some(given)) = (&self.dense, &document.vectors) else {
            return Ok(None);
        };
        if *dense.space() != given.space {
            return Err(IndexError::OtherVectorSpace);
        }
        let fits = given.vectors.len() == document.chunked.chunks.len()
            && given.vectors.iter().all(|vector| given.space.fits(vector));
        if fits {
            Ok(Some(given.vectors.clone()))
        } else {
            Err(IndexError::VectorsDoNotFit)
        }
    }

    /// Gives up the empty slots.
    fn close_up(&mut self) {
        let kept: Vec<bool> = self.used().collect();
        self.lexical.close_up(&kept);
        if let Some(dense) = &mut self.dense {
            dense.close_up(&kept);
        }
        self.slots.retain(Option::is_some);
        self.slots.shrink_to_fit();
        self.empty = 0;
        let languages: BTreeSet<Language> = self.documents.values().map(|entry| entry.language).collect();
        self.lexical.speaks_only(languages);
    }
}

impl Entry {
    fn new(document: IndexDocument, has_vectors: bool) -> Result<Self, IndexError> {
        let ChunkedDocument { text, chunks } = document.chunked;
        let spans = Spans::new(&text);
        let bytes = chunks
            .iter()
            .map(|chunk| spans.bytes(chunk.span))
            .collect::<Option<Vec<_>>>()
            .ok_or(IndexError::ChunkOutsideText)?;
        Ok(Self {
            id: document.id,
            name: document.name.into(),
            language: Language::of(&text),
            text,
            chunks,
            bytes,
            has_vectors,
        })
    }

    /// What each chunk is found by: its context and its text.
    fn texts(&self) -> impl Iterator<Item = [&str; 2]> {
        self.chunks.iter().zip(&self.bytes).map(|(chunk, bytes)| {
            [
                chunk.context.as_str(),
                self.text.get(bytes.clone()).unwrap_or_default(),
            ]
        })
    }

    fn bytes(&self) -> usize {
        let of_chunk = |chunk: &Chunk| {
            let path: usize = chunk
                .heading_path
                .iter()
                .map(|heading| heading.capacity() + size_of::<String>())
                .sum();
            path.saturating_add(chunk.context.capacity())
        };
        let chunks: usize = self.chunks.iter().map(of_chunk).sum();
        self.text.len()
            + chunks
            + self.chunks.capacity() * size_of::<Chunk>()
            + self.bytes.capacity() * size_of::<Range<usize>>()
    }
}
