//! The thread that moves the write-ahead log into the file, so that the writer does not.
//!
//! SQLite's own way is that the commit after which the log has grown long does it: whoever waits for that commit waits for
//! the moving and for two more flushes of the disk as well. A PASSIVE checkpoint waits for nobody and stops nobody
//! (<https://www.sqlite.org/wal.html#ckpt>), so another connection can do it beside the writer.

use super::db;
use crate::{Result, StoreError};
use rusqlite::{Connection, hooks::Wal};
use std::{
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread::{self, JoinHandle},
};

/// Pages of the log, 4 KiB each, from which on they are moved: SQLite's own number.
const LONG: i32 = 1_000;
/// Pages from which on the writer moves them itself, before it goes on: what bounds the log when this thread is too slow
/// (64 MiB).
const TOO_LONG: i32 = 16_384;

/// The thread. Left alone, it ends with the writer's connection.
#[derive(Debug)]
pub(super) struct Checkpoints {
    /// Keeps it until [`end`](Checkpoints::end).
    keep: SyncSender<()>,
    thread: JoinHandle<()>,
}

impl Checkpoints {
    /// Ends it. Blocks until its connection is closed: the last one, if all others are closed by now, and so the one that
    /// moves the log into the file. Were two to close at the same time, each could take the other for the last.
    pub(super) fn end(self) {
        drop(self.keep);
        // Were it to have panicked, the log would be moved by the next start.
        let _ = self.thread.join();
    }
}

/// Starts the thread, and lets the writer's connection tell it how long the log is.
pub(super) fn start(writer: &mut Connection, own: Connection) -> Result<Checkpoints> {
    let (wake, woken) = sync_channel(1);
    let keep = wake.clone();
    writer
        .wal_hook(Some(move |wal: &mut Wal, pages| look(wal, pages, &wake)))
        .map_err(db::failure)?;
    let thread = thread::Builder::new()
        .name("sqlite-checkpoint".into())
        .spawn(move || work(&own, &woken))
        .map_err(|error| StoreError::Unavailable(error.to_string()))?;
    Ok(Checkpoints { keep, thread })
}

/// After each commit. Always `Ok`: the commit is on the disk, whatever becomes of the log.
fn look(wal: &mut Wal, pages: i32, wake: &SyncSender<()>) -> rusqlite::Result<()> {
    if pages >= LONG {
        // Full: it is awake already.
        let _ = wake.try_send(());
    }
    if pages >= TOO_LONG {
        drop(wal.checkpoint());
    }
    Ok(())
}

fn work(connection: &Connection, woken: &Receiver<()>) {
    while woken.recv().is_ok() {
        // What fails or finds the log in use is tried again after the next commit; the writer's own limit stands behind it.
        drop(connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", (), |_| Ok(())));
    }
}

#[cfg(test)]
mod tests {
    use super::super::connection;
    use super::*;

    #[test]
    fn the_log_is_moved_by_the_other_thread_and_used_again_from_its_beginning() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("parlance.db");
        let mut writer = connection::open(&path).unwrap();
        let checkpoints = start(&mut writer, connection::open(&path).unwrap()).unwrap();
        writer.execute_batch("CREATE TABLE note (text TEXT)").unwrap();
        // About 200 MB of pages, three times what is ever let stand.
        for _ in 0..200 {
            writer
                .execute_batch(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250)
                     INSERT INTO note SELECT hex(zeroblob(2000)) FROM n",
                )
                .unwrap();
        }
        let log = std::fs::metadata(path.with_extension("db-wal")).unwrap().len();
        assert!(log < 80 * 1024 * 1024, "the log is {log} bytes long");
        let rows: u32 = writer
            .query_row("SELECT count(*) FROM note", (), |row| row.get(0))
            .unwrap();
        assert_eq!(rows, 50_000);
        drop(writer);
        checkpoints.end();
        assert!(
            !path.with_extension("db-wal").exists(),
            "the last one moves it and takes it away"
        );
    }
}
