//! Standings and links for a new password in MongoDB.

use super::{
    MongoStore,
    collection::{PASSWORD_LINK, STANDING},
    query::queries,
    value::{Fields, bytes, key, optional_time, time},
};
use crate::{
    Result, StoreError,
    standing::{PasswordLink, Standing, Standings},
};
use mongodb::bson::{Bson, Document, doc};
use wire::{Timestamp, UserId, admin::UserLimits};

queries! {
    of_user(user: UserId) in STANDING { "_id": key(user) };
    unlocked(user: UserId) in STANDING { "_id": key(user), "locked_at": Bson::Null };
    link_by_code(code_hash: [u8; 32]) in PASSWORD_LINK { "_id": bytes(&code_hash) };
    good_link(code_hash: [u8; 32], now: Timestamp) in PASSWORD_LINK {
        "_id": bytes(&code_hash), "used_at": Bson::Null, "expires_at": { "$gt": time(now) },
    };
    old_links(before: Timestamp) in PASSWORD_LINK { "expires_at": { "$lt": time(before) } };
}

fn limits_text(limits: &UserLimits) -> Result<String> {
    serde_json::to_string(limits).map_err(|error| StoreError::Damaged(error.to_string()))
}

pub(super) fn document(user: UserId, standing: &Standing) -> Result<Document> {
    Ok(doc! {
        "_id": key(user), "locked_at": optional_time(standing.locked_at), "limits": limits_text(&standing.limits)?,
    })
}

pub(super) fn record(document: &Document) -> Result<Standing> {
    let fields = Fields::of(document);
    let limits = match fields.optional_text("limits")? {
        None => UserLimits::default(),
        Some(text) => {
            serde_json::from_str(&text).map_err(|_| StoreError::Damaged("the limits of a user".into()))?
        }
    };
    Ok(Standing {
        locked_at: fields.optional_time("locked_at")?,
        limits,
    })
}

/// `used_at`: when it was.
pub(super) fn link_document(
    code_hash: &[u8; 32],
    link: &PasswordLink,
    used_at: Option<Timestamp>,
) -> Document {
    doc! {
        "_id": bytes(code_hash), "user_id": key(link.user_id), "mark": bytes(&link.mark),
        "expires_at": time(link.expires_at), "used_at": optional_time(used_at),
    }
}

pub(super) fn link(document: &Document) -> Result<PasswordLink> {
    let fields = Fields::of(document);
    Ok(PasswordLink {
        user_id: fields.id("user_id")?,
        mark: fields.hash("mark")?,
        expires_at: fields.time("expires_at")?,
    })
}

#[async_trait::async_trait]
impl Standings for MongoStore {
    async fn standing(&self, user: UserId) -> Result<Standing> {
        let found = self.db.first(of_user(user)).await?;
        Ok(found.as_ref().map(record).transpose()?.unwrap_or_default())
    }

    async fn set_lock(&self, user: UserId, locked_at: Option<Timestamp>) -> Result<()> {
        let Some(at) = locked_at else {
            let unlock = doc! { "$set": { "locked_at": Bson::Null } };
            return self.db.update(of_user(user), unlock).await.map(drop);
        };
        // There at first, then locked unless it is: who is locked already stays so since then.
        self.db
            .upsert(
                of_user(user),
                doc! { "$setOnInsert": { "locked_at": Bson::Null } },
            )
            .await?;
        let lock = doc! { "$set": { "locked_at": time(at) } };
        self.db.update(unlocked(user), lock).await.map(drop)
    }

    async fn set_limits(&self, user: UserId, limits: UserLimits) -> Result<()> {
        let set = doc! { "$set": { "limits": limits_text(&limits)? } };
        self.db.upsert(of_user(user), set).await
    }

    async fn forget_standing(&self, user: UserId) -> Result<()> {
        self.db.delete(of_user(user)).await.map(drop)
    }

    async fn create_password_link(&self, code_hash: [u8; 32], new: PasswordLink) -> Result<()> {
        if self
            .db
            .insert(PASSWORD_LINK, link_document(&code_hash, &new, None))
            .await?
        {
            return Ok(());
        }
        let stored = self.db.first(link_by_code(code_hash)).await?;
        match stored {
            // Stored by an attempt whose answer was lost.
            Some(stored) if link(&stored)? == new && !Fields::of(&stored).is_there("used_at") => Ok(()),
            _ => Err(StoreError::Conflict("password_link")),
        }
    }

    async fn password_link(&self, code_hash: [u8; 32], now: Timestamp) -> Result<Option<PasswordLink>> {
        let found = self.db.first(good_link(code_hash, now)).await?;
        found.as_ref().map(link).transpose()
    }

    async fn use_password_link(&self, code_hash: [u8; 32], now: Timestamp) -> Result<bool> {
        let used = doc! { "$set": { "used_at": time(now) } };
        self.db.update(good_link(code_hash, now), used).await
    }

    async fn collect_password_links(&self, before: Timestamp) -> Result<u64> {
        self.db.delete_all(old_links(before)).await
    }
}
