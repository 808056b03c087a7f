//! Users and invitations.

use crate::Result;
use wire::{
    Timestamp, UserId,
    auth::{Role, Theme},
};

/// A user with what only the server may see.
#[derive(Clone, PartialEq, Eq)]
pub struct UserRecord {
    /// Who.
    pub id: UserId,
    /// Lower case, unique.
    pub email: String,
    /// A PHC string (Argon2id).
    pub password_hash: String,
    /// What they may do.
    pub role: Role,
    /// When the account was made.
    pub created_at: Timestamp,
    /// What they say of themselves.
    pub profile: Profile,
}

/// What a user says of themselves, and how they want to see the pages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// What they want to be called.
    pub name: Option<String>,
    /// How light it is.
    pub theme: Theme,
    /// A tag of BCP 47; `None`: the browser's.
    pub language: Option<String>,
}

impl std::fmt::Debug for UserRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserRecord")
            .field("id", &self.id)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// Accounts.
#[async_trait::async_trait]
pub trait Users {
    /// Adds a user. `Conflict("email")` when the address is taken.
    async fn create_user(&self, user: UserRecord) -> Result<()>;
    /// By id.
    async fn user(&self, id: UserId) -> Result<Option<UserRecord>>;
    /// By address, which the caller gives in lower case.
    async fn user_by_email(&self, email: &str) -> Result<Option<UserRecord>>;
    /// All users, oldest first: at most `limit` after `after`.
    async fn users(&self, after: Option<UserId>, limit: u32) -> Result<Vec<UserRecord>>;
    /// Whether anybody is an administrator.
    async fn has_admin(&self) -> Result<bool>;
    /// Users whose address begins with `prefix`, by their addresses: at most `limit` behind the address `after`.
    async fn users_by_email(&self, prefix: &str, after: Option<&str>, limit: u32) -> Result<Vec<UserRecord>>;
    /// Replaces the hash. `NotFound("user")`.
    async fn set_password(&self, id: UserId, password_hash: &str) -> Result<()>;
    /// `NotFound("user")`.
    async fn set_role(&self, id: UserId, role: Role) -> Result<()>;
    /// Makes an administrator a user like others, unless there is no other administrator: false then, and for nobody.
    async fn demote(&self, id: UserId) -> Result<bool>;
    /// Replaces what they say of themselves. `NotFound("user")`.
    async fn set_profile(&self, id: UserId, profile: Profile) -> Result<()>;
    /// Takes the account itself away: its address is free at once, and nobody is signed in to it any more, whatever is
    /// left of it. Idempotent; false when it was not there.
    async fn delete_user(&self, id: UserId) -> Result<bool>;

    /// Keeps an invitation, known by the SHA-256 of its code.
    async fn create_invitation(&self, code_hash: [u8; 32], expires_at: Timestamp) -> Result<()>;
    /// Uses an invitation up: true once, before it expires; false ever after and for an unknown one.
    async fn redeem_invitation(&self, code_hash: [u8; 32], by: UserId, now: Timestamp) -> Result<bool>;
}

/// From which address on (inclusive) and up to which (exclusive) a page of [`Users::users_by_email`] reaches.
pub(crate) fn addresses(prefix: &str, after: Option<&str>) -> (String, String) {
    // The next text there can be behind `after`; nothing that begins with the prefix is behind its last.
    let behind = after.map(|after| format!("{after}\0"));
    let from = behind
        .filter(|behind| behind.as_str() > prefix)
        .unwrap_or_else(|| prefix.to_owned());
    (from, format!("{prefix}{}", char::MAX))
}
