//! Vectors of another embedding model, for documents that are ready: a second index grows beside the first, and the library
//! switches over when it is whole.
//!
//! Questions are answered by the first meanwhile. Only servers whose model was chosen last do this: during a change of the
//! settings, one server after another, the two do not undo each other's work. Start at [`round`].

use super::{
    super::{index::load, text},
    LEASE, embed, pace, tell,
};
use crate::{
    app::{App, AppState},
    outage::only_outage,
};
use llm::Embedder;
use rag::chunk::{Chunk, ChunkedDocument};
use std::{ops::Range, sync::Arc, time::Duration};
use store::{
    Result,
    document::{ChunkVector, DocumentRecord},
};
use tokio::time::Instant;
use wire::{
    ChatbotId, Timestamp,
    document::{DocumentStatus, Progress},
};

/// Documents that are looked up at a time.
const SLICE: u32 = 200;
/// Chunks that are embedded at a time.
const BATCH: u32 = 32;
/// How often it is told how far it is, and the lease renewed.
const REPORT: Duration = Duration::from_millis(500);

/// Makes what is missing. True when it got on, and there may be more.
///
/// # Errors
/// The store's.
pub async fn round(app: &AppState) -> Result<bool> {
    let Some(embedder) = app.embedders.current() else {
        return Ok(false);
    };
    if !app.embedders.is_chosen(&*app.store).await? {
        return Ok(false);
    }
    let model = embedder.model_id();
    if app.library.away.has(&model) {
        return Ok(false);
    }
    let without = app.store.documents_without(&model, SLICE).await?;
    let mut got_on = false;
    for document in without {
        if app.shutdown.is_cancelled() || app.library.away.has(&model) {
            return Ok(false);
        }
        let made = one(app, embedder, &model, &document).await;
        only_outage(
            made.map(|is_made| got_on |= is_made),
            |error| tracing::error!(document.id = %document.id, %error, "A document gets no vectors of the new embedding model"),
        )?;
    }
    Ok(got_on)
}

/// Whether it has them now.
async fn one(
    app: &AppState,
    embedder: &Arc<dyn Embedder>,
    model: &str,
    document: &DocumentRecord,
) -> Result<bool> {
    let now = app.clock.now();
    // Alone, whoever else works on it is dead.
    let dead_before = if app.alone {
        Timestamp::from_millis(u64::MAX)
    } else {
        now
    };
    let claimed = app
        .store
        .claim_embedding(document.id, model, &app.node_id, dead_before, now.plus(LEASE))
        .await?;
    let Some(document) = claimed else {
        return Ok(false);
    };
    let made = tokio::select! {
        made = make(app, embedder, model, &document) => made,
        () = app.shutdown.cancelled() => Ok(Made::Nothing),
    };
    let is_made = match made {
        Ok(Made::All) => {
            app.store
                .finish_embedding(document.id, document.fence, model)
                .await?
        }
        Ok(Made::Nothing) => {
            app.store.release_embedding(document.id, document.fence).await?;
            false
        }
        Err(error) => return Err(error),
    };
    if is_made {
        settle(app, document.chatbot_id).await?;
    }
    tell::now(app, document.id).await?;
    Ok(is_made)
}

enum Made {
    All,
    /// The model does not give them, or the document is somebody else's by now.
    Nothing,
}

