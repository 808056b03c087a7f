//! The one error type of the seam.

/// Why a store method did not do its work. Not finding a thing is no error: such methods return `Option`.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique thing exists already: an e-mail, an id; or a compare-and-set found another value.
    #[error("conflict: {0}")]
    Conflict(&'static str),
    /// The record this method changes does not exist.
    #[error("not found: {0}")]
    NotFound(&'static str),
    /// A fence was passed or a log was sealed: somebody else owns this generation or session now.
    #[error("fenced off: {0}")]
    Fenced(&'static str),
    /// The database does not answer; the same call may succeed later.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// It must not be opened as it is: its address makes no sense, a newer program made it, a copy into it is not whole.
    /// Trying again changes nothing.
    #[error("{0}")]
    Unusable(String),
    /// What was read cannot be understood. A defect, ours or the disk's.
    #[error("the stored data is damaged: {0}")]
    Damaged(String),
}
