//! Standings and links for a new password in SQLite.

use super::{
    SqliteStore,
    db::{Fields, Sql, statements},
    value::{key, time},
};
use crate::{
    Result, StoreError,
    standing::{PasswordLink, Standing, Standings},
};
use wire::{Timestamp, UserId, admin::UserLimits};

/// Links that one statement deletes: garbage must not keep other writers waiting.
const SLICE: u32 = 500;

statements! {
    OF_USER = "SELECT * FROM standing WHERE user_id = ?1";
    LOCK = "INSERT INTO standing (user_id, locked_at) VALUES (?1, ?2)
            ON CONFLICT DO UPDATE SET locked_at = coalesce(locked_at, ?2)";
    UNLOCK = "UPDATE standing SET locked_at = NULL WHERE user_id = ?1";
    LIMIT_TO = "INSERT INTO standing (user_id, limits) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET limits = ?2";
    FORGET = "DELETE FROM standing WHERE user_id = ?1";
    ADD_LINK = "INSERT INTO password_link (code_hash, user_id, mark, expires_at) VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT DO NOTHING";
    LINK = "SELECT * FROM password_link WHERE code_hash = ?1 AND used_at IS NULL AND expires_at > ?2";
    USE_LINK = "UPDATE password_link SET used_at = ?2
                WHERE code_hash = ?1 AND used_at IS NULL AND expires_at > ?2";
    FORGET_LINKS = "DELETE FROM password_link
                    WHERE code_hash IN (SELECT code_hash FROM password_link WHERE expires_at < ?1 LIMIT ?2)";
}

pub(super) fn record(row: &Fields<'_>) -> Result<Standing> {
    Ok(Standing {
        locked_at: row.optional_time("locked_at")?,
        limits: serde_json::from_str(&row.text("limits")?)
            .map_err(|_| StoreError::Damaged("the limits of a user".into()))?,
    })
}

pub(super) fn link(row: &Fields<'_>) -> Result<PasswordLink> {
    Ok(PasswordLink {
        user_id: row.id("user_id")?,
        mark: row
            .bytes("mark")?
            .try_into()
            .map_err(|_| StoreError::Damaged("the mark of a link".into()))?,
        expires_at: row.time("expires_at")?,
    })
}

#[async_trait::async_trait]
impl Standings for SqliteStore {
    async fn standing(&self, user: UserId) -> Result<Standing> {
        let found = self
            .read(move |db| db.first(OF_USER, [key(user)], record))
            .await?;
        Ok(found.unwrap_or_default())
    }

    async fn set_lock(&self, user: UserId, locked_at: Option<Timestamp>) -> Result<()> {
        self.write(move |db| match locked_at {
            Some(at) => db.execute(LOCK, (key(user), time(at))).map(drop),
            None => db.execute(UNLOCK, [key(user)]).map(drop),
        })
        .await
    }

    async fn set_limits(&self, user: UserId, limits: UserLimits) -> Result<()> {
        let limits =
            serde_json::to_string(&limits).map_err(|error| StoreError::Damaged(error.to_string()))?;
        self.write(move |db| db.execute(LIMIT_TO, (key(user), limits)).map(drop))
            .await
    }

    async fn forget_standing(&self, user: UserId) -> Result<()> {
        self.write(move |db| db.execute(FORGET, [key(user)]).map(drop))
            .await
    }

    async fn create_password_link(&self, code_hash: [u8; 32], link: PasswordLink) -> Result<()> {
        let row = (code_hash, key(link.user_id), link.mark, time(link.expires_at));
        if self.write(move |db| db.changes(ADD_LINK, row)).await? {
            Ok(())
        } else {
            Err(StoreError::Conflict("password_link"))
        }
    }

    async fn password_link(&self, code_hash: [u8; 32], now: Timestamp) -> Result<Option<PasswordLink>> {
        self.read(move |db| db.first(LINK, (code_hash, time(now)), link))
            .await
    }

    async fn use_password_link(&self, code_hash: [u8; 32], now: Timestamp) -> Result<bool> {
        self.write(move |db| db.changes(USE_LINK, (code_hash, time(now))))
            .await
    }

    async fn collect_password_links(&self, before: Timestamp) -> Result<u64> {
        self.in_slices(FORGET_LINKS, time(before), SLICE).await
    }
}
