//! Ends what a dead process left running, renews the leases of what runs here, and collects old logs.
//!
//! A generation is taken from its writer only when that is dead for certain: at once when this process is
//! alone on its store, else after one whole lease was seen unchanged while the store was answering.

use super::generation::run::{FIRST_FENCE, empty_answer};
use crate::{
    app::{App, AppState},
    model,
    outage::{Outage, only_outage},
};
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};
use store::{
    Result, StoreError,
    generation::GenerationRecord,
    usage::{Counting, Day},
};
use tokio::time::Instant;
use wire::{GenerationId, Timestamp, message::Outcome};

/// A day.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Days for which usage is counted: more than any page shows.
const USAGE_DAYS: u32 = 400;
/// Unsettled generations read at once.
const PAGE: u32 = 200;
/// How long a finished generation's log is kept: a client that comes back may still ask for its chunks.
const LOG_LIFE: Duration = Duration::from_secs(60 * 60);
/// How long a rotated refresh token is known: whoever presents it within this time ends the sign-in. Each page that is
/// opened may rotate one, so they cannot be kept as long as a sign-in lives, which may be for years.
const ROTATED_TOKEN_LIFE: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How long a used ticket is known after it could have been used last, by the clock of whichever server.
const USED_TICKET_LIFE: Duration = Duration::from_secs(60 * 60);
/// How often garbage is collected.
const COLLECT_INTERVAL: Duration = Duration::from_secs(10 * 60);

/// Leases of other processes, as they were first seen.
pub type SeenLeases = HashMap<GenerationId, (Timestamp, Instant)>;

/// Renews and reaps until shutdown. Side by side: what is renewed must not wait for what is reaped.
pub async fn run(app: AppState) {
    futures::join!(keep_leases(&app), reap(&app));
}

/// On after shutdown began: what still runs keeps its lease until the task is dropped at the end of the drain.
async fn keep_leases(app: &App) {
    let mut outage = Outage::of("renew the leases of what runs here");
    let mut interval = tokio::time::interval(app.config.chat.lease / 3);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        outage.note(renew(app).await);
    }
}

/// Renews once, and lets go of what was taken over.
///
/// # Errors
/// The store's.
pub async fn renew(app: &App) -> Result<()> {
    let ids = app.chat.leased();
    if ids.is_empty() {
        return Ok(());
    }
    let lease_until = app.clock.now().plus(app.config.chat.lease);
    for lost in app.store.renew_leases(&app.node_id, &ids, lease_until).await? {
        // Unless it was not known to the store yet, and is by now: one that begins is not one that was taken over.
        if let Some(generation) = app.chat.running(lost)
            && let Some(record) = app.store.generation(lost).await?
            && (record.ended.is_some() || record.fence != FIRST_FENCE || record.node_id != app.node_id)
        {
            generation.interrupt();
        }
    }
    Ok(())
}

async fn reap(app: &App) {
    let mut seen = SeenLeases::new();
    let mut outage = Outage::of("look after generations");
    let (mut looked, mut collected) = (Instant::now(), Instant::now());
    let mut interval = tokio::time::interval(app.config.chat.lease / 3);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        // A process that slept itself saw nothing meanwhile.
        if looked.elapsed() > app.config.chat.lease {
            seen.clear();
        }
        looked = Instant::now();
        if !outage.note(round(app, &mut seen).await) {
            // An outage is not a death: nothing was seen, so nothing counts.
            seen.clear();
        }
        if collected.elapsed() >= COLLECT_INTERVAL {
            collected = Instant::now();
            collect(app).await;
        }
    }
}

/// One round of reaping, for the loop above and for the start.
///
/// # Errors
/// The store does not answer. A record that cannot be settled is logged, and does not keep the others waiting.
pub async fn round(app: &App, seen: &mut SeenLeases) -> Result<()> {
    let mut there = HashSet::new();
    let (mut from, mut limit) = (Timestamp::from_millis(0), PAGE);
    loop {
        let page = app.store.unsettled_generations(from, limit).await?;
        let is_last = u32::try_from(page.len()).is_ok_and(|length| length < limit);
        let until = page.last().map(|record| record.started_at);
        // Asked after the page was read: what began meanwhile is not in it.
        let ours: HashSet<GenerationId> = app.chat.leased().into_iter().collect();
        for record in page {
            if there.insert(record.id) && !ours.contains(&record.id) && is_dead(app, &record, seen) {
                end(app, record).await?;
            }
        }
        match until {
            _ if is_last => break,
            Some(until) if until > from => (from, limit) = (until, PAGE),
            // All of them started at one instant.
            _ => limit = limit.saturating_mul(2),
        }
    }
    seen.retain(|id, _| there.contains(id));
    Ok(())
}

