//! What is searched, in memory: an index a chatbot, loaded when it is first asked, and brought up to what the store has
//! before each answer.
//!
//! The store is the truth: a library's version (one small read) says whether anything changed, then documents that came,
//! went or were made anew are told by their `ready_fence`. So several nodes agree without talking to each other. Indexes
//! that were not used for the longest time go when the memory they may take is used up; one alone takes no more than that.
//!
//! What takes long (counting the words of a large document) is done on threads for such work, in a task that nobody who asks
//! can break off. Who only wants to know how large an index is reads that beside it ([`Seen`]) and waits for nobody.

pub(super) mod load;

use super::ingest::vectors;
use crate::app::{App, AppState};
use parking_lot::{Mutex, RwLock};
use rag::index::{ChatbotIndex, VectorSpace};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
};
use store::{Result, StoreError, document::DocumentRecord};
use tokio::task::JoinError;
use wire::{ChatbotId, DocumentId};

/// All indexes of this process.
#[derive(Debug)]
pub struct Indexes {
    by_chatbot: Mutex<HashMap<ChatbotId, Arc<Shelf>>>,
    /// Bytes they may take together, and one alone.
    memory: usize,
    /// Counts uses: who was used last has the highest.
    uses: AtomicU64,
}

/// What a passage takes in memory, about: its text, its words, and a vector of a thousand numbers.
const CHUNK_BYTES: usize = 2 * 1024;

/// A chatbot's index, and what of the store it has.
#[derive(Debug)]
pub struct Shelf {
    /// Whose.
    chatbot: ChatbotId,
    /// Held while it is brought up to date: one does it, others wait.
    has: tokio::sync::Mutex<Has>,
    index: Arc<RwLock<ChatbotIndex>>,
    seen: Seen,
    used: AtomicU64,
    /// It was said that not all of its documents have room.
    was_full: AtomicBool,
}

/// What an index was like after its last change.
#[derive(Debug, Default)]
struct Seen {
    chunks: AtomicUsize,
    bytes: AtomicUsize,
    space: Mutex<Option<VectorSpace>>,
}

impl Seen {
    fn note(&self, index: &ChatbotIndex) {
        self.chunks.store(index.chunks(), Ordering::Relaxed);
        self.bytes.store(index.memory().total(), Ordering::Relaxed);
        *self.space.lock() = index.space().cloned();
    }
}

#[derive(Debug, Default)]
struct Has {
    /// Of the library; `None` before the first load.
    version: Option<u64>,
    /// The documents that are in it.
    documents: HashMap<DocumentId, Made>,
    /// The one that is made beside it. Kept from question to question: none of them waits until a large one is whole.
    next: Option<Next>,
}

/// An index that is not searched yet.
#[derive(Debug)]
struct Next {
    index: Arc<RwLock<ChatbotIndex>>,
    documents: HashMap<DocumentId, Made>,
}

/// The fence that a document was made under, and whether it has vectors of the index's model.
type Made = (u64, bool);

impl Indexes {
    /// Empty, with room for so many bytes.
    pub fn new(memory: u64) -> Self {
        Self {
            by_chatbot: Mutex::default(),
            memory: usize::try_from(memory).unwrap_or(usize::MAX),
            uses: AtomicU64::new(0),
        }
    }

