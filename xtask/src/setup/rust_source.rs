//! The wasm32 standard library built from Rust's sources: for machines that reach package mirrors, not rustup's server.
//!
//! The sources of exactly the compiler's version come from the toolchain itself, if it has them, or from
//! `debian_package`. Nothing on the system changes but the toolchain's own folder.

mod debian_package;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::wasm_target::{TARGET, library_folder, rustc};
use crate::failure::{Done, Failure};
use crate::place::Place;
use crate::{process, say};

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
        let source = debian_package::sources(&work, &version)?;
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
    use super::release;

    #[test]
    fn only_a_released_compiler_has_sources_in_debian() {
        assert_eq!(
            release("rustc 1.95.0 (5980 2026-04-14)\nrelease: 1.95.0\n"),
            Some("1.95.0")
        );
        assert_eq!(release("release: 1.97.0-nightly\n"), None);
        assert_eq!(release(""), None);
    }
}