/// Ends it. One that cannot be ended does not keep the others waiting; only an outage does.
async fn end(app: &App, record: GenerationRecord) -> Result<()> {
    let id = record.id;
    only_outage(
        settle(app, record).await,
        |error| tracing::error!(generation.id = %id, %error, "Could not end what a dead process left"),
    )
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
    show_answer(app, &record, log.text.is_empty()).await?;
    app.store
        .settle_message(record.message_id, record.id, &log.text, outcome)
        .await?;
    let counting = Counting {
        model: model_of(app, &record).await?,
    };
    app.store.mark_settled(record.id, &counting).await
}

/// Which model wrote it, as far as that can still be known.
async fn model_of(app: &App, record: &GenerationRecord) -> Result<String> {
    let store = &app.store;
    let conversation = store.conversation(record.conversation_id).await?;
    let bot = match conversation {
        Some(conversation) => store.chatbot(conversation.chatbot_id).await?,
        None => None,
    };
    let wanted = bot.and_then(|bot| bot.model);
    Ok(model::answering(app, wanted.as_deref()))
}

/// It may have died before its answer had a place, or before that was shown. A prompt that was not shown itself has no
/// answer: it was never acknowledged, and is stored anew when it is sent again. An answer beside another one that was
/// not shown is taken away: nobody was told of it. One that goes on has its place.
async fn show_answer(app: &App, record: &GenerationRecord, is_empty: bool) -> Result<()> {
    let store = &app.store;
    let Some(conversation) = store.conversation(record.conversation_id).await? else {
        return Ok(());
    };
    let leaf = conversation.active_leaf;
    if leaf == Some(record.prompt_id) {
        // With which model, only the dead process knew.
        let answer = empty_answer(record, None);
        return match store.append_visible_message(answer, leaf, None).await {
            Ok(_) | Err(StoreError::NotFound(_)) => Ok(()),
            Err(error) => Err(error),
        };
    }
    // No branch is chosen while a generation is not settled: what is not the last message now was never shown.
    let is_hidden = leaf != Some(record.message_id);
    if is_hidden
        && is_empty
        && let Some(answer) = store.message(record.message_id).await?
        && answer.generation_id == Some(record.id)
        && answer.text.is_empty()
    {
        store.withdraw_message(answer.id).await?;
    }
    Ok(())
}

async fn collect(app: &App) {
    app.chat.forget_idle_users();
    let now = app.clock.now();
    let logs = app.store.collect_logs(now.minus(LOG_LIFE)).await;
    let credentials = collect_credentials(app, now).await;
    if let Err(error) = forget(app, now).await {
        tracing::warn!(%error, "Could not forget what is too old to be kept");
    }
    match logs.and_then(|logs| Ok((logs, credentials?))) {
        Ok((logs, credentials)) => tracing::debug!(logs, credentials, "Collected garbage"),
        Err(error) => tracing::warn!(%error, "Could not collect garbage"),
    }
}

/// Sign-ins that are over; of those that go on, the tokens and tickets that are. Public for tests.
///
/// # Errors
/// The store's.
pub async fn collect_credentials(app: &App, now: Timestamp) -> Result<u64> {
    let sign_ins = app
        .store
        .collect_sign_ins(now.minus(app.config.auth.sign_in_life))
        .await?;
    let tokens = app
        .store
        .collect_rotated_tokens(now.minus(ROTATED_TOKEN_LIFE))
        .await?;
    let tickets = app.store.collect_tickets(now.minus(USED_TICKET_LIFE)).await?;
    Ok(sign_ins + tokens + tickets)
}

/// Links that are not good any more, lines of the audit log and counters that are older than they are kept.
async fn forget(app: &App, now: Timestamp) -> Result<()> {
    let audit_life = DAY.saturating_mul(app.config.auth.audit_days.get());
    let links = app.store.collect_password_links(now).await?;
    let lines = app.store.collect_audit(now.minus(audit_life)).await?;
    let counters = app.store.collect_usage(Day::of(now).minus(USAGE_DAYS)).await?;
    tracing::debug!(links, lines, counters, "Forgot what is too old");
    Ok(())
}
