//! `parlance backup DIR`: the data folder as it is now, copied into a new one while the server runs.
//!
//! What it makes is a data folder itself: to restore is to start a server on a copy of it. It comes into being whole,
//! under its own name, or not at all.

use crate::{config::StoreConfig, startup};
use clap::Args;
use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};
use store::{Copied, SqliteStore, StoreError};

/// What people count, by the tables it is in.
const COUNTED: [(&str, &str); 4] = [
    ("user", "accounts"),
    ("chatbot", "chatbots"),
    ("conversation", "conversations"),
    ("message", "messages"),
];
/// Smaller databases are copied before a word about it is read.
const WORTH_A_WORD: u64 = 64 * 1024 * 1024;

/// Copies the data folder into a new one, whole and checked; works while the server runs.
#[derive(Debug, Args)]
pub struct BackupCommand {
    #[command(flatten)]
    #[expect(missing_docs, reason = "its type says it")]
    pub store: StoreConfig,
    /// The new folder: it must not be there yet. Keep it as safe as the data folder: it has the secret key in it.
    pub to: PathBuf,
}

/// Why there is no backup. Each names the cause, and the cure where there is one.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The data is not in the folder.
    #[error(
        "everything is in MongoDB (MONGODB_URI is set): `mongodump` backs that up, see docs/deployment.md"
    )]
    Elsewhere,
    /// A backup never replaces anything.
    #[error("{} is there already, and a backup never writes over anything: choose another name", .0.display())]
    Taken(PathBuf),
    /// The data folder has no database.
    #[error("there is no database at {}: name the server's data folder with --data", .0.display())]
    NoDatabase(PathBuf),
    /// Neither `.` nor `/` can be made.
    #[error("{} is no name for a new folder", .0.display())]
    NoName(PathBuf),
    /// The database could not be read whole, or its copy is not whole.
    #[error("cannot copy the database: {0}")]
    Store(#[from] StoreError),
    /// A file or folder.
    #[error("{path}: {source}", path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

type Result<T> = std::result::Result<T, BackupError>;

/// Makes the backup and says what is in it.
///
/// # Errors
/// One sentence: see [`BackupError`].
pub fn run(command: &BackupCommand, output: &mut dyn Write) -> std::result::Result<(), String> {
    let said = |error: io::Error| format!("the backup is made, but nothing can be printed: {error}");
    if command.store.mongodb_uri.is_some() {
        return Err(BackupError::Elsewhere.to_string());
    }
    let made = make(&command.store.data, &command.to, &mut Progress::default())
        .map_err(|error| error.to_string())?;
    let counts: Vec<String> = COUNTED
        .iter()
        .filter_map(|(table, word)| {
            let (_, rows) = made.copied.rows.iter().find(|(name, _)| name == table)?;
            Some(format!("{word} {rows}"))
        })
        .collect();
    let to = command.to.display();
    writeln!(
        output,
        "{to}: {} ({} KB), read back and whole.",
        counts.join(", "),
        made.copied.bytes / 1024
    )
    .map_err(said)?;
    if made.has_secret {
        writeln!(
            output,
            "The secret key is in it: keep it as safe as the data folder."
        )
    } else {
        writeln!(
            output,
            "The secret key is not in it: keep PARLANCE_SECRET with it."
        )
    }
    .and_then(|()| {
        writeln!(
            output,
            "To restore it: copy it, and `parlance serve --data COPY`."
        )
    })
    .map_err(said)
}

/// What a backup has in it.
#[derive(Debug)]
struct Made {
    copied: Copied,
    /// False when the key is in the configuration.
    has_secret: bool,
}

fn make(data: &Path, to: &Path, progress: &mut Progress) -> Result<Made> {
    let database = startup::database_file(data);
    if !database.is_file() {
        return Err(BackupError::NoDatabase(database));
    }
    if to.symlink_metadata().is_ok() {
        return Err(BackupError::Taken(to.into()));
    }
    let draft = draft(to)?;
    let made = fill(data, &draft, progress).and_then(|made| {
        fs::rename(&draft, to).map_err(failed(to))?;
        Ok(made)
    });
    if made.is_err() {
        // It may not even have been made; what cannot be removed has a telling name.
        let _ = fs::remove_dir_all(&draft);
    }
    let made = made?;
    sync(parent(to))?;
    Ok(made)
}

/// Beside its place, so that the last step is a renaming.
fn draft(to: &Path) -> Result<PathBuf> {
    let name = to.file_name().ok_or_else(|| BackupError::NoName(to.into()))?;
    let mut draft = OsString::from(".");
    draft.push(name);
    draft.push(format!(".{}.unfinished", std::process::id()));
    Ok(to.with_file_name(draft))
}

fn fill(data: &Path, draft: &Path, progress: &mut Progress) -> Result<Made> {
    make_folder(draft).map_err(failed(draft))?;
    let copied = SqliteStore::copy_file(
        &startup::database_file(data),
        &startup::database_file(draft),
        &mut |done, of| progress.say(done, of),
    )?;
    let has_secret = copy_secret(&startup::secret_file(data), &startup::secret_file(draft))?;
    sync(draft)?;
    Ok(Made { copied, has_secret })
}

fn make_folder(path: &Path) -> io::Result<()> {
    let mut folder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.create(path)
}

fn copy_secret(from: &Path, to: &Path) -> Result<bool> {
    // Permissions are copied, too.
    match fs::copy(from, to) {
        Ok(_) => sync(to).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed(from)(error)),
    }
}

