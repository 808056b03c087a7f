//! Sessions in MongoDB: one document a user, changed by one find-and-update that raises its fence. It stays when its
//! session is closed (`active` is false then), so that the fence outlives its sessions.
//!
//! **Conversations learn the fence.** With each change the document notes, in `unfenced`, the conversations that must
//! know the new fence: the one that is left and the one that is entered. They are told (`$max`: in any order, any number
//! of times), then the note is cleared, if no newer fence came. Who dies in between leaves the note; whoever changes the
//! document next takes it over, and a repeated call finds it. So the note grows by crashes only, and no conversation is
//! forgotten.

use super::{
    MongoStore,
    collection::SESSION,
    query::queries,
    value::{Fields, any_key, key, keys, number, time},
};
use crate::{
    Result, StoreError,
    copy::Record,
    session::{NewSession, OpenedSession, SessionRecord, Sessions},
};
use mongodb::bson::{Bson, Document, doc};
use wire::{ConversationId, SessionId, Timestamp, UserId};

queries! {
    of_user(user: UserId) in SESSION { "_id": key(user) };
    of_fence(user: UserId, fence: u64) in SESSION { "_id": key(user), "fence": number(fence) };
    seen(users: &[UserId]) in SESSION { "_id": { "$in": keys(users) } } project { "last_seen_at": 1 };
    by_id(id: SessionId) in SESSION { "id": key(id) };
    by_ids(ids: &[SessionId]) in SESSION { "id": { "$in": keys(ids), "$gte": any_key() } };
    active(id: SessionId) in SESSION { "id": key(id), "active": true };
    silent(before: Timestamp) in SESSION { "active": true, "last_seen_at": { "$lt": time(before) } }
        sort { "last_seen_at": 1 };
    active_and_silent(id: SessionId, before: Timestamp) in SESSION {
        "id": key(id), "active": true, "last_seen_at": { "$lt": time(before) },
    };
}

/// `None` when it is not active.
fn record(document: &Document) -> Result<Option<SessionRecord>> {
    let fields = Fields::of(document);
    if !fields.yes("active")? {
        return Ok(None);
    }
    Ok(Some(SessionRecord {
        id: fields.id("id")?,
        user_id: fields.id("_id")?,
        sign_in_id: fields.id("sign_in_id")?,
        chatbot_id: fields.id("chatbot_id")?,
        conversation_id: fields.id("conversation_id")?,
        fence: fields.number("fence")?,
        node_id: fields.text("node_id")?,
        opened_at: fields.time("opened_at")?,
        last_seen_at: fields.time("last_seen_at")?,
    }))
}

/// A session's document as it is copied from elsewhere.
pub(super) fn document_of(copied: &Record) -> Document {
    let Record::Session {
        user_id,
        id,
        fence,
        sign_in_id,
        chatbot_id,
        conversation_id,
        node_id,
        opened_at,
        last_seen_at,
    } = copied
    else {
        return Document::new();
    };
    let mut document = doc! {
        "_id": key(*user_id), "active": id.is_some(), "fence": number(*fence), "sign_in_id": key(*sign_in_id),
        "chatbot_id": key(*chatbot_id), "conversation_id": key(*conversation_id), "node_id": node_id,
        "opened_at": time(*opened_at), "last_seen_at": time(*last_seen_at), "unfenced": [],
    };
    // Absent, not null: its unique index knows ids only.
    if let Some(id) = id {
        document.insert("id", key(*id));
    }
    document
}

/// The same, read again.
pub(super) fn record_of(document: &Document) -> Result<Record> {
    let fields = Fields::of(document);
    let is_active = fields.yes("active")?;
    Ok(Record::Session {
        user_id: fields.id("_id")?,
        id: if is_active { Some(fields.id("id")?) } else { None },
        fence: fields.number("fence")?,
        sign_in_id: fields.id("sign_in_id")?,
        chatbot_id: fields.id("chatbot_id")?,
        conversation_id: fields.id("conversation_id")?,
        node_id: fields.text("node_id")?,
        opened_at: fields.time("opened_at")?,
        last_seen_at: fields.time("last_seen_at")?,
    })
}

/// One stage that either shares the active session or puts the new one in its place. All expressions see the document as
/// it was before.
fn opening(new: &NewSession) -> Vec<Document> {
    let shares = doc! { "$and": [
        { "$eq": ["$active", true] },
        { "$eq": ["$conversation_id", key(new.conversation_id)] },
    ] };
    let or_new = |field: &str, value: Bson| doc! { "$cond": [shares.clone(), format!("${field}"), value] };
    let noted = doc! { "$setUnion": [
        "$unfenced",
        [{ "$ifNull": ["$conversation_id", key(new.conversation_id)] }, key(new.conversation_id)],
    ] };
    let replaced = doc! { "$cond": [{ "$eq": ["$active", true] }, "$id", Bson::Null] };
    let raised = doc! { "$add": ["$fence", 1_i64] };
    let seen = doc! { "$max": ["$last_seen_at", time(new.now)] };
    vec![doc! { "$set": {
        "id": or_new("id", key(new.id)),
        "active": true,
        "fence": or_new("fence", raised.into()),
        "sign_in_id": or_new("sign_in_id", key(new.sign_in_id)),
        "chatbot_id": or_new("chatbot_id", key(new.chatbot_id)),
        "conversation_id": or_new("conversation_id", key(new.conversation_id)),
        "node_id": or_new("node_id", doc! { "$literal": &new.node_id }.into()),
        "opened_at": or_new("opened_at", time(new.now)),
        "last_seen_at": { "$cond": [shares.clone(), seen, time(new.now)] },
        "last_ended": or_new("last_ended", replaced.into()),
        "unfenced": or_new("unfenced", noted.into()),
    } }]
}

