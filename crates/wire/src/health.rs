//! What `GET /readyz` says: a word a part, so that an operator sees at once which one is in the way.

use crate::auth::ModelState;
use serde::{Deserialize, Serialize};
use std::fmt;

/// `GET /readyz`: 200 when every part is `ready`, else 503.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Readiness {
    /// This process.
    pub server: ServerState,
    /// Where everything is kept.
    pub database: DatabaseState,
    /// What answers.
    pub model: ModelState,
}

impl Readiness {
    /// Whether a prompt can be taken now.
    pub fn is_ready(self) -> bool {
        self.server == ServerState::Ready
            && self.database == DatabaseState::Ready
            && self.model == ModelState::Ready
    }
}

/// A sentence for people: `the server is ready, the database is slow, the model is ready`.
impl fmt::Display for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = match self.server {
            ServerState::Ready => "ready",
            ServerState::ShuttingDown => "shutting down",
        };
        let database = match self.database {
            DatabaseState::Ready => "ready",
            DatabaseState::Unavailable => "unavailable",
            DatabaseState::Slow => "slow",
        };
        let model = match self.model {
            ModelState::Ready => "ready",
            ModelState::Loading => "loading",
            ModelState::Failed => "broken",
        };
        write!(
            f,
            "the server is {server}, the database is {database}, the model is {model}"
        )
    }
}

/// Whether this process takes work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ServerState {
    /// It does.
    Ready,
    /// It was asked to stop, and finishes what it has begun.
    ShuttingDown,
}

/// Whether the database takes a write and gives it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DatabaseState {
    /// It did just now.
    Ready,
    /// It said no; the log says why.
    Unavailable,
    /// It said nothing for a second.
    Slow,
}
