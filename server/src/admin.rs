//! The administration: people and their limits, usage, the models' health, the audit log.
//!
//! Must not know: HTTP. Routes (`http/admin.rs`), forms (`http/admin/form.rs`) and pages call the same functions, and each
//! asks for an [`Administrator`]: a user who was one when the request came. What others get is what an unknown address
//! gets. Start at [`account`].

pub mod account;
pub mod audit;
pub mod health;
pub mod usage;

use crate::problem::{ApiError, ApiResult};
use store::user::UserRecord;
use wire::{ProblemCode, auth::Role};

/// A user who is an administrator now.
#[derive(Debug, Clone)]
pub struct Administrator(UserRecord);

impl Administrator {
    /// This user, who is one.
    ///
    /// # Errors
    /// `not_found` for anybody else: to them there is no administration.
    pub fn of(user: UserRecord) -> ApiResult<Self> {
        if user.role == Role::Admin {
            Ok(Self(user))
        } else {
            Err(ApiError::of(ProblemCode::NotFound))
        }
    }

    /// Who.
    pub fn user(&self) -> &UserRecord {
        &self.0
    }
}
