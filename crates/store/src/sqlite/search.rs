//! Search in SQLite: one row a term of a message. What a term is, and which hits come first, is said in
//! [`crate::search`].

use super::{
    db::{Db, Fields, Sql, statements},
    value::key,
};
use crate::{
    Result, StoreError,
    search::{self, Candidate, SearchHit, Wanted},
};
use rusqlite::Connection;
use std::collections::HashMap;
use wire::{ChatbotId, ConversationId, MessageId, UserId};

/// Messages that are read to be ranked: those with most of what is wanted, the latest of equals.
const CANDIDATES: usize = 200;
/// Messages from before there was search whose terms one transaction keeps.
const SLICE: u32 = 200;

statements! {
    KEEP = "INSERT INTO message_term (user_id, term, message_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    FORGET = "DELETE FROM message_term WHERE user_id = ?1 AND term = ?2 AND message_id = ?3";
    WITH_TERM = "SELECT DISTINCT message_id FROM message_term WHERE user_id = ?1 AND term = ?2";
    WITH_PREFIX = "SELECT DISTINCT message_id FROM message_term WHERE user_id = ?1 AND term >= ?2 AND term < ?3";
    CANDIDATE = "SELECT message.*, conversation.chatbot_id FROM message
                     JOIN conversation ON conversation.id = message.conversation_id
                 WHERE message.id = ?1 AND conversation.user_id = ?2";
    OF_CONVERSATION = "SELECT message.id, message.text, conversation.user_id FROM message
                           JOIN conversation ON conversation.id = message.conversation_id
                       WHERE message.conversation_id = ?1";
    OF_MESSAGE = "SELECT message.id, message.text, conversation.user_id FROM message
                      JOIN conversation ON conversation.id = message.conversation_id
                  WHERE message.id = ?1";
    /// A queue: it is read from its start, and emptied.
    WITHOUT_TERMS = "SELECT message_id FROM message_without_terms LIMIT ?1";
    KEPT = "DELETE FROM message_without_terms WHERE message_id = ?1";
}

/// A message's terms can be found from now on.
pub(super) fn keep(db: &Db, user: UserId, message: MessageId, text: &str) -> Result<()> {
    for term in search::terms(text) {
        db.execute(KEEP, (key(user), term, key(message)))?;
    }
    Ok(())
}

/// The same for a message that is stored; nothing, when it is not.
pub(super) fn keep_stored(db: &Db, message: MessageId) -> Result<()> {
    for Said { message, text, by } in said_in_message(db, message)? {
        keep(db, by, message, &text)?;
    }
    Ok(())
}

/// What a message's terms follow from.
pub(super) struct Said {
    message: MessageId,
    text: String,
    by: UserId,
}

/// What is said in a message: at most one.
pub(super) fn said_in_message(db: &Db, message: MessageId) -> Result<Vec<Said>> {
    db.all(OF_MESSAGE, [key(message)], said)
}

/// What is said in a conversation.
pub(super) fn said_in_conversation(db: &Db, conversation: ConversationId) -> Result<Vec<Said>> {
    db.all(OF_CONVERSATION, [key(conversation)], said)
}

fn said(row: &Fields<'_>) -> Result<Said> {
    Ok(Said {
        message: row.id("id")?,
        text: row.text("text")?,
        by: row.id("user_id")?,
    })
}

/// Messages that are gone, or go with this transaction, are found no more.
pub(super) fn forget(db: &Db, gone: Vec<Said>) -> Result<()> {
    for Said { message, text, by } in gone {
        for term in search::terms(&text) {
            db.execute(FORGET, (key(by), term, key(message)))?;
        }
    }
    Ok(())
}

/// Keeps the terms of all messages from before there was search: once in the life of a file, in slices.
pub(super) fn catch_up(connection: Connection) -> Result<Connection> {
    let db = Db::new(connection);
    while db.exists(WITHOUT_TERMS, [1])? {
        let control = |sql| db.control(sql).map_err(StoreError::Unavailable);
        control("BEGIN IMMEDIATE")?;
        catch_up_slice(&db)?;
        control("COMMIT")?;
    }
    Ok(db.into_connection())
}

