//! Messages in SQLite.

use super::{
    SqliteStore, conversation,
    db::{Db, Fields, Sql, statements},
    search,
    value::{Word, key, number, time},
};
use crate::{
    Result, StoreError,
    message::{Appended, GivenFeedback, MessageLink, MessageRecord, Messages, NewMessage},
    search::{SearchHit, Wanted},
};
use std::collections::BTreeSet;
use wire::{
    ChatbotId, ClientMessageId, ConversationId, GenerationId, MessageId, UserId,
    document::Citation,
    feedback::Feedback,
    message::{MessageStatus, Outcome},
};

statements! {
    CONVERSATION = "SELECT user_id FROM conversation WHERE id = ?1";
    PARENT = "SELECT 1 FROM message WHERE id = ?1 AND conversation_id = ?2";
    BY_ID = "SELECT * FROM message WHERE id = ?1";
    BY_CLIENT_ID = "SELECT * FROM message WHERE conversation_id = ?1 AND client_message_id = ?2";
    INSERT = "INSERT INTO message
                  (id, conversation_id, parent_id, client_message_id, role, status, created_at, text, generation_id,
                   model, position)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,
                      1 + coalesce((SELECT max(position) FROM message WHERE conversation_id = ?2), 0))";
    /// From the leaf upwards, one look-up by key a step. Newest first.
    BRANCH = "WITH RECURSIVE up (step, id, parent) AS (
                  SELECT 0, id, parent_id FROM message WHERE id = ?1
                  UNION ALL
                  SELECT step + 1, message.id, message.parent_id FROM up JOIN message ON message.id = up.parent
                  LIMIT ?2
              )
              SELECT message.* FROM up JOIN message ON message.id = up.id ORDER BY up.step";
    ALL = "SELECT * FROM message WHERE conversation_id = ?1 AND position > ?2 ORDER BY position LIMIT ?3";
    CHILDREN = "SELECT id, parent_id, role, position FROM message WHERE conversation_id = ?1 AND parent_id IS ?2";
    FOLLOWED = "SELECT 1 FROM message WHERE conversation_id = ?1 AND parent_id = ?2";
    /// Not the active leaf, and nothing follows it: it was never seen.
    WITHDRAW = "DELETE FROM message
                WHERE id = ?1
                    AND NOT EXISTS (SELECT 1 FROM message AS child
                                    WHERE child.conversation_id = message.conversation_id
                                        AND child.parent_id = message.id)
                    AND NOT EXISTS (SELECT 1 FROM conversation
                                    WHERE conversation.id = message.conversation_id
                                        AND conversation.active_leaf = ?1)";
    SETTLE = "UPDATE message SET text = text || ?3, status = ?4
              WHERE id = ?1 AND status = 'generating' AND (generation_id = ?2 OR generation_id IS NULL)";
    REOPEN = "UPDATE message SET status = 'generating', generation_id = ?2
              WHERE id = ?1 AND status IN ('stopped', 'interrupted', 'failed', 'cut') AND generation_id IS ?3";
    CITE = "UPDATE message SET citations = ?3 WHERE id = ?1 AND status = 'generating' AND generation_id = ?2";
    /// The chatbot stands beside it: its owner asks for what was said of all its answers.
    RATE = "UPDATE message SET verdict = ?2, reason = ?3, comment = ?4, rated_at = ?5,
                               rated_chatbot = (SELECT chatbot_id FROM conversation
                                                WHERE conversation.id = message.conversation_id)
            WHERE id = ?1 AND role = 'assistant'";
    UNRATE = "UPDATE message SET verdict = NULL, reason = NULL, comment = NULL, rated_at = NULL, rated_chatbot = NULL
              WHERE id = ?1 AND role = 'assistant'";
    RATED = "SELECT verdict, reason, comment, rated_at FROM message WHERE rated_chatbot = ?1
             ORDER BY rated_at DESC, id DESC LIMIT ?2";
    WRITTEN_BY = "SELECT 1 FROM message WHERE id = ?1 AND status = 'generating' AND generation_id = ?2";
}