    /// This chatbot's, as the store has it now. Who asks has made sure that the chatbot may be used.
    ///
    /// # Errors
    /// The store's.
    pub async fn of(&self, app: &AppState, chatbot: ChatbotId) -> Result<Arc<Shelf>> {
        let shelf = {
            let mut all = self.by_chatbot.lock();
            let shelf = all
                .entry(chatbot)
                .or_insert_with(|| Arc::new(Shelf::new(chatbot)));
            shelf
                .used
                .store(self.uses.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
            Arc::clone(shelf)
        };
        let version = app.store.library(chatbot).await?.version;
        if shelf.has.lock().await.version == Some(version) {
            return Ok(shelf);
        }
        // Whoever asks may lose patience: what is loaded meanwhile is there for the next one.
        let (loading, app) = (Arc::clone(&shelf), Arc::clone(app));
        let tasks = app.tasks.clone();
        let loaded = tasks.spawn(async move {
            tokio::select! {
                changed = loading.catch_up(&app) => {
                    if changed? {
                        app.library.indexes.make_room(loading.chatbot);
                    }
                    Ok(())
                }
                () = app.shutdown.cancelled() => Err(StoreError::Unavailable("the server is going away".into())),
            }
        });
        loaded.await.unwrap_or_else(|error| Err(broken(&error)))?;
        Ok(shelf)
    }

    /// Passages that a chatbot may have: as many as one index has room for.
    pub fn most_chunks(&self) -> usize {
        self.memory / CHUNK_BYTES
    }

    /// Forgets a chatbot that is gone.
    pub fn forget(&self, chatbot: ChatbotId) {
        self.by_chatbot.lock().remove(&chatbot);
    }

    /// Bytes that all of them take, about.
    pub fn bytes(&self) -> usize {
        let all = self.by_chatbot.lock();
        all.values().map(|shelf| shelf.bytes()).sum()
    }

    fn make_room(&self, needed: ChatbotId) {
        let mut all = self.by_chatbot.lock();
        let mut bytes: usize = all.values().map(|shelf| shelf.bytes()).sum();
        while bytes > self.memory {
            let others = all.values().filter(|shelf| shelf.chatbot != needed);
            let Some(oldest) = others.min_by_key(|shelf| shelf.used.load(Ordering::Relaxed)) else {
                return;
            };
            let (oldest, freed) = (oldest.chatbot, oldest.bytes());
            all.remove(&oldest);
            bytes = bytes.saturating_sub(freed);
        }
    }
}

impl Shelf {
    fn new(chatbot: ChatbotId) -> Self {
        Self {
            chatbot,
            has: tokio::sync::Mutex::default(),
            index: Arc::new(RwLock::new(ChatbotIndex::new(chatbot, None))),
            seen: Seen::default(),
            used: AtomicU64::new(0),
            was_full: AtomicBool::new(false),
        }
    }

    /// Searches it, on a thread that may wait: somebody may be changing it.
    pub fn read<T>(&self, search: impl FnOnce(&ChatbotIndex) -> T) -> T {
        search(&self.index.read())
    }

    /// Passages that are searched.
    pub fn chunks(&self) -> usize {
        self.seen.chunks.load(Ordering::Relaxed)
    }

    /// The vectors it compares.
    pub fn space(&self) -> Option<VectorSpace> {
        self.seen.space.lock().clone()
    }

    fn bytes(&self) -> usize {
        self.seen.bytes.load(Ordering::Relaxed)
    }

    /// Brings it up to what the store has; whether something was changed.
    async fn catch_up(&self, app: &App) -> Result<bool> {
        let library = app.store.library(self.chatbot).await?;
        let version = library.version;
        let mut has = self.has.lock().await;
        if has.version == Some(version) {
            return Ok(false);
        }
        // A process that died between a document's vectors and this has left it to whoever comes next.
        if let Err(error) = vectors::settle(app, self.chatbot).await {
            tracing::warn!(chatbot.id = %self.chatbot, %error, "Could not settle by which model a library is compared");
        }
        let library = app.store.library(self.chatbot).await?;
        // Read after the version: what comes in between is seen, and looked at once more.
        let documents = app.store.documents(self.chatbot).await?;
        let model = compared_by(app, library.model.as_deref(), &documents).await;
        let wanted: HashMap<DocumentId, Made> = documents
            .iter()
            .filter_map(|document| {
                let of_model = model.as_ref().is_some_and(|model| has_vectors(document, model));
                Some((document.id, (document.ready_fence?, of_model)))
            })
            .collect();
        if let Some(space) = self.another_space(app, model.as_deref(), &documents).await? {
            // Beside the one that is searched meanwhile.
            let is_of = |next: &Next| next.index.read().space() == Some(&space);
            let begun = has.next.take().filter(is_of);
            let next = has.next.insert(begun.unwrap_or_else(|| Next {
                index: Arc::new(RwLock::new(ChatbotIndex::new(self.chatbot, Some(space.clone())))),
                documents: HashMap::new(),
            }));
            let index = Arc::clone(&next.index);
            self.fill(app, &index, &documents, &wanted, &mut next.documents)
                .await?;
            drop(index);
            if let Some(Next { index, documents }) = has.next.take() {
                let held = || StoreError::Damaged("an index that nobody else has is held by somebody".into());
                let index = Arc::into_inner(index).ok_or_else(held)?;
                let index = index.into_inner();
                self.seen.note(&index);
                let before = std::mem::replace(&mut *self.index.write(), index);
                // Taking a large one apart takes its time.
                drop(tokio::task::spawn_blocking(move || drop(before)));
                has.documents = documents;
            }
        } else {
            has.next = None;
            self.fill(app, &self.index, &documents, &wanted, &mut has.documents)
                .await?;
        }
        has.version = Some(version);
        Ok(true)
    }

