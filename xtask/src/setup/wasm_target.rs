//! Rust's standard library for wasm32-unknown-unknown, in the toolchain that runs us.
//!
//! rustup brings it where its server can be reached; elsewhere `rust_source` builds it from Debian's sources.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::rust_source;
use crate::failure::{Done, Failure};
use crate::place::Place;
use crate::{process, say};

/// The target's name.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// How long rustup may take: 20 MB on a slow line, and not for ever where a wall swallows its packets.
const RUSTUP_LIMIT: Duration = Duration::from_secs(180);

/// The compiler that builds the front.
pub(crate) fn rustc() -> Command {
    Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
}

/// Where the target's libraries are, or would be.
pub(crate) fn library_folder() -> Option<PathBuf> {
    let text = process::ask(rustc().args(["--print", "target-libdir", "--target", TARGET]))?;
    Some(PathBuf::from(text.trim()))
}

/// Whether the toolchain can build for the browser.
pub(crate) fn is_there() -> bool {
    let Some(entries) = library_folder().and_then(|folder| fs::read_dir(folder).ok()) else {
        return false;
    };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with("libstd-") && name.ends_with(".rlib")
    })
}

/// Adds the target to the toolchain.
pub(crate) fn install(place: &Place) -> Done {
    if process::which("rustup").is_some() && by_rustup()? {
        return Ok(());
    }
    rust_source::build(place)?;
    if is_there() {
        return Ok(());
    }
    Err(Failure::new(
        "add the wasm32 target",
        "its libraries were built and copied, and rustc still does not see them",
        "compare `rustc --print target-libdir --target wasm32-unknown-unknown` with the folder named above",
    ))
}

fn by_rustup() -> Done<bool> {
    say::step(format_args!("rustup target add {TARGET}"));
    let mut command = Command::new("rustup");
    command
        .args(["target", "add", TARGET])
        .env("RUSTUP_MAX_RETRIES", "1")
        .stdin(Stdio::null());
    let status = process::run_within(&mut command, RUSTUP_LIMIT, "add the wasm32 target")?;
    if status.is_some_and(|status| status.success()) && is_there() {
        return Ok(true);
    }
    say::line(match status {
        Some(_) => {
            "rustup could not bring it (its words stand above): building it from Debian's Rust sources instead"
        }
        None => "rustup took too long: building it from Debian's Rust sources instead",
    });
    Ok(false)
}