pub(super) fn record(row: &Fields<'_>) -> Result<MessageRecord> {
    Ok(MessageRecord {
        id: row.id("id")?,
        conversation_id: row.id("conversation_id")?,
        parent_id: row.optional_id("parent_id")?,
        position: row.number("position")?,
        client_message_id: row.optional_id("client_message_id")?,
        role: row.word("role")?,
        text: row.text("text")?,
        status: row.word("status")?,
        generation_id: row.optional_id("generation_id")?,
        citations: crate::citations::decode(row.optional_text("citations")?.as_deref())?,
        model: row.optional_text("model")?,
        feedback: feedback(row)?,
        created_at: row.time("created_at")?,
    })
}

fn feedback(row: &Fields<'_>) -> Result<Option<GivenFeedback>> {
    let Some(at) = row.optional_time("rated_at")? else {
        return Ok(None);
    };
    let reason = if row.is_null("reason")? {
        None
    } else {
        Some(row.word("reason")?)
    };
    let feedback = Feedback {
        verdict: row.word("verdict")?,
        reason,
        comment: row.text("comment")?,
    };
    Ok(Some(GivenFeedback { feedback, at }))
}

fn rate(db: &Db, id: MessageId, given: Option<GivenFeedback>) -> Result<bool> {
    let Some(GivenFeedback { feedback, at }) = given else {
        return db.changes(UNRATE, [key(id)]);
    };
    let Feedback {
        verdict,
        reason,
        comment,
    } = feedback;
    db.changes(
        RATE,
        (key(id), verdict.word(), reason.map(Word::word), comment, time(at)),
    )
}

fn link(row: &Fields<'_>) -> Result<MessageLink> {
    Ok(MessageLink {
        id: row.id("id")?,
        parent_id: row.optional_id("parent_id")?,
        role: row.word("role")?,
        position: row.number("position")?,
    })
}

fn append(db: &Db, message: NewMessage) -> Result<Appended> {
    let conversation = key(message.conversation_id);
    let user = db.first(CONVERSATION, [conversation], |row| row.id::<UserId>("user_id"))?;
    let user = user.ok_or(StoreError::NotFound("conversation"))?;
    let sent_before = match message.client_message_id {
        Some(id) => db.first(BY_CLIENT_ID, [conversation, key(id)], record)?,
        None => None,
    };
    if let Some(existing) =
        sent_before.map_or_else(|| db.first(BY_ID, [key(message.id)], record), |m| Ok(Some(m)))?
    {
        return Ok(Appended::Existing(existing));
    }
    if let Some(parent) = message.parent_id
        && !db.exists(PARENT, [key(parent), conversation])?
    {
        return Err(StoreError::NotFound("parent"));
    }
    db.execute(
        INSERT,
        (
            key(message.id),
            conversation,
            message.parent_id.map(key),
            message.client_message_id.map(key),
            message.role.word(),
            message.status.word(),
            time(message.created_at),
            message.text,
            message.generation_id.map(key),
            message.model,
        ),
    )?;
    let stored = db.first(BY_ID, [key(message.id)], record)?;
    let stored = stored.ok_or_else(|| StoreError::Damaged("a new message is not there".into()))?;
    search::keep(db, user, stored.id, &stored.text)?;
    Ok(Appended::New(stored))
}

fn append_visible(
    db: &Db,
    message: NewMessage,
    from: Option<MessageId>,
    session_fence: Option<u64>,
) -> Result<(Appended, bool)> {
    let (now, parent) = (message.created_at, message.parent_id);
    let appended = append(db, message)?;
    let (id, conversation, may_be_shown) = match &appended {
        Appended::New(stored) => (stored.id, stored.conversation_id, true),
        Appended::Existing(stored) => {
            let (id, conversation) = (stored.id, stored.conversation_id);
            let followed = db.exists(FOLLOWED, [key(conversation), key(id)])?;
            (id, conversation, stored.parent_id == parent && !followed)
        }
    };
    let shown = if may_be_shown {
        conversation::move_leaf(db, conversation, from, id, now, session_fence)?
    } else {
        conversation::is_leaf(db, conversation, id)?
    };
    Ok((appended, shown))
}

#[async_trait::async_trait]
impl Messages for SqliteStore {
    async fn append_message(&self, message: NewMessage) -> Result<Appended> {
        self.write(move |db| append(db, message)).await
    }

