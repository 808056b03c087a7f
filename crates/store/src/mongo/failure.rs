//! What the driver says, in the words of the seam.
//!
//! Its messages may hold values (a duplicate key names the address it is about), so of a server's answer only the name
//! of the error is kept. Whether a write was done is often unknown: that is [`StoreError::Unavailable`], and the same
//! call can be made again.

use crate::StoreError;
use mongodb::error::{CommandError, Error, ErrorKind, InsertManyError, WriteConcernError, WriteFailure};

/// A unique index has this key already.
pub(super) const DUPLICATE_KEY: i32 = 11000;
/// Errors that the same words would meet again: we asked for what the server cannot do.
const DEFECTS: [i32; 8] = [2, 9, 14, 28, 52, 66, 10334, 17280];
/// `$changeStream` needs a replica set, a server that knows it, and a user who may ask for it.
const NO_CHANGES: [i32; 5] = [13, 59, 115, 40324, 40573];
/// The oldest change that is still known is younger than the one asked for.
const HISTORY_LOST: i32 = 286;

/// The seam's error for what went wrong.
pub(super) fn failure(error: &Error) -> StoreError {
    match &*error.kind {
        ErrorKind::Bson(_) | ErrorKind::InvalidResponse { .. } => {
            StoreError::Damaged("a document that is no BSON".into())
        }
        ErrorKind::InvalidArgument { .. } => {
            StoreError::Damaged("the driver refuses what it was given".into())
        }
        ErrorKind::Command(command) => refused(command.code, named(command)),
        ErrorKind::Write(WriteFailure::WriteError(write)) => refused(write.code, code(write.code)),
        ErrorKind::Write(WriteFailure::WriteConcernError(concern)) => not_safe(concern),
        ErrorKind::InsertMany(insert) => insertion(insert),
        ErrorKind::Shutdown => closed(),
        ErrorKind::Io(io) => StoreError::Unavailable(format!("the connection broke: {io}")),
        // Names of hosts and reasons of the network, of TLS, or of signing in: what an operator needs.
        kind => StoreError::Unavailable(kind.to_string()),
    }
}

fn insertion(insert: &InsertManyError) -> StoreError {
    if let Some(concern) = &insert.write_concern_error {
        return not_safe(concern);
    }
    let first = insert.write_errors.iter().flatten().next();
    first.map_or_else(
        || StoreError::Unavailable("an insert failed without a reason".into()),
        |write| refused(write.code, code(write.code)),
    )
}

fn refused(code: i32, named: String) -> StoreError {
    if DEFECTS.contains(&code) {
        StoreError::Damaged(format!("the server refuses what it was asked: {named}"))
    } else {
        StoreError::Unavailable(named)
    }
}

fn not_safe(concern: &WriteConcernError) -> StoreError {
    StoreError::Unavailable(format!(
        "a write is not known to be safe: {} ({})",
        concern.code_name, concern.code
    ))
}

fn named(command: &CommandError) -> String {
    format!("{} ({})", command.code_name, command.code)
}

fn code(code: i32) -> String {
    format!("error {code}")
}

/// The store was closed.
pub(super) fn closed() -> StoreError {
    StoreError::Unavailable("it was closed".into())
}

/// Whether a find-and-update met a unique index.
pub(super) fn is_duplicate(error: &Error) -> bool {
    match &*error.kind {
        ErrorKind::Command(command) => command.code == DUPLICATE_KEY,
        ErrorKind::Write(WriteFailure::WriteError(write)) => write.code == DUPLICATE_KEY,
        _ => false,
    }
}

/// Whether the same words to another connection may do: for writes that the driver does not repeat by itself.
pub(super) fn is_passing(error: &Error) -> bool {
    matches!(
        &*error.kind,
        ErrorKind::Io(_) | ErrorKind::ConnectionPoolCleared { .. }
    ) || error.contains_label(mongodb::error::RETRYABLE_WRITE_ERROR)
}

/// Whether this server will never tell of changes.
pub(super) fn knows_no_changes(error: &Error) -> bool {
    matches!(&*error.kind, ErrorKind::Command(command) if NO_CHANGES.contains(&command.code))
}

/// Whether the changes that were asked for are known no more.
pub(super) fn lost_changes(error: &Error) -> bool {
    matches!(&*error.kind, ErrorKind::Command(command) if command.code == HISTORY_LOST)
}
