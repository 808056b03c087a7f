//! Users and invitations in SQLite.

use super::{
    SqliteStore,
    db::{Fields, Sql, statements},
    value::{Word, key, time},
};
use crate::{
    Result, StoreError,
    user::{Profile, UserRecord, Users, addresses},
};
use wire::{Timestamp, UserId, auth::Role};

statements! {
    INSERT = "INSERT INTO user (id, email, password_hash, role, created_at, name, theme, language)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING";
    BY_ID = "SELECT * FROM user WHERE id = ?1";
    BY_EMAIL = "SELECT * FROM user WHERE email = ?1";
    PAGE = "SELECT * FROM user WHERE (created_at, id) > (?1, ?2) ORDER BY created_at, id LIMIT ?3";
    BY_ADDRESS = "SELECT * FROM user WHERE email >= ?1 AND email < ?2 ORDER BY email LIMIT ?3";
    DEMOTE = "UPDATE user SET role = 'user' WHERE id = ?1 AND role = 'admin'
              AND EXISTS (SELECT 1 FROM user AS other WHERE other.role = 'admin' AND other.id <> ?1 LIMIT 1)";
    AN_ADMIN = "SELECT 1 FROM user WHERE role = 'admin' LIMIT 1";
    SET_PASSWORD = "UPDATE user SET password_hash = ?2 WHERE id = ?1";
    SET_ROLE = "UPDATE user SET role = ?2 WHERE id = ?1";
    SET_PROFILE = "UPDATE user SET name = ?2, theme = ?3, language = ?4 WHERE id = ?1";
    DELETE = "DELETE FROM user WHERE id = ?1";
    INVITE = "INSERT INTO invitation (code_hash, expires_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    REDEEM = "UPDATE invitation SET redeemed_by = ?2, redeemed_at = ?3
              WHERE code_hash = ?1 AND redeemed_at IS NULL AND expires_at > ?3";
}

pub(super) fn record(row: &Fields<'_>) -> Result<UserRecord> {
    Ok(UserRecord {
        id: row.id("id")?,
        email: row.text("email")?,
        password_hash: row.text("password_hash")?,
        role: row.word("role")?,
        created_at: row.time("created_at")?,
        profile: Profile {
            name: row.optional_text("name")?,
            theme: row.word("theme")?,
            language: row.optional_text("language")?,
        },
    })
}

#[async_trait::async_trait]
impl Users for SqliteStore {
    async fn create_user(&self, user: UserRecord) -> Result<()> {
        self.write(move |db| {
            let UserRecord {
                id,
                email,
                password_hash,
                role,
                created_at,
                profile,
            } = user;
            let row = (
                key(id),
                &email,
                password_hash,
                role.word(),
                time(created_at),
                profile.name,
                Word::word(profile.theme),
                profile.language,
            );
            if db.changes(INSERT, row)? {
                Ok(())
            } else if db.exists(BY_EMAIL, [email])? {
                Err(StoreError::Conflict("email"))
            } else {
                Err(StoreError::Conflict("user"))
            }
        })
        .await
    }

    async fn user(&self, id: UserId) -> Result<Option<UserRecord>> {
        self.read(move |db| db.first(BY_ID, [key(id)], record)).await
    }

    async fn user_by_email(&self, email: &str) -> Result<Option<UserRecord>> {
        let email = email.to_owned();
        self.read(move |db| db.first(BY_EMAIL, [email], record)).await
    }

    async fn users(&self, after: Option<UserId>, limit: u32) -> Result<Vec<UserRecord>> {
        self.read(move |db| {
            // Before everybody, when there is nobody to go on after.
            let mut from = (-1, Vec::new());
            if let Some(after) = after {
                let Some(last) = db.first(BY_ID, [key(after)], record)? else {
                    return Ok(Vec::new());
                };
                from = (time(last.created_at), key(last.id).to_vec());
            }
            db.all(PAGE, (from.0, from.1, limit), record)
        })
        .await
    }

    async fn users_by_email(&self, prefix: &str, after: Option<&str>, limit: u32) -> Result<Vec<UserRecord>> {
        let (from, until) = addresses(prefix, after);
        self.read(move |db| db.all(BY_ADDRESS, (from, until, limit), record))
            .await
    }

    async fn has_admin(&self) -> Result<bool> {
        self.read(|db| db.exists(AN_ADMIN, ())).await
    }

    async fn set_password(&self, id: UserId, password_hash: &str) -> Result<()> {
        let hash = password_hash.to_owned();
        let found = self
            .write(move |db| db.changes(SET_PASSWORD, (key(id), hash)))
            .await?;
        if found {
            Ok(())
        } else {
            Err(StoreError::NotFound("user"))
        }
    }

    async fn set_role(&self, id: UserId, role: Role) -> Result<()> {
        let found = self
            .write(move |db| db.changes(SET_ROLE, (key(id), role.word())))
            .await?;
        if found {
            Ok(())
        } else {
            Err(StoreError::NotFound("user"))
        }
    }

    async fn demote(&self, id: UserId) -> Result<bool> {
        self.write(move |db| db.changes(DEMOTE, [key(id)])).await
    }

    async fn set_profile(&self, id: UserId, profile: Profile) -> Result<()> {
        let Profile {
            name,
            theme,
            language,
        } = profile;
        let found = self
            .write(move |db| db.changes(SET_PROFILE, (key(id), name, Word::word(theme), language)))
            .await?;
        if found {
            Ok(())
        } else {
            Err(StoreError::NotFound("user"))
        }
    }

    async fn delete_user(&self, id: UserId) -> Result<bool> {
        self.write(move |db| db.changes(DELETE, [key(id)])).await
    }

    async fn create_invitation(&self, code_hash: [u8; 32], expires_at: Timestamp) -> Result<()> {
        let new = self
            .write(move |db| db.changes(INVITE, (code_hash, time(expires_at))))
            .await?;
        if new {
            Ok(())
        } else {
            Err(StoreError::Conflict("invitation"))
        }
    }

    async fn redeem_invitation(&self, code_hash: [u8; 32], by: UserId, now: Timestamp) -> Result<bool> {
        self.write(move |db| db.changes(REDEEM, (code_hash, key(by), time(now))))
            .await
    }
}
