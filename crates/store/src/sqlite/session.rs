//! Sessions in SQLite: one row a user.

use super::{
    SqliteStore, conversation,
    db::{Db, Fields, Sql, statements},
    value::{key, time},
};
use crate::{
    Result, StoreError,
    session::{NewSession, OpenedSession, SessionRecord, Sessions},
};
use wire::{SessionId, Timestamp, UserId};

statements! {
    SEEN = "SELECT user_id, last_seen_at FROM session WHERE user_id = ?1";
    OF_USER = "SELECT * FROM session WHERE user_id = ?1 AND id IS NOT NULL";
    BY_ID = "SELECT * FROM session WHERE id = ?1";
    /// The user's row, made or changed: the fence rises either way.
    OPEN = "INSERT INTO session (user_id, id, fence, sign_in_id, chatbot_id, conversation_id, node_id, opened_at,
                                 last_seen_at)
            VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?7, ?7)
            ON CONFLICT (user_id) DO UPDATE SET
                id = excluded.id, fence = fence + 1, sign_in_id = excluded.sign_in_id,
                chatbot_id = excluded.chatbot_id, conversation_id = excluded.conversation_id,
                node_id = excluded.node_id, opened_at = excluded.opened_at, last_seen_at = excluded.last_seen_at";
    SHARE = "UPDATE session SET last_seen_at = max(last_seen_at, ?2) WHERE id = ?1";
    TOUCH = "UPDATE session SET last_seen_at = max(last_seen_at, ?2), node_id = ?3 WHERE id = ?1";
    CLOSE = "UPDATE session SET id = NULL, fence = fence + 1 WHERE id = ?1";
    DELETE = "DELETE FROM session WHERE user_id = ?1";
    SILENT = "SELECT * FROM session WHERE last_seen_at < ?1 AND id IS NOT NULL ORDER BY last_seen_at LIMIT ?2";
}

fn record(row: &Fields<'_>) -> Result<SessionRecord> {
    Ok(SessionRecord {
        id: row.id("id")?,
        user_id: row.id("user_id")?,
        sign_in_id: row.id("sign_in_id")?,
        chatbot_id: row.id("chatbot_id")?,
        conversation_id: row.id("conversation_id")?,
        fence: row.number("fence")?,
        node_id: row.text("node_id")?,
        opened_at: row.time("opened_at")?,
        last_seen_at: row.time("last_seen_at")?,
    })
}

fn open(db: &Db, new: NewSession) -> Result<OpenedSession> {
    let active = db.first(OF_USER, [key(new.user_id)], record)?;
    let shared = active
        .as_ref()
        .filter(|active| active.conversation_id == new.conversation_id);
    if let Some(active) = shared {
        db.execute(SHARE, (key(active.id), time(new.now)))?;
    } else {
        db.execute(
            OPEN,
            (
                key(new.user_id),
                key(new.id),
                key(new.sign_in_id),
                key(new.chatbot_id),
                key(new.conversation_id),
                new.node_id,
                time(new.now),
            ),
        )?;
    }
    let session = db
        .first(OF_USER, [key(new.user_id)], record)?
        .ok_or_else(|| StoreError::Damaged("an opened session is not there".into()))?;
    if shared.is_none() {
        let left = active.as_ref().map(|active| active.conversation_id);
        for conversation in left.into_iter().chain([session.conversation_id]) {
            conversation::raise_fence(db, conversation, session.fence)?;
        }
    }
    Ok(match shared {
        Some(_) => OpenedSession::Shared(session),
        None => OpenedSession::New {
            session,
            replaced: active.map(|active| active.id),
        },
    })
}

/// Closes it, if it is active and was silent since `before`.
fn close(db: &Db, id: SessionId, silent_since: Option<Timestamp>) -> Result<bool> {
    let Some(session) = db.first(BY_ID, [key(id)], record)? else {
        return Ok(false);
    };
    if silent_since.is_some_and(|before| session.last_seen_at >= before) {
        return Ok(false);
    }
    db.execute(CLOSE, [key(id)])?;
    conversation::raise_fence(db, session.conversation_id, session.fence.saturating_add(1))?;
    Ok(true)
}

#[async_trait::async_trait]
impl Sessions for SqliteStore {
    async fn open_session(&self, session: NewSession) -> Result<OpenedSession> {
        self.write(move |db| open(db, session)).await
    }

    async fn session(&self, id: SessionId) -> Result<Option<SessionRecord>> {
        self.read(move |db| db.first(BY_ID, [key(id)], record)).await
    }

    async fn session_of(&self, user: UserId) -> Result<Option<SessionRecord>> {
        self.read(move |db| db.first(OF_USER, [key(user)], record)).await
    }

    async fn active_sessions(&self, ids: &[SessionId]) -> Result<Vec<SessionRecord>> {
        let ids = ids.to_vec();
        self.read(move |db| db.those(BY_ID, &ids, record)).await
    }

    async fn touch_session(&self, id: SessionId, node_id: &str, now: Timestamp) -> Result<bool> {
        let node_id = node_id.to_owned();
        self.write(move |db| db.changes(TOUCH, (key(id), time(now), node_id)))
            .await
    }

    async fn close_session(&self, id: SessionId) -> Result<bool> {
        self.write(move |db| close(db, id, None)).await
    }

    async fn delete_session_of(&self, user: UserId) -> Result<()> {
        self.write(move |db| db.execute(DELETE, [key(user)]).map(drop))
            .await
    }

    async fn sessions_silent_since(&self, before: Timestamp, limit: u32) -> Result<Vec<SessionRecord>> {
        self.read(move |db| db.all(SILENT, (time(before), limit), record))
            .await
    }

    async fn close_silent_session(&self, id: SessionId, before: Timestamp) -> Result<bool> {
        self.write(move |db| close(db, id, Some(before))).await
    }

    async fn last_seen(&self, users: &[UserId]) -> Result<Vec<(UserId, Timestamp)>> {
        let users = users.to_vec();
        self.read(move |db| {
            db.those(SEEN, &users, |row| {
                Ok((row.id("user_id")?, row.time("last_seen_at")?))
            })
        })
        .await
    }
}
