//! Ends what a dead process left running, renews the leases of what runs here, and collects old logs.
//!
//! A generation is taken from its writer only when that is dead for certain: at once when this process is
//! alone on its store, else after one whole lease was seen unchanged while the store was answering.

use super::generation::run::empty_answer;
use crate::{
    app::{App, AppState},
    outage::Outage,
};
use std::{collections::HashMap, time::Duration};
use store::{Result, StoreError, generation::GenerationRecord};
use tokio::time::Instant;
use wire::{GenerationId, Timestamp, message::Outcome};

/// Unsettled generations looked at in one round; the rest comes with the next.
const BATCH: u32 = 200;
/// How long a finished generation's log is kept: a client that comes back may still ask for its chunks.
const LOG_LIFE: Duration = Duration::from_secs(60 * 60);
/// How often garbage is collected.
const COLLECT_INTERVAL: Duration = Duration::from_secs(10 * 60);

/// Leases of other processes, as they were first seen.
pub type SeenLeases = HashMap<GenerationId, (Timestamp, Instant)>;

/// Reaps until shutdown.
pub async fn run(app: AppState) {
    let mut seen = SeenLeases::new();
    let mut outage = Outage::of("look after generations");
    let mut collected = Instant::now();
    let mut interval = tokio::time::interval(app.config.chat.lease / 3);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    // On after shutdown began: what still runs keeps its lease until the task is dropped at the end of the drain.
    loop {
        interval.tick().await;
        if !outage.note(round(&app, &mut seen).await) {
            // An outage is not a death: nothing was seen, so nothing counts.
            seen.clear();
        }
        if collected.elapsed() >= COLLECT_INTERVAL {
            collected = Instant::now();
            collect(&app).await;
        }
    }
}

/// One round, for the loop above and for the start.
///
/// # Errors
/// The store's.
pub async fn round(app: &App, seen: &mut SeenLeases) -> Result<()> {
    let running = app.chat.all_running();
    if !running.is_empty() {
        let ids: Vec<GenerationId> = running.iter().map(|generation| generation.id).collect();
        let lease_until = app.clock.now().plus(app.config.chat.lease);
        let lost = app.store.renew_leases(&app.node_id, &ids, lease_until).await?;
        for generation in running.iter().filter(|generation| lost.contains(&generation.id)) {
            // Unless it is not known to the store yet; its own write tells it then that it was taken over.
            if app.store.generation(generation.id).await?.is_some() {
                generation.interrupt();
            }
        }
    }
    let unsettled = app.store.unsettled_generations(BATCH).await?;
    seen.retain(|id, _| unsettled.iter().any(|record| record.id == *id));
    for record in unsettled {
        if app.chat.running(record.id).is_none() && is_dead(app, &record, seen) {
            settle(app, record).await?;
        }
    }
    Ok(())
}

fn is_dead(app: &App, record: &GenerationRecord, seen: &mut SeenLeases) -> bool {
    if app.alone && record.node_id != app.node_id {
        return true;
    }
    let now = Instant::now();
    let (lease, since) = *seen.entry(record.id).or_insert((record.lease_until, now));
    if lease != record.lease_until {
        seen.insert(record.id, (record.lease_until, now));
        return false;
    }
    now.duration_since(since) > app.config.chat.lease
}

/// Ends it if it still runs, and moves the log's text into its message.
async fn settle(app: &App, record: GenerationRecord) -> Result<()> {
    let outcome = match record.ended {
        Some(ended) => ended.outcome,
        None if app
            .store
            .interrupt_generation(record.id, record.lease_until, app.clock.now())
            .await? =>
        {
            tracing::warn!(generation.id = %record.id, "Marked as interrupted: its process is gone");
            app.metrics.generation_ended(Outcome::Interrupted);
            Outcome::Interrupted
        }
        // Somebody was quicker; the next round sees how it ended.
        None => return Ok(()),
    };
    let log = app.store.log_text(record.id).await?;
    // It may have died before its answer had a place, or before that was shown. If its prompt was never stored, there is
    // nothing to answer.
    match app
        .store
        .append_visible_message(empty_answer(&record), None)
        .await
    {
        Ok(_) | Err(StoreError::NotFound(_)) => {}
        Err(error) => return Err(error),
    }
    app.store
        .settle_message(record.message_id, &log.text, outcome)
        .await?;
    app.store.mark_settled(record.id).await
}

async fn collect(app: &App) {
    app.chat.forget_idle_users();
    let now = app.clock.now();
    let logs = app.store.collect_logs(now.minus(LOG_LIFE)).await;
    let sign_ins = app
        .store
        .collect_sign_ins(now.minus(app.config.auth.sign_in_life))
        .await;
    match logs.and_then(|logs| Ok((logs, sign_ins?))) {
        Ok((logs, sign_ins)) => tracing::debug!(logs, sign_ins, "Collected garbage"),
        Err(error) => tracing::warn!(%error, "Could not collect garbage"),
    }
}
