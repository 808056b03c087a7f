//! Notes: small facts that the program keeps for itself, by name. Each is changed by compare-and-set, since several nodes
//! may want to write the same one.

use crate::Result;

/// Notes.
#[async_trait::async_trait]
pub trait Notes {
    /// What is noted under this name.
    async fn note(&self, name: &str) -> Result<Option<String>>;
    /// Notes `to` where `from` stood; `None`: where nothing stood. False when something else stands there. Idempotent: true
    /// also when `to` stands there already.
    async fn replace_note(&self, name: &str, from: Option<&str>, to: &str) -> Result<bool>;
}
