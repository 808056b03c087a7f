//! One file, several processes, damage.

use super::File;
use crate::contract::{
    Database, all_at_once,
    given::{a_batch, a_prompt, a_user, append, at, generation_id, running, stored, stored_conversation},
};
use rusqlite::Connection;
use std::collections::BTreeSet;
use store::{SqliteStore, StoreError, user::Users};
use wire::message::Outcome;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_write_to_one_file_and_lose_nothing() {
    let file = File::fresh();
    let (server, command_line) = (file.open().await, file.open().await);
    let conversation = stored_conversation(&*server).await.id;
    let positions = all_at_once(40, |n| {
        let store = if n % 2 == 0 {
            server.clone()
        } else {
            command_line.clone()
        };
        async move {
            stored(&*store, a_prompt(conversation, None, &format!("{n}")))
                .await
                .position
        }
    })
    .await;
    assert_eq!(positions.into_iter().collect::<BTreeSet<_>>().len(), 40);
    let user = a_user("ada@example.org");
    command_line.create_user(user.clone()).await.unwrap();
    command_line.close().await;
    assert_eq!(server.user(user.id).await.unwrap(), Some(user));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_may_make_the_file_at_the_same_time() {
    let file = File::fresh();
    let path = file.path();
    let stores = all_at_once(4, |_| {
        let path = path.clone();
        async move { SqliteStore::open(&path).unwrap() }
    })
    .await;
    stores[0].create_user(a_user("ada@example.org")).await.unwrap();
    assert_eq!(stores[3].users(None, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn closing_leaves_one_file_with_everything_in_it() {
    let file = File::fresh();
    let store = file.open().await;
    let user = a_user("ada@example.org");
    store.create_user(user.clone()).await.unwrap();
    store.close().await;
    let names: Vec<_> = std::fs::read_dir(file.path().parent().unwrap())
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    assert_eq!(names, [file.path()]);
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let file = File::fresh();
    let store = file.open().await;
    store.create_user(a_user("ada@example.org")).await.unwrap();
    for entry in std::fs::read_dir(file.path().parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(
            entry.metadata().unwrap().permissions().mode() & 0o777,
            0o600,
            "{:?}",
            entry.path()
        );
    }
}

#[tokio::test]
async fn damaged_rows_are_named_and_others_still_read() {
    let file = File::fresh();
    let store = file.open().await;
    let (good, role) = (a_user("good@example.org"), a_user("role@example.org"));
    let text = a_user("text@example.org");
    for user in [&good, &role, &text] {
        store.create_user(user.clone()).await.unwrap();
    }
    let (boundaries, hole) = (running(&*store).await, running(&*store).await);
    for id in [boundaries.id, hole.id] {
        append(&*store, a_batch(id, 1, &["One"])).await.unwrap();
        append(&*store, a_batch(id, 2, &["Two", "Three"])).await.unwrap();
    }
    let other = Connection::open(file.path()).unwrap();
    let damage = |sql: &str, id: uuid::Uuid| assert_eq!(other.execute(sql, [id.into_bytes()]).unwrap(), 1);
    damage(
        "UPDATE user SET role = 'emperor' WHERE id = ?1",
        role.id.as_uuid(),
    );
    damage(
        "UPDATE user SET password_hash = CAST(x'ff' AS TEXT) WHERE id = ?1",
        text.id.as_uuid(),
    );
    damage(
        "UPDATE chunk_batch SET lengths = x'ff' WHERE generation_id = ?1 AND first_seq = 2",
        boundaries.id.as_uuid(),
    );
    damage(
        "DELETE FROM chunk_batch WHERE generation_id = ?1 AND first_seq = 1",
        hole.id.as_uuid(),
    );

    assert_eq!(store.user(good.id).await.unwrap(), Some(good));
    for damaged in [role, text] {
        let read = store.user(damaged.id).await;
        assert!(matches!(read, Err(StoreError::Damaged(_))), "{read:?}");
    }
    let chunks = store.chunks_after(boundaries.id, 0, 10).await;
    assert!(matches!(chunks, Err(StoreError::Damaged(_))), "{chunks:?}");
    let text = store.log_text(hole.id).await;
    assert!(matches!(text, Err(StoreError::Damaged(_))), "{text:?}");
}

#[tokio::test]
async fn no_term_outlives_its_message_even_where_two_halves_became_one_word() {
    let file = File::fresh();
    let store = file.open().await;
    let generation = running(&*store).await;
    let (id, first, second) = (generation.message_id, generation.id, generation_id());
    let settled = store.settle_message(id, first, "A locomo", Outcome::Stopped);
    assert!(settled.await.unwrap());
    assert!(store.reopen_message(id, second, Some(first)).await.unwrap());
    let settled = store.settle_message(id, second, "tive", Outcome::Complete);
    assert!(settled.await.unwrap());
    let other = Connection::open(file.path()).unwrap();
    let terms = |like: &str| {
        let sql = "SELECT count(*) FROM message_term WHERE term LIKE ?1";
        other.query_row(sql, [like], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!((terms("locomotive"), terms("locomo")), (1, 0));
    store
        .delete_conversation(generation.conversation_id, at(60))
        .await
        .unwrap();
    assert_eq!(terms("%"), 0);
}

#[tokio::test]
async fn a_sealed_log_says_where_it_ended_and_who_took_over() {
    let file = File::fresh();
    let store = file.open().await;
    let generation = running(&*store).await;
    append(&*store, a_batch(generation.id, 1, &["One", "Two"]))
        .await
        .unwrap();
    assert!(
        store
            .interrupt_generation(generation.id, generation.lease_until, at(60))
            .await
            .unwrap()
    );
    let other = Connection::open(file.path()).unwrap();
    let seal = other
        .query_row(
            "SELECT first_seq, next_seq, fence FROM chunk_batch WHERE text IS NULL",
            (),
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .unwrap();
    assert_eq!(seal, (3, 3, 2));
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_left_alone() {
    let file = File::fresh();
    file.open().await.close().await;
    let other = Connection::open(file.path()).unwrap();
    other.pragma_update(None, "user_version", 999).unwrap();
    let Err(StoreError::Unavailable(reason)) = SqliteStore::open(&file.path()) else {
        panic!("it was opened")
    };
    assert!(reason.contains("newer Parlance"), "{reason}");
}

#[tokio::test]
async fn what_is_no_database_is_not_opened_and_not_changed() {
    let file = File::fresh();
    let missing = SqliteStore::open(&file.path().join("nowhere").join("parlance.db"));
    assert!(matches!(missing, Err(StoreError::Unavailable(_))), "{missing:?}");
    let letter = "Dear diary, this is no database. ".repeat(100);
    std::fs::write(file.path(), &letter).unwrap();
    let opened = SqliteStore::open(&file.path());
    assert!(matches!(opened, Err(StoreError::Damaged(_))), "{opened:?}");
    assert_eq!(std::fs::read_to_string(file.path()).unwrap(), letter);
}