fn parent(path: &Path) -> &Path {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

fn sync(path: &Path) -> Result<()> {
    File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(failed(path))
}

fn failed(path: &Path) -> impl Fn(io::Error) -> BackupError + use<> {
    let path = path.to_path_buf();
    move |source| BackupError::File {
        path: path.clone(),
        source,
    }
}

/// A line on standard error for each tenth of a large database.
#[derive(Debug, Default)]
struct Progress {
    tenths: u64,
}

impl Progress {
    fn say(&mut self, done: u64, of: u64) {
        let tenths = done.saturating_mul(10) / of.max(1);
        if of >= WORTH_A_WORD && tenths > self.tenths {
            self.tenths = tenths;
            eprintln!("{tenths}0 % of {} MB copied", of / (1024 * 1024));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn a_data_folder() -> tempfile::TempDir {
        let data = tempfile::tempdir().unwrap();
        drop(startup::open_store(data.path()).unwrap());
        data
    }

    fn names(folder: &Path) -> Vec<OsString> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_backup_never_writes_over_anything() {
        let (data, there) = (a_data_folder(), tempfile::tempdir().unwrap());
        let error = make(data.path(), there.path(), &mut Progress::default()).unwrap_err();
        assert!(matches!(error, BackupError::Taken(_)), "{error}");
        assert_eq!(names(there.path()), [""; 0]);
    }

    #[test]
    fn a_backup_that_fails_leaves_nothing_behind() {
        let (data, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(startup::database_file(data.path()), "no database").unwrap();
        let error = make(
            data.path(),
            &place.path().join("backup"),
            &mut Progress::default(),
        )
        .unwrap_err();
        assert!(matches!(error, BackupError::Store(_)), "{error}");
        assert_eq!(names(place.path()), [""; 0]);
        let nothing = make(
            place.path(),
            &data.path().join("backup"),
            &mut Progress::default(),
        )
        .unwrap_err();
        assert!(nothing.to_string().contains("--data"), "{nothing}");
    }

    #[test]
    fn a_backup_of_a_server_whose_key_is_configured_says_what_is_missing() {
        let (data, place) = (a_data_folder(), tempfile::tempdir().unwrap());
        let mut command = BackupCommand {
            store: crate::config::Config::defaults().store,
            to: place.path().join("backup"),
        };
        command.store.data = data.path().into();
        command.store.mongodb_uri = Some("mongodb://localhost".into());
        let elsewhere = run(&command, &mut Vec::new()).unwrap_err();
        assert!(elsewhere.contains("mongodump"), "{elsewhere}");
        command.store.mongodb_uri = None;
        let mut output = Vec::new();
        run(&command, &mut output).unwrap();
        let output = String::from_utf8(output).unwrap();
        assert!(output.contains("keep PARLANCE_SECRET with it"), "{output}");
        assert_eq!(names(&command.to), ["parlance.db"]);
    }
}
