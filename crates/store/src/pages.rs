//! Where a passage comes to its pages, as every store keeps it: JSON, a pair a page.

use crate::{Result, StoreError, document::PageStart};

/// As JSON: `[[3,1024],[4,2231]]`.
pub(crate) fn encode(pages: &[PageStart]) -> String {
    let pairs: Vec<_> = pages.iter().map(|start| (start.page, start.at)).collect();
    serde_json::json!(pairs).to_string()
}

/// The pages again.
pub(crate) fn decode(json: &str) -> Result<Vec<PageStart>> {
    let pairs: Vec<(u32, u32)> = serde_json::from_str(json)
        .map_err(|error| StoreError::Damaged(format!("the pages of a chunk: {error}")))?;
    let starts = pairs.into_iter().map(|(page, at)| PageStart { page, at });
    Ok(starts.collect())
}
