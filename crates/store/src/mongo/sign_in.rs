//! Sign-ins, refresh tokens and tickets in MongoDB.
//!
//! A rotation is three writes: the successor is added, the token is marked as rotated (whoever does that has rotated
//! it), the sign-in is extended. Broken off after the first, the token is still current, and whoever presents it again
//! does the same three; broken off after the second, it counts as repeated and is extended then.

use super::{
    MongoStore,
    collection::{REFRESH_TOKEN, SIGN_IN, USED_TICKET},
    query::{Query, queries},
    value::{Fields, bytes, key, keys, optional_time, time},
};
use crate::{
    Result, StoreError,
    sign_in::{Rotation, SignIn, SignIns, TokenHash},
};
use mongodb::bson::{Bson, DateTime, Document, doc};
use std::{collections::HashMap, time::Duration};
use wire::{SignInId, Timestamp, UserId};

/// Documents that are looked for and deleted at a time.
const SLICE: u32 = 500;

queries! {
    by_id(id: SignInId) in SIGN_IN { "_id": key(id) };
    by_ids(ids: &[SignInId]) in SIGN_IN { "_id": { "$in": keys(ids) } };
    unrevoked(id: SignInId) in SIGN_IN { "_id": key(id), "revoked_at": Bson::Null };
    unrevoked_of(user: UserId) in SIGN_IN { "user_id": key(user), "revoked_at": Bson::Null };
    of_user(user: UserId) in SIGN_IN { "user_id": key(user) };
    token(hash: TokenHash) in REFRESH_TOKEN { "_id": bytes(&hash) };
    current(hash: TokenHash) in REFRESH_TOKEN { "_id": bytes(&hash), "rotated_at": Bson::Null };
    rotated(before: Timestamp) in REFRESH_TOKEN {
        "rotated_at": { "$gte": DateTime::from_millis(0), "$lt": time(before) },
    } project { "_id": 1 };
    tokens(hashes: &[TokenHash]) in REFRESH_TOKEN { "_id": { "$in": hashes.iter().map(|hash| bytes(hash)).collect::<Vec<_>>() } };
    tokens_of(ids: &[SignInId]) in REFRESH_TOKEN { "sign_in_id": { "$in": keys(ids) } };
    old_tickets(before: Timestamp) in USED_TICKET { "expires_at": { "$lt": time(before) } } project { "_id": 1 };
    tickets(hashes: &[TokenHash]) in USED_TICKET { "_id": { "$in": hashes.iter().map(|hash| bytes(hash)).collect::<Vec<_>>() } };
    expired(before: Timestamp) in SIGN_IN { "expires_at": { "$lt": time(before) } } project { "_id": 1 };
    revoked(before: Timestamp) in SIGN_IN {
        "revoked_at": { "$gte": DateTime::from_millis(0), "$lt": time(before) },
    } project { "_id": 1 };
}

pub(super) fn document(sign_in: &SignIn) -> Document {
    doc! {
        "_id": key(sign_in.id), "user_id": key(sign_in.user_id), "created_at": time(sign_in.created_at),
        "expires_at": time(sign_in.expires_at), "revoked_at": optional_time(sign_in.revoked_at),
        "last_used_at": time(sign_in.last_used_at), "device": sign_in.device.as_deref(),
    }
}

pub(super) fn record(document: &Document) -> Result<SignIn> {
    let fields = Fields::of(document);
    let created_at = fields.time("created_at")?;
    Ok(SignIn {
        id: fields.id("_id")?,
        user_id: fields.id("user_id")?,
        created_at,
        expires_at: fields.time("expires_at")?,
        revoked_at: fields.optional_time("revoked_at")?,
        // Documents from before devices were told apart do not say it.
        last_used_at: fields.optional_time("last_used_at")?.unwrap_or(created_at),
        device: fields.optional_text("device")?,
    })
}

pub(super) fn current_token(hash: &TokenHash, of: SignInId) -> Document {
    doc! { "_id": bytes(hash), "sign_in_id": key(of), "rotated_at": Bson::Null }
}

