//! The embedding models of a document, as SQLite keeps them: a list in JSON.

use crate::{Result, StoreError};

/// As JSON.
pub(crate) fn encode(models: &[String]) -> String {
    serde_json::json!(models).to_string()
}

/// The models again.
pub(crate) fn decode(json: &str) -> Result<Vec<String>> {
    serde_json::from_str(json)
        .map_err(|error| StoreError::Damaged(format!("the embedding models of a document: {error}")))
}
