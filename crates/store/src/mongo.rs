//! The store for production: MongoDB, which any number of server nodes share.
//!
//! Must not know: anything above the [`Store`] traits. BSON stays in this folder.
//! Each subject has a file with its queries and its trait. Start at [`MongoStore::open`]; [`db`] is how calls are made,
//! [`query`] how filters are written so that none is forgotten by the test of their plans, `index.rs` what they use,
//! [`generation`] why a dead node's answers are safe, [`message`] what a prompt costs.
//!
//! One document a message and a batch of chunks; no array grows with use; no transaction. Every method is one atomic
//! change of one document, or ordered writes that can be repeated after a crash or a lost answer. An outcome that is not
//! known is [`StoreError::Unavailable`](crate::StoreError::Unavailable), and the same call made again gives the right
//! answer.

mod audit;
mod chatbot;
mod chunk_log;
mod collection;
mod connection;
mod conversation;
mod db;
mod deletion;
mod document;
mod failure;
mod generation;
mod hint;
mod import;
mod index;
mod message;
mod note;
mod query;
mod schema;
mod search;
mod session;
mod sign_in;
mod standing;
mod usage;
mod user;
mod value;

#[cfg(test)]
mod plan;

use crate::{Hints, Result, Store};
use db::Db;
use hint::Watch;
pub(crate) use import::Target;
use mongodb::bson::doc;
use std::sync::Mutex;
use value::Fields;
use wire::Timestamp;

/// Everything Parlance remembers, in a MongoDB database.
///
/// Dropping it without [`Store::close`] is safe: what was answered is stored.
#[derive(Debug)]
pub struct MongoStore {
    db: Db,
    /// `None` where there are no hints, and when it is closed.
    watch: Mutex<Option<Watch>>,
}

impl MongoStore {
    /// Connects, makes the collections and indexes that are not there, and begins to listen to changes.
    ///
    /// What the URI does not say is chosen for safety: writes wait for a majority and its journals, a call takes at most
    /// 5 s (`socketTimeoutMS`), looking for a server 2 s.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`](crate::StoreError::Unavailable): no server answers, or the user may not do what is
    /// needed. [`StoreError::Unusable`](crate::StoreError::Unusable): the URI cannot be used, a newer Parlance made the
    /// database, or a copy into it is not finished. The sentence says which.
    pub async fn open(uri: &str, database: &str) -> Result<Self> {
        let mut store = Self::connect(uri, database).await?;
        store.refuse_half_a_copy().await?;
        store.make_ready().await?;
        store.watch = Mutex::new(Watch::start(&store.db).await?);
        Ok(store)
    }

    async fn connect(uri: &str, database: &str) -> Result<Self> {
        let (client, limit) = connection::client(uri).await?;
        Ok(Self {
            db: Db::new(client.database(database), limit),
            watch: Mutex::new(None),
        })
    }

    async fn make_ready(&self) -> Result<()> {
        self.check_schema().await?;
        index::make(&self.db).await
    }

    fn watch(&self) -> std::sync::MutexGuard<'_, Option<Watch>> {
        self.watch
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[async_trait::async_trait]
impl Store for MongoStore {
    async fn ping(&self) -> Result<()> {
        self.beat().await
    }

    fn is_exclusive(&self) -> bool {
        false
    }

    async fn now(&self) -> Result<Timestamp> {
        let hello = self.db.database().run_command(doc! { "hello": 1 });
        let hello = self.db.bounded(hello).await?;
        Fields::of(&hello).time("localTime")
    }

    fn hints(&self) -> Option<Hints> {
        self.watch().as_ref().map(Watch::subscribe)
    }

    async fn close(&self) {
        let watch = self.watch().take();
        if let Some(watch) = watch {
            watch.stop().await;
        }
        self.db.close().await;
    }
}
