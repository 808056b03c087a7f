//! Sign-ins (one a device), their refresh tokens, and one-use socket tickets.
//!
//! Tokens are known by their SHA-256 only.

use crate::Result;
use wire::{SignInId, Timestamp, UserId};

/// One signing-in on one device: the family of all refresh tokens that follow from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// Which.
    pub id: SignInId,
    /// Whose.
    pub user_id: UserId,
    /// When.
    pub created_at: Timestamp,
    /// After this it is over, whatever was refreshed meanwhile until the store was told a later time.
    pub expires_at: Timestamp,
    /// Set when it was ended: by log-out, a changed password, or a replayed token.
    pub revoked_at: Option<Timestamp>,
    /// When it was last heard of: set when its token is rotated, and by [`SignIns::note_sign_in_use`].
    pub last_used_at: Timestamp,
    /// On which device, as people would say it.
    pub device: Option<String>,
}

/// A refresh token, by its hash.
pub type TokenHash = [u8; 32];

/// What came of presenting a refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotation {
    /// It was current; its successor is now.
    Rotated(SignIn),
    /// It had been rotated not long ago (two tabs, a lost reply): its successor is still the answer.
    Repeated(SignIn),
    /// It had been rotated longer ago: somebody replays it. The sign-in is revoked now.
    Replayed(SignIn),
    /// Unknown, expired, or of a sign-in that is over.
    Refused,
}

/// Sign-ins.
#[async_trait::async_trait]
pub trait SignIns {
    /// Adds a sign-in with its first refresh token.
    async fn create_sign_in(&self, sign_in: SignIn, first: TokenHash) -> Result<()>;

    /// Presents `token`. When it is current (or was rotated at most `grace` ago), the sign-in is extended to
    /// `expires_at` and `successor` is current afterwards; the caller derives `successor` from the token itself, so
    /// that a repetition gives the same one. Ordered idempotent writes: a crash in the middle can be repeated.
    async fn rotate_refresh_token(
        &self,
        token: TokenHash,
        successor: TokenHash,
        now: Timestamp,
        grace: std::time::Duration,
        expires_at: Timestamp,
    ) -> Result<Rotation>;

    /// By id, whatever its state.
    async fn sign_in(&self, id: SignInId) -> Result<Option<SignIn>>;

    /// Those of this user that are not over at `now`, in no order.
    async fn sign_ins_of(&self, user: UserId, now: Timestamp) -> Result<Vec<SignIn>>;

    /// It was heard of. Never goes back in time; one that is not there is none of its business.
    async fn note_sign_in_use(&self, id: SignInId, now: Timestamp) -> Result<()>;

    /// Of `ids`, those that are over at `now`: revoked, expired or unknown. For the watch over open sockets.
    async fn ended_sign_ins(&self, ids: &[SignInId], now: Timestamp) -> Result<Vec<SignInId>>;

    /// Ends one. Idempotent.
    async fn revoke_sign_in(&self, id: SignInId, now: Timestamp) -> Result<()>;

    /// Ends all of a user's. Idempotent.
    async fn revoke_sign_ins_of(&self, user: UserId, now: Timestamp) -> Result<()>;

    /// Takes all of a user's away, with their tokens: nothing of them is known any more. Idempotent.
    async fn delete_sign_ins_of(&self, user: UserId) -> Result<()>;

    /// Marks a ticket as used: true the first time, false ever after. The row may be forgotten after `expires_at`.
    async fn redeem_ticket(&self, ticket: TokenHash, expires_at: Timestamp) -> Result<bool>;

    /// Forgets sign-ins that ended before `before`, with their tokens. Garbage only: nothing depends on it.
    async fn collect_sign_ins(&self, before: Timestamp) -> Result<u64>;

    /// Forgets tokens that were rotated before `before`, of whatever sign-in: presented again, one is refused, and ends
    /// nothing any more. A current one is kept, however old it is.
    async fn collect_rotated_tokens(&self, before: Timestamp) -> Result<u64>;

    /// Forgets the used tickets that were good until before `before`.
    async fn collect_tickets(&self, before: Timestamp) -> Result<u64>;
}
