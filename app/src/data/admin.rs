//! What the pages of the administration need to be drawn. The server gives it, and to nobody but administrators.

use async_trait::async_trait;
use leptos::prelude::use_context;
use std::sync::Arc;
use wire::{
    AuditId, Problem, UserId,
    admin::{Account, AccountPage, AuditPage, DefaultLimits, HealthReport, UsageReport},
};

/// What the server gives to a page of the administration. To who is no administrator now, each of these is "not found".
#[async_trait]
pub trait AdminData: Send + Sync {
    /// Accounts whose address begins with `prefix`, behind the address `after`.
    async fn accounts(&self, prefix: String, after: Option<String>) -> Result<AccountPage, Problem>;
    /// One of them, and what holds for everybody.
    async fn account(&self, id: UserId) -> Result<(Account, DefaultLimits), Problem>;
    /// What the models were asked for in the last so many days.
    async fn usage(&self, days: u32) -> Result<UsageReport, Problem>;
    /// How the models do.
    async fn health(&self) -> Result<HealthReport, Problem>;
    /// The audit log: of a person by their address, of a kind by its word; before a line.
    async fn audit(
        &self,
        person: String,
        kind: String,
        before: Option<AuditId>,
    ) -> Result<AuditPage, Problem>;
    /// Whose password this code replaces: their address. For whoever has the code.
    async fn new_password_of(&self, code: String) -> Result<String, Problem>;
}

/// The data of the page being drawn; `None` only while routes are listed.
pub(crate) fn admin_data() -> Option<Arc<dyn AdminData>> {
    use_context()
}
