//! One document: its file is read, its text cut, its passages embedded and stored; then it is ready.

use super::{
    super::{contents, index::load, text},
    LEASE, embed, tell,
};
use crate::app::AppState;
use extract::{ExtractError, Source};
use futures::StreamExt;
use rag::{
    chunk::{self, ChunkOptions, ChunkedDocument, CountTokens, EstimateTokens},
    document::ExtractedText,
};
use std::{sync::Arc, time::Duration};
use store::{
    Result, StoreError,
    document::{DocumentReady, DocumentRecord},
};
use tokio::sync::watch;
use tokio_util::io::StreamReader;
use wire::document::{DocumentFailure, DocumentFault, DocumentStatus, Progress};

/// How often the store and the sockets are told how far it is, and the lease renewed.
const REPORT: Duration = Duration::from_millis(500);
/// Passages that are embedded and stored at a time.
const BATCH: usize = 32;

/// How far it is.
type Step = (DocumentStatus, Option<Progress>);

/// How it ended.
enum End {
    Ready(DocumentReady),
    Failed(DocumentFailure),
}

/// Works on a claimed document until it is ready, has failed, was taken over, or the program ends.
pub(super) async fn work(app: &AppState, document: &DocumentRecord) -> Result<()> {
    let started = std::time::Instant::now();
    let (step, steps) = watch::channel((DocumentStatus::Extracting, None));
    let end = tokio::select! {
        end = make(app, document, &step) => Some(end?),
        taken = report(app, document, steps) => {
            taken?;
            None
        }
        () = app.shutdown.cancelled() => {
            app.store.release_document(document.id, document.fence).await?;
            return Ok(());
        }
    };
    let outcome = match end {
        Some(End::Ready(ready)) => {
            let chunks = ready.chunks;
            app.store
                .finish_document(document.id, document.fence, ready)
                .await?;
            tracing::info!(document.id = %document.id, chunks, duration_ms = started.elapsed().as_millis(), "A document is ready");
            "ready"
        }
        Some(End::Failed(failure)) => {
            tracing::info!(document.id = %document.id, fault = ?failure.fault, duration_ms = started.elapsed().as_millis(), "A document cannot be used");
            app.store
                .fail_document(document.id, document.fence, failure)
                .await?;
            "failed"
        }
        None => "gone",
    };
    app.metrics.document(outcome);
    tell::now(app, document.id).await
}

/// Renews the lease and says how far it is; returns when the document is somebody else's, or deleted.
async fn report(app: &AppState, document: &DocumentRecord, mut steps: watch::Receiver<Step>) -> Result<()> {
    let mut interval = tokio::time::interval(REPORT);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut renewed = tokio::time::Instant::now() - LEASE;
    loop {
        interval.tick().await;
        let is_news = steps.has_changed().unwrap_or(false);
        if !is_news && renewed.elapsed() < LEASE / 4 {
            continue;
        }
        let (status, progress) = *steps.borrow_and_update();
        let until = app.clock.now().plus(LEASE);
        let ours = app
            .store
            .report_document(document.id, document.fence, status, progress, until);
        match ours.await {
            Ok(true) => renewed = tokio::time::Instant::now(),
            Ok(false) => return Ok(()),
            // The lease may run out meanwhile: then somebody takes it over, and this is told above.
            Err(StoreError::Unavailable(_)) => {}
            Err(error) => return Err(error),
        }
        if is_news {
            tell::now(app, document.id).await?;
        }
    }
}

async fn make(app: &AppState, document: &DocumentRecord, step: &watch::Sender<Step>) -> Result<End> {
    let extracted = match extract(app, document, step).await {
        Ok(extracted) => extracted,
        Err(error) => return Ok(End::Failed(failure(&error))),
    };
    text::put(&*app.store, document.id, document.fence, &extracted).await?;
    step.send_replace((DocumentStatus::Chunking, None));
    let pages = (extracted.pages > 0).then_some(extracted.pages);
    let Some(chunked) = cut(app, document, extracted).await else {
        let detail = "The text could not be cut into passages.".into();
        return Ok(End::Failed(DocumentFailure {
            fault: DocumentFault::Internal,
            detail,
        }));
    };
    let embedding_model = embed_and_store(app, document, &chunked, step).await?;
    let chunks = u32::try_from(chunked.chunks.len()).unwrap_or(u32::MAX);
    Ok(End::Ready(DocumentReady {
        pages,
        chunks,
        embedding_model,
    }))
}

