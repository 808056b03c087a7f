//! Invitations: one-time codes that let somebody make an account; one of them makes the first administrator.
//!
//! A code is 16 random bytes and half of their HMAC. So a code that nobody was given is told without asking the store,
//! and who guesses codes learns nothing, not even whether an address has an account.

use super::{
    Keys,
    secret::{self, hmac},
};
use crate::{app::App, problem::ApiError, problem::ApiResult};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use wire::ProblemCode;

/// What the store keeps of a code.
pub type CodeHash = [u8; 32];

/// A code as text, for a link. Printed once, never kept.
pub struct Code(String);

impl Code {
    /// A new one.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn new(keys: &Keys) -> Result<Self, getrandom::Error> {
        Ok(Self::of(keys, secret::random::<16>()?))
    }

    /// The first administrator's among several nodes, who may be sent to any of them: the same wherever the key is the
    /// same. It is good until there is an administrator.
    fn shared(keys: &Keys) -> Self {
        let mut random = [0; 16];
        let mac = hmac(&keys.invitation, &[b"the first administrator"]);
        random.iter_mut().zip(mac).for_each(|(to, from)| *to = from);
        Self::of(keys, random)
    }

    fn of(keys: &Keys, random: [u8; 16]) -> Self {
        Self(secret::text(&[random, seal(keys, &random)].concat()))
    }

    /// A code that one of this server's keys made; whether it was used already is another question.
    pub fn parse(keys: &Keys, text: &str) -> Option<Self> {
        let bytes = secret::bytes(text)?;
        let (random, rest) = bytes.split_first_chunk::<16>()?;
        (seal(keys, random).as_slice() == rest).then(|| Self(text.to_owned()))
    }

    /// For the store.
    pub fn hash(&self) -> CodeHash {
        Sha256::digest(&self.0).into()
    }

    /// The same, for a code that replaces a password.
    pub(super) fn password_link(&self, base_url: &str) -> String {
        format!("{base_url}/new-password?code={}", self.0)
    }

    /// The link to give away.
    pub fn link(&self, base_url: &str) -> String {
        format!("{base_url}/sign-up?invite={}", self.0)
    }
}

fn seal(keys: &Keys, random: &[u8; 16]) -> [u8; 16] {
    let mac = hmac(&keys.invitation, &[random]);
    let mut half = [0; 16];
    half.iter_mut().zip(mac).for_each(|(to, from)| *to = from);
    half
}

/// The one code that makes an administrator, while there is none. Lives in memory: a restart makes another.
#[derive(Default)]
pub struct FirstAdmin(Mutex<Option<CodeHash>>);

impl std::fmt::Debug for FirstAdmin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FirstAdmin(..)")
    }
}

impl FirstAdmin {
    /// Takes the code, if it is this one: nobody else can until the guard is dropped, and then only when it was not
    /// used up.
    pub(super) fn take(&self, code: &Code) -> Option<Taken<'_>> {
        let mut offered = self.0.lock();
        if *offered != Some(code.hash()) {
            return None;
        }
        Some(Taken {
            offer: self,
            code: offered.take(),
        })
    }
}

/// The first administrator's code in somebody's hand.
pub(super) struct Taken<'a> {
    offer: &'a FirstAdmin,
    code: Option<CodeHash>,
}

impl Taken<'_> {
    /// There is an administrator now.
    pub(super) fn use_up(mut self) {
        self.code = None;
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if let Some(code) = self.code.take() {
            *self.offer.0.lock() = Some(code);
        }
    }
}

/// At start: while there is no administrator, the link that makes one.
///
/// # Errors
/// The store's, or when the operating system gives no random bytes.
pub async fn offer_first_admin(app: &App, base_url: &str) -> ApiResult<Option<String>> {
    if app.store.has_admin().await? {
        return Ok(None);
    }
    let code = if app.alone {
        Code::new(&app.auth.keys).map_err(|error| ApiError::of(ProblemCode::Internal).caused_by(error))?
    } else {
        Code::shared(&app.auth.keys)
    };
    *app.auth.first_admin.0.lock() = Some(code.hash());
    Ok(Some(code.link(base_url)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Secret;

    fn keys(letter: &str) -> Keys {
        Keys::new(&Secret::from_text(&letter.repeat(32)).unwrap())
    }

    #[test]
    fn a_code_is_told_from_what_nobody_was_given() {
        let keys_of_ours = keys("a");
        let code = Code::new(&keys_of_ours).unwrap();
        assert!(Code::parse(&keys_of_ours, &code.0).is_some());
        let changed = if code.0.starts_with('A') { "B" } else { "A" };
        for wrong in [
            "",
            "x",
            "🦀",
            &format!("{}A", code.0),
            &format!("{changed}{}", &code.0[1..]),
        ] {
            assert!(Code::parse(&keys_of_ours, wrong).is_none(), "{wrong:?}");
        }
        assert!(Code::parse(&keys("b"), &code.0).is_none(), "another server's");
    }

    #[test]
    fn the_first_administrators_code_is_held_by_one_and_comes_back_when_not_used() {
        let keys = keys("a");
        let code = Code::new(&keys).unwrap();
        let offer = FirstAdmin(Mutex::new(Some(code.hash())));
        assert!(offer.take(&Code::new(&keys).unwrap()).is_none(), "another code");
        let taken = offer.take(&code).unwrap();
        assert!(offer.take(&code).is_none(), "somebody holds it");
        drop(taken);
        offer.take(&code).unwrap().use_up();
        assert!(offer.take(&code).is_none(), "it is used up");
    }
}
