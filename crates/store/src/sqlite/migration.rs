//! The schema's history: each step once, in order, counted in the file's `user_version`.
//!
//! A step that was released is never edited: add the next one. The snapshot test shows what a step changes.

use super::db;
use crate::{Result, StoreError};
use rusqlite::{Connection, TransactionBehavior};

/// All steps. A file at version n has seen the first n.
const STEPS: [&str; 4] = [
    include_str!("migration/001_start.sql"),
    include_str!("migration/002_nodes.sql"),
    include_str!("migration/003_search.sql"),
    include_str!("migration/005_documents.sql"),
];

/// The version of a file that has seen them all.
const NEWEST: i64 = 4;

const _: () = assert!(STEPS.len() == 4 && NEWEST == 4, "one version a step");

/// Whether there is a step that this file has not seen.
pub(super) fn is_behind(connection: &Connection) -> Result<bool> {
    Ok(version(connection)? < NEWEST)
}

fn version(connection: &Connection) -> Result<i64> {
    connection
        .query_row("PRAGMA user_version", (), |row| row.get(0))
        .map_err(db::failure)
}

/// Brings the file up to date, all or nothing. Two processes may do it at the same time: the second finds it done.
pub(super) fn migrate(connection: &mut Connection) -> Result<()> {
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(db::failure)?;
    let version = version(&transaction)?;
    if version > NEWEST {
        let reason = format!("a newer Parlance made it (schema {version}, this one knows {NEWEST})");
        return Err(StoreError::Unavailable(reason));
    }
    for (after, step) in (1..).zip(STEPS) {
        if after > version {
            transaction.execute_batch(step).map_err(db::failure)?;
        }
    }
    if version < NEWEST {
        transaction
            .pragma_update(None, "user_version", NEWEST)
            .map_err(db::failure)?;
    }
    transaction.commit().map_err(db::failure)
}
