//! The server's one secret: all keys are derived from it, and it is never printed, logged or sent.
//!
//! It is a text of at least 32 characters: given by the operator, or made at first start and kept in the data folder.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::{
    fmt, fs, io,
    io::Write,
    path::{Path, PathBuf},
};

/// The file's name in the data folder.
pub const FILE: &str = "secret.key";

/// Less is not a secret.
const MIN_CHARS: usize = 32;

/// The root of all keys. It prints nothing and has no way out but [`Secret::derive`].
pub struct Secret([u8; 32]);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Too little to be a secret.
    #[error(
        "the secret has {0} characters and needs at least {MIN_CHARS}: `openssl rand -base64 32` makes one"
    )]
    TooShort(usize),
    /// The file is there and is no secret.
    #[error("{path} has {chars} characters and needs at least {MIN_CHARS}; restore it from a backup, or delete it and everybody signs in again", path = .path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is in it.
        chars: usize,
    },
    /// The file can neither be read nor made.
    #[error("{path} can neither be read nor made", path = .path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes")]
    Random(#[from] getrandom::Error),
}

impl Secret {
    /// From what the operator gave.
    pub fn from_text(text: &str) -> Result<Self, SecretError> {
        let text = text.trim();
        let chars = text.chars().count();
        if chars < MIN_CHARS {
            return Err(SecretError::TooShort(chars));
        }
        Ok(Self(Sha256::digest(text).into()))
    }

    /// From the data folder; made there, readable by its owner only, when there is none. Two processes that start
    /// together get the same one.
    pub fn load_or_create(folder: &Path) -> Result<Self, SecretError> {
        let path = folder.join(FILE);
        match Self::load(&path) {
            Err(SecretError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                create(&path)?;
                Self::load(&path)
            }
            loaded => loaded,
        }
    }

    fn load(path: &Path) -> Result<Self, SecretError> {
        let failed = |source| SecretError::File {
            path: path.into(),
            source,
        };
        let text = fs::read_to_string(path).map_err(failed)?;
        close_to_others(path).map_err(failed)?;
        Self::from_text(&text).map_err(|error| match error {
            SecretError::TooShort(chars) => SecretError::Damaged {
                path: path.into(),
                chars,
            },
            other => other,
        })
    }

    /// A key for one purpose: one that leaks tells nothing about the others.
    pub(super) fn derive(&self, purpose: &str) -> [u8; 32] {
        hmac(&self.0, &[purpose.as_bytes()])
    }
}

/// Whole or not at all: written beside its place, then linked into it, which fails when another process was faster.
fn create(path: &Path) -> Result<(), SecretError> {
    let text = text(&random::<32>()?);
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    let written = write_closed(&draft, &text).and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        // A file system without links.
        Err(_) if !path.exists() => fs::rename(&draft, path),
        done => done,
    });
    // Gone already when it was renamed.
    let _ = fs::remove_file(&draft);
    written.map_err(|source| SecretError::File {
        path: path.into(),
        source,
    })
}

fn write_closed(path: &Path, text: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()
}

/// Takes away what a careless copy may have given: nobody but the owner reads it.
fn close_to_others(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
        }
    }
    Ok(())
}

/// Bytes nobody can guess.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// Bytes as text that fits into headers, cookies and links.
pub(crate) fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes of such a text; `None` where it is none.
pub(super) fn bytes(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// HMAC-SHA256 of the parts, one after the other.
pub(super) fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC itself fills short keys with zeros up to a block.
    let mut block = [0; 64];
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fingerprint(secret: &Secret) -> [u8; 32] {
        secret.derive("test")
    }

    #[test]
    fn the_secret_made_at_first_start_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let first = Secret::load_or_create(folder.path()).unwrap();
        let second = Secret::load_or_create(folder.path()).unwrap();
        assert_eq!(fingerprint(&first), fingerprint(&second));
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            1,
            "no draft is left behind"
        );
    }

    #[test]
    fn two_folders_have_two_secrets() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let one = Secret::load_or_create(one.path()).unwrap();
        let two = Secret::load_or_create(two.path()).unwrap();
        assert_ne!(fingerprint(&one), fingerprint(&two));
    }

    #[cfg(unix)]
    #[test]
    fn nobody_but_the_owner_reads_the_file_even_after_a_careless_copy() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        Secret::load_or_create(folder.path()).unwrap();
        assert_eq!(mode(), 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        Secret::load_or_create(folder.path()).unwrap();
        assert_eq!(mode(), 0o600);
    }

    #[test]
    fn what_is_too_short_is_refused_with_its_cure() {
        let error = Secret::from_text("short").err().unwrap().to_string();
        assert!(error.contains("32") && error.contains("openssl"), "{error}");
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), "").unwrap();
        let error = Secret::load_or_create(folder.path()).err().unwrap().to_string();
        assert!(
            error.contains("secret.key") && error.contains("backup"),
            "{error}"
        );
    }

    #[test]
    fn the_file_moved_into_the_configuration_is_the_same_secret() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Secret::load_or_create(folder.path()).unwrap();
        let text = fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert_eq!(
            fingerprint(&kept),
            fingerprint(&Secret::from_text(&text).unwrap())
        );
    }

    #[test]
    fn each_purpose_has_its_own_key() {
        let secret = Secret::from_text(&"x".repeat(32)).unwrap();
        assert_ne!(secret.derive("a"), secret.derive("b"));
    }
}
