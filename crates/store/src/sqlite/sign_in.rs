//! Sign-ins, refresh tokens and tickets in SQLite.

use super::{
    SqliteStore,
    db::{Db, Fields, Sql, statements},
    value::{key, time},
};
use crate::{
    Result, StoreError,
    sign_in::{Rotation, SignIn, SignIns, TokenHash},
};
use std::time::Duration;
use wire::{SignInId, Timestamp, UserId};

/// Rows that one statement deletes: garbage must not keep other writers waiting.
const SLICE: u32 = 500;

statements! {
    INSERT = "INSERT INTO sign_in (id, user_id, created_at, expires_at, revoked_at, last_used_at, device)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";
    ADD_TOKEN = "INSERT INTO refresh_token (hash, sign_in_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    BY_ID = "SELECT * FROM sign_in WHERE id = ?1";
    TOKEN = "SELECT sign_in.*, refresh_token.rotated_at FROM refresh_token JOIN sign_in ON sign_in.id = sign_in_id
             WHERE hash = ?1";
    ROTATE = "UPDATE refresh_token SET rotated_at = ?2 WHERE hash = ?1";
    EXTEND = "UPDATE sign_in SET expires_at = max(expires_at, ?2), last_used_at = max(last_used_at, ?3) WHERE id = ?1";
    OF_USER = "SELECT * FROM sign_in WHERE user_id = ?1 AND revoked_at IS NULL AND expires_at >= ?2";
    NOTE_USE = "UPDATE sign_in SET last_used_at = max(last_used_at, ?2) WHERE id = ?1";
    /// Their tokens go with them.
    DELETE_ALL = "DELETE FROM sign_in WHERE user_id = ?1";
    REVOKE = "UPDATE sign_in SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL";
    REVOKE_ALL = "UPDATE sign_in SET revoked_at = ?2 WHERE user_id = ?1 AND revoked_at IS NULL";
    USE_TICKET = "INSERT INTO used_ticket (hash, expires_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    FORGET_TICKETS = "DELETE FROM used_ticket
                      WHERE hash IN (SELECT hash FROM used_ticket WHERE expires_at < ?1 LIMIT ?2)";
    FORGET_ROTATED = "DELETE FROM refresh_token
                      WHERE hash IN (SELECT hash FROM refresh_token WHERE rotated_at < ?1 LIMIT ?2)";
    FORGET_EXPIRED = "DELETE FROM sign_in WHERE id IN (SELECT id FROM sign_in WHERE expires_at < ?1 LIMIT ?2)";
    FORGET_REVOKED = "DELETE FROM sign_in WHERE id IN (SELECT id FROM sign_in WHERE revoked_at < ?1 LIMIT ?2)";
}

pub(super) fn record(row: &Fields<'_>) -> Result<SignIn> {
    Ok(SignIn {
        id: row.id("id")?,
        user_id: row.id("user_id")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        revoked_at: row.optional_time("revoked_at")?,
        last_used_at: row.time("last_used_at")?,
        device: row.optional_text("device")?,
    })
}

fn is_over(sign_in: &SignIn, now: Timestamp) -> bool {
    sign_in.revoked_at.is_some() || now > sign_in.expires_at
}

fn rotate(
    db: &Db,
    token: TokenHash,
    successor: TokenHash,
    now: Timestamp,
    grace: Duration,
    expires_at: Timestamp,
) -> Result<Rotation> {
    let known = db.first(TOKEN, [token], |row| {
        Ok((record(row)?, row.optional_time("rotated_at")?))
    })?;
    let Some((mut sign_in, rotated_at)) = known.filter(|(sign_in, _)| !is_over(sign_in, now)) else {
        return Ok(Rotation::Refused);
    };
    match rotated_at {
        Some(then) if now > then.plus(grace) => {
            db.execute(REVOKE, (key(sign_in.id), time(now)))?;
            sign_in.revoked_at = Some(now);
            return Ok(Rotation::Replayed(sign_in));
        }
        // The successor is there already: it is not added twice, and not made current again if it was rotated too.
        Some(_) => {}
        None => {
            db.execute(ROTATE, (token, time(now)))?;
            if !db.changes(ADD_TOKEN, (successor, key(sign_in.id)))? {
                return Err(StoreError::Conflict("token"));
            }
        }
    }
    db.execute(EXTEND, (key(sign_in.id), time(expires_at), time(now)))?;
    sign_in.expires_at = sign_in.expires_at.max(expires_at);
    sign_in.last_used_at = sign_in.last_used_at.max(now);
    Ok(if rotated_at.is_some() {
        Rotation::Repeated(sign_in)
    } else {
        Rotation::Rotated(sign_in)
    })
}

