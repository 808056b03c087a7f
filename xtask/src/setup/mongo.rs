//! A MongoDB to test with: the one in `MONGODB_URI`, else a `mongod` on the PATH, else a stand-in that speaks its wire
//! protocol, in a virtual environment in the cache folder.
//!
//! The stand-in, secantusdb, is a separate program under GPL-2.0: it is started, never linked, and no part of Parlance.
//! It is a Python program and slow: good for telling right from wrong, not for measuring.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::{self as this, Command, Stdio};

use crate::failure::{Done, Failure};
use crate::place::Place;
use crate::{process, say};

const PACKAGE: &str = "secantusdb";
const VERSION: &str = "0.7.0b3";

/// The URI that the user gives.
pub(crate) fn given() -> Option<OsString> {
    std::env::var_os("MONGODB_URI").filter(|uri| !uri.is_empty())
}

/// The real program.
pub(crate) fn mongod() -> Option<PathBuf> {
    process::which("mongod")
}

fn folder(place: &Place) -> PathBuf {
    place.tools().join(format!("{PACKAGE}-{VERSION}"))
}

/// The stand-in's program, or where it will be.
pub(crate) fn stand_in(place: &Place) -> PathBuf {
    folder(place).join("bin").join("secantusd-py")
}

/// Whether there is any of the three. The stand-in's folder gets its name when it is whole.
pub(crate) fn is_there(place: &Place) -> bool {
    given().is_some() || mongod().is_some() || stand_in(place).exists()
}

/// Whether Python can make virtual environments.
pub(crate) fn venv_is_there() -> bool {
    process::ask(Command::new("python3").args(["-c", "import venv, ensurepip"])).is_some()
}

/// Installs the stand-in.
pub(crate) fn install(place: &Place) -> Done {
    let what = "install the stand-in for MongoDB";
    say::step(format_args!(
        "Installing {PACKAGE} {VERSION} into {}",
        folder(place).display()
    ));
    fs::create_dir_all(place.tools())
        .map_err(|error| Failure::of_file("make the tools' folder", &place.tools(), &error))?;
    // A virtual environment knows its own path: it is made where it stays, and marked as whole by its program, which
    // pip puts there last.
    let cure =
        "see the words above: without the package index, install MongoDB, or set MONGODB_URI to one you have";
    let mut venv = Command::new("python3");
    venv.args(["-m", "venv", "--clear"])
        .arg(folder(place))
        .stdin(Stdio::null());
    process::run(&mut venv, what, cure)?;
    let mut pip = Command::new(folder(place).join("bin").join("python"));
    pip.args(process::words(
        "-m pip install --only-binary=:all: --disable-pip-version-check --retries=3 --quiet",
    ))
    .arg(format!("{PACKAGE}=={VERSION}"))
    .stdin(Stdio::null());
    let installed = process::run(&mut pip, what, cure);
    if installed.is_err() {
        let _ = fs::remove_dir_all(folder(place));
    }
    installed
}

/// A folder for a real server's files, which is taken away with it.
pub(crate) fn scratch() -> Done<PathBuf> {
    let folder = std::env::temp_dir().join(format!("parlance-mongod-{}", this::id()));
    fs::create_dir_all(&folder)
        .map_err(|error| Failure::of_file("make a folder for MongoDB", &folder, &error))?;
    Ok(folder)
}
