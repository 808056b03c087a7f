//! Whether there is room for one more file, when many come at once.
//!
//! What is there is counted in the documents themselves, which are the truth. Files between "there is room" and "it is
//! sealed" stand in one document a user, and one a chatbot, which is changed by compare-and-set: so of two that ask at the
//! same time one counts the other. Whoever asks takes out what was sealed or is gone by then; nothing else cleans it.

use super::super::{
    collection::{DOCUMENT, DOCUMENT_ROOM},
    db::Db,
    query::{Query, queries},
    value::{Fields, key, number},
};
use crate::{Result, StoreError};
use mongodb::bson::{Bson, Document, doc};
use std::collections::{HashMap, HashSet};
use wire::{ChatbotId, DocumentId, UserId};

/// Others that may be faster, one after another.
const TRIES: usize = 100;

queries! {
    of_user(id: UserId) in DOCUMENT_ROOM { "_id": key(id) };
    of_user_at(id: UserId, version: u64) in DOCUMENT_ROOM { "_id": key(id), "version": number(version) };
    in_chatbot(id: ChatbotId) in DOCUMENT_ROOM { "_id": key(id) };
    in_chatbot_at(id: ChatbotId, version: u64) in DOCUMENT_ROOM { "_id": key(id), "version": number(version) };
    users(id: UserId) in DOCUMENT { "user_id": key(id) } project { "bytes": 1, "sealed": 1, "deleting": 1 };
    chatbots(id: ChatbotId) in DOCUMENT { "chatbot_id": key(id) } project { "sealed": 1, "deleting": 1 };
}

/// The queries for one owner of documents.
struct Owner<At> {
    id: Bson,
    room: Query,
    at: At,
    documents: Query,
}

/// For a file of so many bytes; false when the user's would take more than `limit`. Idempotent.
pub(super) async fn reserve_for_user(
    db: &Db,
    user: UserId,
    document: DocumentId,
    bytes: u64,
    limit: u64,
) -> Result<bool> {
    let owner = Owner {
        id: key(user),
        room: of_user(user),
        at: |version| of_user_at(user, version),
        documents: users(user),
    };
    let weight = |document: &Fields<'_>| document.number("bytes");
    reserve(db, owner, document, bytes, limit, weight).await
}

/// For one more document; false when the chatbot would have more than `limit`. Idempotent.
pub(super) async fn reserve_in_chatbot(
    db: &Db,
    chatbot: ChatbotId,
    document: DocumentId,
    limit: u64,
) -> Result<bool> {
    let owner = Owner {
        id: key(chatbot),
        room: in_chatbot(chatbot),
        at: |version| in_chatbot_at(chatbot, version),
        documents: chatbots(chatbot),
    };
    reserve(db, owner, document, 1, limit, |_| Ok(1)).await
}

async fn reserve(
    db: &Db,
    owner: Owner<impl Fn(u64) -> Query + Send + Sync>,
    document: DocumentId,
    weight: u64,
    limit: u64,
    weight_of: impl Fn(&Fields<'_>) -> Result<u64> + Send + Sync,
) -> Result<bool> {
    if limit == u64::MAX {
        return Ok(true);
    }
    for _ in 0..TRIES {
        // In this order: what is sealed in between was noted here before.
        let room = db.first(owner.room.clone()).await?;
        let documents = db.all(owner.documents.clone()).await?;
        let (version, mut coming) = match &room {
            Some(room) => noted(room)?,
            None => (0, HashMap::new()),
        };
        let mut taken: u64 = 0;
        let mut is_coming = HashMap::new();
        let mut seen = HashSet::new();
        for there in &documents {
            let fields = Fields::of(there);
            let id: DocumentId = fields.id("_id")?;
            // One that changes while a long list is read can come twice.
            if !seen.insert(id) {
                continue;
            }
            if fields.yes("sealed")? {
                taken = taken.saturating_add(weight_of(&fields)?);
            } else if !fields.yes("deleting")?
                && let Some(weight) = coming.remove(&id)
            {
                taken = taken.saturating_add(weight);
                is_coming.insert(id, weight);
            }
        }
        if is_coming.contains_key(&document) {
            return Ok(true);
        }
        if taken.saturating_add(weight) > limit {
            return Ok(false);
        }
        is_coming.insert(document, weight);
        let list: Vec<Document> = is_coming
            .iter()
            .map(|(id, weight)| doc! { "document_id": key(*id), "weight": number(*weight) })
            .collect();
        let next = number(version.saturating_add(1));
        let noted = if room.is_some() {
            let set = doc! { "$set": { "version": next, "coming": list } };
            db.update((owner.at)(version), set).await?
        } else {
            let new = doc! { "_id": owner.id.clone(), "version": next, "coming": list };
            db.insert(DOCUMENT_ROOM, new).await?
        };
        if noted {
            return Ok(true);
        }
    }
    Err(StoreError::Unavailable(
        "too many files come at once; try again".into(),
    ))
}

fn noted(room: &Document) -> Result<(u64, HashMap<DocumentId, u64>)> {
    let fields = Fields::of(room);
    let coming = fields.list("coming")?.into_iter().map(|one| {
        let id: DocumentId = one.id("document_id")?;
        Ok((id, one.number("weight")?))
    });
    Ok((fields.number("version")?, coming.collect::<Result<_>>()?))
}
