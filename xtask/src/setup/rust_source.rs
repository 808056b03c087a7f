//! The wasm32 standard library built from Rust's sources: for machines that reach package mirrors, not rustup's server.
//!
//! The sources of exactly the compiler's version come from the toolchain itself, if it has them, or from
//! Debian's `rust-src` package, taken out of the archive without being installed, with an apt state of our own.
//! Nothing on the system changes but one new folder in the toolchain.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::debian;
use super::wasm_target::{TARGET, library_folder, rustc};
use crate::failure::{Done, Failure};
use crate::place::Place;
use crate::{process, say};

/// Debian's releases that may have the version: stable backports first, then the ones in the making.
const SUITES: [&str; 4] = ["trixie-backports", "forky", "sid", "trixie"];

const NETWORK: &str = "see that Debian's mirror can be reached; or, where rustup's server can be, run `rustup target add wasm32-unknown-unknown`";

/// Builds the target's libraries and copies them into the toolchain.
pub(crate) fn build(place: &Place) -> Done {
    let version = version()?;
    let work = place.target.join("rust-source");
    fs::create_dir_all(&work).map_err(|error| Failure::of_file("make a folder", &work, &error))?;
    let sysroot = PathBuf::from(
        process::read(
            rustc().args(["--print", "sysroot"]),
            "ask rustc for its folder",
            "see that rustc works",
        )?
        .trim(),
    );
    let library = sysroot.join("lib/rustlib/src/rust/library");
    if !library.join("std/Cargo.toml").exists() {
        let source = from_debian(&work, &version)?;
        copy_tree(&source, &library)?;
    }
    say::step(format_args!(
        "Building Rust {version}'s standard library for {TARGET} (about a minute)"
    ));
    compile(&work)?;
    install(&work)?;
    // Half a gigabyte, and the toolchain has what was wanted of it.
    let _ = fs::remove_dir_all(&work);
    Ok(())
}

/// The compiler's version, as Debian counts it.
fn version() -> Done<String> {
    let text = process::read(
        rustc().arg("-vV"),
        "ask rustc for its version",
        "see that rustc works",
    )?;
    release(&text).map(str::to_owned).ok_or_else(|| {
        Failure::new(
            "find the sources of this Rust",
            format_args!("this rustc is no release: {text}"),
            "use a released Rust, 1.95 or newer",
        )
    })
}

/// `1.95.0` out of `rustc -vV`; nothing for nightly and beta, which Debian does not package.
fn release(text: &str) -> Option<&str> {
    let release = text
        .lines()
        .find_map(|line| line.strip_prefix("release: "))?
        .trim();
    release
        .split('.')
        .all(|part| part.parse::<u32>().is_ok())
        .then_some(release)
}

fn from_debian(work: &Path, version: &str) -> Done<PathBuf> {
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
        .args([
            "-o",
            &option("Dir::Etc::sourcelist", "sources.list"),
            "-o",
            &option("Dir::Etc::sourceparts", "none"),
            "-o",
            &option("Dir::Etc::preferencesparts", "none"),
        ])
        .args([
            "-o",
            &option("Dir::State::lists", "lists"),
            "-o",
            &option("Dir::Cache", "cache"),
        ])
        // As root, apt drops to a user who may not write into our folder; and only the packages' list is wanted.
        .args([
            "-o",
            "APT::Sandbox::User=root",
            "-o",
            "Acquire::Languages=none",
            "-o",
            "Acquire::http::Timeout=30",
            "-o",
            "Acquire::Retries=2",
        ]);
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

fn copy_tree(from: &Path, to: &Path) -> Done {
    let what = "put Rust's sources into the toolchain";
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).map_err(|error| Failure::of_file(what, parent, &error))?;
    }
    process::run(
        Command::new("cp")
            .args(["-rL", "--no-target-directory"])
            .args([from, to]),
        what,
        "give your user the right to write into the toolchain's folder",
    )
}

/// An empty crate, and with it the whole standard library for the target.
fn compile(work: &Path) -> Done {
    let empty = work.join("empty");
    let write = |name: &str, text: &str| {
        let path = empty.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)
                .map_err(|error| Failure::of_file("make an empty crate", folder, &error))?;
        }
        fs::write(&path, text).map_err(|error| Failure::of_file("make an empty crate", &path, &error))
    };
    write(
        "Cargo.toml",
        "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n",
    )?;
    write("src/lib.rs", "")?;
    process::run(
        process::cargo()
            .current_dir(&empty)
            .args(["build", "--release", "--target", TARGET, "--target-dir", "target"])
            .arg("-Zbuild-std=std,panic_abort,panic_unwind,alloc,core,proc_macro,test")
            // A released compiler builds its own library with this, as its makers do.
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTFLAGS", "-Cembed-bitcode=yes")
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("CARGO_BUILD_TARGET")
            .env_remove("CARGO_ENCODED_RUSTFLAGS"),
        "build the wasm32 standard library",
        "see the compiler's words above; the crates it names come from the registry, which must be reachable",
    )
}

fn install(work: &Path) -> Done {
    let what = "put the wasm32 library into the toolchain";
    let to = library_folder()
        .ok_or_else(|| Failure::new(what, "rustc does not know the target", "use Rust 1.95 or newer"))?;
    fs::create_dir_all(&to).map_err(|error| Failure::of_file(what, &to, &error))?;
    let from = work.join("empty/target").join(TARGET).join("release/deps");
    let entries = fs::read_dir(&from).map_err(|error| Failure::of_file(what, &from, &error))?;
    for library in entries.flatten().map(|entry| entry.path()) {
        let name = library
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        if name.ends_with(".rlib") && !name.starts_with("libempty") {
            fs::copy(&library, to.join(&name)).map_err(|error| Failure::of_file(what, &to, &error))?;
        }
    }
    say::line(format_args!("installed into {}", to.display()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{debian_of, offer, release};

    #[test]
    fn only_a_released_compiler_has_sources_in_debian() {
        assert_eq!(
            release("rustc 1.95.0 (5980 2026-04-14)\nrelease: 1.95.0\n"),
            Some("1.95.0")
        );
        assert_eq!(release("release: 1.97.0-nightly\n"), None);
        assert_eq!(release(""), None);
    }

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
