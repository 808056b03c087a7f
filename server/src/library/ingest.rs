//! Documents that wait are made into passages, one after another, on whichever node.
//!
//! A worker claims a document for the time of a lease and renews it while it works; one that dies is followed by another,
//! which begins again under a new fence. What it makes is the same each time (the same file, the same rules), so a kill at
//! any point changes nothing in the end. Must not know: formats (`extract`), how texts are cut (`rag`).
//!
//! Start at [`run`]; [`work`] is one document, from its file to its vectors; [`vectors`] gives documents that are ready the
//! vectors of another embedding model.

pub(crate) mod embed;
mod pace;
pub(crate) mod tell;
pub mod vectors;
mod work;

use crate::{app::AppState, outage::Outage};
use std::time::Duration;
use store::{Result, document::DocumentRecord};
use wire::{
    Timestamp,
    document::{DocumentFailure, DocumentFault},
};

/// How long a worker may be silent before another one takes its document over.
const LEASE: Duration = Duration::from_secs(20);
/// Between two looks for documents, when nobody says that there are any.
const LOOK: Duration = Duration::from_secs(5);
/// A document whose workers died this often is given up: it is the document.
const ATTEMPTS: u32 = 3;
/// Between two looks for documents without vectors of this server's model, when the last one did not get on.
const REFRESH: Duration = Duration::from_secs(5 * 60);
/// Between two rounds of cleaning.
const CLEAN: Duration = Duration::from_secs(60 * 60);
/// An upload that has not ended after this long has broken off.
const BROKEN_OFF: Duration = Duration::from_secs(24 * 60 * 60);

/// Works until shutdown.
pub async fn run(app: AppState) {
    choose(&app).await;
    futures::join!(work_off(&app), refresh(&app), clean(&app));
}

async fn work_off(app: &AppState) {
    let mut outage = Outage::of("look for documents");
    let mut healing = Outage::of("go on with deleting documents");
    while !app.shutdown.is_cancelled() {
        let worked = round(app).await;
        let found = matches!(worked, Ok(true));
        outage.note(worked.map(drop));
        if found {
            continue;
        }
        // Others' deletions that stopped half-way are answered from until they are told.
        if !app.alone {
            healing.note(app.store.heal_documents().await);
        }
        tokio::select! {
            () = app.shutdown.cancelled() => return,
            () = app.library.waiting.notified() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Works on one document that waits: false when there is none.
///
/// # Errors
/// The store's. The document is taken up again when its lease has run out.
pub async fn round(app: &AppState) -> Result<bool> {
    let now = app.clock.now();
    // Alone, and with one document at a time, whoever else claims to work on one is dead.
    let dead_before = if app.alone {
        Timestamp::from_millis(u64::MAX)
    } else {
        now
    };
    let claimed = app
        .store
        .claim_document(&app.node_id, dead_before, now.plus(LEASE))
        .await?;
    let Some(document) = claimed else {
        return Ok(false);
    };
    if document.attempts > ATTEMPTS {
        give_up(app, &document).await?;
    } else {
        work::work(app, &document).await?;
    }
    Ok(true)
}

async fn give_up(app: &AppState, document: &DocumentRecord) -> Result<()> {
    let failure = DocumentFailure {
        fault: DocumentFault::Crashed,
        detail: "The server died several times while it read this file.".into(),
    };
    app.store
        .fail_document(document.id, document.fence, failure)
        .await?;
    tell::now(app, document.id).await
}

/// Writes down which embedding model this server has chosen: before any document gets vectors of it.
async fn choose(app: &AppState) {
    let mut outage = Outage::of("note the embedding model");
    while !outage.note(app.embedders.note(&*app.store).await) {
        tokio::select! {
            () = app.shutdown.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Gives documents vectors of this server's model that have none.
async fn refresh(app: &AppState) {
    if app.embedders.current().is_none() {
        return;
    }
    let mut outage = Outage::of("make vectors of another embedding model");
    loop {
        let worked = vectors::round(app).await;
        let got_on = matches!(worked, Ok(true));
        outage.note(worked.map(drop));
        if got_on {
            continue;
        }
        tokio::select! {
            () = app.shutdown.cancelled() => return,
            () = tokio::time::sleep(REFRESH) => {}
        }
    }
}

/// Takes away what nobody reads and nobody writes any more.
async fn clean(app: &AppState) {
    let mut outage = Outage::of("clean up after documents");
    loop {
        let before = app.clock.now().minus(BROKEN_OFF);
        outage.note(app.store.collect_documents(before).await.map(drop));
        tokio::select! {
            () = app.shutdown.cancelled() => return,
            () = tokio::time::sleep(CLEAN) => {}
        }
    }
}
