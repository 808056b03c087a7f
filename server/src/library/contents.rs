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
/// Blocks that are given before the place that was asked for: what a reader needs to know where they are.
const BEFORE_A_PLACE: usize = 12;

/// Where a page of a text begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// With the block of this number.
    Block(u32),
    /// A little before the block with this character.
    Before(u32),
}

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

/// The text, for whoever may talk with the chatbot: an answer of theirs may cite it.
///
/// # Errors
/// `not_found`, also while there is no text yet.
pub async fn blocks(
    app: &App,
    user: &UserRecord,
    bot: ChatbotId,
    id: DocumentId,
    beginning: Beginning,
    limit: Option<u32>,
) -> ApiResult<DocumentText> {
    let bot = chatbot::visible(app, user, bot).await?;
    let record = document::of(app, &bot, id).await?;
    let no_text = || ApiError::new(ProblemCode::NotFound, "There is no text of this document (yet)");
    let fence = record.ready_fence.ok_or_else(no_text)?;
    let limit = limit.unwrap_or(PAGE).clamp(1, PAGE_MAX);
    // An error would mean that nobody reads any more: the program is at its end.
    let _turn = app.library.reading.acquire().await;
    let show = move |text: ExtractedText| page(id, record.name, &text, beginning, limit);
    let shown = text::read(&*app.store, id, fence, show).await?;
    shown.ok_or_else(no_text)
}

fn page(
    id: DocumentId,
    name: String,
    text: &ExtractedText,
    beginning: Beginning,
    limit: u32,
) -> DocumentText {
    let spans = text.block_spans();
    let skipped = match beginning {
        Beginning::Block(number) => usize::try_from(number).unwrap_or(usize::MAX),
        Beginning::Before(at) => spans
            .partition_point(|span| span.end <= at)
            .min(spans.len().saturating_sub(1))
            .saturating_sub(BEFORE_A_PLACE),
    };
    let taken = usize::try_from(limit).unwrap_or(usize::MAX);
    let blocks = text.blocks.iter().zip(&spans).skip(skipped).take(taken);
    let blocks: Vec<TextBlock> = blocks.map(|(block, span)| shown(block, span.start)).collect();
    let end = skipped.saturating_add(blocks.len());
    DocumentText {
        document_id: id,
        name,
        from: u32::try_from(skipped).unwrap_or(u32::MAX),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Thirty paragraphs of nine characters, each followed by a blank line.
    fn text() -> ExtractedText {
        let block = |number: usize| Block {
            kind: ExtractedKind::Paragraph,
            text: format!("number {number:02}"),
            page: None,
            heading_path: Vec::new(),
        };
        ExtractedText {
            blocks: (0..30).map(block).collect(),
            ..ExtractedText::default()
        }
    }

    fn first_of(beginning: Beginning) -> (u32, String) {
        let id = DocumentId::from_uuid(uuid::Uuid::from_u128(1));
        let page = page(id, "A".into(), &text(), beginning, 5);
        let first = page.blocks.first().map(|block| block.text.clone());
        (page.from, first.unwrap_or_default())
    }

    #[test]
    fn a_place_is_shown_with_what_stands_before_it() {
        let at_block = |number: u32| Beginning::Before(number * 11);
        assert_eq!(first_of(at_block(20)), (8, "number 08".into()));
        assert_eq!(first_of(Beginning::Before(20 * 11 + 8)), (8, "number 08".into()));
        assert_eq!(first_of(at_block(3)), (0, "number 00".into()));
        assert_eq!(first_of(Beginning::Before(u32::MAX)), (17, "number 17".into()));
    }

    #[test]
    fn a_page_begins_where_the_one_before_said() {
        assert_eq!(first_of(Beginning::Block(4)), (4, "number 04".into()));
        assert_eq!(first_of(Beginning::Block(99)), (99, String::new()));
    }
}
