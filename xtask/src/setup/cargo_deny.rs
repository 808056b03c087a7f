//! cargo-deny, built once into the cache folder. Its advisory database is not used: it lives outside the registries.

use std::path::PathBuf;
use std::process::Command;

use crate::failure::Done;
use crate::place::Place;
use crate::{process, say};

/// The version `deny.toml` is written for.
const VERSION: &str = "0.20.2";

/// Where it is, or will be.
pub(crate) fn program(place: &Place) -> PathBuf {
    place.tools().join("bin").join("cargo-deny")
}

/// Whether it is there in the right version.
pub(crate) fn is_there(place: &Place) -> bool {
    process::ask(Command::new(program(place)).arg("--version"))
        .is_some_and(|text| text.trim().ends_with(VERSION))
}

/// Builds it.
pub(crate) fn install(place: &Place) -> Done {
    say::step(format_args!("cargo install cargo-deny {VERSION}"));
    let command = |locked: bool| {
        let mut command = process::cargo();
        command
            // Outside the work tree: our own cargo configuration is not for it.
            .current_dir("/")
            .args(["install", "cargo-deny", "--version", VERSION])
            .args(process::words("--no-default-features --force --root"))
            .arg(place.tools())
            .env_remove("CARGO_TARGET_DIR");
        if locked {
            command.arg("--locked");
        }
        command
    };
    // A registry that lags may miss a version of its lock file: then take the newest that fit.
    if command(true).status().is_ok_and(|status| status.success()) {
        return Ok(());
    }
    say::line("once more, without its lock file");
    process::run(
        &mut command(false),
        "install cargo-deny",
        "see cargo's words above; the crate registry must be reachable this once",
    )
}