fn never_opened(user: UserId) -> Document {
    doc! { "_id": key(user), "active": false, "fence": 0_i64, "unfenced": [] }
}

fn closing() -> Vec<Document> {
    vec![doc! { "$set": {
        "active": false,
        "fence": { "$add": ["$fence", 1_i64] },
        "last_ended": "$id",
        "unfenced": { "$setUnion": ["$unfenced", ["$conversation_id"]] },
    } }]
}

impl MongoStore {
    /// Tells the conversations that are noted in a session's document of its fence.
    async fn tell_fence(&self, session: &Document) -> Result<()> {
        let session = Fields::of(session);
        let unfenced: Vec<ConversationId> = session.ids("unfenced")?;
        if unfenced.is_empty() {
            return Ok(());
        }
        let (user, fence) = (session.id("_id")?, session.number("fence")?);
        self.tell_conversations(&unfenced, fence).await?;
        let cleared = doc! { "$set": { "unfenced": [] } };
        self.db.update(of_fence(user, fence), cleared).await.map(drop)
    }

    async fn closed(&self, closed: Option<Document>, id: SessionId) -> Result<bool> {
        if let Some(closed) = closed {
            self.tell_fence(&closed).await?;
            return Ok(true);
        }
        // Closed by an attempt that did not come to its end?
        if let Some(ended) = self.db.first(by_id(id)).await?
            && !Fields::of(&ended).yes("active")?
        {
            self.tell_fence(&ended).await?;
        }
        Ok(false)
    }
}

#[async_trait::async_trait]
impl Sessions for MongoStore {
    async fn open_session(&self, session: NewSession) -> Result<OpenedSession> {
        let (user, opening) = (session.user_id, opening(&session));
        let opened = match self.db.change(of_user(user), opening.clone()).await? {
            Some(opened) => opened,
            None => {
                // The user's first: made closed, by whoever is first, then opened like any other.
                self.db.insert(SESSION, never_opened(user)).await?;
                let opened = self.db.change(of_user(user), opening).await?;
                opened.ok_or_else(|| StoreError::Damaged("a user's session is not there".into()))?
            }
        };
        self.tell_fence(&opened).await?;
        let replaced = Fields::of(&opened).optional_id("last_ended")?;
        let active = record(&opened)?;
        let active = active.ok_or_else(|| StoreError::Damaged("an opened session is not active".into()))?;
        // Also when an attempt whose answer was lost has opened it.
        Ok(if active.id == session.id {
            OpenedSession::New {
                session: active,
                replaced,
            }
        } else {
            OpenedSession::Shared(active)
        })
    }

    async fn session(&self, id: SessionId) -> Result<Option<SessionRecord>> {
        let found = self.db.first(by_id(id)).await?;
        Ok(found.as_ref().map(record).transpose()?.flatten())
    }

    async fn session_of(&self, user: UserId) -> Result<Option<SessionRecord>> {
        let found = self.db.first(of_user(user)).await?;
        Ok(found.as_ref().map(record).transpose()?.flatten())
    }

    async fn active_sessions(&self, ids: &[SessionId]) -> Result<Vec<SessionRecord>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.db.all(by_ids(ids)).await?;
        let active = found.iter().filter_map(|document| record(document).transpose());
        active.collect()
    }

    async fn touch_session(&self, id: SessionId, node_id: &str, now: Timestamp) -> Result<bool> {
        let touched = doc! { "$set": { "node_id": node_id }, "$max": { "last_seen_at": time(now) } };
        self.db.update(active(id), touched).await
    }

    async fn close_session(&self, id: SessionId) -> Result<bool> {
        let closed = self.db.change(active(id), closing()).await?;
        self.closed(closed, id).await
    }

    async fn delete_session_of(&self, user: UserId) -> Result<()> {
        self.db.delete(of_user(user)).await.map(drop)
    }

    async fn sessions_silent_since(&self, before: Timestamp, limit: u32) -> Result<Vec<SessionRecord>> {
        let found = self.db.page(silent(before), limit).await?;
        let silent = found.iter().filter_map(|document| record(document).transpose());
        silent.collect()
    }

    async fn close_silent_session(&self, id: SessionId, before: Timestamp) -> Result<bool> {
        let closed = self.db.change(active_and_silent(id, before), closing()).await?;
        self.closed(closed, id).await
    }

    async fn last_seen(&self, users: &[UserId]) -> Result<Vec<(UserId, Timestamp)>> {
        if users.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.db.all(seen(users)).await?;
        let seen = found.iter().map(|session| {
            let fields = Fields::of(session);
            Ok((fields.id("_id")?, fields.time("last_seen_at")?))
        });
        seen.collect()
    }
}
