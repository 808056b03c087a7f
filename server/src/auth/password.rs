//! Passwords: Argon2id with OWASP's parameters (19 MiB, 2 passes, 1 lane), a few at a time.
//!
//! Must not know: accounts. An unknown account costs the same time as a wrong password.

use crate::problem::{ApiError, ApiResult};
use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::{
        self,
        phc::{Output, ParamsString, PasswordHash, Salt},
    },
};
use std::sync::Arc;
use tokio::sync::Semaphore;
use wire::{FieldFault, ProblemCode, limit};

/// Each takes 19 MiB and a core for some 20 ms.
const AT_ONCE: usize = 2;

/// How many may wait: about two seconds of work. When it is full the caller is told to come back.
const QUEUE: usize = 128;

/// The hash of a password nobody has, for accounts nobody has.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$cGFybGFuY2Ugbm9ib2R5$rH3GenWj3hyNCfyar77WkGeiM8OQeCoip79UAkxfybA";

/// Hashes and checks passwords off the async threads.
#[derive(Debug)]
pub struct Passwords {
    running: Arc<Semaphore>,
    queue: Semaphore,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            running: Arc::new(Semaphore::new(AT_ONCE)),
            queue: Semaphore::new(AT_ONCE + QUEUE),
        }
    }
}

impl Passwords {
    /// What is kept of a new password.
    pub async fn hash(&self, password: String) -> ApiResult<String> {
        self.run(move || hash(&password))
            .await?
            .map_err(|error| ApiError::of(ProblemCode::Internal).caused_by(error))
    }

    /// Whether it is the password that was hashed; without a hash the same work is done for nothing.
    pub async fn verify(&self, password: String, stored: Option<String>) -> ApiResult<bool> {
        self.run(move || {
            let fits = verify(&password, stored.as_deref().unwrap_or(NOBODY));
            fits && stored.is_some()
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> ApiResult<T> {
        let busy = || ApiError::new(ProblemCode::RateLimited, "Many people sign in just now").retry_after(2);
        let _place = self.queue.try_acquire().map_err(|_| busy())?;
        let permit = Arc::clone(&self.running)
            .acquire_owned()
            .await
            .map_err(|_| busy())?;
        tokio::task::spawn_blocking(move || {
            // Held by the work itself: a caller that goes away does not make room for more.
            let _permit = permit;
            work()
        })
        .await
        .map_err(|error| ApiError::of(ProblemCode::Internal).caused_by(error))
    }
}

/// Hashes here and now: for the command line. The server uses [`Passwords`].
pub fn hash(password: &str) -> Result<String, password_hash::Error> {
    // The crate's defaults are OWASP's parameters; a test holds them to it.
    let params = Params::DEFAULT;
    let salt = Salt::generate();
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params)?,
        salt: Some(salt),
        hash: Some(digest(password, &salt, params)?),
    };
    Ok(hash.to_string())
}

fn verify(password: &str, stored: &str) -> bool {
    let right = || {
        let stored = PasswordHash::new(stored)?;
        if stored.algorithm != Algorithm::Argon2id.ident() || stored.version != Some(Version::V0x13.into()) {
            return Err(password_hash::Error::Algorithm);
        }
        let salt = stored.salt.ok_or(password_hash::Error::SaltInvalid)?;
        // Compared in constant time.
        Ok(Some(digest(password, &salt, Params::try_from(&stored)?)?) == stored.hash)
    };
    right().unwrap_or(false)
}

fn digest(password: &str, salt: &Salt, params: Params) -> Result<Output, password_hash::Error> {
    let mut digest = [0; Params::DEFAULT_OUTPUT_LEN];
    let memory = memory(params.block_count());
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into_with_memory(
        password.as_bytes(),
        salt,
        &mut digest,
        memory,
    )?;
    Ok(Output::new(&digest)?)
}

/// The work's memory, asked for in a piece so large that glibc gives it back when it is freed. Smaller pieces it keeps,
/// for each thread: fifty sign-ups would leave the process with 400 MB for good. What is not used is never made real.
fn memory(blocks: usize) -> Vec<Block> {
    /// Above glibc's largest `M_MMAP_THRESHOLD`, which is 32 MiB.
    const GIVEN_BACK: usize = 33 * 1024 * 1024 / Block::SIZE;
    let mut memory = Vec::with_capacity(blocks.max(GIVEN_BACK));
    memory.resize(blocks, Block::new());
    memory
}

/// Whether it may become a password. Length is the only rule (NIST SP 800-63B).
pub fn check_new(password: &str) -> Result<(), FieldFault> {
    let (least, most) = (limit::PASSWORD_MIN_CHARS, limit::PASSWORD_MAX_BYTES);
    let enough = u32::try_from(password.chars().count()).is_ok_and(|chars| chars >= least);
    let fits = u32::try_from(password.len()).is_ok_and(|bytes| bytes <= most);
    match (enough, fits) {
        (false, _) => Err(FieldFault::TooShort(least)),
        (_, false) => Err(FieldFault::TooManyBytes(most)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_itself_opens() {
        let passwords = Passwords::default();
        let stored = passwords.hash("correct horse".into()).await.unwrap();
        assert!(
            passwords
                .verify("correct horse".into(), Some(stored.clone()))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify("correct horsf".into(), Some(stored))
                .await
                .unwrap()
        );
    }

    #[test]
    fn the_same_password_is_never_hashed_to_the_same_text() {
        assert_ne!(hash("correct horse").unwrap(), hash("correct horse").unwrap());
    }

    #[test]
    fn the_parameters_are_those_of_owasp_for_real_and_for_nobody() {
        let parameters = "$argon2id$v=19$m=19456,t=2,p=1$";
        assert!(hash("correct horse").unwrap().starts_with(parameters));
        assert!(NOBODY.starts_with(parameters));
    }

    #[tokio::test]
    async fn nobody_has_no_password_and_costs_the_full_work() {
        assert!(
            verify("nobody's password", NOBODY),
            "the hash of nobody must be a real one, or it costs no time"
        );
        assert!(
            !Passwords::default()
                .verify("nobody's password".into(), None)
                .await
                .unwrap()
        );
    }

    #[tokio::test]
    async fn a_full_queue_says_so_instead_of_growing() {
        let passwords = Passwords::default();
        let _all = passwords
            .queue
            .try_acquire_many(u32::try_from(AT_ONCE + QUEUE).unwrap())
            .unwrap();
        let error = passwords.hash("correct horse".into()).await.unwrap_err();
        assert_eq!(
            (error.code, error.retry_after),
            (ProblemCode::RateLimited, Some(2))
        );
    }

    #[test]
    fn length_is_the_only_rule() {
        assert!(check_new("1234567").is_err());
        assert!(check_new("12345678").is_ok());
        assert!(check_new("пароль🔑🔑").is_ok(), "characters count, not bytes");
        assert!(check_new(&"x".repeat(1_024)).is_ok());
        assert!(check_new(&"x".repeat(1_025)).is_err());
    }
}
