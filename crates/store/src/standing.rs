//! What an administrator said about a user: locked or not, limits of their own. And the links by which somebody who
//! forgot a password sets a new one.

use crate::Result;
use wire::{Timestamp, UserId, admin::UserLimits};

/// What an administrator said about a user. Nothing, of most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// Since when they may not sign in.
    pub locked_at: Option<Timestamp>,
    /// Where they differ from everybody.
    pub limits: UserLimits,
}

/// A link by which a user sets a new password, once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PasswordLink {
    /// Whose.
    pub user_id: UserId,
    /// A sum over the password's hash when the link was made: it is good for no later password.
    pub mark: [u8; 32],
    /// It is good until then.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for PasswordLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PasswordLink")
            .field("user_id", &self.user_id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Standings and links.
#[async_trait::async_trait]
pub trait Standings {
    /// Of this user; of one of whom nothing was said, and of nobody, the default.
    async fn standing(&self, user: UserId) -> Result<Standing>;
    /// Locks an account, or unlocks it. Idempotent; who is locked already stays so since then.
    async fn set_lock(&self, user: UserId, locked_at: Option<Timestamp>) -> Result<()>;
    /// Replaces all limits.
    async fn set_limits(&self, user: UserId, limits: UserLimits) -> Result<()>;
    /// Forgets what was said about a user. Idempotent.
    async fn forget_standing(&self, user: UserId) -> Result<()>;

    /// Keeps a link, known by the SHA-256 of its code. `Conflict("password_link")` when it is known with other contents.
    async fn create_password_link(&self, code_hash: [u8; 32], link: PasswordLink) -> Result<()>;
    /// A link that was not used and has not expired.
    async fn password_link(&self, code_hash: [u8; 32], now: Timestamp) -> Result<Option<PasswordLink>>;
    /// Uses a link up: true once, before it expires; false ever after and for an unknown one.
    async fn use_password_link(&self, code_hash: [u8; 32], now: Timestamp) -> Result<bool>;
    /// Forgets links that expired before `before`. Garbage only. Returns how many.
    async fn collect_password_links(&self, before: Timestamp) -> Result<u64>;
}
