//! What is searched, in memory: an index a chatbot, loaded when it is first asked, and brought up to what the store has
//! before each answer.
//!
//! The store is the truth: a library's version (one small read) says whether anything changed, then documents that came,
//! went or were made anew are told by their `ready_fence`. So several nodes agree without talking to each other. Indexes
//! that were not used for the longest time go when the memory they may take is used up.

pub(super) mod load;

use super::ingest::vectors;
use crate::app::App;
use parking_lot::{Mutex, RwLock};
use rag::index::{ChatbotIndex, IndexDocument, IndexError, VectorSpace};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use store::{Result, document::DocumentRecord};
use wire::{ChatbotId, DocumentId};

/// All indexes of this process.
#[derive(Debug)]
pub struct Indexes {
    by_chatbot: Mutex<HashMap<ChatbotId, Arc<Shelf>>>,
    /// Bytes they may take together. One alone may be larger: it is needed now.
    memory: usize,
    /// Counts uses: who was used last has the highest.
    uses: AtomicU64,
}

/// A chatbot's index, and what of the store it has.
#[derive(Debug)]
pub struct Shelf {
    /// Whose.
    chatbot: ChatbotId,
    /// Held while it is brought up to date: one does it, others wait.
    has: tokio::sync::Mutex<Has>,
    index: RwLock<ChatbotIndex>,
    used: AtomicU64,
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
    index: ChatbotIndex,
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
    pub async fn of(&self, app: &App, chatbot: ChatbotId) -> Result<Arc<Shelf>> {
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
        if shelf.catch_up(app).await? {
            self.make_room(chatbot);
        }
        Ok(shelf)
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
            index: RwLock::new(ChatbotIndex::new(chatbot, None)),
            used: AtomicU64::new(0),
        }
    }

    /// Searches it.
    pub fn read<T>(&self, search: impl FnOnce(&ChatbotIndex) -> T) -> T {
        search(&self.index.read())
    }

    fn bytes(&self) -> usize {
        self.index.read().memory().total()
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
            let begun = has.next.take().filter(|next| next.index.space() == Some(&space));
            let next = has.next.insert(begun.unwrap_or_else(|| Next {
                index: ChatbotIndex::new(self.chatbot, Some(space.clone())),
                documents: HashMap::new(),
            }));
            for id in unwanted(&next.documents, &wanted) {
                next.index.remove(id);
                next.documents.remove(&id);
            }
            for document in &documents {
                let Next { index, documents } = &mut *next;
                let take = |loaded| index.add(loaded);
                add(app, document, &wanted, Some(&space), documents, take).await?;
            }
            if let Some(next) = has.next.take() {
                *self.index.write() = next.index;
                has.documents = next.documents;
            }
        } else {
            has.next = None;
            for id in unwanted(&has.documents, &wanted) {
                self.index.write().remove(id);
                has.documents.remove(&id);
            }
            let space = self.index.read().space().cloned();
            for document in &documents {
                let take = |loaded| self.index.write().add(loaded);
                add(app, document, &wanted, space.as_ref(), &mut has.documents, take).await?;
            }
        }
        has.version = Some(version);
        Ok(true)
    }

    /// An index compares vectors of one model only. When that is another one than before, or there were none so far, it is
    /// made anew.
    async fn another_space(
        &self,
        app: &App,
        model: Option<&str>,
        documents: &[DocumentRecord],
    ) -> Result<Option<VectorSpace>> {
        let now = self.index.read().space().map(|space| space.model.clone());
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

/// Takes a document in that is wanted and not there.
async fn add(
    app: &App,
    document: &DocumentRecord,
    wanted: &HashMap<DocumentId, Made>,
    space: Option<&VectorSpace>,
    has: &mut HashMap<DocumentId, Made>,
    take: impl FnOnce(IndexDocument) -> std::result::Result<(), IndexError>,
) -> Result<()> {
    let Some(made) = wanted.get(&document.id) else {
        return Ok(());
    };
    if has.contains_key(&document.id) {
        return Ok(());
    }
    let (fence, of_model) = *made;
    // Gone meanwhile: the version has been raised, and the next question sees it.
    let Some(loaded) = load::load(app, document, fence, space.filter(|_| of_model)).await? else {
        return Ok(());
    };
    if let Err(error) = take(loaded) {
        tracing::error!(document.id = %document.id, %error, "A document cannot be searched");
    }
    has.insert(document.id, *made);
    Ok(())
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