pub(super) fn ticket_document(hash: &TokenHash, expires_at: Timestamp) -> Document {
    doc! { "_id": bytes(hash), "expires_at": time(expires_at) }
}

fn is_over(sign_in: &SignIn, now: Timestamp) -> bool {
    sign_in.revoked_at.is_some() || now > sign_in.expires_at
}

impl MongoStore {
    /// Adds a token, or finds it added.
    async fn add_token(&self, hash: &TokenHash, of: SignInId) -> Result<()> {
        if self.db.insert(REFRESH_TOKEN, current_token(hash, of)).await? {
            return Ok(());
        }
        let stored = self.db.first(token(*hash)).await?;
        let stored = stored
            .as_ref()
            .map(|stored| Fields::of(stored).id::<SignInId>("sign_in_id"));
        if stored.transpose()? == Some(of) {
            Ok(())
        } else {
            Err(StoreError::Conflict("token"))
        }
    }

    /// When it was rotated, and whose it is.
    async fn known(&self, hash: TokenHash) -> Result<Option<(Option<Timestamp>, SignIn)>> {
        let Some(token) = self.db.first(token(hash)).await? else {
            return Ok(None);
        };
        let token = Fields::of(&token);
        let sign_in = self.sign_in(token.id("sign_in_id")?).await?;
        let rotated_at = token.optional_time("rotated_at")?;
        Ok(sign_in.map(|sign_in| (rotated_at, sign_in)))
    }

    /// A sign-in lives at least until then, and was heard of now; `None` when it was ended meanwhile.
    async fn extend(&self, id: SignInId, now: Timestamp, expires_at: Timestamp) -> Result<Option<SignIn>> {
        let longer = doc! { "$max": { "expires_at": time(expires_at), "last_used_at": time(now) } };
        let sign_in = self.db.change(unrevoked(id), longer).await?;
        sign_in.as_ref().map(record).transpose()
    }

    async fn forget(&self, ended: &[SignInId]) -> Result<u64> {
        // The tokens first: a sign-in that is still there is found again.
        self.db.delete_all(tokens_of(ended)).await?;
        self.db.delete_all(by_ids(ended)).await
    }

    /// Deletes what `old` finds, slice by slice, by its hash: how many documents.
    async fn forget_hashes(
        &self,
        old: impl Fn() -> Query + Send,
        those: impl Fn(&[TokenHash]) -> Query + Send,
    ) -> Result<u64> {
        let mut collected = 0;
        loop {
            let slice = self.db.page(old(), SLICE).await?;
            if slice.is_empty() {
                return Ok(collected);
            }
            let hashes = slice.iter().map(|document| Fields::of(document).hash("_id"));
            let hashes = hashes.collect::<Result<Vec<_>>>()?;
            collected += self.db.delete_all(those(&hashes)).await?;
        }
    }
}

#[async_trait::async_trait]
impl SignIns for MongoStore {
    async fn create_sign_in(&self, sign_in: SignIn, first: TokenHash) -> Result<()> {
        if !self.db.insert(SIGN_IN, document(&sign_in)).await? {
            // Stored by an attempt whose answer was lost, or another's.
            let stored = self.sign_in(sign_in.id).await?;
            if stored.as_ref() != Some(&sign_in) {
                return Err(StoreError::Conflict("sign_in"));
            }
        }
        self.add_token(&first, sign_in.id).await
    }

