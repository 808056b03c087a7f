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
    document::{ChunkRecord, DocumentRecord},
};

/// Chunks read at once.
const PAGE: u32 = 500;

/// What was made under this fence; `None` when it is gone. Its vectors come along when they are of the index's space.
pub(super) async fn load(
    app: &App,
    document: &DocumentRecord,
    fence: u64,
    space: Option<&VectorSpace>,
) -> Result<Option<IndexDocument>> {
    let Some(extracted) = text::get(&*app.store, document.id, fence).await? else {
        return Ok(None);
    };
    let mut records: Vec<ChunkRecord> = Vec::new();
    loop {
        let from = u32::try_from(records.len()).unwrap_or(u32::MAX);
        let page = app.store.chunks(document.id, fence, from, PAGE).await?;
        let is_last = page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
        records.extend(page);
        if is_last {
            break;
        }
    }
    let vectors = space
        .filter(|space| document.embedding_model.as_deref() == Some(space.model.as_str()))
        .and_then(|space| vectors(&mut records, space));
    Ok(Some(IndexDocument {
        chatbot: document.chatbot_id,
        id: document.id,
        name: document.name.clone(),
        chunked: ChunkedDocument {
            text: extracted.plain_text().into(),
            chunks: records.into_iter().map(chunk).collect(),
        },
        vectors,
    }))
}

/// The vectors of all chunks, or none: a document is not half found.
fn vectors(records: &mut [ChunkRecord], space: &VectorSpace) -> Option<DocumentVectors> {
    let vectors: Option<Vec<_>> = records.iter_mut().map(|record| record.vector.take()).collect();
    let vectors = vectors.filter(|vectors| vectors.iter().all(|vector| space.fits(vector)))?;
    Some(DocumentVectors {
        space: space.clone(),
        vectors,
    })
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
pub(in crate::library) fn as_record(chunk: &Chunk, vector: Option<Vec<f32>>) -> ChunkRecord {
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
        vector,
    }
}
