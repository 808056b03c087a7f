//! Rust's sources out of Debian's `rust-src` package: downloaded and unpacked, not installed.
//!
//! apt works in a folder of ours with lists of its own, so that a machine on another release can take a package of
//! a newer one, and nothing of the system is read or changed but the name of its mirror.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Done, Failure};
use crate::setup::debian;
use crate::{process, say};

/// Debian's releases that may have the version: stable backports first, then the ones in the making.
const SUITES: [&str; 4] = ["trixie-backports", "forky", "sid", "trixie"];

const NETWORK: &str = "see that Debian's mirror can be reached; or, where rustup's server can be, run `rustup target add wasm32-unknown-unknown`";

/// The library's sources, below `work`.
pub(crate) fn sources(work: &Path, version: &str) -> Done<PathBuf> {
    let what = "get Rust's sources from Debian";
    if process::which("apt-get").is_none() {
        return Err(Failure::new(
            what,
            "this system has no apt-get",
            "run `rustup target add wasm32-unknown-unknown` where rustup's server can be reached",
        ));
    }
    let mirror = mirror()?;
    say::step(format_args!(
        "Fetching Debian's rust-src {version} (not installed: only unpacked)"
    ));
    for folder in ["lists/partial", "cache/archives/partial", "none", "unpacked"] {
        let folder = work.join(folder);
        fs::create_dir_all(&folder).map_err(|error| Failure::of_file(what, &folder, &error))?;
    }
    for suite in SUITES {
        let sources = work.join("sources.list");
        let line = format!("deb {mirror} {suite} main\n");
        fs::write(&sources, line).map_err(|error| Failure::of_file(what, &sources, &error))?;
        if !private_apt("apt-get", work)
            .arg("update")
            .status()
            .is_ok_and(|status| status.success())
        {
            say::line(format_args!("{suite}: not on this mirror"));
            continue;
        }
        let offered =
            process::ask(private_apt("apt-cache", work).args(["madison", "rust-src"])).unwrap_or_default();
        let Some(package) = offer(&offered, version) else {
            say::line(format_args!("{suite}: has no rust-src {version}"));
            continue;
        };
        process::run(
            private_apt("apt-get", work).args(["download", &format!("rust-src={package}")]),
            what,
            NETWORK,
        )?;
        return unpack(work);
    }
    Err(Failure::new(
        what,
        format_args!("none of Debian's {} has rust-src {version}", SUITES.join(", ")),
        NETWORK,
    ))
}

/// The mirror this machine's own apt uses for Debian.
fn mirror() -> Done<String> {
    let known = || {
        let mut command = Command::new("apt-get");
        command.args([
            "indextargets",
            "--format",
            "$(LABEL) $(REPO_URI)",
            "Created-By: Packages",
        ]);
        debian_of(&process::ask(&mut command).unwrap_or_default()).map(str::to_owned)
    };
    if let Some(mirror) = known() {
        return Ok(mirror);
    }
    // apt learns whose mirror it is from its lists, and containers come without lists.
    debian::refresh()?;
    known().ok_or_else(|| {
        Failure::new(
            "find a Debian mirror",
            "apt on this machine knows no source labelled Debian",
            "run `rustup target add wasm32-unknown-unknown` where rustup's server can be reached",
        )
    })
}

fn debian_of(targets: &str) -> Option<&str> {
    targets
        .lines()
        .find_map(|line| line.strip_prefix("Debian "))
        .map(str::trim)
}

/// apt with a state of its own: the system's lists and pins are neither read nor touched.
fn private_apt(program: &str, work: &Path) -> Command {
    let mut command = Command::new(program);
    let option = |name: &str, path: &str| format!("{name}={}", work.join(path).display());
    command
        .current_dir(work)
        .args(["-o", &option("Dir::Etc::sourcelist", "sources.list")])
        .args(["-o", &option("Dir::Etc::sourceparts", "none")])
        .args(["-o", &option("Dir::Etc::preferencesparts", "none")])
        .args(["-o", &option("Dir::State::lists", "lists")])
        .args(["-o", &option("Dir::Cache", "cache")])
        // As root, apt drops to a user who may not write into our folder.
        .args(process::words(
            "-o APT::Sandbox::User=root -o Acquire::Languages=none",
        ))
        .args(process::words(
            "-o Acquire::http::Timeout=30 -o Acquire::Retries=2",
        ));
    command
}

/// Debian's version of the package for this compiler, out of `apt-cache madison`.
fn offer<'text>(madison: &'text str, version: &str) -> Option<&'text str> {
    madison
        .lines()
        .filter_map(|line| line.split('|').nth(1))
        .map(str::trim)
        .find(|offered| {
            // 1.95.0+dfsg1-1~bpo13+1: what follows the version is Debian's.
            offered
                .strip_prefix(version)
                .is_some_and(|rest| rest.starts_with(['+', '-', '~']))
        })
}

fn unpack(work: &Path) -> Done<PathBuf> {
    let what = "unpack Rust's sources";
    let entries = fs::read_dir(work).map_err(|error| Failure::of_file(what, work, &error))?;
    let package = entries
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|end| end == "deb"));
    let package = package.ok_or_else(|| Failure::new(what, "apt-get download left no package", NETWORK))?;
    let unpacked = work.join("unpacked");
    process::run(
        Command::new("dpkg-deb").arg("-x").args([&package, &unpacked]),
        what,
        "free some disk space and run the command again",
    )?;
    let sources = unpacked.join("usr/src");
    let tree = fs::read_dir(&sources).map_err(|error| Failure::of_file(what, &sources, &error))?;
    tree.flatten()
        .map(|entry| entry.path().join("library"))
        .find(|library| library.join("std/Cargo.toml").exists())
        .ok_or_else(|| {
            Failure::new(
                what,
                format_args!("no library/std below {}", sources.display()),
                NETWORK,
            )
        })
}

#[cfg(test)]
mod tests {
    use super::{debian_of, offer};

    #[test]
    fn sources_are_taken_only_of_exactly_the_compilers_version() {
        let madison = " rust-src | 1.95.0+dfsg1-1~bpo13+1 | mirror trixie-backports/main amd64 Packages\n rust-src | 1.85.0+dfsg3-1 | mirror\n";
        assert_eq!(offer(madison, "1.95.0"), Some("1.95.0+dfsg1-1~bpo13+1"));
        assert_eq!(offer(madison, "1.85.0"), Some("1.85.0+dfsg3-1"));
        assert_eq!(offer(madison, "1.9"), None);
        assert_eq!(offer("", "1.95.0"), None);
    }

    #[test]
    fn the_mirror_is_the_one_this_machine_uses_for_debian_itself() {
        let targets =
            "Debian-Security mirror://security\nNodeSource mirror://node\nDebian mirror://debian/\n";
        assert_eq!(debian_of(targets), Some("mirror://debian/"));
        assert_eq!(debian_of("NodeSource mirror://node\n"), None);
    }
}
