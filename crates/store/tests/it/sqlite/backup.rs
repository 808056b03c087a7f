//! A copy of the file while others write to it.

use super::File;
use crate::contract::{
    Database,
    given::{a_batch, a_user, append, running},
};
use rusqlite::Connection;
use std::sync::Arc;
use store::{SqliteStore, Store, StoreError};

/// Writes batches until it is told to stop; each is stored when the next begins.
async fn keep_writing(
    store: Arc<dyn Store>,
    id: wire::GenerationId,
    until: tokio::sync::watch::Receiver<u64>,
) -> u64 {
    for seq in 1.. {
        append(&*store, a_batch(id, seq, &[&format!("{seq} ")]))
            .await
            .unwrap();
        if seq >= *until.borrow() {
            return seq;
        }
    }
    0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_taken_while_somebody_writes_is_whole_and_of_one_moment() {
    let file = File::fresh();
    let store = file.open().await;
    let ada = a_user("ada@example.org");
    store.create_user(ada.clone()).await.unwrap();
    let id = running(&*store).await.id;
    // Enough that the copy takes several steps, and that the writer is busy all the while.
    append(&*store, a_batch(id, 1, &["much. ".repeat(2_000_000).as_str()]))
        .await
        .unwrap();
    let other = running(&*store).await.id;
    let (stop, until) = tokio::sync::watch::channel(u64::MAX);
    let writing = tokio::spawn(keep_writing(store.clone(), other, until));
    while store.log_text(other).await.unwrap().seq < 3 {
        tokio::task::yield_now().await;
    }
    let stored_before = store.log_text(other).await.unwrap().seq;

    let copy = File::fresh();
    let mut heard = Vec::new();
    let copied =
        SqliteStore::copy_file(&file.path(), &copy.path(), &mut |done, of| heard.push((done, of))).unwrap();
    stop.send(0).unwrap();
    let stored_after = writing.await.unwrap();

    assert!(heard.len() > 2 && heard.is_sorted(), "{heard:?}");
    let (done, of) = *heard.last().unwrap();
    assert_eq!((done, of), (copied.bytes, copied.bytes));
    assert!(copied.rows.contains(&("user".to_owned(), 1)), "{:?}", copied.rows);
    let names: Vec<_> = std::fs::read_dir(copy.path().parent().unwrap())
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    assert_eq!(names, [copy.path()], "one file, nothing beside it");

    let restored = copy.open().await;
    assert_eq!(restored.user(ada.id).await.unwrap(), Some(ada));
    let log = restored.log_text(other).await.unwrap();
    assert!(
        (stored_before..=stored_after).contains(&log.seq),
        "{stored_before}..={stored_after}: {}",
        log.seq
    );
    let prefix: String = (1..=log.seq).map(|seq| format!("{seq} ")).collect();
    assert_eq!(log.text, prefix);
}

#[tokio::test]
async fn a_copy_never_writes_over_anything_and_needs_something_to_copy() {
    let file = File::fresh();
    file.open().await.close().await;
    let taken = SqliteStore::copy_file(&file.path(), &file.path(), &mut |_, _| {});
    assert!(matches!(taken, Err(StoreError::Unavailable(_))), "{taken:?}");
    let nothing = File::fresh();
    let missing = SqliteStore::copy_file(
        &nothing.path(),
        &file.path().with_extension("copy"),
        &mut |_, _| {},
    );
    assert!(matches!(missing, Err(StoreError::Unavailable(_))), "{missing:?}");
    assert!(!nothing.path().exists(), "asking for a copy makes no database");
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_may_read_the_copy() {
    use std::os::unix::fs::PermissionsExt;
    let (file, copy) = (File::fresh(), File::fresh());
    file.open().await.close().await;
    SqliteStore::copy_file(&file.path(), &copy.path(), &mut |_, _| {}).unwrap();
    assert_eq!(
        copy.path().metadata().unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[tokio::test]
async fn a_damaged_database_is_not_called_backed_up() {
    let file = File::fresh();
    let store = file.open().await;
    for n in 0..200 {
        store
            .create_user(a_user(&format!("{n}@example.org")))
            .await
            .unwrap();
    }
    store.close().await;
    // A tree page in the middle turns to nonsense.
    let mut bytes = std::fs::read(file.path()).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0xa5);
    std::fs::write(file.path(), bytes).unwrap();
    let copy = File::fresh();
    let copied = SqliteStore::copy_file(&file.path(), &copy.path(), &mut |_, _| {});
    assert!(matches!(copied, Err(StoreError::Damaged(_))), "{copied:?}");
}

#[tokio::test]
async fn a_file_of_an_older_version_is_known_without_being_changed() {
    let file = File::fresh();
    file.open().await.close().await;
    assert!(!SqliteStore::is_behind(&file.path()).unwrap());
    let other = Connection::open(file.path()).unwrap();
    other.pragma_update(None, "user_version", 0).unwrap();
    assert!(SqliteStore::is_behind(&file.path()).unwrap());
    let version: i64 = other
        .query_row("PRAGMA user_version", (), |row| row.get(0))
        .unwrap();
    assert_eq!(version, 0);
}
