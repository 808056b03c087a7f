//! `parlance migrate`: everything in a data folder, copied into a MongoDB.
//!
//! The server must not run meanwhile: its lock is held here. Broken off (Ctrl-C, a lost connection), the same command
//! goes on where it was; at the end both sides are compared, record by record. The data folder is not changed, but for
//! its schema, which is brought up to date first.

use crate::{config::StoreConfig, startup};
use clap::Args;
use secrecy::ExposeSecret;
use std::{
    io::{self, Write},
    ops::ControlFlow,
    time::{Duration, Instant},
};
use store::{
    SqliteStore, Store,
    copy::{CopyOutcome, Progress, Subject, copy},
};

/// Between two words about how far it is.
const WORDS: Duration = Duration::from_secs(2);

/// Copies the data folder into MongoDB, resumable and verified; the server must not run meanwhile.
#[derive(Debug, Args)]
pub struct MigrateCommand {
    #[command(flatten)]
    #[expect(missing_docs, reason = "its type says it")]
    pub store: StoreConfig,
}

/// Copies, and says how far it is.
///
/// # Errors
/// One sentence: what is in the way, and what helps.
pub fn run(command: &MigrateCommand, output: &mut (dyn Write + Send)) -> Result<(), String> {
    let StoreConfig {
        data,
        mongodb_uri,
        mongodb_database,
        ..
    } = &command.store;
    let Some(uri) = mongodb_uri else {
        return Err("name the target with --mongodb-uri, or set MONGODB_URI".into());
    };
    let file = startup::database_file(data);
    if !file.exists() {
        return Err(format!(
            "there is no database at {}: name the server's data folder with --data",
            file.display()
        ));
    }
    let _lock = startup::lock(data).map_err(|error| error.to_string())?;
    let from = SqliteStore::open(&file)
        .map_err(|error| format!("cannot open the database {}: {error}", file.display()))?;
    let source = file.canonicalize().unwrap_or(file).display().to_string();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start: {error}"))?;
    let mut words = Words::new(output);
    let done = runtime.block_on(async {
        let mut progress = |word| words.hear(word);
        let done = copy(
            &from,
            uri.expose_secret(),
            mongodb_database,
            &source,
            &mut progress,
        )
        .await;
        from.close().await;
        done
    });
    let last = match done.map_err(|error| error.to_string())? {
        CopyOutcome::Copied => format!(
            "Everything is in the MongoDB database \"{mongodb_database}\", and was compared. Start the server with the \
             same MONGODB_URI; keep the data folder until you are sure, and its secret key for good: all nodes need the \
             same one (PARLANCE_SECRET)."
        ),
        CopyOutcome::DoneBefore => {
            format!(
                "The MongoDB database \"{mongodb_database}\" holds a finished copy already; nothing was done."
            )
        }
    };
    words
        .say(&last)
        .map_err(|error| format!("it is done, but nothing can be printed: {error}"))
}

/// What the person at the keyboard is told.
struct Words<'output> {
    output: &'output mut (dyn Write + Send),
    counting: Option<(Subject, u64)>,
    said: Instant,
}

impl<'output> Words<'output> {
    fn new(output: &'output mut (dyn Write + Send)) -> Self {
        Self {
            output,
            counting: None,
            said: Instant::now(),
        }
    }

    fn say(&mut self, words: &str) -> io::Result<()> {
        writeln!(self.output, "{words}")?;
        self.output.flush()
    }

    /// Copies go on though nobody reads about them.
    fn hear(&mut self, word: Progress) -> ControlFlow<()> {
        let _unread = match word {
            Progress::Copied(subject, more) => {
                let before = self.counting.filter(|(counted, _)| *counted == subject);
                let count = before.map_or(0, |(_, count)| count).saturating_add(more);
                self.counting = Some((subject, count));
                if self.said.elapsed() < WORDS {
                    return ControlFlow::Continue(());
                }
                self.said = Instant::now();
                self.say(&format!("{}: {count} copied", subject.name()))
            }
            Progress::Verified(subject, count) => {
                self.say(&format!("{}: {count}, the same on both sides", subject.name()))
            }
        };
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::SecretString;
    use std::path::Path;

    fn migrating(data: &Path, uri: Option<&str>) -> String {
        let command = MigrateCommand {
            store: StoreConfig {
                data: data.to_owned(),
                mongodb_uri: uri.map(SecretString::from),
                mongodb_database: "parlance".into(),
            },
        };
        run(&command, &mut Vec::new()).unwrap_err()
    }

    #[test]
    fn what_is_missing_is_named_with_its_cure() {
        let data = tempfile::tempdir().unwrap();
        assert!(migrating(data.path(), None).contains("--mongodb-uri"));
        assert!(migrating(data.path(), Some("mongodb://localhost")).contains("--data"));
    }

    #[test]
    fn nothing_is_copied_while_the_server_runs() {
        let data = tempfile::tempdir().unwrap();
        startup::open_store(data.path()).unwrap();
        let _server = startup::lock(data.path()).unwrap();
        let refused = migrating(data.path(), Some("mongodb://localhost"));
        assert!(refused.contains("another Parlance server"), "{refused}");
    }
}
