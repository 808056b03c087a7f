//! A document's file as it was uploaded, and its text, which citations open.

use super::{document, text};
use crate::{
    app::{App, AppState},
    chatbot,
    problem::{ApiError, ApiResult},
};
use futures::{Stream, TryStreamExt, stream};
use rag::document::{Block, BlockKind as ExtractedKind, ExtractedText};
use std::{io, sync::Arc};
use store::user::UserRecord;
use wire::{
    ChatbotId, DocumentId, ProblemCode,
    document::{BlockKind, Document, DocumentText, TextBlock},
};

/// Blocks on a page, when the client does not say, and at most.
const PAGE: u32 = 200;
const PAGE_MAX: u32 = 1_000;

/// The file, for its owner: what it is, and its bytes as they are read.
///
/// # Errors
/// `not_found`; `forbidden` for a chatbot that this user only may talk with.
pub async fn file(
    app: &AppState,
    user: &UserRecord,
    bot: ChatbotId,
    id: DocumentId,
) -> ApiResult<(Document, impl Stream<Item = io::Result<Vec<u8>>> + Send + use<>)> {
    let bot = chatbot::editable(app, user, bot).await?;
    let record = document::of(app, &bot, id).await?;
    Ok((document::shown(&record), parts(Arc::clone(app), id)))
}

/// A file's bytes, part by part.
pub(super) fn parts(app: AppState, id: DocumentId) -> impl Stream<Item = io::Result<Vec<u8>>> + Send {
    stream::try_unfold((app, 0_u32), move |(app, index)| async move {
        let part = app.store.part(id, index).await.map_err(io::Error::other)?;
        Ok::<_, io::Error>(part.map(|part| (part, (app, index.saturating_add(1)))))
    })
    .into_stream()
}

/// The text, for whoever may talk with the chatbot: an answer of theirs may cite it. `from` is a block's number.
///
/// # Errors
/// `not_found`, also while there is no text yet.
pub async fn blocks(
    app: &App,
    user: &UserRecord,
    bot: ChatbotId,
    id: DocumentId,
    from: Option<u32>,
    limit: Option<u32>,
) -> ApiResult<DocumentText> {
    let bot = chatbot::visible(app, user, bot).await?;
    let record = document::of(app, &bot, id).await?;
    let no_text = || ApiError::new(ProblemCode::NotFound, "There is no text of this document (yet)");
    let fence = record.ready_fence.ok_or_else(no_text)?;
    let text = text::get(&*app.store, id, fence).await?.ok_or_else(no_text)?;
    let limit = limit.unwrap_or(PAGE).clamp(1, PAGE_MAX);
    Ok(page(id, record.name, &text, from.unwrap_or(0), limit))
}

fn page(id: DocumentId, name: String, text: &ExtractedText, from: u32, limit: u32) -> DocumentText {
    let spans = text.block_spans();
    let skipped = usize::try_from(from).unwrap_or(usize::MAX);
    let taken = usize::try_from(limit).unwrap_or(usize::MAX);
    let blocks = text.blocks.iter().zip(&spans).skip(skipped).take(taken);
    let blocks: Vec<TextBlock> = blocks.map(|(block, span)| shown(block, span.start)).collect();
    let end = skipped.saturating_add(blocks.len());
    DocumentText {
        document_id: id,
        name,
        blocks,
        next: u32::try_from(end).ok().filter(|_| end < text.blocks.len()),
    }
}

fn shown(block: &Block, start: u32) -> TextBlock {
    TextBlock {
        kind: match &block.kind {
            ExtractedKind::Heading { level } => BlockKind::Heading {
                level: (*level).clamp(1, 6),
            },
            ExtractedKind::Paragraph => BlockKind::Paragraph,
            ExtractedKind::ListItem => BlockKind::ListItem,
            ExtractedKind::Table => BlockKind::Table,
            ExtractedKind::Code { .. } => BlockKind::Code,
        },
        start,
        page: block.page,
        text: block.text.clone(),
    }
}
