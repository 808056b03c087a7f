//! What is said of all documents together: of a chatbot's, which version they are and by which model they are compared;
//! of a user's, what changed last.
//!
//! A change is numbered after it is made, by a number out of the user's counter. So numbers may be written in another
//! order than they were given out: whoever follows them looks a little back.

use super::{
    super::{
        collection::{DOCUMENT, DOCUMENT_CHANGE, LIBRARY},
        db::Db,
        query::queries,
        value::{Fields, key, keys, number},
    },
    record,
};
use crate::{
    Result,
    document::{DocumentRecord, LibraryRecord},
};
use mongodb::bson::{Bson, doc};
use wire::{ChatbotId, DocumentId, UserId};

queries! {
    library(id: ChatbotId) in LIBRARY { "_id": key(id) };
    compared_by(id: ChatbotId, model: &str) in LIBRARY { "_id": key(id), "model": model };
    /// Null, or absent.
    not_compared(id: ChatbotId) in LIBRARY { "_id": key(id), "model": Bson::Null };
    last_change(user: UserId) in DOCUMENT_CHANGE { "_id": key(user) };
    last_changes(users: &[UserId]) in DOCUMENT_CHANGE { "_id": { "$in": keys(users) } };
    by_id(id: DocumentId) in DOCUMENT { "_id": key(id) };
    changed_behind(user: UserId, after: u64) in DOCUMENT {
        "user_id": key(user), "change": { "$gt": number(after) }, "sealed": true,
    } sort { "change": 1 };
}

/// What a chatbot is answered from has changed.
pub(super) async fn raise(db: &Db, chatbot: ChatbotId) -> Result<()> {
    db.upsert(library(chatbot), doc! { "$inc": { "version": 1_i64 } })
        .await
}

pub(super) async fn get(db: &Db, chatbot: ChatbotId) -> Result<LibraryRecord> {
    let Some(found) = db.first(library(chatbot)).await? else {
        return Ok(LibraryRecord::default());
    };
    let fields = Fields::of(&found);
    Ok(LibraryRecord {
        version: fields.number("version")?,
        model: fields.optional_text("model")?,
    })
}

pub(super) async fn switch(db: &Db, chatbot: ChatbotId, from: Option<&str>, to: &str) -> Result<bool> {
    if db.first(library(chatbot)).await?.is_none() {
        raise(db, chatbot).await?;
    }
    let place = match from {
        Some(from) => compared_by(chatbot, from),
        None => not_compared(chatbot),
    };
    let switch = doc! { "$set": { "model": to }, "$inc": { "version": 1_i64 } };
    if from != Some(to) && db.update(place, switch).await? {
        return Ok(true);
    }
    Ok(get(db, chatbot).await?.model.as_deref() == Some(to))
}

/// This document has changed.
pub(super) async fn note_change(db: &Db, document: &DocumentRecord) -> Result<()> {
    let counted = db
        .change_or_make(last_change(document.user_id), doc! { "$inc": { "last": 1_i64 } })
        .await?;
    let change = number(Fields::of(&counted).number("last")?);
    // The largest stays: two that note at once do not take a number back.
    db.update(by_id(document.id), doc! { "$max": { "change": change } })
        .await
        .map(drop)
}

pub(super) async fn changes(db: &Db, users: &[UserId]) -> Result<Vec<(UserId, u64)>> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let found = db.all(last_changes(users)).await?;
    let changes = found.iter().map(|found| {
        let fields = Fields::of(found);
        Ok((fields.id("_id")?, fields.number("last")?))
    });
    changes.collect()
}

pub(super) async fn changed(db: &Db, user: UserId, after: u64, limit: u32) -> Result<Vec<DocumentRecord>> {
    let found = db.page(changed_behind(user, after), limit).await?;
    found.iter().map(record).collect()
}
