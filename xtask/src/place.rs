//! Where things lie: the work tree, cargo's target folder, the site, and the cache that survives `cargo clean`.
//!
//! Paths only; nothing is made here.

use std::env;
use std::path::{Path, PathBuf};

use crate::failure::{Done, Failure};

/// The folders every verb works in.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The work tree.
    pub(crate) root: PathBuf,
    /// Cargo's target folder for the host's builds.
    pub(crate) target: PathBuf,
    /// Models and tools: what is downloaded once per machine.
    pub(crate) cache: PathBuf,
}

impl Place {
    /// The places of this work tree on this machine.
    pub(crate) fn find() -> Done<Self> {
        let manifest = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest.parent().map(Path::to_path_buf).ok_or_else(|| {
            Failure::new(
                "find the work tree",
                format_args!("{} has no parent", manifest.display()),
                "run `cargo xtask` inside the work tree",
            )
        })?;
        let target =
            env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
        let cache = cache_folder(|name| {
            env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        })
        .ok_or_else(|| {
            Failure::new(
                "choose a cache folder",
                "neither PARLANCE_CACHE nor XDG_CACHE_HOME nor HOME is set",
                "set PARLANCE_CACHE to a folder with 1 GB of space",
            )
        })?;
        Ok(Self { root, target, cache })
    }

    /// What the server serves as files.
    pub(crate) fn site(&self) -> PathBuf {
        self.target.join("site")
    }

    /// The front's own target folder: its flags differ from the host's, and it must not wait for the host's lock.
    pub(crate) fn front_target(&self) -> PathBuf {
        self.target.join("front")
    }

    /// The built program.
    pub(crate) fn program(&self) -> PathBuf {
        self.target.join("release").join("parlance")
    }

    /// Where models are kept.
    pub(crate) fn models(&self) -> PathBuf {
        self.cache.join("models")
    }

    /// Where tools are kept that cargo installs.
    pub(crate) fn tools(&self) -> PathBuf {
        self.cache.join("tools")
    }
}

fn cache_folder(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    variable("PARLANCE_CACHE")
        .or_else(|| Some(variable("XDG_CACHE_HOME")?.join("parlance")))
        .or_else(|| Some(variable("HOME")?.join(".cache").join("parlance")))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::cache_folder;

    fn with(set: &[(&str, &str)]) -> Option<PathBuf> {
        cache_folder(|name| {
            set.iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| PathBuf::from(value))
        })
    }

    #[test]
    fn the_cache_is_where_the_user_says_else_where_the_system_says_else_at_home() {
        let all = [("PARLANCE_CACHE", "/a"), ("XDG_CACHE_HOME", "/b"), ("HOME", "/c")];
        assert_eq!(with(&all), Some(PathBuf::from("/a")));
        assert_eq!(with(&all[1..]), Some(PathBuf::from("/b/parlance")));
        assert_eq!(with(&all[2..]), Some(PathBuf::from("/c/.cache/parlance")));
        assert_eq!(with(&[]), None);
    }
}
