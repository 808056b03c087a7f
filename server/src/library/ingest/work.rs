//! One document: its file is read, its text cut, its passages embedded and stored; then it is ready.

use super::{
    super::{contents, index::load, text},
    LEASE, embed, pace, tell, vectors,
};
use crate::app::AppState;
use extract::{ExtractError, News, Source};
use futures::StreamExt;
use llm::Embedder;
use rag::{
    chunk::{self, ChunkOptions, ChunkedDocument, CountTokens, EstimateTokens},
    document::ExtractedText,
};
use std::{sync::Arc, time::Duration};
use store::{
    Result, StoreError,
    document::{DocumentReady, DocumentRecord},
};
use tokio::{sync::watch, time::Instant};
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
            vectors::settle(app, document.chatbot_id).await?;
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
    let mut renewed = Instant::now() - LEASE;
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
            Ok(true) => renewed = Instant::now(),
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
    let (media_type, extracted) = extract(app, document, step).await;
    if let Some(media_type) = media_type {
        app.store
            .set_media_type(document.id, document.fence, media_type)
            .await?;
    }
    let extracted = match extracted {
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
    let most = app.library.indexes.most_chunks();
    if others(app, document).await?.saturating_add(chunked.chunks.len()) > most {
        let detail = format!(
            "This chatbot's library is full: its documents may have {most} passages together. Delete some, then read \
             this one anew."
        );
        return Ok(End::Failed(DocumentFailure {
            fault: DocumentFault::LibraryFull,
            detail,
        }));
    }
    let embedding_models = embed_and_store(app, document, &chunked, step).await?;
    let chunks = u32::try_from(chunked.chunks.len()).unwrap_or(u32::MAX);
    Ok(End::Ready(DocumentReady {
        pages,
        chunks,
        embedding_models,
    }))
}

/// Passages of the chatbot's other documents.
async fn others(app: &AppState, document: &DocumentRecord) -> Result<usize> {
    let all = app.store.documents(document.chatbot_id).await?;
    let others = all
        .iter()
        .filter(|other| other.id != document.id && other.ready_fence.is_some());
    let chunks = others.map(|other| usize::try_from(other.chunks.unwrap_or_default()).unwrap_or(usize::MAX));
    Ok(chunks.fold(0, usize::saturating_add))
}

/// What the file is, if it got so far, and its text.
async fn extract(
    app: &AppState,
    document: &DocumentRecord,
    step: &watch::Sender<Step>,
) -> (
    Option<&'static str>,
    std::result::Result<ExtractedText, ExtractError>,
) {
    let parts = contents::parts(Arc::clone(app), document.id);
    let bytes = parts.map(|part| part.map(std::io::Cursor::new));
    let source = Source::Stream(Box::pin(StreamReader::new(Box::pin(bytes))));
    let mut media_type = None;
    let news = |news: News| match news {
        News::MediaType(word) => media_type = Some(word),
        News::Progress(pages) => {
            let progress = Progress {
                done: pages.pages_done,
                total: (pages.pages > 0).then_some(pages.pages),
            };
            step.send_replace((DocumentStatus::Extracting, Some(progress)));
        }
    };
    let extractor = &app.library.extractor;
    let extracted = extractor.extract(source, &document.name, news).await;
    (media_type, extracted)
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
    let embedder = app.embedders.current().map(Arc::clone);
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

/// Stores the passages with their vectors, of each model as long as it makes them: the models that made all of them.
async fn embed_and_store(
    app: &AppState,
    document: &DocumentRecord,
    chunked: &ChunkedDocument,
    step: &watch::Sender<Step>,
) -> Result<Vec<String>> {
    let texts = chunked.embedding_texts();
    let total = u32::try_from(chunked.chunks.len()).ok();
    let mut embedders = embedders(app, document).await?;
    let mut done = 0_u32;
    for (chunks, texts) in chunked.chunks.chunks(BATCH).zip(texts.chunks(BATCH)) {
        step.send_replace((DocumentStatus::Embedding, Some(Progress { done, total })));
        let records = chunks.iter().map(load::as_record).collect();
        let began = Instant::now();
        app.store.put_chunks(document.id, document.fence, records).await?;
        let mut worked = began.elapsed();
        let mut working = Vec::with_capacity(embedders.len());
        for embedder in embedders {
            match embed::passages(&app.library.away, &*embedder, texts).await {
                Ok(found) => {
                    let (id, fence, model) = (document.id, document.fence, embedder.model_id());
                    let found = vectors::numbered(chunks, found);
                    let began = Instant::now();
                    app.store.put_vectors(id, fence, &model, found).await?;
                    worked += began.elapsed();
                    working.push(embedder);
                }
                Err(error) => {
                    tracing::warn!(document.id = %document.id, %error, "A document gets no vectors: it is found by its words until it gets them");
                }
            }
        }
        embedders = working;
        done = done.saturating_add(u32::try_from(chunks.len()).unwrap_or(u32::MAX));
        pace::rest(app, worked).await;
    }
    Ok(embedders.iter().map(|embedder| embedder.model_id()).collect())
}

/// The models of which a new document gets vectors: the chosen one, and before it the one by which questions are still
/// compared, so that it is found at once.
async fn embedders(app: &AppState, document: &DocumentRecord) -> Result<Vec<Arc<dyn Embedder>>> {
    let Some(current) = app.embedders.current() else {
        return Ok(Vec::new());
    };
    let mut embedders = vec![Arc::clone(current)];
    let library = app.store.library(document.chatbot_id).await?;
    if let Some(model) = library.model.filter(|model| *model != current.model_id())
        && let Some(former) = app.embedders.with_id(&*app.store, &model).await
    {
        embedders.insert(0, former);
    }
    Ok(embedders)
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
