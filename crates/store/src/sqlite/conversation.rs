//! Conversations in SQLite.

use super::{
    SqliteStore,
    db::{Db, Fields, Sql, statements},
    search,
    value::{key, number, time},
};
use crate::{
    Result, StoreError,
    conversation::{ConversationCounts, ConversationCursor, ConversationRecord, Conversations},
};
use wire::{ChatbotId, ConversationId, MessageId, Timestamp, UserId};

statements! {
    INSERT = "INSERT INTO conversation
                  (id, user_id, chatbot_id, chatbot_name, title, active_leaf, created_at, updated_at, pinned)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING";
    BY_ID = "SELECT * FROM conversation WHERE id = ?1";
    LATEST = "SELECT * FROM conversation WHERE user_id = ?1 AND chatbot_id = ?2
              ORDER BY updated_at DESC, id DESC LIMIT 1";
    EMPTY = "SELECT * FROM conversation WHERE user_id = ?1 AND chatbot_id = ?2 AND active_leaf IS NULL LIMIT 1";
    PAGE = "SELECT * FROM conversation
            WHERE user_id = ?1 AND (updated_at, id) < (?2, ?3) AND active_leaf IS NOT NULL
            ORDER BY updated_at DESC, id DESC LIMIT ?4";
    PAGE_OF_CHATBOT = "SELECT * FROM conversation
                       WHERE user_id = ?1 AND chatbot_id = ?5 AND (updated_at, id) < (?2, ?3)
                           AND active_leaf IS NOT NULL
                       ORDER BY updated_at DESC, id DESC LIMIT ?4";
    PINNED = "SELECT * FROM conversation WHERE user_id = ?1 AND pinned = 1 AND active_leaf IS NOT NULL
              ORDER BY updated_at DESC, id DESC LIMIT ?2";
    ALL = "SELECT * FROM conversation WHERE user_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3";
    COUNTS = "SELECT count(*) AS conversations,
                     coalesce(sum((SELECT count(*) FROM message WHERE conversation_id = conversation.id)), 0) AS messages
              FROM conversation WHERE user_id = ?1 AND active_leaf IS NOT NULL";
    SET_PINNED = "UPDATE conversation SET pinned = ?2 WHERE id = ?1";
    SET_TITLE = "UPDATE conversation SET title = ?2 WHERE id = ?1";
    SET_FIRST_TITLE = "UPDATE conversation SET title = ?2 WHERE id = ?1 AND title IS NULL";
    REPLACE_TITLE = "UPDATE conversation SET title = ?3 WHERE id = ?1 AND title = ?2";
    MOVE_LEAF = "UPDATE conversation SET active_leaf = ?3, updated_at = ?4
                 WHERE id = ?1 AND active_leaf IS ?2 AND session_fence <= ?5";
    RAISE_FENCE = "UPDATE conversation SET session_fence = max(session_fence, ?2) WHERE id = ?1";
    AT_LEAF = "SELECT 1 FROM conversation WHERE id = ?1 AND active_leaf = ?2";
    /// Messages, generations and their logs go with it.
    DELETE = "DELETE FROM conversation WHERE id = ?1";
}

pub(super) fn record(row: &Fields<'_>) -> Result<ConversationRecord> {
    Ok(ConversationRecord {
        id: row.id("id")?,
        user_id: row.id("user_id")?,
        chatbot_id: row.id("chatbot_id")?,
        chatbot_name: row.text("chatbot_name")?,
        title: row.optional_text("title")?,
        active_leaf: row.optional_id("active_leaf")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
        pinned: row.yes("pinned")?,
    })
}

/// Moves the active leaf from `from` to `to`, unless a session of a higher fence than `session_fence` was there:
/// whether it is there now.
pub(super) fn move_leaf(
    db: &Db,
    id: ConversationId,
    from: Option<MessageId>,
    to: MessageId,
    now: Timestamp,
    session_fence: Option<u64>,
) -> Result<bool> {
    let fence = number(session_fence.unwrap_or(u64::MAX));
    Ok(db.changes(MOVE_LEAF, (key(id), from.map(key), key(to), time(now), fence))? || is_leaf(db, id, to)?)
}

/// Whether this message is the active leaf.
pub(super) fn is_leaf(db: &Db, id: ConversationId, message: MessageId) -> Result<bool> {
    db.exists(AT_LEAF, [key(id), key(message)])
}

/// From now on, what a session of a lower fence says here is not shown.
pub(super) fn raise_fence(db: &Db, id: ConversationId, fence: u64) -> Result<()> {
    db.execute(RAISE_FENCE, (key(id), number(fence))).map(drop)
}

