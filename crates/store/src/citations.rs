//! What an answer rests on, as every store keeps it: JSON, since it will grow fields. Nothing is kept of none.

use crate::{Result, StoreError};
use wire::document::Citation;

/// As JSON.
pub(crate) fn encode(citations: &[Citation]) -> Option<String> {
    (!citations.is_empty()).then(|| serde_json::json!(citations).to_string())
}

/// The citations again.
pub(crate) fn decode(json: Option<&str>) -> Result<Vec<Citation>> {
    json.map_or_else(
        || Ok(Vec::new()),
        |json| {
            serde_json::from_str(json)
                .map_err(|error| StoreError::Damaged(format!("the citations of a message: {error}")))
        },
    )
}
