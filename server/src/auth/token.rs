//! Signed tokens: JWT with one algorithm, HS256, and one key that only this server has.
//!
//! Must not know: the store. A token that reads well still needs its sign-in to be alive: see
//! [`super::authenticate`]. Time is given by the caller; there is no leeway, since the clock that signed also reads.

mod hs256;

use super::secret::{Secret, hmac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{fmt, time::Duration};
use store::sign_in::TokenHash;
use uuid::Uuid;
use wire::{SessionId, SignInId, Timestamp, UserId};

/// Who made the token, and for whom.
const PARTY: &str = "parlance";

/// What a token is good for. One is never taken for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenType {
    /// `Authorization: Bearer`, and the seed's `?token=`.
    Access,
    /// The `session` cookie: shows pages, changes nothing.
    Page,
    /// Opens one session's socket, once.
    Ticket,
}

/// What a token says. Signed, not secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// What it is good for.
    pub typ: TokenType,
    /// Always us.
    pub aud: String,
    /// Always us.
    pub iss: String,
    /// Who.
    pub sub: UserId,
    /// By which sign-in: a token ends with it.
    pub sid: SignInId,
    /// For a ticket: the session whose socket it opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// When it ends, in seconds since 1970.
    pub exp: u64,
    /// When it was made.
    pub iat: u64,
    /// Makes each token another.
    pub jti: Uuid,
}

/// Why a token is not good. All are one answer to the client; the difference is for tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not ours, changed, of another algorithm, or not a token.
    #[error("not a token of this server")]
    Invalid,
    /// Good for something else.
    #[error("a token for another purpose")]
    WrongType,
    /// It was good once.
    #[error("expired")]
    Expired,
}

/// Random bytes before the proof in a form's token.
const FORM_MASK: usize = 16;

/// What is asked of [`Keys::issue`].
#[derive(Debug, Clone, Copy)]
pub struct Grant {
    /// What it shall be good for.
    pub typ: TokenType,
    /// Who.
    pub user: UserId,
    /// By which sign-in.
    pub sign_in: SignInId,
    /// For a ticket.
    pub session: Option<SessionId>,
}

/// The keys that sign and read.
pub struct Keys {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    refresh: [u8; 32],
    form: [u8; 32],
    pub(super) invitation: [u8; 32],
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(..)")
    }
}

impl Keys {
    /// Derives all keys.
    pub fn new(secret: &Secret) -> Self {
        hs256::install();
        let signing = secret.derive("jwt");
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        validation.set_audience(&[PARTY]);
        validation.set_issuer(&[PARTY]);
        // Checked below, by the injected clock.
        validation.validate_exp = false;
        Self {
            encoding: EncodingKey::from_secret(&signing),
            decoding: DecodingKey::from_secret(&signing),
            validation,
            refresh: secret.derive("refresh"),
            form: secret.derive("form"),
            invitation: secret.derive("invitation"),
        }
    }

    /// A new token that ends `life` from now.
    pub fn issue(
        &self,
        grant: Grant,
        now: Timestamp,
        life: Duration,
        jti: Uuid,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let claims = Claims {
            typ: grant.typ,
            aud: PARTY.into(),
            iss: PARTY.into(),
            sub: grant.user,
            sid: grant.sign_in,
            session: grant.session,
            exp: now.plus(life).as_secs(),
            iat: now.as_secs(),
            jti,
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
    }

    /// What the token says, when it is ours, of one of these types, and not over.
    pub fn read(&self, token: &str, allowed: &[TokenType], now: Timestamp) -> Result<Claims, TokenError> {
        let claims = decode::<Claims>(token, &self.decoding, &self.validation)
            .map_err(|_| TokenError::Invalid)?
            .claims;
        if !allowed.contains(&claims.typ) {
            return Err(TokenError::WrongType);
        }
        if claims.exp <= now.as_secs() {
            return Err(TokenError::Expired);
        }
        Ok(claims)
    }

    /// What the forms on a page of this sign-in carry: who cannot read such a page cannot know it. 16 random bytes and
    /// the HMAC of them and of the sign-in: another on each page, since pages are compressed together with words of
    /// strangers, and the size would tell by and by what stands on all of them (BREACH).
    ///
    /// When the operating system gives no random bytes.
    pub fn form_token(&self, sign_in: SignInId) -> Result<String, getrandom::Error> {
        Ok(self.form_token_of(super::secret::random()?, sign_in))
    }

    fn form_token_of(&self, mask: [u8; FORM_MASK], sign_in: SignInId) -> String {
        let proof = hmac(&self.form, &[&mask, sign_in.as_uuid().as_bytes()]);
        super::secret::text(&[mask.as_slice(), &proof].concat())
    }

    /// Whether a form came from a page of this sign-in. In constant time.
    pub fn is_form_token(&self, sign_in: SignInId, token: &str) -> bool {
        let Some(mask) = super::secret::bytes(token).and_then(|bytes| bytes.first_chunk().copied()) else {
            return false;
        };
        let expected = self.form_token_of(mask, sign_in);
        let differ = expected
            .bytes()
            .zip(token.bytes())
            .fold(0, |differ, (ours, theirs)| differ | (ours ^ theirs));
        expected.len() == token.len() && differ == 0
    }

    /// The refresh token that follows this one: always the same, so that a lost reply can be repeated.
    pub(super) fn successor(&self, refresh_token: &str) -> String {
        super::secret::text(&hmac(&self.refresh, &[b"refresh", refresh_token.as_bytes()]))
    }
}

/// What the store keeps of a token.
pub fn hash(token: &str) -> TokenHash {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests;
