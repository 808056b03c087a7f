//! A document out of the store, as an index takes it.

use super::super::text;
use crate::app::App;
use rag::{
    chunk::{Chunk, ChunkedDocument, PageStart},
    document::Span,
    index::{DocumentVectors, IndexDocument, VectorSpace},
};
use store::{
    Result,
    document::{ChunkRecord, ChunkVector, DocumentRecord},
};
use wire::DocumentId;

/// Chunks read at once.
const PAGE: u32 = 500;

/// What was made under this fence; `None` when it is gone. Its vectors of this space come along, if it has them.
pub(super) async fn load(
    app: &App,
    document: &DocumentRecord,
    fence: u64,
    space: Option<&VectorSpace>,
) -> Result<Option<IndexDocument>> {
    let plain = text::read(&*app.store, document.id, fence, |text| text.plain_text().into());
    let Some(text) = plain.await? else {
        return Ok(None);
    };
    let chunks = chunks(app, document.id, fence).await?;
    let vectors = match space {
        Some(space) => vectors(app, document, fence, chunks.len(), space).await?,
        None => None,
    };
    Ok(Some(IndexDocument {
        chatbot: document.chatbot_id,
        id: document.id,
        name: document.name.clone(),
        chunked: ChunkedDocument { text, chunks },
        vectors,
    }))
}

/// All chunks that were made under this fence.
pub(in crate::library) async fn chunks(app: &App, document: DocumentId, fence: u64) -> Result<Vec<Chunk>> {
    let mut chunks: Vec<Chunk> = Vec::new();
    loop {
        let from = u32::try_from(chunks.len()).unwrap_or(u32::MAX);
        let page = app.store.chunks(document, fence, from, PAGE).await?;
        let is_last = page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
        chunks.extend(page.into_iter().map(chunk));
        if is_last {
            return Ok(chunks);
        }
    }
}

/// The vectors of all chunks, or none: a document is not half found.
async fn vectors(
    app: &App,
    document: &DocumentRecord,
    fence: u64,
    chunks: usize,
    space: &VectorSpace,
) -> Result<Option<DocumentVectors>> {
    let mut vectors: Vec<Vec<f32>> = Vec::with_capacity(chunks);
    while vectors.len() < chunks {
        let from = u32::try_from(vectors.len()).unwrap_or(u32::MAX);
        let page = app
            .store
            .vectors(document.id, fence, &space.model, from, PAGE)
            .await?;
        let fits = |(index, found): (u32, &ChunkVector)| found.index == index && space.fits(&found.vector);
        if page.is_empty() || !(from..).zip(&page).all(fits) {
            return Ok(None);
        }
        vectors.extend(page.into_iter().map(|found| found.vector));
    }
    Ok(Some(DocumentVectors {
        space: space.clone(),
        vectors,
    }))
}

fn chunk(record: ChunkRecord) -> Chunk {
    Chunk {
        ordinal: record.index,
        span: Span::new(record.start, record.end),
        pages: record
            .pages
            .iter()
            .map(|start| PageStart {
                page: start.page,
                at: start.at,
            })
            .collect(),
        heading_path: record.headings,
        context: record.context,
        tokens: record.tokens,
    }
}

/// A chunk, as the store keeps it.
pub(in crate::library) fn as_record(chunk: &Chunk) -> ChunkRecord {
    ChunkRecord {
        index: chunk.ordinal,
        start: chunk.span.start,
        end: chunk.span.end,
        pages: chunk
            .pages
            .iter()
            .map(|start| store::document::PageStart {
                page: start.page,
                at: start.at,
            })
            .collect(),
        headings: chunk.heading_path.clone(),
        context: chunk.context.clone(),
        tokens: chunk.tokens,
    }
}
