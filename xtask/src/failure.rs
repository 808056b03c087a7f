//! How a verb fails: what was tried, why it failed, and what the reader can do about it.
//!
//! Every failure has a cure: if there is none to name, the cause is not understood yet.

use std::fmt;

/// A failed step, in words for the person at the keyboard.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    cause: String,
    cure: String,
}

/// What every fallible step of xtask returns.
pub(crate) type Done<T = ()> = Result<T, Failure>;

impl Failure {
    /// `what` completes "Parlance could not …", `cause` answers why, `cure` is an order to the reader.
    pub(crate) fn new(what: impl fmt::Display, cause: impl fmt::Display, cure: impl fmt::Display) -> Self {
        Self {
            what: what.to_string(),
            cause: cause.to_string(),
            cure: cure.to_string(),
        }
    }

    /// A file or folder that could not be read, written or moved.
    pub(crate) fn of_file(what: impl fmt::Display, path: &std::path::Path, error: &std::io::Error) -> Self {
        let cure = match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                "free some disk space and run the command again"
            }
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                "give your user the right to write there, or run the command as the folder's owner"
            }
            _ => "look at that path; if a file of xtask's own is broken, remove it and run the command again",
        };
        Self::new(what, format_args!("{}: {error}", path.display()), cure)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "FAILED: could not {}\n   why: {}\n  cure: {}",
            self.what, self.cause, self.cure
        )
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};
    use std::path::Path;

    use super::Failure;

    #[test]
    fn a_failure_names_what_why_and_the_cure() {
        let text = Failure::new("start", "port 8000 is taken", "choose another").to_string();
        assert_eq!(
            text,
            "FAILED: could not start\n   why: port 8000 is taken\n  cure: choose another"
        );
    }

    #[test]
    fn a_full_disk_is_cured_by_freeing_space() {
        let text = Failure::of_file(
            "store the model",
            Path::new("/m"),
            &Error::from(ErrorKind::StorageFull),
        )
        .to_string();
        assert!(text.contains("free some disk space"), "{text}");
    }
}
