//! A generation of another node, followed through its log in the store: the socket sits here, the model runs there.
//!
//! Polling the log is the truth. A hint only makes the next look come sooner; without any, a reader is at most one
//! pause late. One tail a generation serves all its sockets here, and ends with the generation.

use super::LiveGeneration;
use crate::{app::AppState, outage::Outage};
use std::{sync::Arc, time::Duration};
use store::{Store, generation::GenerationRecord};
use tokio::sync::Notify;
use wire::message::Outcome;

/// The pause after a look that found something: the writer stores every 200 ms.
const PAUSE_FIRST: Duration = Duration::from_millis(50);
/// It doubles up to this while nothing comes.
const PAUSE_MAX: Duration = Duration::from_millis(400);

/// What the registry keeps of a tail.
#[derive(Debug)]
pub struct Tail {
    /// What sockets read.
    pub live: Arc<LiveGeneration>,
    look: Notify,
}

impl Tail {
    /// There may be something new in the log.
    pub fn hint(&self) {
        self.look.notify_one();
    }
}

/// Follows it, if nobody here does yet.
pub fn follow(app: &AppState, record: &GenerationRecord) -> Arc<LiveGeneration> {
    let (tail, is_new) = app.chat.tail(record.id, || Tail {
        live: Arc::new(LiveGeneration::of(record)),
        look: Notify::new(),
    });
    if is_new {
        app.tasks.spawn(run(Arc::clone(app), Arc::clone(&tail)));
    }
    Arc::clone(&tail.live)
}

async fn run(app: AppState, tail: Arc<Tail>) {
    let mut outage = Outage::of("read another node's log");
    let mut pause = PAUSE_FIRST;
    loop {
        let caught = catch_up(&*app.store, &tail.live).await;
        pause = match &caught {
            Ok(Caught::End) => break,
            Ok(Caught::Something) => PAUSE_FIRST,
            Ok(Caught::Nothing) => (pause * 2).min(PAUSE_MAX),
            Err(_) => PAUSE_MAX,
        };
        outage.note(caught.map(drop));
        tokio::select! {
            () = app.shutdown.cancelled() => break,
            () = tail.look.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
    app.chat.forget_tail(tail.live.id);
}

enum Caught {
    Something,
    Nothing,
    End,
}

async fn catch_up(store: &dyn Store, live: &LiveGeneration) -> store::Result<Caught> {
    if live.read_log(store).await? {
        return Ok(Caught::Something);
    }
    let Some(record) = store.generation(live.id).await? else {
        // Deleted with its conversation.
        live.end(Outcome::Interrupted, store.now().await?, None, None);
        return Ok(Caught::End);
    };
    // Not before its text is in its message: the next prompt may come at once.
    let Some(ended) = record.ended.filter(|_| record.settled) else {
        return Ok(Caught::Nothing);
    };
    // What came between the two looks.
    live.read_log(store).await?;
    live.read_end(store, &record, ended).await?;
    Ok(Caught::End)
}
