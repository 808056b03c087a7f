//! What an account is made of: an address that looks like one, a password of enough length.

use super::password;
use crate::{field, problem::ApiResult};
use store::user::UserRecord;
use wire::{FieldFault, auth::User, limit};

/// Lower case, one `@`, something on both sides. Whether mail arrives there is not asked: we send none.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// From what somebody typed.
    pub fn parse(text: &str) -> ApiResult<Self> {
        let text = text.trim();
        let fits = u32::try_from(text.len()).is_ok_and(|bytes| bytes <= limit::EMAIL_BYTES);
        let parts = text
            .split_once('@')
            .filter(|(name, domain)| !name.is_empty() && !domain.is_empty() && !domain.contains('@'));
        if !fits || parts.is_none() || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(field::wrong("email", FieldFault::NoEmail));
        }
        Ok(Self(text.to_lowercase()))
    }

    /// As the store knows it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As the store keeps it.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// Whether this may become a password.
pub fn check_password(text: &str) -> ApiResult<()> {
    password::check_new(text).map_err(|fault| field::wrong("password", fault))
}

/// The same, of a form that calls the field by another name.
pub fn check_new_password(text: &str) -> ApiResult<()> {
    password::check_new(text).map_err(|fault| field::wrong("new_password", fault))
}

/// A user, as that user may see it.
pub fn shown(user: &UserRecord) -> User {
    User {
        id: user.id,
        email: user.email.clone(),
        role: user.role,
        created_at: user.created_at,
        name: user.profile.name.clone(),
        theme: user.profile.theme,
        language: user.profile.language.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_without_regard_to_case() {
        assert_eq!(
            Email::parse(" Ada@Example.ORG ").unwrap().as_str(),
            "ada@example.org"
        );
        assert!(Email::parse("ünï@example.org").is_ok());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.org", "a".repeat(250));
        for wrong in [
            "",
            "ada",
            "@",
            "ada@",
            "@example.org",
            "a@b@c",
            "a b@c",
            "a@b\0",
            "a@b\nc",
            &long,
        ] {
            assert!(Email::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
