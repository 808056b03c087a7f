//! Opening the file: the settings that every connection needs.

use super::db;
use crate::{Result, StoreError};
use rusqlite::Connection;
use std::{path::Path, time::Duration};

/// How long to wait for another process (`parlance user …`) that is writing.
const BUSY: Duration = Duration::from_secs(5);

/// Statements kept ready on each connection: more than there are.
const STATEMENTS: usize = 128;

/// WAL: readers and the writer do not wait for each other. FULL: a commit is on the disk when it returns, whatever
/// happens to the power. `temp_store`: savepoints and sorts need no files. The log's file is cut back after a burst.
const SETTINGS: &str = "
    PRAGMA journal_mode = WAL;
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
    let connection = Connection::open(path).map_err(db::failure)?;
    connection.busy_timeout(BUSY).map_err(db::failure)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.execute_batch(SETTINGS).map_err(db::failure)?;
    Ok(connection)
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
