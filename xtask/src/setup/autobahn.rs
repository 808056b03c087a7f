//! The Autobahn test suite, the judge of WebSocket servers, in the cache folder. It is a program for Python 2.7 alone (25.10.1
//! still has `print` as a statement): where there is none, the step that wants it says so and is skipped. No Debian since
//! 11 packages that Python, so it is never installed by us.
//!
//! Installed as one user's packages in a folder of its own (`PYTHONUSERBASE`): Python 2.7 has no virtual environments, and
//! zope's packages are found by a `.pth` file, which a plain folder on the path would not read.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::{Done, Failure};
use crate::place::Place;
use crate::{process, say};

const PACKAGE: &str = "autobahntestsuite";
const VERSION: &str = "25.10.1";

/// A Python 2.7 with pip: on the PATH, or one of pyenv's.
pub(crate) fn python() -> Option<PathBuf> {
    let on_path = ["python2.7", "python2", "python"]
        .into_iter()
        .filter_map(process::which);
    on_path.chain(of_pyenv()).find(|program| is_right(program))
}

fn of_pyenv() -> Vec<PathBuf> {
    let root = env::var_os("PYENV_ROOT")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".pyenv")));
    let versions = root.and_then(|root| fs::read_dir(root.join("versions")).ok());
    let folders = versions.into_iter().flatten().filter_map(Result::ok);
    folders
        .filter(|folder| folder.file_name().to_string_lossy().starts_with("2.7"))
        .map(|folder| folder.path().join("bin").join("python"))
        .collect()
}

/// pyenv's shims are there for versions that are not.
fn is_right(program: &Path) -> bool {
    let asks = "import sys, pip; sys.exit(sys.version_info[:2] != (2, 7))";
    process::ask(Command::new(program).args(["-c", asks])).is_some()
}

fn folder(place: &Place) -> PathBuf {
    place.tools().join(format!("{PACKAGE}-{VERSION}"))
}

/// Whether it is installed.
pub(crate) fn is_there(place: &Place) -> bool {
    folder(place).join("bin").join("wstest").exists()
}

/// The suite's program, to be given its arguments.
pub(crate) fn wstest(place: &Place, python: &Path) -> Command {
    let mut command = Command::new(python);
    command
        .arg(folder(place).join("bin").join("wstest"))
        .env("PYTHONUSERBASE", folder(place))
        .env_remove("PYTHONPATH")
        .stdin(Stdio::null());
    command
}

/// Installs it, if there is a Python for it.
pub(crate) fn install(place: &Place) -> Done {
    let Some(python) = python() else { return Ok(()) };
    say::step(format_args!(
        "Installing {PACKAGE} {VERSION} into {}",
        folder(place).display()
    ));
    let made = fs::create_dir_all(place.tools());
    made.map_err(|error| Failure::of_file("make the tools' folder", &place.tools(), &error))?;
    let mut pip = Command::new(python);
    pip.args(process::words(
        "-m pip install --user --ignore-installed --disable-pip-version-check --retries=3 --quiet --no-warn-script-location",
    ))
    .arg(format!("{PACKAGE}=={VERSION}"))
    .env("PYTHONUSERBASE", folder(place))
    .env_remove("PYTHONPATH")
    // Python 2.7 is told about at every call.
    .env("PYTHONWARNINGS", "ignore")
    .stdin(Stdio::null());
    let installed = process::run(
        &mut pip,
        "install the Autobahn test suite",
        "see pip's words above: the package index must be reachable the first time",
    );
    if installed.is_err() {
        let _ = fs::remove_dir_all(folder(place));
    }
    installed
}
