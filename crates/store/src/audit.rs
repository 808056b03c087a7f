//! The audit log: who did what, when, and from where. Lines are added and, when they are old, collected; never changed.

use crate::Result;
use wire::{
    AuditId, Timestamp, UserId,
    admin::{AuditEntry, AuditKind},
};

/// Which lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Of what this person did, and of what was done to their account.
    pub person: Option<UserId>,
    /// Of this kind.
    pub kind: Option<AuditKind>,
}

/// The audit log.
#[async_trait::async_trait]
pub trait Audits {
    /// Adds a line. A repetition of the same one is no other line.
    async fn append_audit(&self, entry: AuditEntry) -> Result<()>;
    /// The lines before `before` (`None`: the latest), latest first by their ids, at most `limit`.
    async fn audit(
        &self,
        filter: AuditFilter,
        before: Option<AuditId>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>>;
    /// Forgets lines from before `before`. Returns how many.
    async fn collect_audit(&self, before: Timestamp) -> Result<u64>;
}
