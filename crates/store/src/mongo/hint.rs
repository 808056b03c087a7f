//! Word of changes: one change stream a process over the whole database, which tells ids and nothing else.
//!
//! Nothing depends on it. It runs in a task of its own; when it breaks it goes on where it was, or begins anew, with
//! growing pauses. Where the server has none (a single server that is no replica set), there are no hints.

use super::{
    collection::{CHUNK_BATCH, CONVERSATION, GENERATION, SESSION},
    db::Db,
    failure::{failure, knows_no_changes, lost_changes},
    value::Fields,
};
use crate::{Hint, Result};
use futures::StreamExt;
use mongodb::{
    Database,
    bson::{Document, doc},
    change_stream::{ChangeStream, event::ResumeToken},
};
use std::time::Duration;
use tokio::{sync::broadcast, task::JoinHandle};
use wire::SessionId;

/// Hints that may wait for a listener. One that is further behind looks everywhere.
const WAITING: usize = 1024;
/// The first pause after the stream broke; it doubles up to [`PAUSE_MAX`].
const PAUSE_FIRST: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// The stream's task, which ends with this.
#[derive(Debug)]
pub(super) struct Watch {
    hints: broadcast::Sender<Hint>,
    task: JoinHandle<()>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Watch {
    /// Begins to listen; `None` where the server cannot tell.
    pub(super) async fn start(db: &Db) -> Result<Option<Self>> {
        let database = db.database().clone();
        let opened = db.asked(open(&database, None)).await?;
        let stream = match opened {
            Ok(stream) => stream,
            Err(error) if knows_no_changes(&error) => {
                tracing::info!(
                    reason = %failure(&error),
                    "This MongoDB tells of no changes (is it no replica set?): those of other nodes are found by asking"
                );
                return Ok(None);
            }
            Err(error) => return Err(failure(&error)),
        };
        let hints = broadcast::Sender::new(WAITING);
        let task = tokio::spawn(listen(database, stream, hints.clone()));
        Ok(Some(Self { hints, task }))
    }

    /// Ends it, and waits until its cursor is let go: the driver closes only then.
    pub(super) async fn stop(mut self) {
        self.task.abort();
        // Cancelled, as it should be.
        let _ = (&mut self.task).await;
    }

    pub(super) fn subscribe(&self) -> broadcast::Receiver<Hint> {
        self.hints.subscribe()
    }
}

/// Batches and ends, visible messages and titles, sessions that come and go. Leases, touches and counters are no news.
fn pipeline() -> [Document; 2] {
    let is = |field: &str| doc! { format!("updateDescription.updatedFields.{field}"): { "$exists": true } };
    [
        doc! { "$match": { "$or": [
            { "ns.coll": CHUNK_BATCH, "operationType": "insert" },
            { "ns.coll": GENERATION, "operationType": "update", "$or": [is("ended_at"), is("stop_requested")] },
            { "ns.coll": CONVERSATION, "operationType": "update", "$or": [is("active_leaf"), is("title")] },
            { "ns.coll": SESSION, "operationType": { "$in": ["insert", "replace"] } },
            { "ns.coll": SESSION, "operationType": "update", "$or": [is("id"), is("active"), is("last_ended")] },
        ] } },
        doc! { "$project": {
            "ns": 1, "operationType": 1, "documentKey": 1, "fullDocument.id": 1,
            "updateDescription.updatedFields.id": 1, "updateDescription.updatedFields.last_ended": 1,
        } },
    ]
}

async fn open(
    database: &Database,
    after: Option<ResumeToken>,
) -> std::result::Result<ChangeStream<Document>, mongodb::error::Error> {
    let stream = database.watch().pipeline(pipeline()).resume_after(after).await?;
    Ok(stream.with_type())
}

async fn listen(database: Database, mut stream: ChangeStream<Document>, hints: broadcast::Sender<Hint>) {
    let mut pause = PAUSE_FIRST;
    loop {
        let broke = match stream.next().await {
            Some(Ok(change)) => {
                pause = PAUSE_FIRST;
                for hint in hints_of(&change) {
                    // Nobody listens: nobody is told.
                    let _ = hints.send(hint);
                }
                continue;
            }
            Some(Err(error)) => Some(error),
            None => None,
        };
        let mut from = stream.resume_token();
        if broke.as_ref().is_some_and(lost_changes) {
            from = None;
        }
        stream = loop {
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
            match open(&database, from.clone()).await {
                Ok(stream) => break stream,
                Err(error) => {
                    tracing::debug!(error = %failure(&error), "Cannot listen to the database's changes; trying again");
                    if lost_changes(&error) {
                        from = None;
                    }
                }
            }
        };
    }
}

/// What a change hints at. One that cannot be read hints at nothing.
fn hints_of(change: &Document) -> Vec<Hint> {
    told(Fields::of(change)).unwrap_or_default()
}

fn told(change: Fields<'_>) -> Result<Vec<Hint>> {
    let key = change.inner("documentKey")?;
    Ok(match change.inner("ns")?.text("coll")?.as_str() {
        CHUNK_BATCH => vec![Hint::Generation(key.inner("_id")?.id("generation_id")?)],
        GENERATION => vec![Hint::Generation(key.id("_id")?)],
        CONVERSATION => vec![Hint::Conversation(key.id("_id")?)],
        SESSION => {
            let mut sessions: Vec<SessionId> = Vec::new();
            if change.is_there("fullDocument") {
                sessions.extend(change.inner("fullDocument")?.optional_id::<SessionId>("id")?);
            }
            if change.is_there("updateDescription") {
                let updated = change.inner("updateDescription")?.inner("updatedFields")?;
                sessions.extend(updated.optional_id::<SessionId>("id")?);
                sessions.extend(updated.optional_id::<SessionId>("last_ended")?);
            }
            sessions.into_iter().map(Hint::Session).collect()
        }
        _ => Vec::new(),
    })
}
