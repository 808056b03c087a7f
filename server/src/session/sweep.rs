//! The end of silent sessions: after the grace when all sockets left, after the idle time in any case; never while an
//! answer is being written. And the watch over sign-ins that end while their sockets are open.

use super::{LiveSession, LiveSessions};
use crate::{
    app::{App, AppState},
    outage::Outage,
};
use std::{sync::Arc, time::Duration};
use store::Result;
use wire::{ConversationId, Timestamp, socket::CloseReason};

/// How often it looks: the promise is "within a second or so".
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);
/// How stale the store's `last_seen_at` may be.
const NOTE_INTERVAL: Duration = Duration::from_secs(30);
/// Among several nodes.
const LEAST_GRACE: Duration = Duration::from_secs(2);
/// Sessions a sweep takes from the store at once; the rest comes with the next sweep.
const SWEEP_BATCH: u32 = 100;

/// Sweeps until shutdown.
pub async fn run(app: AppState) {
    let mut outage = Outage::of("sweep the sessions");
    let mut interval = tokio::time::interval(SWEEP_INTERVAL);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while !app.shutdown.is_cancelled() {
        tokio::select! {
            () = app.shutdown.cancelled() => return,
            _ = interval.tick() => {}
        }
        outage.note(sweep(&app).await);
    }
}

/// One sweep, for the loop above and for tests with a clock of their own.
///
/// # Errors
/// The store's.
pub async fn sweep(app: &App) -> Result<()> {
    if app.alone {
        // Among several nodes, every look at the others does it, more often.
        end_sockets_of_ended_sign_ins(app).await?;
    }
    let now = app.clock.now();
    for (session, verdict) in app.sessions.judge(app, now) {
        match verdict {
            Verdict::Note(heard_at) => {
                if !app
                    .store
                    .touch_session(session.record.id, &app.node_id, heard_at)
                    .await?
                {
                    // Replaced or closed: what is said here is said to nobody.
                    app.sessions.close(session.record.id, CloseReason::Replaced);
                }
            }
            Verdict::Left(left_at) => close_left(app, &session, left_at).await?,
            Verdict::Silent(heard_at) => {
                let before = heard_at.plus(Duration::from_millis(1));
                if app.store.close_silent_session(session.record.id, before).await? || app.alone {
                    app.sessions.close(session.record.id, CloseReason::Idle);
                } else if app.store.session(session.record.id).await?.is_none() {
                    app.sessions.close(session.record.id, CloseReason::Closed);
                } else {
                    // Another node has heard of its client since.
                    session.heard(now);
                }
            }
        }
    }
    let silent = now.minus(app.config.chat.session_idle + 2 * NOTE_INTERVAL);
    for session in app.store.sessions_silent_since(silent, SWEEP_BATCH).await? {
        let busy = is_generating(app, session.conversation_id) || app.sessions.has(session.id);
        let busy_elsewhere = !app.alone
            && app
                .store
                .running_generation(session.conversation_id)
                .await?
                .is_some();
        if !busy && !busy_elsewhere && app.store.close_silent_session(session.id, silent).await? {
            app.sessions.close(session.id, CloseReason::Idle);
        }
    }
    Ok(())
}

/// Closes a session that has had no socket since then, unless it was taken up again meanwhile: by a socket, or by somebody
/// who opened it and whose socket is on its way. The judgment is as old as the sweep, which waits for the store.
async fn close_left(app: &App, session: &LiveSession, left_at: Timestamp) -> Result<()> {
    if !session.is_left_since(left_at) {
        return Ok(());
    }
    let id = session.record.id;
    if is_served_elsewhere(app, session).await? {
        if session.is_left_since(left_at) {
            app.sessions.close(id, CloseReason::Idle);
        }
        return Ok(());
    }
    let before = left_at.plus(Duration::from_millis(1));
    if app.store.close_silent_session(id, before).await? || app.store.session(id).await?.is_none() {
        app.sessions.close(id, CloseReason::Idle);
    } else {
        // Somebody opened it again: their socket has the whole grace to come.
        session.expect_socket(app.clock.now());
    }
    Ok(())
}

/// Tells the sockets whose sign-in is over, wherever that was said.
///
/// # Errors
/// The store's.
pub async fn end_sockets_of_ended_sign_ins(app: &App) -> Result<()> {
    let connected = app.sessions.connected_sign_ins();
    if connected.is_empty() {
        return Ok(());
    }
    for ended in app.store.ended_sign_ins(&connected, app.clock.now()).await? {
        app.sessions.sign_in_ended(ended);
    }
    Ok(())
}

fn is_generating(app: &App, conversation: ConversationId) -> bool {
    app.chat.known_in(conversation).is_some()
}

/// Whether sockets of another node serve this session: that one has noted it since our last socket left.
async fn is_served_elsewhere(app: &App, session: &LiveSession) -> Result<bool> {
    if app.alone {
        return Ok(false);
    }
    let active = app.store.session(session.record.id).await?;
    Ok(active.is_none_or(|active| active.node_id != app.node_id))
}

/// How long a session without sockets waits for one. Among several nodes it may have sockets elsewhere: those must have
/// time to say so.
fn grace(app: &App) -> Duration {
    let grace = app.config.chat.session_grace;
    if app.alone { grace } else { grace.max(LEAST_GRACE) }
}

/// How often a session with sockets is noted: twice within the grace, so that another node does not close it.
fn note_interval(app: &App) -> Duration {
    if app.alone {
        NOTE_INTERVAL
    } else {
        NOTE_INTERVAL.min(grace(app) / 2)
    }
}

/// What a sweep does with a session.
enum Verdict {
    /// Tell the store when its client was heard of.
    Note(Timestamp),
    /// All sockets have left, at this time, and the grace is over.
    Left(Timestamp),
    /// Nothing was heard for too long, since then.
    Silent(Timestamp),
}

impl LiveSessions {
    fn judge(&self, app: &App, now: Timestamp) -> Vec<(Arc<LiveSession>, Verdict)> {
        self.all()
            .into_iter()
            .filter_map(|session| Some((Arc::clone(&session), session.verdict(app, now)?)))
            .collect()
    }
}

impl LiveSession {
    /// Whether the last socket left at this time, and none has come since.
    fn is_left_since(&self, left_at: Timestamp) -> bool {
        self.presence.lock().left_at == Some(left_at)
    }

    fn verdict(&self, app: &App, now: Timestamp) -> Option<Verdict> {
        if is_generating(app, self.record.conversation_id) {
            // Its client may come back for the answer: silence counts from the answer's end.
            let mut presence = self.presence.lock();
            presence.heard_at = now;
            if presence.left_at.is_some() {
                presence.left_at = Some(now);
            }
        }
        let config = &app.config.chat;
        let mut presence = self.presence.lock();
        if let Some(left_at) = presence.left_at
            && now >= left_at.plus(grace(app))
        {
            return Some(Verdict::Left(left_at));
        }
        if now >= presence.heard_at.plus(config.session_idle) {
            return Some(Verdict::Silent(presence.heard_at));
        }
        if !presence.sockets.is_empty() && now >= presence.noted_at.plus(note_interval(app)) {
            presence.noted_at = now;
            return Some(Verdict::Note(presence.heard_at));
        }
        None
    }
}
