//! Users and invitations in MongoDB.

use super::{
    MongoStore,
    collection::{INVITATION, USER},
    query::queries,
    value::{Fields, bytes, key, optional_key, optional_time, time},
};
use crate::{
    Result, StoreError,
    user::{Profile, UserRecord, Users, addresses},
    value::Word,
};
use mongodb::bson::{Document, doc};
use wire::{
    Timestamp, UserId,
    auth::{Role, Theme},
};

queries! {
    by_id(id: UserId) in USER { "_id": key(id) };
    by_email(email: &str) in USER { "email": email };
    oldest() in USER {} sort { "created_at": 1, "_id": 1 };
    /// A page goes on among those of the same millisecond, then with those of later ones.
    same_time(at: Timestamp, after: UserId) in USER { "created_at": time(at), "_id": { "$gt": key(after) } }
        sort { "_id": 1 };
    later(at: Timestamp) in USER { "created_at": { "$gt": time(at) } } sort { "created_at": 1, "_id": 1 };
    by_address(from: &str, until: &str) in USER { "email": { "$gte": from, "$lt": until } } sort { "email": 1 };
    administrator(id: UserId) in USER { "_id": key(id), "role": Role::Admin.word() };
    admin() in USER { "role": Role::Admin.word() } project { "_id": 1 };
    /// By whom it was redeemed or not at all: a repetition by the same one is the same redemption.
    good_for(code_hash: [u8; 32], by: UserId, now: Timestamp) in INVITATION {
        "_id": bytes(&code_hash), "expires_at": { "$gt": time(now) },
        "redeemed_by": { "$in": [optional_key(None::<UserId>), key(by)] },
    };
    invitation(code_hash: [u8; 32]) in INVITATION { "_id": bytes(&code_hash) };
}

pub(super) fn document(user: &UserRecord) -> Document {
    doc! {
        "_id": key(user.id), "email": &user.email, "password_hash": &user.password_hash, "role": user.role.word(),
        "created_at": time(user.created_at), "name": user.profile.name.as_deref(),
        "theme": Word::word(user.profile.theme), "language": user.profile.language.as_deref(),
    }
}

pub(super) fn record(document: &Document) -> Result<UserRecord> {
    let fields = Fields::of(document);
    Ok(UserRecord {
        id: fields.id("_id")?,
        email: fields.text("email")?,
        password_hash: fields.text("password_hash")?,
        role: fields.word("role")?,
        created_at: fields.time("created_at")?,
        // Documents from before there were profiles have none.
        profile: Profile {
            name: fields.optional_text("name")?,
            theme: if fields.is_there("theme") {
                fields.word("theme")?
            } else {
                Theme::System
            },
            language: fields.optional_text("language")?,
        },
    })
}

/// `redeemed`: by whom, and when.
pub(super) fn invitation_document(
    code_hash: &[u8; 32],
    expires_at: Timestamp,
    redeemed: Option<(UserId, Timestamp)>,
) -> Document {
    doc! {
        "_id": bytes(code_hash), "expires_at": time(expires_at),
        "redeemed_by": optional_key(redeemed.map(|(by, _)| by)),
        "redeemed_at": optional_time(redeemed.map(|(_, at)| at)),
    }
}

#[async_trait::async_trait]
impl Users for MongoStore {
    async fn create_user(&self, user: UserRecord) -> Result<()> {
        if self.db.insert(USER, document(&user)).await? {
            return Ok(());
        }
        match self.user(user.id).await? {
            // Stored by an attempt whose answer was lost.
            Some(stored) if stored == user => Ok(()),
            _ if self.user_by_email(&user.email).await?.is_some() => Err(StoreError::Conflict("email")),
            _ => Err(StoreError::Conflict("user")),
        }
    }

    async fn user(&self, id: UserId) -> Result<Option<UserRecord>> {
        self.db.first(by_id(id)).await?.as_ref().map(record).transpose()
    }