fn catch_up_slice(db: &Db) -> Result<()> {
    for message in db.all(WITHOUT_TERMS, [SLICE], |row| row.id::<MessageId>("message_id"))? {
        keep_stored(db, message)?;
        db.execute(KEPT, [key(message)])?;
    }
    Ok(())
}

/// The best hits among a user's messages.
pub(super) fn messages(
    db: &Db,
    user: UserId,
    wanted: &Wanted,
    chatbot: Option<ChatbotId>,
    limit: u32,
) -> Result<Vec<SearchHit>> {
    let mut covered: HashMap<MessageId, usize> = HashMap::new();
    let mut count = |row: &Fields<'_>| {
        *covered.entry(row.id("message_id")?).or_default() += 1;
        Ok(())
    };
    for term in &wanted.whole {
        db.each(WITH_TERM, (key(user), term), &mut count)?;
    }
    if let Some(prefix) = &wanted.prefix {
        let behind = search::behind_prefix(prefix);
        db.each(WITH_PREFIX, (key(user), prefix, behind), &mut count)?;
    }
    let mut found: Vec<(usize, MessageId)> = covered.into_iter().map(|(id, terms)| (terms, id)).collect();
    // Ids rise with time.
    found.sort_unstable_by(|one, other| other.cmp(one));
    let mut candidates = Vec::new();
    for (_, id) in found {
        let candidate = db.first(CANDIDATE, [key(id), key(user)], |row| {
            let of: ChatbotId = row.id("chatbot_id")?;
            Ok((of, candidate(row)?))
        })?;
        candidates.extend(
            candidate
                .filter(|(of, _)| chatbot.is_none_or(|wanted| wanted == *of))
                .map(|(_, candidate)| candidate),
        );
        if candidates.len() >= CANDIDATES {
            break;
        }
    }
    Ok(search::rank(wanted, candidates, limit))
}

fn candidate(row: &Fields<'_>) -> Result<Candidate> {
    Ok(Candidate {
        message_id: row.id("id")?,
        conversation_id: row.id("conversation_id")?,
        role: row.word("role")?,
        created_at: row.time("created_at")?,
        text: row.text("text")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::{connection, migration};
    use wire::{MessageId, UserId};

    #[test]
    fn messages_from_before_there_was_search_are_found_too() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = connection::open(&folder.path().join("old.db")).unwrap();
        migration::migrate(&mut connection).unwrap();
        // As a file of the version before has them, after the step that makes room for terms.
        connection
            .execute_batch(
                "INSERT INTO conversation (id, user_id, chatbot_id, chatbot_name, created_at, updated_at)
                     VALUES (zeroblob(16), zeroblob(16), zeroblob(16), 'Ada', 0, 0);
                 WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 450)
                     INSERT INTO message (id, conversation_id, position, role, status, created_at, text)
                     SELECT CAST(printf('%016d', i) AS BLOB), zeroblob(16), i, 'user', 'complete', 0, 'number ' || i FROM n;
                 INSERT INTO message_without_terms SELECT id FROM message;",
            )
            .unwrap();
        let db = Db::new(catch_up(connection).unwrap());
        let nobody = UserId::from_uuid(uuid::Uuid::nil());
        for number in [1, 200, 201, 450] {
            let wanted = Wanted::of(&format!("{number}")).unwrap();
            let hits = messages(&db, nobody, &wanted, None, 200).unwrap();
            assert!(
                hits.iter()
                    .any(|hit| hit.snippet.text == format!("number {number}")),
                "{number}"
            );
        }
        assert!(
            db.all(WITHOUT_TERMS, [1], |row| row.id::<MessageId>("message_id"))
                .unwrap()
                .is_empty()
        );
    }
}
