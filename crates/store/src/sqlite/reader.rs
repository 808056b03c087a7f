//! The reader threads.

use super::{
    db::Db,
    lane::{Job, Jobs, Lane},
};
use crate::{Result, StoreError};
use rusqlite::Connection;
use std::{
    sync::{Arc, Mutex, PoisonError},
    thread,
};

/// Starts one thread a connection, all fed by one queue of at most `capacity` jobs.
pub(super) fn start(connections: Vec<Connection>, capacity: usize) -> Result<Lane> {
    let (lane, jobs, running) = Lane::new(capacity);
    let jobs = Arc::new(Mutex::new(jobs));
    for connection in connections {
        let (jobs, running) = (jobs.clone(), running.clone());
        let serve = move || {
            let db = Db::new(connection);
            while let Some(job) = next(&jobs) {
                serve(&db, job);
            }
            drop(db); // Closed before the lane counts as ended.
            drop(running);
        };
        thread::Builder::new()
            .name("sqlite-read".into())
            .spawn(serve)
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
    }
    Ok(lane)
}

/// The first idle reader waits in the queue, the others for their turn to wait there.
fn next(jobs: &Mutex<Jobs>) -> Option<Box<dyn Job>> {
    jobs.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .blocking_recv()
}

/// One job in one read transaction: all its statements see the same moment.
fn serve(db: &Db, mut job: Box<dyn Job>) {
    let failure = db.control("BEGIN").err();
    if failure.is_none() {
        job.run(db);
        // It wrote nothing; and were it to fail, the next BEGIN says so.
        drop(db.control("COMMIT"));
    }
    job.answer(failure.as_deref());
}