    async fn user_by_email(&self, email: &str) -> Result<Option<UserRecord>> {
        self.db
            .first(by_email(email))
            .await?
            .as_ref()
            .map(record)
            .transpose()
    }

    async fn users(&self, after: Option<UserId>, limit: u32) -> Result<Vec<UserRecord>> {
        let page = match after {
            None => self.db.page(oldest(), limit).await?,
            Some(after) => {
                let Some(last) = self.user(after).await? else {
                    return Ok(Vec::new());
                };
                let (mut page, later) = futures::try_join!(
                    self.db.page(same_time(last.created_at, last.id), limit),
                    self.db.page(later(last.created_at), limit)
                )?;
                page.extend(later);
                page
            }
        };
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        page.iter().take(limit).map(record).collect()
    }

    async fn users_by_email(&self, prefix: &str, after: Option<&str>, limit: u32) -> Result<Vec<UserRecord>> {
        let (from, until) = addresses(prefix, after);
        let page = self.db.page(by_address(&from, &until), limit).await?;
        page.iter().map(record).collect()
    }

    async fn has_admin(&self) -> Result<bool> {
        Ok(self.db.first(admin()).await?.is_some())
    }

    async fn set_password(&self, id: UserId, password_hash: &str) -> Result<()> {
        let set = doc! { "$set": { "password_hash": password_hash } };
        if self.db.update(by_id(id), set).await? {
            Ok(())
        } else {
            Err(StoreError::NotFound("user"))
        }
    }

    async fn set_role(&self, id: UserId, role: Role) -> Result<()> {
        let set = doc! { "$set": { "role": role.word() } };
        if self.db.update(by_id(id), set).await? {
            Ok(())
        } else {
            Err(StoreError::NotFound("user"))
        }
    }

    async fn demote(&self, id: UserId) -> Result<bool> {
        // Of two administrators one is another.
        let admins = self.db.page(admin(), 2).await?;
        let ids = admins.iter().map(|admin| Fields::of(admin).id::<UserId>("_id"));
        if !ids.collect::<Result<Vec<_>>>()?.iter().any(|other| *other != id) {
            return Ok(false);
        }
        let set = |role: Role| doc! { "$set": { "role": role.word() } };
        if !self.db.update(administrator(id), set(Role::User)).await? {
            return Ok(false);
        }
        // Two who make each other users at the same time: whoever finds nobody left takes it back, perhaps both.
        if self.has_admin().await? {
            return Ok(true);
        }
        self.db.update(by_id(id), set(Role::Admin)).await?;
        Ok(false)
    }

    async fn set_profile(&self, id: UserId, profile: Profile) -> Result<()> {
        let set = doc! { "$set": {
            "name": profile.name, "theme": Word::word(profile.theme), "language": profile.language,
        } };
        if self.db.update(by_id(id), set).await? {
            Ok(())
        } else {
            Err(StoreError::NotFound("user"))
        }
    }

    async fn delete_user(&self, id: UserId) -> Result<bool> {
        self.db.delete(by_id(id)).await
    }

    async fn create_invitation(&self, code_hash: [u8; 32], expires_at: Timestamp) -> Result<()> {
        let document = invitation_document(&code_hash, expires_at, None);
        if self.db.insert(INVITATION, document).await? {
            return Ok(());
        }
        let stored = self.db.first(invitation(code_hash)).await?;
        let stored = stored.as_ref().map(Fields::of);
        match stored {
            // Stored by an attempt whose answer was lost.
            Some(stored) if stored.time("expires_at")? == expires_at && !stored.is_there("redeemed_by") => {
                Ok(())
            }
            _ => Err(StoreError::Conflict("invitation")),
        }
    }

    async fn redeem_invitation(&self, code_hash: [u8; 32], by: UserId, now: Timestamp) -> Result<bool> {
        let redeemed = doc! { "$set": { "redeemed_by": key(by), "redeemed_at": time(now) } };
        self.db.update(good_for(code_hash, by, now), redeemed).await
    }
}
