//! What is searched, in memory: an index a chatbot, loaded when it is first asked, and brought up to what the store has
//! before each answer.
//!
//! The store is the truth: a library's version (one small read) says whether anything changed, then documents that came,
//! went or were made anew are told by their `ready_fence`. So several nodes agree without talking to each other. Indexes
//! that were not used for the longest time go when the memory they may take is used up.

pub(super) mod load;

use crate::app::App;
use parking_lot::{Mutex, RwLock};
use rag::index::{ChatbotIndex, VectorSpace};
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
    /// The documents that are in it, each with the fence it was made under.
    documents: HashMap<DocumentId, u64>,
}

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
        let version = app.store.library_version(self.chatbot).await?;
        let mut has = self.has.lock().await;
        if has.version == Some(version) {
            return Ok(false);
        }
        // Read after the version: what comes in between is seen, and looked at once more.
        let documents = app.store.documents(self.chatbot).await?;
        self.prepare(app, &mut has, &documents);
        let wanted: HashMap<DocumentId, u64> = documents
            .iter()
            .filter_map(|document| Some((document.id, document.ready_fence?)))
            .collect();
        let gone: Vec<DocumentId> = has
            .documents
            .iter()
            .filter(|(id, fence)| wanted.get(id) != Some(fence))
            .map(|(id, _)| *id)
            .collect();
        for id in gone {
            self.index.write().remove(id);
            has.documents.remove(&id);
        }
        for document in &documents {
            let Some(fence) = document.ready_fence else {
                continue;
            };
            if has.documents.contains_key(&document.id) {
                continue;
            }
            let space = self.index.read().space().cloned();
            // Gone meanwhile: the version has been raised, and the next question sees it.
            let Some(loaded) = load::load(app, document, fence, space.as_ref()).await? else {
                continue;
            };
            if let Err(error) = self.index.write().add(loaded) {
                tracing::error!(document.id = %document.id, %error, "A document cannot be searched");
            }
            has.documents.insert(document.id, fence);
        }
        has.version = Some(version);
        Ok(true)
    }

    /// An index compares vectors of one model only, the one that questions are embedded by now. When that is another one
    /// than before, or there were no vectors so far, everything is read again.
    fn prepare(&self, app: &App, has: &mut Has, documents: &[DocumentRecord]) {
        let wanted = space(app, documents);
        let differs = self.index.read().space() != wanted.as_ref();
        if differs && wanted.is_some() {
            *self.index.write() = ChatbotIndex::new(self.chatbot, wanted);
            has.documents.clear();
        }
    }
}

/// The vectors that questions can be compared with, as far as there are documents with such.
fn space(app: &App, documents: &[DocumentRecord]) -> Option<VectorSpace> {
    let embedder = app.embedder.as_ref()?;
    let model = embedder.model_id();
    let is_there = documents
        .iter()
        .any(|document| document.embedding_model.as_deref() == Some(model.as_str()));
    let width = embedder.width().filter(|_| is_there)?;
    Some(VectorSpace { model, width })
}
