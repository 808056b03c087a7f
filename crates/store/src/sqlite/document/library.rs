//! What is said of all documents together: of a chatbot's, which version they are and by which model they are compared;
//! of a user's, what changed last.

use super::{
    super::{
        db::{Db, Sql, statements},
        value::{key, number},
    },
    record,
};
use crate::{
    Result,
    document::{DocumentRecord, LibraryRecord},
};
use wire::{ChatbotId, DocumentId, UserId};

statements! {
    LIBRARY = "SELECT version, model FROM library WHERE chatbot_id = ?1";
    RAISE = "INSERT INTO library (chatbot_id, version) VALUES (?1, 1)
             ON CONFLICT DO UPDATE SET version = version + 1";
    SWITCH = "INSERT INTO library (chatbot_id, version, model) VALUES (?1, 1, ?2)
              ON CONFLICT DO UPDATE SET version = version + 1, model = ?2";
    COUNT = "INSERT INTO document_change (user_id, last) SELECT user_id, 1 FROM document WHERE id = ?1
             ON CONFLICT DO UPDATE SET last = last + 1";
    NUMBER = "UPDATE document SET change = (SELECT last FROM document_change WHERE user_id = document.user_id)
              WHERE id = ?1";
    LAST = "SELECT last FROM document_change WHERE user_id = ?1";
    CHANGED = "SELECT * FROM document WHERE user_id = ?1 AND change > ?2 AND sealed = 1 ORDER BY change LIMIT ?3";
}

/// What a chatbot is answered from has changed.
pub(super) fn raise(db: &Db, chatbot: ChatbotId) -> Result<()> {
    db.execute(RAISE, [key(chatbot)]).map(drop)
}

pub(super) fn get(db: &Db, chatbot: ChatbotId) -> Result<LibraryRecord> {
    let found = db.first(LIBRARY, [key(chatbot)], |row| {
        Ok(LibraryRecord {
            version: row.number("version")?,
            model: row.optional_text("model")?,
        })
    })?;
    Ok(found.unwrap_or_default())
}

pub(super) fn switch(db: &Db, chatbot: ChatbotId, from: Option<&str>, to: &str) -> Result<bool> {
    let now = get(db, chatbot)?.model;
    if now.as_deref() == Some(to) {
        return Ok(true);
    }
    if now.as_deref() != from {
        return Ok(false);
    }
    db.changes(SWITCH, (key(chatbot), to))
}

/// This document has changed.
pub(super) fn note_change(db: &Db, id: DocumentId) -> Result<()> {
    db.execute(COUNT, [key(id)])?;
    db.execute(NUMBER, [key(id)]).map(drop)
}

pub(super) fn changes(db: &Db, users: &[UserId]) -> Result<Vec<(UserId, u64)>> {
    let mut found = Vec::new();
    for user in users {
        let last = db.first(LAST, [key(*user)], |row| row.number("last"))?;
        found.extend(last.map(|last| (*user, last)));
    }
    Ok(found)
}

pub(super) fn changed(db: &Db, user: UserId, after: u64, limit: u32) -> Result<Vec<DocumentRecord>> {
    db.all(CHANGED, (key(user), number(after), limit), record)
}