    async fn rotate_refresh_token(
        &self,
        token: TokenHash,
        successor: TokenHash,
        now: Timestamp,
        grace: Duration,
        expires_at: Timestamp,
    ) -> Result<Rotation> {
        let known = self.known(token).await?;
        let Some((rotated_at, mut sign_in)) = known.filter(|(_, sign_in)| !is_over(sign_in, now)) else {
            return Ok(Rotation::Refused);
        };
        let mut rotated = false;
        match rotated_at {
            Some(then) if now > then.plus(grace) => {
                self.revoke_sign_in(sign_in.id, now).await?;
                sign_in.revoked_at = Some(now);
                return Ok(Rotation::Replayed(sign_in));
            }
            // The successor is there already: it is not made current again if it was rotated too.
            Some(_) => {}
            None => {
                self.add_token(&successor, sign_in.id).await?;
                let set = doc! { "$set": { "rotated_at": time(now) } };
                rotated = self.db.update(current(token), set).await?;
            }
        }
        Ok(match self.extend(sign_in.id, now, expires_at).await? {
            None => Rotation::Refused,
            Some(sign_in) if rotated => Rotation::Rotated(sign_in),
            Some(sign_in) => Rotation::Repeated(sign_in),
        })
    }

    async fn sign_in(&self, id: SignInId) -> Result<Option<SignIn>> {
        self.db.first(by_id(id)).await?.as_ref().map(record).transpose()
    }

    async fn sign_ins_of(&self, user: UserId, now: Timestamp) -> Result<Vec<SignIn>> {
        let all = self.db.all(unrevoked_of(user)).await?;
        let all = all.iter().map(record).collect::<Result<Vec<_>>>()?;
        Ok(all.into_iter().filter(|sign_in| !is_over(sign_in, now)).collect())
    }

    async fn note_sign_in_use(&self, id: SignInId, now: Timestamp) -> Result<()> {
        let used = doc! { "$max": { "last_used_at": time(now) } };
        self.db.update(by_id(id), used).await.map(drop)
    }

    async fn ended_sign_ins(&self, ids: &[SignInId], now: Timestamp) -> Result<Vec<SignInId>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let known = self.db.all(by_ids(ids)).await?;
        let known = known.iter().map(|document| record(document).map(|s| (s.id, s)));
        let known = known.collect::<Result<HashMap<_, _>>>()?;
        let is_ended = |id: &SignInId| known.get(id).is_none_or(|sign_in| is_over(sign_in, now));
        Ok(ids.iter().copied().filter(is_ended).collect())
    }

    async fn revoke_sign_in(&self, id: SignInId, now: Timestamp) -> Result<()> {
        let set = doc! { "$set": { "revoked_at": time(now) } };
        self.db.update(unrevoked(id), set).await.map(drop)
    }

    async fn revoke_sign_ins_of(&self, user: UserId, now: Timestamp) -> Result<()> {
        let set = doc! { "$set": { "revoked_at": time(now) } };
        self.db.update_all(unrevoked_of(user), set).await
    }

    async fn delete_sign_ins_of(&self, user: UserId) -> Result<()> {
        loop {
            let slice = self.db.page(of_user(user), SLICE).await?;
            if slice.is_empty() {
                return Ok(());
            }
            let ids = slice.iter().map(|sign_in| Fields::of(sign_in).id("_id"));
            self.forget(&ids.collect::<Result<Vec<_>>>()?).await?;
        }
    }

    async fn redeem_ticket(&self, ticket: TokenHash, expires_at: Timestamp) -> Result<bool> {
        let document = ticket_document(&ticket, expires_at);
        self.db.insert(USED_TICKET, document).await
    }

    async fn collect_sign_ins(&self, before: Timestamp) -> Result<u64> {
        let mut collected = 0;
        for query in [expired, revoked] {
            loop {
                let slice = self.db.page(query(before), SLICE).await?;
                if slice.is_empty() {
                    break;
                }
                let ids = slice.iter().map(|sign_in| Fields::of(sign_in).id("_id"));
                collected += self.forget(&ids.collect::<Result<Vec<_>>>()?).await?;
            }
        }
        Ok(collected)
    }

    async fn collect_rotated_tokens(&self, before: Timestamp) -> Result<u64> {
        self.forget_hashes(|| rotated(before), tokens).await
    }

    async fn collect_tickets(&self, before: Timestamp) -> Result<u64> {
        self.forget_hashes(|| old_tickets(before), tickets).await
    }
}
