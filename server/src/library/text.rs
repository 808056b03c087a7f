//! A document's extracted text in the store: JSON, cut into parts.

use rag::document::ExtractedText;
use store::{Result, Store, StoreError, document::PART_BYTES};
use wire::DocumentId;

/// Stores it under this fence. Idempotent.
pub(super) async fn put(store: &dyn Store, id: DocumentId, fence: u64, text: &ExtractedText) -> Result<()> {
    let json = serde_json::to_vec(text).map_err(|error| StoreError::Damaged(error.to_string()))?;
    for (index, part) in (0..).zip(json.chunks(PART_BYTES)) {
        store.put_text(id, fence, index, part.to_vec()).await?;
    }
    Ok(())
}

/// Reads it again; `None` when there is none under this fence (any more).
pub(super) async fn get(store: &dyn Store, id: DocumentId, fence: u64) -> Result<Option<ExtractedText>> {
    let mut json = Vec::new();
    for index in 0.. {
        match store.text(id, fence, index).await? {
            Some(part) => json.extend_from_slice(&part),
            None => break,
        }
    }
    if json.is_empty() {
        return Ok(None);
    }
    serde_json::from_slice(&json)
        .map(Some)
        .map_err(|error| StoreError::Damaged(format!("the text of a document: {error}")))
}