    /// Takes out of an index what is not wanted there any more, and in what is not there yet, as far as there is room.
    async fn fill(
        &self,
        app: &App,
        index: &Arc<RwLock<ChatbotIndex>>,
        documents: &[DocumentRecord],
        wanted: &HashMap<DocumentId, Made>,
        has: &mut HashMap<DocumentId, Made>,
    ) -> Result<()> {
        let is_searched = Arc::ptr_eq(index, &self.index);
        for id in unwanted(has, wanted) {
            changed(index, move |index| index.remove(id)).await?;
            has.remove(&id);
        }
        let mut bytes = changed(index, |index| index.memory().total()).await?;
        let space = {
            let index = index.read();
            index.space().cloned()
        };
        for document in documents {
            let (Some(made), false) = (wanted.get(&document.id), has.contains_key(&document.id)) else {
                continue;
            };
            if bytes >= app.library.indexes.memory {
                bytes = changed(index, |index| index.memory().total()).await?;
            }
            if bytes >= app.library.indexes.memory {
                if !self.was_full.swap(true, Ordering::Relaxed) {
                    tracing::warn!(chatbot.id = %self.chatbot, "A chatbot has more documents than there is memory to search: the latest are not found (PARLANCE_INDEX_MEMORY)");
                }
                break;
            }
            let (fence, of_model) = *made;
            // Gone meanwhile: the version has been raised, and the next question sees it.
            let space = space.as_ref().filter(|_| of_model);
            let Some(loaded) = load::load(app, document, fence, space).await? else {
                continue;
            };
            // About; counted exactly when it comes to that.
            bytes = bytes.saturating_add(loaded.chunked.chunks.len().saturating_mul(CHUNK_BYTES));
            let taken = changed(index, move |index| index.add(loaded)).await?;
            if let Err(error) = taken {
                tracing::error!(document.id = %document.id, %error, "A document cannot be searched");
            }
            has.insert(document.id, *made);
        }
        if is_searched {
            self.seen.note(&index.read());
        }
        Ok(())
    }

    /// An index compares vectors of one model only. When that is another one than before, or there were none so far, it is
    /// made anew.
    async fn another_space(
        &self,
        app: &App,
        model: Option<&str>,
        documents: &[DocumentRecord],
    ) -> Result<Option<VectorSpace>> {
        let now = self.space().map(|space| space.model);
        match model {
            Some(model) if now.as_deref() != Some(model) => space(app, model, documents).await,
            _ => Ok(None),
        }
    }
}

/// What is in an index and is not to be there, or was made anew since.
fn unwanted(has: &HashMap<DocumentId, Made>, wanted: &HashMap<DocumentId, Made>) -> Vec<DocumentId> {
    has.iter()
        .filter(|(id, made)| wanted.get(id) != Some(made))
        .map(|(id, _)| *id)
        .collect()
}

/// Changes an index, on a thread for what takes long.
async fn changed<T: Send + 'static>(
    index: &Arc<RwLock<ChatbotIndex>>,
    change: impl FnOnce(&mut ChatbotIndex) -> T + Send + 'static,
) -> Result<T> {
    let index = Arc::clone(index);
    let changed = tokio::task::spawn_blocking(move || change(&mut index.write()));
    changed.await.map_err(|error| broken(&error))
}

fn broken(error: &JoinError) -> StoreError {
    StoreError::Damaged(format!("an index: {error}"))
}

/// What the vectors of this model are like: as wide as the first that is found.
async fn space(app: &App, model: &str, documents: &[DocumentRecord]) -> Result<Option<VectorSpace>> {
    for document in documents.iter().filter(|document| has_vectors(document, model)) {
        let fence = document.ready_fence.unwrap_or_default();
        let first = app.store.vectors(document.id, fence, model, 0, 1).await?;
        if let Some(first) = first.first() {
            return Ok(Some(VectorSpace {
                model: model.to_owned(),
                width: u32::try_from(first.vector.len()).unwrap_or(u32::MAX),
            }));
        }
    }
    Ok(None)
}

fn has_vectors(document: &DocumentRecord, model: &str) -> bool {
    document.ready_fence.is_some() && document.embedding_models.iter().any(|has| has == model)
}

/// The model by whose vectors questions are compared: the library's, as long as questions can be embedded by it; else the
/// one that was chosen, as far as there are documents with vectors of it.
async fn compared_by(app: &App, library: Option<&str>, documents: &[DocumentRecord]) -> Option<String> {
    let any_has = |model: &str| documents.iter().any(|document| has_vectors(document, model));
    if let Some(model) = library.filter(|model| any_has(model))
        && app.embedders.with_id(&*app.store, model).await.is_some()
    {
        return Some(model.to_owned());
    }
    let current = app.embedders.current()?.model_id();
    any_has(&current).then_some(current)
}
