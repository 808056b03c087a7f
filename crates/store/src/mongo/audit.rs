//! The audit log in MongoDB.

use super::{
    MongoStore,
    collection::AUDIT,
    query::queries,
    value::{Fields, key, keys, optional_key, time},
};
use crate::{
    Result,
    audit::{AuditFilter, Audits},
    value::{Key, Word},
};
use mongodb::bson::{Document, doc};
use wire::{AuditId, Timestamp, UserId, admin::AuditEntry};

queries! {
    before(id: AuditId) in AUDIT { "_id": { "$lt": key(id) } } sort { "_id": -1 };
    of_kind(kind: &str, before: AuditId) in AUDIT { "kind": kind, "_id": { "$lt": key(before) } } sort { "_id": -1 };
    of_person(person: UserId, before: AuditId) in AUDIT {
        "people": key(person), "_id": { "$lt": key(before) },
    } sort { "_id": -1 };
    of_person_and_kind(person: UserId, kind: &str, before: AuditId) in AUDIT {
        "people": key(person), "kind": kind, "_id": { "$lt": key(before) },
    } sort { "_id": -1 };
    old(before: Timestamp) in AUDIT { "at": { "$lt": time(before) } };
}

/// `people`: who did it, and whose account it is about.
pub(super) fn document(entry: &AuditEntry) -> Document {
    let people: Vec<UserId> = entry.actor.into_iter().chain(entry.about).collect();
    doc! {
        "_id": key(entry.id), "at": time(entry.at), "kind": entry.kind.word(), "actor": optional_key(entry.actor),
        "email": &entry.email, "about": optional_key(entry.about), "detail": &entry.detail,
        "address": entry.address.as_deref(), "people": keys(&people),
    }
}

pub(super) fn record(document: &Document) -> Result<AuditEntry> {
    let fields = Fields::of(document);
    Ok(AuditEntry {
        id: fields.id("_id")?,
        at: fields.time("at")?,
        kind: fields.word("kind")?,
        actor: fields.optional_id("actor")?,
        email: fields.text("email")?,
        about: fields.optional_id("about")?,
        detail: fields.text("detail")?,
        address: fields.optional_text("address")?,
    })
}

#[async_trait::async_trait]
impl Audits for MongoStore {
    async fn append_audit(&self, entry: AuditEntry) -> Result<()> {
        // There already: stored by an attempt whose answer was lost.
        self.db.insert(AUDIT, document(&entry)).await.map(drop)
    }

    async fn audit(
        &self,
        filter: AuditFilter,
        before: Option<AuditId>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>> {
        let id = before.unwrap_or_else(|| AuditId::from_bytes([0xff; 16]));
        let query = match (filter.person, filter.kind.map(Word::word)) {
            (None, None) => self::before(id),
            (None, Some(kind)) => of_kind(kind, id),
            (Some(person), None) => of_person(person, id),
            (Some(person), Some(kind)) => of_person_and_kind(person, kind, id),
        };
        self.db.page(query, limit).await?.iter().map(record).collect()
    }

    async fn collect_audit(&self, before: Timestamp) -> Result<u64> {
        self.db.delete_all(old(before)).await
    }
}
