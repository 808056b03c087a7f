//! The audit log in SQLite.

use super::{
    SqliteStore,
    db::{Db, Fields, Sql, statements},
    value::{Word, key, time},
};
use crate::{
    Result,
    audit::{AuditFilter, Audits},
};
use wire::{AuditId, Timestamp, UserId, admin::AuditEntry};

/// Lines that one statement deletes: garbage must not keep other writers waiting.
const SLICE: u32 = 500;
/// Behind every id.
const BEHIND_ALL: [u8; 16] = [0xff; 16];

statements! {
    INSERT = "INSERT INTO audit (id, at, kind, actor, email, about, detail, address)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING";
    ALL = "SELECT * FROM audit WHERE id < ?1 ORDER BY id DESC LIMIT ?2";
    OF_KIND = "SELECT * FROM audit WHERE kind = ?3 AND id < ?1 ORDER BY id DESC LIMIT ?2";
    BY = "SELECT * FROM audit WHERE actor = ?4 AND id < ?1 AND (?3 IS NULL OR kind = ?3)
          ORDER BY id DESC LIMIT ?2";
    ABOUT = "SELECT * FROM audit WHERE about = ?4 AND id < ?1 AND (?3 IS NULL OR kind = ?3)
             ORDER BY id DESC LIMIT ?2";
    FORGET = "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < ?1 LIMIT ?2)";
}

pub(super) fn record(row: &Fields<'_>) -> Result<AuditEntry> {
    Ok(AuditEntry {
        id: row.id("id")?,
        at: row.time("at")?,
        kind: row.word("kind")?,
        actor: row.optional_id("actor")?,
        email: row.text("email")?,
        about: row.optional_id("about")?,
        detail: row.text("detail")?,
        address: row.optional_text("address")?,
    })
}

/// What somebody did, and what was done to their account.
fn of_person(
    db: &Db,
    person: UserId,
    kind: Option<&'static str>,
    before: [u8; 16],
    limit: u32,
) -> Result<Vec<AuditEntry>> {
    let mut found = db.all(BY, (before, limit, kind, key(person)), record)?;
    found.extend(db.all(ABOUT, (before, limit, kind, key(person)), record)?);
    found.sort_by_key(|entry| std::cmp::Reverse(entry.id));
    // What somebody did to their own account is found twice.
    found.dedup_by_key(|entry| entry.id);
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}

#[async_trait::async_trait]
impl Audits for SqliteStore {
    async fn append_audit(&self, entry: AuditEntry) -> Result<()> {
        self.write(move |db| {
            let row = (
                key(entry.id),
                time(entry.at),
                entry.kind.word(),
                entry.actor.map(key),
                entry.email,
                entry.about.map(key),
                entry.detail,
                entry.address,
            );
            db.execute(INSERT, row).map(drop)
        })
        .await
    }

    async fn audit(
        &self,
        filter: AuditFilter,
        before: Option<AuditId>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>> {
        let before = before.map_or(BEHIND_ALL, key);
        let kind = filter.kind.map(Word::word);
        self.read(move |db| match (filter.person, kind) {
            (Some(person), kind) => of_person(db, person, kind, before, limit),
            (None, Some(kind)) => db.all(OF_KIND, (before, limit, kind), record),
            (None, None) => db.all(ALL, (before, limit), record),
        })
        .await
    }

    async fn collect_audit(&self, before: Timestamp) -> Result<u64> {
        self.in_slices(FORGET, time(before), SLICE).await
    }
}
