//! What the pages of the administration are given: nothing, for who is no administrator now.

use super::PageOf;
use crate::{
    admin::{Administrator, account, audit, health, usage},
    auth::new_password,
    limits,
    problem::ApiResult,
};
use app::data::AdminData;
use wire::{
    AuditId, Problem, UserId,
    admin::{Account, AccountPage, AuditPage, DefaultLimits, HealthReport, UsageReport},
};

impl PageOf {
    fn administrator(&self) -> ApiResult<Administrator> {
        Administrator::of(self.reader()?.user.clone())
    }
}

#[async_trait::async_trait]
impl AdminData for PageOf {
    async fn accounts(&self, prefix: String, after: Option<String>) -> Result<AccountPage, Problem> {
        let read = async {
            let admin = self.administrator()?;
            account::list(&self.app, &admin, &prefix, after.as_deref(), None).await
        };
        self.shown(read.await)
    }

    async fn account(&self, id: UserId) -> Result<(Account, DefaultLimits), Problem> {
        let read = async {
            let admin = self.administrator()?;
            let account = account::get(&self.app, &admin, id).await?;
            Ok((account, limits::defaults(&self.app.config)))
        };
        self.shown(read.await)
    }

    async fn usage(&self, days: u32) -> Result<UsageReport, Problem> {
        let read = async { usage::report(&self.app, &self.administrator()?, days).await };
        self.shown(read.await)
    }

    async fn health(&self) -> Result<HealthReport, Problem> {
        let read = async { health::report(&self.app, &self.administrator()?).await };
        self.shown(read.await)
    }

    async fn audit(
        &self,
        person: String,
        kind: String,
        before: Option<AuditId>,
    ) -> Result<AuditPage, Problem> {
        let read = async {
            let admin = self.administrator()?;
            let kind = audit::kind(&kind)?;
            let wanted = audit::Wanted { person, kind };
            audit::page(&self.app, &admin, &wanted, before, None).await
        };
        self.shown(read.await)
    }

    async fn new_password_of(&self, code: String) -> Result<String, Problem> {
        let owner = new_password::owner(&self.app, &code).await;
        self.shown(owner.map(|user| user.email))
    }
}
