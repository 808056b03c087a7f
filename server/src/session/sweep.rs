//! The end of silent sessions: after the grace when all sockets left, after the idle time in any case; never while an
//! answer is being written. And the watch over sign-ins that end while their sockets are open.

use super::{LiveSession, LiveSessions};
use crate::app::{App, AppState};
use std::{sync::Arc, time::Duration};
use store::Result;
use wire::{ConversationId, SessionId, Timestamp, socket::CloseReason};

/// How often it looks: the promise is "within a second or so".
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);
/// How stale the store's `last_seen_at` may be.
const NOTE_INTERVAL: Duration = Duration::from_secs(30);
/// Sessions a sweep takes from the store at once; the rest comes with the next sweep.
const SWEEP_BATCH: u32 = 100;

/// Sweeps until shutdown.
pub async fn run(app: AppState) {
    let mut interval = tokio::time::interval(SWEEP_INTERVAL);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while !app.shutdown.is_cancelled() {
        tokio::select! {
            () = app.shutdown.cancelled() => return,
            _ = interval.tick() => {}
        }
        if let Err(error) = sweep(&app).await {
            tracing::warn!(%error, "Could not sweep the sessions; trying again");
        }
    }
}

/// One sweep, for the loop above and for tests with a clock of their own.
///
/// # Errors
/// The store's.
pub async fn sweep(app: &App) -> Result<()> {
    end_sockets_of_ended_sign_ins(app).await?;
    let now = app.clock.now();
    for (session, verdict) in app.sessions.judge(app, now) {
        match verdict {
            Verdict::Note => {
                if !app
                    .store
                    .touch_session(session.record.id, &app.node_id, now)
                    .await?
                {
                    // Another node's, or gone: what is said here is said to nobody.
                    app.sessions.close(session.record.id, CloseReason::Replaced);
                }
            }
            Verdict::Close(reason) => {
                app.store.close_session(session.record.id).await?;
                app.sessions.close(session.record.id, reason);
            }
        }
    }
    let silent = now.minus(app.config.chat.session_idle + 2 * NOTE_INTERVAL);
    for session in app.store.sessions_silent_since(silent, SWEEP_BATCH).await? {
        let busy = is_generating(app, session.conversation_id) || app.sessions.has(session.id);
        if !busy && app.store.close_silent_session(session.id, silent).await? {
            app.sessions.close(session.id, CloseReason::Idle);
        }
    }
    Ok(())
}

async fn end_sockets_of_ended_sign_ins(app: &App) -> Result<()> {
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
    app.chat.running_in(conversation).is_some()
}

/// What a sweep does with a session.
enum Verdict {
    /// Tell the store that its client was heard of.
    Note,
    /// It is over.
    Close(CloseReason),
}

impl LiveSessions {
    fn has(&self, id: SessionId) -> bool {
        self.by_id.lock().contains_key(&id)
    }

    fn judge(&self, app: &App, now: Timestamp) -> Vec<(Arc<LiveSession>, Verdict)> {
        self.all()
            .into_iter()
            .filter_map(|session| Some((Arc::clone(&session), session.verdict(app, now)?)))
            .collect()
    }
}

impl LiveSession {
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
        if presence
            .left_at
            .is_some_and(|left| now >= left.plus(config.session_grace))
        {
            return Some(Verdict::Close(CloseReason::Idle));
        }
        if now >= presence.heard_at.plus(config.session_idle) {
            return Some(Verdict::Close(CloseReason::Idle));
        }
        if now >= presence.noted_at.plus(NOTE_INTERVAL) {
            presence.noted_at = now;
            return Some(Verdict::Note);
        }
        None
    }
}
