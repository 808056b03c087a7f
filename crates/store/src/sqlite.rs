//! The embedded store: one SQLite file.
//!
//! Must not know: anything above the [`Store`] traits. SQL stays in this folder.
//! One thread writes, two read, all fed by bounded queues ([`lane`]); the writer commits what is queued in groups
//! ([`writer`]), and leaves the write-ahead log to a third kind of thread ([`checkpoint`]). Each subject has a file with its statements and its trait. Start at [`SqliteStore::open`].

mod audit;
mod backup;
mod chatbot;
mod checkpoint;
mod chunk_log;
mod connection;
mod conversation;
mod db;
mod document;
mod export;
mod generation;
mod lane;
mod message;
mod migration;
mod note;
mod reader;
mod search;
mod session;
mod sign_in;
mod standing;
mod usage;
mod user;
mod value;
mod writer;

#[cfg(test)]
mod plan;

use crate::{Hints, Result, Store, StoreError};
pub use backup::Copied;
use checkpoint::Checkpoints;
use db::{Db, Sql, statements};
use lane::Lane;
use std::{
    path::Path,
    sync::{Mutex, PoisonError},
};
use wire::Timestamp;

/// Connections that read. Reads are short and WAL lets them run beside the writer; more would only share the cores.
const READERS: usize = 2;
/// Calls that wait for the writer. When it is full, callers wait: nothing is refused and nothing is dropped.
const WRITES_QUEUED: usize = 1024;
/// Calls that wait for a reader. When it is full, callers wait.
const READS_QUEUED: usize = 1024;

statements! {
    /// A real write: nothing less shows that the disk takes one.
    BEAT = "UPDATE heartbeat SET beats = beats + 1 WHERE only = 1";
    /// A real read.
    HEARTBEAT = "SELECT beats FROM heartbeat WHERE only = 1";
}

/// Everything Parlance remembers, in one file.
///
/// Dropping it without [`Store::close`] is safe: what was answered is on the disk.
#[derive(Debug)]
pub struct SqliteStore {
    writes: Lane,
    reads: Lane,
    /// `None` once it was waited for.
    checkpoints: Mutex<Option<Checkpoints>>,
}

impl SqliteStore {
    /// Opens the file, makes it when it is not there (its folder must be), and brings its schema up to date.
    ///
    /// Blocks for as long as that takes; needs no runtime.
    pub fn open(path: &Path) -> Result<Self> {
        let mut connection = connection::open(path)?;
        migration::migrate(&mut connection)?;
        let mut connection = search::catch_up(connection)?;
        let checkpoints = checkpoint::start(&mut connection, connection::open(path)?)?;
        let readers = (0..READERS)
            .map(|_| connection::open_to_read(path))
            .collect::<Result<Vec<_>>>()?;
        Ok(Self {
            writes: writer::start(connection, WRITES_QUEUED)?,
            reads: reader::start(readers, READS_QUEUED)?,
            checkpoints: Mutex::new(Some(checkpoints)),
        })
    }

    /// Copies the file of a store, which may be in use by other processes, to a new file: all of it as it was at one
    /// moment after the call, checked, and on the disk. `progress` hears how many bytes are done, and of how many.
    ///
    /// Blocks for as long as that takes; needs no runtime. Nobody waits for it meanwhile.
    pub fn copy_file(from: &Path, to: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<Copied> {
        backup::copy(from, to, progress)
    }

    /// Whether the next start of a server would change the schema of this file. Changes nothing itself.
    pub fn is_behind(path: &Path) -> Result<bool> {
        migration::is_behind(&connection::open_to_read(path)?)
    }

    /// Does `work` on the writer thread; returns when its transaction is on the disk.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Db) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.writes.call(work).await
    }

    /// Does `work` on a reader thread; all of it sees the database at one moment.
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Db) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.reads.call(work).await
    }

    /// Repeats a deletion of at most `slice` rows from before `before` until there is none left: how many went.
    async fn in_slices(&self, deletion: Sql, before: i64, slice: u32) -> Result<u64> {
        let mut collected = 0;
        loop {
            match self
                .write(move |db| db.execute(deletion, (before, slice)))
                .await?
            {
                0 => return Ok(collected),
                rows => collected += u64::try_from(rows).unwrap_or(u64::MAX),
            }
        }
    }
}

#[async_trait::async_trait]
impl Store for SqliteStore {
    async fn ping(&self) -> Result<()> {
        self.write(|db| db.execute(BEAT, ())).await?;
        let beats = self
            .read(|db| db.first(HEARTBEAT, (), |row| row.number("beats")))
            .await?;
        beats
            .map(drop)
            .ok_or_else(|| StoreError::Damaged("the heartbeat is gone".into()))
    }

    fn is_exclusive(&self) -> bool {
        true
    }

    async fn now(&self) -> Result<Timestamp> {
        Ok(std::time::SystemTime::now().into())
    }

    fn hints(&self) -> Option<Hints> {
        None
    }

    async fn close(&self) {
        // Who closes last moves the write-ahead log into the file.
        self.reads.close().await;
        self.writes.close().await;
        let checkpoints = self
            .checkpoints
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(checkpoints) = checkpoints {
            let _ = tokio::task::spawn_blocking(move || checkpoints.end()).await;
        }
    }
}