async fn make(
    app: &App,
    embedder: &Arc<dyn Embedder>,
    model: &str,
    document: &DocumentRecord,
) -> Result<Made> {
    let Some(fence) = document.ready_fence else {
        return Ok(Made::Nothing);
    };
    let plain = text::read(&*app.store, document.id, fence, |text| text.plain_text().into());
    let Some(plain) = plain.await? else {
        return Ok(Made::Nothing);
    };
    let chunks = load::chunks(app, document.id, fence).await?;
    let total = u32::try_from(chunks.len()).ok();
    let whole = ChunkedDocument { text: plain, chunks };
    let texts = whole.embedding_texts();
    let size = usize::try_from(BATCH).unwrap_or(usize::MAX);
    let mut reported: Option<Instant> = None;
    let mut done = 0_u32;
    for (chunks, texts) in whole.chunks.chunks(size).zip(texts.chunks(size)) {
        if reported.is_none_or(|at| at.elapsed() >= REPORT) {
            reported = Some(Instant::now());
            if !report(app, document, Progress { done, total }).await? {
                return Ok(Made::Nothing);
            }
        }
        let here = u32::try_from(chunks.len()).unwrap_or(u32::MAX);
        if are_there(app, document, fence, model, done..done.saturating_add(here)).await? {
            done = done.saturating_add(here);
            continue;
        }
        // The lease is renewed while a slow model is waited for.
        let embedding = embed::passages(&app.library.away, &**embedder, texts);
        tokio::pin!(embedding);
        let vectors = loop {
            tokio::select! {
                vectors = &mut embedding => break vectors,
                () = tokio::time::sleep(LEASE / 4) => {
                    if !report(app, document, Progress { done, total }).await? {
                        return Ok(Made::Nothing);
                    }
                }
            }
        };
        let vectors = match vectors {
            Ok(vectors) => vectors,
            Err(error) => {
                tracing::warn!(document.id = %document.id, %error, "A document gets no vectors of the new embedding model yet");
                return Ok(Made::Nothing);
            }
        };
        let vectors = numbered(chunks, vectors);
        let began = Instant::now();
        app.store.put_vectors(document.id, fence, model, vectors).await?;
        done = done.saturating_add(here);
        pace::rest(app, began.elapsed()).await;
    }
    Ok(Made::All)
}

/// Whether these chunks have their vectors already: an attempt before got so far.
async fn are_there(
    app: &App,
    document: &DocumentRecord,
    fence: u64,
    model: &str,
    chunks: Range<u32>,
) -> Result<bool> {
    let limit = chunks.end.saturating_sub(chunks.start);
    let found = app
        .store
        .vectors(document.id, fence, model, chunks.start, limit)
        .await?;
    Ok(found.iter().map(|vector| vector.index).eq(chunks))
}

/// Vectors, each with its chunk's number.
pub(super) fn numbered(chunks: &[Chunk], vectors: Vec<Vec<f32>>) -> Vec<ChunkVector> {
    let numbered = chunks.iter().zip(vectors).map(|(chunk, vector)| ChunkVector {
        index: chunk.ordinal,
        vector,
    });
    numbered.collect()
}

async fn report(app: &App, document: &DocumentRecord, progress: Progress) -> Result<bool> {
    let until = app.clock.now().plus(LEASE);
    let ours = app
        .store
        .report_document(
            document.id,
            document.fence,
            DocumentStatus::Ready,
            Some(progress),
            until,
        )
        .await?;
    tell::now(app, document.id).await?;
    Ok(ours)
}

/// Makes this server's model the one by which the questions of a chatbot are compared, once all that it is answered from
/// has its vectors, or when there is nothing else to compare them by. Then the other vectors go.
pub(in crate::library) async fn settle(app: &App, chatbot: ChatbotId) -> Result<()> {
    let Some(embedder) = app.embedders.current() else {
        return Ok(());
    };
    if !app.embedders.is_chosen(&*app.store).await? {
        return Ok(());
    }
    let model = embedder.model_id();
    let library = app.store.library(chatbot).await?;
    let documents = app.store.documents(chatbot).await?;
    let read: Vec<&DocumentRecord> = documents
        .iter()
        .filter(|document| document.ready_fence.is_some())
        .collect();
    let has =
        |document: &DocumentRecord, model: &str| document.embedding_models.iter().any(|has| has == model);
    if library.model.as_deref() != Some(&model) {
        // One that could not be read anew has what was read before, and gets no other vectors: its words find it.
        let can_have = |document: &&&DocumentRecord| document.status != DocumentStatus::Failed;
        let is_whole = !read.is_empty() && read.iter().filter(can_have).all(|document| has(document, &model));
        let before = library.model.as_deref();
        let is_first = !before.is_some_and(|before| read.iter().any(|document| has(document, before)))
            && read.iter().any(|document| has(document, &model));
        if !is_whole && !is_first {
            return Ok(());
        }
        if !app.store.switch_library(chatbot, before, &model).await? {
            return Ok(());
        }
        if before.is_some() {
            tracing::info!(chatbot.id = %chatbot, model, "Questions are compared by another embedding model from now on");
        }
    }
    // Only what is not the library's any more goes.
    for document in read {
        if document.embedding_models.iter().any(|has| *has != model) && has(document, &model) {
            app.store.forget_vectors(document.id, &model).await?;
        }
    }
    Ok(())
}
