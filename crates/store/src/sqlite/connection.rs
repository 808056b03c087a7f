//! Opening the file: the settings that every connection needs.

use super::db;
use crate::{Result, StoreError};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// How long to wait for another process (`parlance user …`) that is writing.
const BUSY: Duration = Duration::from_secs(5);

/// Between attempts at what SQLite does not wait for by itself.
const AGAIN: Duration = Duration::from_millis(10);

/// Statements kept ready on each connection: more than there are.
const STATEMENTS: usize = 128;

/// Readers and the writer do not wait for each other.
const WAL: &str = "PRAGMA journal_mode = WAL";

/// FULL: a commit is on the disk when it returns, whatever
/// happens to the power. `temp_store`: savepoints and sorts need no files. The log's file is cut back after a burst.
const SETTINGS: &str = "
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA journal_size_limit = 33554432;
";

/// A connection that writes.
pub(super) fn open(path: &Path) -> Result<Connection> {
    create(path)?;
    connect(path)
}

/// A connection that is not able to write.
pub(super) fn open_to_read(path: &Path) -> Result<Connection> {
    let connection = connect(path)?;
    connection
        .execute_batch("PRAGMA query_only = ON")
        .map_err(db::failure)?;
    Ok(connection)
}

fn connect(path: &Path) -> Result<Connection> {
    // No URI: a path is a path, whatever it is called. No mutex: each connection stays on one thread.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(db::failure)?;
    connection.busy_timeout(BUSY).map_err(db::failure)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    write_ahead(&connection)?;
    connection.execute_batch(SETTINGS).map_err(db::failure)?;
    Ok(connection)
}

/// Gives the file its log. Of two who do that to a new file at the same time, SQLite refuses one at once, whatever the time
/// it may wait: each would wait for the other (`sqlite3_busy_handler`). Then the other is done in a moment.
fn write_ahead(connection: &Connection) -> Result<()> {
    let until = Instant::now() + BUSY;
    loop {
        match connection.execute_batch(WAL) {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && Instant::now() < until =>
            {
                thread::sleep(AGAIN);
            }
            done => return done.map_err(db::failure),
        }
    }
}

/// Makes the file, readable by its owner alone: it holds what people said. SQLite gives the files beside it the same
/// mode.
fn create(path: &Path) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) => Err(StoreError::Unavailable(format!("{}: {error}", path.display()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pragma(connection: &Connection, name: &str) -> String {
        connection
            .query_row(
                &format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}"),
                (),
                |row| row.get(0),
            )
            .unwrap()
    }

    #[test]
    fn every_connection_is_durable_and_keeps_references() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file:settings.db?mode=memory");
        let (writer, reader) = (open(&path).unwrap(), open_to_read(&path).unwrap());
        for connection in [&writer, &reader] {
            let settings =
                ["journal_mode", "synchronous", "foreign_keys"].map(|name| pragma(connection, name));
            assert_eq!(settings, ["wal", "2", "1"], "synchronous 2 is FULL");
        }
        assert!(writer.execute_batch("CREATE TABLE note (text TEXT)").is_ok());
        assert!(reader.execute_batch("INSERT INTO note VALUES ('no')").is_err());
        assert!(path.is_file());
    }
}