#[async_trait::async_trait]
impl Conversations for SqliteStore {
    async fn create_conversation(&self, conversation: ConversationRecord) -> Result<()> {
        self.write(move |db| {
            let new = db.changes(
                INSERT,
                (
                    key(conversation.id),
                    key(conversation.user_id),
                    key(conversation.chatbot_id),
                    conversation.chatbot_name,
                    conversation.title,
                    conversation.active_leaf.map(key),
                    time(conversation.created_at),
                    time(conversation.updated_at),
                    conversation.pinned,
                ),
            )?;
            if new {
                Ok(())
            } else {
                Err(StoreError::Conflict("conversation"))
            }
        })
        .await
    }

    async fn conversation(&self, id: ConversationId) -> Result<Option<ConversationRecord>> {
        self.read(move |db| db.first(BY_ID, [key(id)], record)).await
    }

    async fn conversations_by_id(&self, ids: &[ConversationId]) -> Result<Vec<ConversationRecord>> {
        let ids = ids.to_vec();
        self.read(move |db| db.those(BY_ID, &ids, record)).await
    }

    async fn latest_conversation(
        &self,
        user: UserId,
        chatbot: ChatbotId,
    ) -> Result<Option<ConversationRecord>> {
        self.read(move |db| db.first(LATEST, [key(user), key(chatbot)], record))
            .await
    }

    async fn empty_conversation(
        &self,
        user: UserId,
        chatbot: ChatbotId,
    ) -> Result<Option<ConversationRecord>> {
        self.read(move |db| db.first(EMPTY, [key(user), key(chatbot)], record))
            .await
    }

    async fn conversations(
        &self,
        user: UserId,
        chatbot: Option<ChatbotId>,
        after: Option<ConversationCursor>,
        limit: u32,
    ) -> Result<Vec<ConversationRecord>> {
        // Later than all of them, when there is none to go on after: a blob of 17 bytes sorts behind every id.
        let (updated_at, id) = match after {
            Some(after) => (time(after.updated_at), key(after.id).to_vec()),
            None => (number(u64::MAX), vec![u8::MAX; 17]),
        };
        self.read(move |db| match chatbot {
            None => db.all(PAGE, (key(user), updated_at, id, limit), record),
            Some(chatbot) => db.all(
                PAGE_OF_CHATBOT,
                (key(user), updated_at, id, limit, key(chatbot)),
                record,
            ),
        })
        .await
    }

    async fn all_conversations(
        &self,
        user: UserId,
        after: Option<ConversationId>,
        limit: u32,
    ) -> Result<Vec<ConversationRecord>> {
        // Before every id, when there is none to go on after.
        let after = after.map_or_else(Vec::new, |after| key(after).to_vec());
        self.read(move |db| db.all(ALL, (key(user), after, limit), record))
            .await
    }

    async fn pinned_conversations(&self, user: UserId, limit: u32) -> Result<Vec<ConversationRecord>> {
        self.read(move |db| db.all(PINNED, (key(user), limit), record))
            .await
    }

    async fn conversation_counts(&self, user: UserId) -> Result<ConversationCounts> {
        let counts = |row: &Fields<'_>| {
            Ok(ConversationCounts {
                conversations: row.number("conversations")?,
                messages: row.number("messages")?,
            })
        };
        let counted = self.read(move |db| db.first(COUNTS, [key(user)], counts)).await?;
        Ok(counted.unwrap_or_default())
    }

    async fn set_pinned(&self, id: ConversationId, pinned: bool) -> Result<()> {
        let found = self
            .write(move |db| db.changes(SET_PINNED, (key(id), pinned)))
            .await?;
        if found {
            Ok(())
        } else {
            Err(StoreError::NotFound("conversation"))
        }
    }

    async fn set_title(&self, id: ConversationId, title: &str) -> Result<()> {
        let title = title.to_owned();
        let found = self
            .write(move |db| db.changes(SET_TITLE, (key(id), title)))
            .await?;
        if found {
            Ok(())
        } else {
            Err(StoreError::NotFound("conversation"))
        }
    }

    async fn set_first_title(&self, id: ConversationId, title: &str) -> Result<bool> {
        let title = title.to_owned();
        self.write(move |db| db.changes(SET_FIRST_TITLE, (key(id), title)))
            .await
    }

    async fn replace_title(&self, id: ConversationId, from: &str, to: &str) -> Result<bool> {
        let (from, to) = (from.to_owned(), to.to_owned());
        self.write(move |db| db.changes(REPLACE_TITLE, (key(id), from, to)))
            .await
    }

    async fn move_active_leaf(
        &self,
        id: ConversationId,
        from: Option<MessageId>,
        to: MessageId,
        now: Timestamp,
    ) -> Result<bool> {
        self.write(move |db| move_leaf(db, id, from, to, now, None)).await
    }

    async fn delete_conversation(&self, id: ConversationId, _now: Timestamp) -> Result<bool> {
        self.write(move |db| {
            let said = search::said_in_conversation(db, id)?;
            search::forget(db, said)?;
            db.changes(DELETE, [key(id)])
        })
        .await
    }
}
