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

/// Reads it again, and makes of it what is wanted, on a thread for what takes long; `None` when there is none under this
/// fence (any more).
pub(super) async fn read<T: Send + 'static>(
    store: &dyn Store,
    id: DocumentId,
    fence: u64,
    make: impl FnOnce(ExtractedText) -> T + Send + 'static,
) -> Result<Option<T>> {
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
    let made = tokio::task::spawn_blocking(move || serde_json::from_slice(&json).map(make));
    let damaged =
        |error: &dyn std::fmt::Display| StoreError::Damaged(format!("the text of a document: {error}"));
    match made.await.map_err(|error| damaged(&error))? {
        Ok(made) => Ok(Some(made)),
        // It was deleted while its parts were read.
        Err(_) if store.document(id).await?.is_none() => Ok(None),
        Err(error) => Err(damaged(&error)),
    }
}
