//! A copy of the file, taken while others write to it.
//!
//! SQLite's backup interface, page by page, inside one read transaction: in WAL mode nobody waits for that, and the copy
//! is of one moment. (Without the transaction it would begin anew at every write of another process; `VACUUM INTO`
//! gives the same moment, but writes every row anew and cannot say how far it is.)

use super::{connection, db};
use crate::{Result, StoreError};
use rusqlite::{
    Connection, OpenFlags,
    backup::{Backup, StepResult},
};
use std::{fs::File, path::Path};

/// Pages copied between two words about progress: 4 MiB.
const PAGES: i32 = 1024;

/// What was copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Size of the new file.
    pub bytes: u64,
    /// Every table by name, with the number of its rows: the same in both files.
    pub rows: Vec<(String, u64)>,
}

/// Copies, checks, and syncs. What is left behind after a failure is for the caller to remove.
pub(super) fn copy(from: &Path, to: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<Copied> {
    let source = connection::open_to_read(from)?;
    let moment = source.unchecked_transaction().map_err(db::failure)?;
    // The first read fixes the moment.
    let rows = count(&moment)?;
    copy_pages(&moment, &mut create(to)?, progress)?;
    drop(moment);
    check(to, &rows)?;
    let synced = File::open(to).and_then(|file| {
        file.sync_all()?;
        file.metadata()
    });
    let about = synced.map_err(|error| unavailable(to, &error))?;
    Ok(Copied {
        bytes: about.len(),
        rows,
    })
}

fn copy_pages(from: &Connection, to: &mut Connection, progress: &mut dyn FnMut(u64, u64)) -> Result<()> {
    let page_size = number(from, "PRAGMA page_size")?;
    let bytes = |pages: i32| u64::try_from(pages).unwrap_or_default().saturating_mul(page_size);
    let backup = Backup::new(from, to).map_err(db::failure)?;
    loop {
        let step = backup.step(PAGES).map_err(db::failure)?;
        let at = backup.progress();
        progress(
            bytes(at.pagecount.saturating_sub(at.remaining)),
            bytes(at.pagecount),
        );
        match step {
            StepResult::Done => return Ok(()),
            StepResult::More => {}
            // Neither file can be locked by somebody else: the one is ours, of the other we hold a moment.
            _ => return Err(StoreError::Unavailable("the database is locked".into())),
        }
    }
}

/// A new file, for its owner alone.
fn create(path: &Path) -> Result<Connection> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| unavailable(path, &error))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags).map_err(db::failure)
}

/// Reads the whole copy, as a server would open it.
fn check(path: &Path, expected: &[(String, u64)]) -> Result<()> {
    let copy = connection::open_to_read(path)?;
    let verdict: String = copy
        .query_row("PRAGMA integrity_check(1)", (), |row| row.get(0))
        .map_err(db::failure)?;
    if verdict != "ok" {
        return Err(StoreError::Damaged(format!("the copy is damaged: {verdict}")));
    }
    let rows = count(&copy)?;
    if rows != expected {
        return Err(StoreError::Damaged(format!(
            "the copy has {rows:?}, the database {expected:?}"
        )));
    }
    Ok(())
}

fn count(connection: &Connection) -> Result<Vec<(String, u64)>> {
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    let names = connection
        .prepare(tables)
        .and_then(|mut statement| statement.query_map((), |row| row.get(0))?.collect())
        .map_err(db::failure)?;
    let names: Vec<String> = names;
    let rows = |name: String| {
        let sql = format!("SELECT count(*) FROM \"{}\"", name.replace('"', "\"\""));
        let count = number(connection, &sql)?;
        Ok((name, count))
    };
    names.into_iter().map(rows).collect()
}

fn number(connection: &Connection, sql: &str) -> Result<u64> {
    let number: i64 = connection
        .query_row(sql, (), |row| row.get(0))
        .map_err(db::failure)?;
    u64::try_from(number).map_err(|_| StoreError::Damaged(format!("{sql} gives {number}")))
}

fn unavailable(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Unavailable(format!("{}: {error}", path.display()))
}