    async fn append_visible_message(
        &self,
        message: NewMessage,
        from: Option<MessageId>,
        session_fence: Option<u64>,
    ) -> Result<(Appended, bool)> {
        self.write(move |db| append_visible(db, message, from, session_fence))
            .await
    }

    async fn withdraw_message(&self, id: MessageId) -> Result<bool> {
        self.write(move |db| {
            let said = search::said_in_message(db, id)?;
            let withdrawn = db.changes(WITHDRAW, [key(id)])?;
            if withdrawn {
                search::forget(db, said)?;
            }
            Ok(withdrawn)
        })
        .await
    }

    async fn message_by_client_id(
        &self,
        conversation: ConversationId,
        client_message_id: ClientMessageId,
    ) -> Result<Option<MessageRecord>> {
        self.read(move |db| db.first(BY_CLIENT_ID, [key(conversation), key(client_message_id)], record))
            .await
    }

    async fn message(&self, id: MessageId) -> Result<Option<MessageRecord>> {
        self.read(move |db| db.first(BY_ID, [key(id)], record)).await
    }

    async fn branch(&self, leaf: MessageId, limit: u32) -> Result<(Vec<MessageRecord>, bool)> {
        self.read(move |db| {
            // One more than asked for tells whether there are older ones.
            let mut messages = db.all(BRANCH, (key(leaf), i64::from(limit) + 1), record)?;
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            let has_more = messages.len() > limit;
            messages.truncate(limit);
            messages.reverse();
            Ok((messages, has_more))
        })
        .await
    }

    async fn all_messages(
        &self,
        conversation: ConversationId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<MessageRecord>> {
        self.read(move |db| db.all(ALL, (key(conversation), number(after), limit), record))
            .await
    }

    async fn children(
        &self,
        conversation: ConversationId,
        parents: &[Option<MessageId>],
    ) -> Result<Vec<MessageLink>> {
        let parents: BTreeSet<_> = parents.iter().copied().collect();
        self.read(move |db| {
            let mut children = Vec::new();
            for parent in parents {
                children.extend(db.all(CHILDREN, (key(conversation), parent.map(key)), link)?);
            }
            children.sort_by_key(|child| child.position);
            Ok(children)
        })
        .await
    }

    async fn settle_message(
        &self,
        id: MessageId,
        generation: GenerationId,
        text: &str,
        outcome: Outcome,
    ) -> Result<bool> {
        let text = text.to_owned();
        let status = MessageStatus::from(outcome).word();
        self.write(move |db| {
            let before = search::said_in_message(db, id)?;
            let settled = db.changes(SETTLE, (key(id), key(generation), text, status))?;
            if settled {
                // Where two texts meet, two halves of a word may have become one.
                search::forget(db, before)?;
                search::keep_stored(db, id)?;
            }
            Ok(settled)
        })
        .await
    }

    async fn note_citations(
        &self,
        id: MessageId,
        generation: GenerationId,
        citations: &[Citation],
    ) -> Result<bool> {
        let citations = crate::citations::encode(citations);
        self.write(move |db| db.changes(CITE, (key(id), key(generation), citations)))
            .await
    }

    async fn note_feedback(&self, id: MessageId, feedback: Option<GivenFeedback>) -> Result<bool> {
        self.write(move |db| rate(db, id, feedback)).await
    }

    async fn feedback_on(&self, chatbot: ChatbotId, limit: u32) -> Result<Vec<GivenFeedback>> {
        let found = self
            .read(move |db| db.all(RATED, (key(chatbot), limit), feedback))
            .await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn reopen_message(
        &self,
        id: MessageId,
        generation: GenerationId,
        last: Option<GenerationId>,
    ) -> Result<bool> {
        self.write(move |db| {
            let ids = (key(id), key(generation));
            let ended = last == Some(generation);
            let reopened = !ended && db.changes(REOPEN, (ids.0, ids.1, last.map(key)))?;
            Ok(reopened || db.exists(WRITTEN_BY, ids)?)
        })
        .await
    }

    async fn search_messages(
        &self,
        user: UserId,
        query: &str,
        chatbot: Option<ChatbotId>,
        limit: u32,
    ) -> Result<Vec<SearchHit>> {
        let Some(wanted) = Wanted::of(query) else {
            return Ok(Vec::new());
        };
        self.read(move |db| search::messages(db, user, &wanted, chatbot, limit))
            .await
    }
}
