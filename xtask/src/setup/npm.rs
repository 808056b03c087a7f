//! The npm packages of our small projects: the front's tools, the browser suite, and what measures pages.
//!
//! `npm ci` takes exactly what the lock file says; a stamp in `node_modules` says that this was done.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::digest::{Stamp, Sum};
use crate::failure::{Done, Failure};
use crate::place::Place;
use crate::{process, say};

/// A folder with a package.json of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Project {
    /// wasm-opt and esbuild.
    FrontTools,
    /// Playwright.
    EndToEnd,
    /// Lighthouse.
    Perf,
}

impl Project {
    /// What doctor calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::FrontTools => "npm packages of xtask/npm (wasm-opt, esbuild)",
            Self::EndToEnd => "npm packages of end2end (Playwright)",
            Self::Perf => "npm packages of end2end/perf (Lighthouse)",
        }
    }

    /// What it is for.
    pub(crate) fn why(self) -> &'static str {
        match self {
            Self::FrontTools => "make the page small: wasm, CSS and JavaScript",
            Self::EndToEnd => "drive the browser in the tests",
            Self::Perf => "judges the pages, for `cargo xtask perf` only",
        }
    }

    /// Where it lies.
    pub(crate) fn folder(self, place: &Place) -> PathBuf {
        place.root.join(match self {
            Self::FrontTools => "xtask/npm",
            Self::EndToEnd => "end2end",
            Self::Perf => "end2end/perf",
        })
    }

    /// Whether its packages are installed as the lock file says.
    pub(crate) fn is_there(self, place: &Place) -> bool {
        let folder = self.folder(place);
        // Without a manifest there is nothing to install.
        !folder.join("package.json").exists() || stamp(&folder).is_ok_and(|stamp| stamp.holds(&[]))
    }

    /// Installs its packages. Scripts of packages are not run: ours need none, and no browser is to be downloaded.
    pub(crate) fn install(self, place: &Place) -> Done {
        let folder = self.folder(place);
        say::step(format_args!(
            "npm ci in {}",
            folder.strip_prefix(&place.root).unwrap_or(&folder).display()
        ));
        let verb = if folder.join("package-lock.json").exists() {
            "ci"
        } else {
            "install"
        };
        let mut command = Command::new("npm");
        command
            .current_dir(&folder)
            .arg(verb)
            .args(process::words(
                "--ignore-scripts --no-audit --no-fund --loglevel=error",
            ))
            .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
            .stdin(Stdio::null());
        process::run(
            &mut command,
            self.name(),
            "see npm's words above; the npm registry must be reachable this once",
        )?;
        stamp(&folder)?.set()
    }
}

fn stamp(folder: &Path) -> Done<Stamp> {
    let lock = folder.join("package-lock.json");
    let manifest = folder.join("package.json");
    let sum = Sum::default().file(if lock.exists() { &lock } else { &manifest })?;
    Ok(Stamp::new(folder.join("node_modules/.parlance-stamp"), sum))
}

/// A JavaScript program of the front's tools, run by Node.
pub(crate) fn node_program(place: &Place, package_path: &str) -> Done<Command> {
    let script = Project::FrontTools.folder(place).join(package_path);
    if !script.exists() {
        return Err(Failure::new(
            format_args!("find {package_path}"),
            format_args!("{} is not there", script.display()),
            "remove xtask/npm/node_modules and run the command again",
        ));
    }
    let mut command = Command::new("node");
    command.arg(script).stdin(Stdio::null());
    Ok(command)
}
