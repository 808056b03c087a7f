//! The writer thread: whatever is queued is committed together.
//!
//! A durable commit costs a flush of the disk; while one runs, the next calls queue up, and all of them share the next
//! flush. Each job has a savepoint, so that a failing one undoes itself and nothing else. Answers are given after the
//! commit, never before.

use super::{
    db::Db,
    lane::{Job, Lane},
};
use crate::{Result, StoreError};
use rusqlite::Connection;
use std::thread;

/// Jobs in one transaction, at most: bounds how long the first of them waits for the others.
const GROUP: usize = 256;

/// Starts the thread, fed by a queue of at most `capacity` jobs.
pub(super) fn start(connection: Connection, capacity: usize) -> Result<Lane> {
    let (lane, mut jobs, running) = Lane::new(capacity);
    let serve = move || {
        let db = Db::new(connection);
        let mut group = Vec::with_capacity(GROUP);
        while jobs.blocking_recv_many(&mut group, GROUP) > 0 {
            commit(&db, &mut group);
        }
        drop(db); // Closed before the lane counts as ended.
        drop(running);
    };
    thread::Builder::new()
        .name("sqlite-write".into())
        .spawn(serve)
        .map_err(|error| StoreError::Unavailable(error.to_string()))?;
    Ok(lane)
}

/// Runs and answers the whole group.
fn commit(db: &Db, group: &mut Vec<Box<dyn Job>>) {
    let failure = transaction(db, group).err();
    if failure.is_some() && db.in_transaction() {
        // Should this fail too, the next BEGIN fails and says so.
        drop(db.control("ROLLBACK"));
    }
    for job in group.drain(..) {
        job.answer(failure.as_deref());
    }
}

fn transaction(db: &Db, group: &mut [Box<dyn Job>]) -> std::result::Result<(), String> {
    // IMMEDIATE: waits for another process here, where nothing is lost by waiting.
    db.control("BEGIN IMMEDIATE")?;
    for job in group {
        db.control("SAVEPOINT job")?;
        let keep = job.run(db);
        if !db.in_transaction() {
            // A full disk or an I/O error can end the transaction: the jobs before this one are undone as well.
            return Err("the transaction was rolled back".into());
        }
        if !keep {
            db.control("ROLLBACK TO job")?;
        }
        db.control("RELEASE job")?;
    }
    db.control("COMMIT")
}

#[cfg(test)]
mod tests {
    use super::super::db::Sql;
    use super::*;
    use tokio::sync::oneshot;

    const INSERT: Sql = Sql::new("INSERT INTO note (text) VALUES (?1)");
    const DOOMED: Sql = Sql::new("INSERT INTO note (text, parent) VALUES ('no such parent', 77)");
    const COUNT: Sql = Sql::new("SELECT count(*) AS notes FROM note");

    /// A foreign key that is checked at the commit: a way to let a commit fail.
    fn connection() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        let schema = "PRAGMA foreign_keys = ON; CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT UNIQUE,
                      parent INTEGER REFERENCES note (id) DEFERRABLE INITIALLY DEFERRED)";
        connection.execute_batch(schema).unwrap();
        connection
    }

    fn count(db: &Db) -> Result<u64> {
        Ok(db
            .first(COUNT, (), |row| row.number("notes"))?
            .unwrap_or_default())
    }

    /// Holds the writer in a job until the returned sender is used, so that what is called meanwhile is one group.
    async fn hold(lane: &std::sync::Arc<Lane>) -> (oneshot::Sender<()>, tokio::task::JoinHandle<Result<()>>) {
        let (release, held) = oneshot::channel::<()>();
        let (started, running) = oneshot::channel();
        let lane = lane.clone();
        let call = tokio::spawn(async move {
            let work = move |_: &Db| {
                started.send(()).unwrap();
                held.blocking_recv().unwrap();
                Ok(())
            };
            lane.call(work).await
        });
        running.await.unwrap();
        (release, call)
    }

    #[tokio::test]
    async fn a_failing_job_undoes_itself_and_nothing_else() {
        let lane = std::sync::Arc::new(start(connection(), 8).unwrap());
        let (release, held) = hold(&lane).await;
        let good = lane.call(|db| db.execute(INSERT, ["kept"]));
        let bad = lane.call(|db| {
            db.execute(INSERT, ["undone"])?;
            Err::<(), _>(StoreError::Conflict("on purpose"))
        });
        let late = lane.call(|db| db.execute(INSERT, ["kept too"]));
        let release = async {
            tokio::task::yield_now().await;
            release.send(()).unwrap();
        };
        let (good, bad, late, ()) = tokio::join!(good, bad, late, release);
        held.await.unwrap().unwrap();
        assert_eq!((good.unwrap(), late.unwrap()), (1, 1));
        assert!(matches!(bad, Err(StoreError::Conflict("on purpose"))));
        assert_eq!(lane.call(count).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn when_the_commit_fails_the_whole_group_is_told_and_the_next_group_is_served() {
        let lane = std::sync::Arc::new(start(connection(), 8).unwrap());
        let (release, held) = hold(&lane).await;
        let good = lane.call(|db| db.execute(INSERT, ["good"]));
        let doomed = lane.call(|db| db.execute(DOOMED, ()));
        let release = async {
            tokio::task::yield_now().await;
            release.send(()).unwrap();
        };
        let (good, doomed, ()) = tokio::join!(good, doomed, release);
        held.await.unwrap().unwrap();
        assert!(
            matches!(good, Err(StoreError::Unavailable(_))),
            "it shared the group: {good:?}"
        );
        assert!(matches!(doomed, Err(StoreError::Unavailable(_))));
        assert_eq!(
            lane.call(count).await.unwrap(),
            0,
            "nothing of the group is stored"
        );
        assert_eq!(lane.call(|db| db.execute(INSERT, ["good"])).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn when_the_queue_is_full_callers_wait_and_nothing_is_dropped() {
        let lane = std::sync::Arc::new(start(connection(), 1).unwrap());
        let (release, held) = hold(&lane).await;
        let calls: Vec<_> = (0..100)
            .map(|n: u32| {
                let lane = lane.clone();
                tokio::spawn(async move { lane.call(move |db| db.execute(INSERT, [n.to_string()])).await })
            })
            .collect();
        tokio::task::yield_now().await;
        release.send(()).unwrap();
        held.await.unwrap().unwrap();
        for call in calls {
            assert_eq!(call.await.unwrap().unwrap(), 1);
        }
        assert_eq!(lane.call(count).await.unwrap(), 100);
    }

    #[tokio::test]
    async fn closing_does_what_is_queued_and_refuses_what_comes_later() {
        let lane = std::sync::Arc::new(start(connection(), 8).unwrap());
        let (release, held) = hold(&lane).await;
        let queued = lane.call(|db| db.execute(INSERT, ["queued before the close"]));
        let close = async {
            tokio::task::yield_now().await;
            release.send(()).unwrap();
            lane.close().await;
        };
        let (queued, ()) = tokio::join!(queued, close);
        held.await.unwrap().unwrap();
        assert_eq!(queued.unwrap(), 1);
        assert!(matches!(lane.call(count).await, Err(StoreError::Unavailable(_))));
        lane.close().await;
    }
}