#[async_trait::async_trait]
impl SignIns for SqliteStore {
    async fn create_sign_in(&self, sign_in: SignIn, first: TokenHash) -> Result<()> {
        self.write(move |db| {
            let SignIn {
                id,
                user_id,
                created_at,
                expires_at,
                revoked_at,
                last_used_at,
                device,
            } = sign_in;
            let row = (
                key(id),
                key(user_id),
                time(created_at),
                time(expires_at),
                revoked_at.map(time),
                time(last_used_at),
                device,
            );
            if !db.changes(INSERT, row)? {
                return Err(StoreError::Conflict("sign_in"));
            }
            let new = db.changes(ADD_TOKEN, (first, key(id)))?;
            if new {
                Ok(())
            } else {
                Err(StoreError::Conflict("token"))
            }
        })
        .await
    }

    async fn rotate_refresh_token(
        &self,
        token: TokenHash,
        successor: TokenHash,
        now: Timestamp,
        grace: Duration,
        expires_at: Timestamp,
    ) -> Result<Rotation> {
        self.write(move |db| rotate(db, token, successor, now, grace, expires_at))
            .await
    }

    async fn sign_in(&self, id: SignInId) -> Result<Option<SignIn>> {
        self.read(move |db| db.first(BY_ID, [key(id)], record)).await
    }

    async fn sign_ins_of(&self, user: UserId, now: Timestamp) -> Result<Vec<SignIn>> {
        self.read(move |db| db.all(OF_USER, (key(user), time(now)), record))
            .await
    }

    async fn note_sign_in_use(&self, id: SignInId, now: Timestamp) -> Result<()> {
        self.write(move |db| db.execute(NOTE_USE, (key(id), time(now))).map(drop))
            .await
    }

    async fn ended_sign_ins(&self, ids: &[SignInId], now: Timestamp) -> Result<Vec<SignInId>> {
        let ids = ids.to_vec();
        self.read(move |db| {
            let mut ended = Vec::new();
            for id in ids {
                if db
                    .first(BY_ID, [key(id)], record)?
                    .is_none_or(|sign_in| is_over(&sign_in, now))
                {
                    ended.push(id);
                }
            }
            Ok(ended)
        })
        .await
    }

    async fn revoke_sign_in(&self, id: SignInId, now: Timestamp) -> Result<()> {
        self.write(move |db| db.execute(REVOKE, (key(id), time(now))).map(drop))
            .await
    }

    async fn revoke_sign_ins_of(&self, user: UserId, now: Timestamp) -> Result<()> {
        self.write(move |db| db.execute(REVOKE_ALL, (key(user), time(now))).map(drop))
            .await
    }

    async fn delete_sign_ins_of(&self, user: UserId) -> Result<()> {
        self.write(move |db| db.execute(DELETE_ALL, [key(user)]).map(drop))
            .await
    }

    async fn redeem_ticket(&self, ticket: TokenHash, expires_at: Timestamp) -> Result<bool> {
        self.write(move |db| db.changes(USE_TICKET, (ticket, time(expires_at))))
            .await
    }

    async fn collect_sign_ins(&self, before: Timestamp) -> Result<u64> {
        Ok(self.forget(FORGET_EXPIRED, before).await? + self.forget(FORGET_REVOKED, before).await?)
    }

    async fn collect_rotated_tokens(&self, before: Timestamp) -> Result<u64> {
        self.forget(FORGET_ROTATED, before).await
    }

    async fn collect_tickets(&self, before: Timestamp) -> Result<u64> {
        self.forget(FORGET_TICKETS, before).await
    }
}

impl SqliteStore {
    /// Deletes what is older, slice by slice: how many rows.
    async fn forget(&self, statement: Sql, before: Timestamp) -> Result<u64> {
        let mut collected = 0;
        loop {
            let rows = self
                .write(move |db| db.execute(statement, (time(before), SLICE)))
                .await?;
            if rows == 0 {
                return Ok(collected);
            }
            collected += u64::try_from(rows).unwrap_or(u64::MAX);
        }
    }
}