async fn extract(
    app: &AppState,
    document: &DocumentRecord,
    step: &watch::Sender<Step>,
) -> std::result::Result<ExtractedText, ExtractError> {
    let parts = contents::parts(Arc::clone(app), document.id);
    let bytes = parts.map(|part| part.map(std::io::Cursor::new));
    let source = Source::Stream(Box::pin(StreamReader::new(Box::pin(bytes))));
    let progress = |pages: extract::Progress| {
        let progress = Progress {
            done: pages.pages_done,
            total: (pages.pages > 0).then_some(pages.pages),
        };
        step.send_replace((DocumentStatus::Extracting, Some(progress)));
    };
    app.library
        .extractor
        .extract(source, &document.name, progress)
        .await
}

fn failure(error: &ExtractError) -> DocumentFailure {
    let fault = match error {
        ExtractError::Encrypted => DocumentFault::Encrypted,
        ExtractError::Damaged { .. } => DocumentFault::Damaged,
        ExtractError::TooLarge { .. } => DocumentFault::TooLarge,
        ExtractError::TooManyPages { .. } => DocumentFault::TooManyPages,
        ExtractError::TimedOut => DocumentFault::TimedOut,
        ExtractError::OutOfMemory => DocumentFault::OutOfMemory,
        ExtractError::Crashed => DocumentFault::Crashed,
        ExtractError::Unsupported { .. } => DocumentFault::Unsupported,
        ExtractError::NoText { .. } => DocumentFault::NoText,
        ExtractError::Unavailable { .. } => DocumentFault::Internal,
    };
    DocumentFailure {
        fault,
        detail: error.to_string(),
    }
}

/// Cuts the text, with the embedding model's own count of tokens; away from the runtime, since that takes its time.
async fn cut(app: &AppState, document: &DocumentRecord, extracted: ExtractedText) -> Option<ChunkedDocument> {
    let title = title_of(&document.name).to_owned();
    let embedder = app.embedder.as_ref().map(Arc::clone);
    let cutting = tokio::task::spawn_blocking(move || {
        let options = embedder.as_ref().map_or_else(ChunkOptions::default, |embedder| {
            ChunkOptions::fitting(embedder.max_tokens())
        });
        let exact = embedder.map(embed::Exact);
        let counter: &dyn CountTokens = match &exact {
            Some(exact) => exact,
            None => &EstimateTokens,
        };
        chunk::cut(&extracted, &title, &options, counter)
    });
    cutting.await.ok()
}

/// The file's name without its ending.
fn title_of(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((title, ending)) if !title.is_empty() && ending.len() <= 5 => title,
        _ => name,
    }
}

/// Stores the passages, with vectors as long as there is a model that makes them; the model of all of them, or `None`.
async fn embed_and_store(
    app: &AppState,
    document: &DocumentRecord,
    chunked: &ChunkedDocument,
    step: &watch::Sender<Step>,
) -> Result<Option<String>> {
    let texts = chunked.embedding_texts();
    let total = u32::try_from(chunked.chunks.len()).ok();
    let mut embedder = app.embedder.as_ref();
    let mut done = 0_u32;
    for (chunks, texts) in chunked.chunks.chunks(BATCH).zip(texts.chunks(BATCH)) {
        step.send_replace((DocumentStatus::Embedding, Some(Progress { done, total })));
        let mut vectors = Vec::new();
        if let Some(model) = embedder {
            match embed::passages(&**model, texts).await {
                Ok(found) => vectors = found,
                Err(error) => {
                    tracing::warn!(document.id = %document.id, %error, "A document gets no vectors: it is found by its words until it is made anew");
                    embedder = None;
                }
            }
        }
        let mut vectors = vectors.into_iter();
        let records = chunks.iter().map(|chunk| load::as_record(chunk, vectors.next()));
        app.store
            .put_chunks(document.id, document.fence, records.collect())
            .await?;
        done = done.saturating_add(u32::try_from(chunks.len()).unwrap_or(u32::MAX));
    }
    Ok(embedder.map(|embedder| embedder.model_id()))
}

#[cfg(test)]
mod tests {
    use super::title_of;

    #[test]
    fn a_title_is_a_name_without_its_ending() {
        assert_eq!(title_of("Zephyr manual.pdf"), "Zephyr manual");
        assert_eq!(title_of("v1.2 notes"), "v1.2 notes");
        assert_eq!(title_of(".env"), ".env");
        assert_eq!(title_of("README"), "README");
    }
}
