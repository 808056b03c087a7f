//! The one error type of the seam.

use std::time::Duration;

/// Why a model did not answer, or not to the end. The texts may be shown to people and never hold a key or a prompt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// Its queue is full, or the provider says 429.
    #[error("the model is busy")]
    Busy {
        /// When to try again, if it was said.
        retry_after: Option<Duration>,
    },
    /// It cannot be reached, or could not be loaded.
    #[error("the model cannot be reached: {0}")]
    Unavailable(String),
    /// It refused the request: a wrong key, an unknown model, a prompt that does not fit.
    #[error("the model refused the request: {0}")]
    Refused(String),
    /// It broke off: an error in the stream, a closed connection, nonsense.
    #[error("the model broke off: {0}")]
    BrokeOff(String),
}
