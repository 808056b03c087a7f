//! The database as the subjects see it: named queries in, documents or a [`StoreError`] out, each call bounded in time.
//!
//! Must not know any subject. A call that is not answered in time is given up (its connection is closed with it), and
//! whether a write was done is then unknown: every caller can be called again.
//!
//! An insert that meets a duplicate key says so only when what it met is safe itself: under `w: majority` the server
//! answers after the majority has everything that was written before, the duplicate included.

use super::{
    failure::{DUPLICATE_KEY, closed, failure, is_duplicate, is_passing},
    query::Query,
};
use crate::{Result, StoreError};
use futures::TryStreamExt;
use mongodb::{
    Collection, Database,
    bson::Document,
    error::{Error, ErrorKind, InsertManyError},
    options::{ReadConcern, ReturnDocument, UpdateModifications},
};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

/// How long an index may take to be built.
const LONG: Duration = Duration::from_secs(30 * 60);

/// The database.
#[derive(Debug)]
pub(super) struct Db {
    database: Database,
    limit: Duration,
    closed: AtomicBool,
}

/// How far an ordered insert of several documents came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inserted {
    /// All of them.
    All,
    /// Those before this one, which met a duplicate key.
    Until(usize),
}

impl Db {
    /// `limit`: how long one call may take.
    pub(super) fn new(database: Database, limit: Duration) -> Self {
        Self {
            database,
            limit,
            closed: AtomicBool::new(false),
        }
    }

    /// The handle, for what is no query: indexes, commands, changes.
    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    fn collection(&self, name: &str) -> Collection<Document> {
        self.database.collection(name)
    }

    /// Refuses every later call, lets those under way end, and closes the connections.
    pub(super) async fn close(&self) {
        if !self.closed.swap(true, Ordering::SeqCst) {
            let shutdown = self.database.client().clone().shutdown();
            // Longer than any call takes: what still runs then is given up with its connection.
            let _ = tokio::time::timeout(self.limit, shutdown).await;
        }
    }

    /// Waits for the driver no longer than the limit. What it says is handed on as it is.
    pub(super) async fn asked<T>(
        &self,
        call: impl IntoFuture<Output = std::result::Result<T, Error>>,
    ) -> Result<std::result::Result<T, Error>> {
        if self.closed.load(Ordering::SeqCst) {
            return Err(closed());
        }
        // The driver's futures are large.
        let call = Box::pin(call.into_future());
        tokio::time::timeout(self.limit, call).await.map_err(|_| {
            let limit = self.limit.as_millis();
            StoreError::Unavailable(format!("no answer within {limit} ms"))
        })
    }

    /// The same, with the seam's errors.
    pub(super) async fn bounded<T>(
        &self,
        call: impl IntoFuture<Output = std::result::Result<T, Error>>,
    ) -> Result<T> {
        self.asked(call).await?.map_err(|error| failure(&error))
    }

    /// The same for work at start that may take minutes: an index over a large collection.
    pub(super) async fn bounded_long<T>(
        &self,
        call: impl IntoFuture<Output = std::result::Result<T, Error>>,
    ) -> Result<T> {
        let call = Box::pin(call.into_future());
        tokio::time::timeout(LONG, call)
            .await
            .map_err(|_| StoreError::Unavailable(format!("not done within {} minutes", LONG.as_secs() / 60)))?
            .map_err(|error| failure(&error))
    }

    /// The first document, if there is one.
    pub(super) async fn first(&self, query: Query) -> Result<Option<Document>> {
        let collection = self.collection(query.collection);
        let mut find = collection.find_one(query.filter);
        if let Some(sort) = query.sort {
            find = find.sort(sort);
        }
        if let Some(project) = query.project {
            find = find.projection(project);
        }
        if query.majority {
            find = find.read_concern(ReadConcern::majority());
        }
        self.bounded(find).await
    }

    /// The documents, in order; at most `limit`.
    pub(super) async fn page(&self, query: Query, limit: u32) -> Result<Vec<Document>> {
        if limit == 0 {
            // To the server it means "all".
            return Ok(Vec::new());
        }
        self.find(query, Some(i64::from(limit))).await
    }

    /// All documents, in order.
    pub(super) async fn all(&self, query: Query) -> Result<Vec<Document>> {
        self.find(query, None).await
    }

    /// How many there are.
    pub(super) async fn count(&self, query: Query) -> Result<u64> {
        let collection = self.collection(query.collection);
        self.bounded(collection.count_documents(query.filter)).await
    }

    async fn find(&self, query: Query, limit: Option<i64>) -> Result<Vec<Document>> {
        let collection = self.collection(query.collection);
        let mut find = collection.find(query.filter);
        if let Some(limit) = limit {
            find = find.limit(limit);
        }
        if let Some(sort) = query.sort {
            find = find.sort(sort);
        }
        if let Some(project) = query.project {
            find = find.projection(project);
        }
        self.bounded(async move { find.await?.try_collect().await }).await
    }

    /// Adds a document: false when one of its unique keys is there already.
    pub(super) async fn insert(&self, collection: &str, document: Document) -> Result<bool> {
        let inserted = self.insert_in_order(collection, &[document]).await?;
        Ok(inserted == Inserted::All)
    }

    /// Adds documents one after the other, and stops at the first whose key is there already.
    pub(super) async fn insert_in_order(&self, collection: &str, documents: &[Document]) -> Result<Inserted> {
        let collection = self.collection(collection);
        let done = self
            .asked(collection.insert_many(documents).ordered(true))
            .await?;
        let Err(error) = done else {
            return Ok(Inserted::All);
        };
        match first_duplicates(&error).as_deref() {
            Some([index, ..]) => Ok(Inserted::Until(*index)),
            _ => Err(failure(&error)),
        }
    }

    /// Adds documents in any order: the indexes of those whose key is there already.
    pub(super) async fn insert_all(&self, collection: &str, documents: &[Document]) -> Result<Vec<usize>> {
        let collection = self.collection(collection);
        let done = self
            .asked(collection.insert_many(documents).ordered(false))
            .await?;
        let Err(error) = done else {
            return Ok(Vec::new());
        };
        first_duplicates(&error).ok_or_else(|| failure(&error))
    }

    /// Changes one document: whether there was one.
    pub(super) async fn update(&self, query: Query, update: impl Into<UpdateModifications>) -> Result<bool> {
        let collection = self.collection(query.collection);
        let done = self.bounded(collection.update_one(query.filter, update)).await?;
        Ok(done.matched_count > 0)
    }

    /// Changes one document: false when a unique key of what it would become is taken, or there is none.
    pub(super) async fn update_unless_taken(&self, query: Query, update: Document) -> Result<bool> {
        let collection = self.collection(query.collection);
        match self.asked(collection.update_one(query.filter, update)).await? {
            Ok(done) => Ok(done.matched_count > 0),
            Err(error) if is_duplicate(&error) => Ok(false),
            Err(error) => Err(failure(&error)),
        }
    }

    /// Changes one document, or makes it.
    pub(super) async fn upsert(&self, query: Query, update: impl Into<UpdateModifications>) -> Result<()> {
        let update = update.into();
        // Two that make it at once: the second finds it made.
        for _ in 0..UPSERTS {
            let collection = self.collection(query.collection);
            let upsert = collection
                .update_one(query.filter.clone(), update.clone())
                .upsert(true);
            match self.asked(upsert).await? {
                Ok(_) => return Ok(()),
                Err(error) if is_duplicate(&error) => {}
                Err(error) => return Err(failure(&error)),
            }
        }
        Err(made_again())
    }

    /// Changes one document, or makes it: false when a unique key of what it would make is taken.
    pub(super) async fn upsert_unless_taken(&self, query: Query, update: Document) -> Result<bool> {
        let collection = self.collection(query.collection);
        let upsert = collection.update_one(query.filter, update).upsert(true);
        match self.asked(upsert).await? {
            Ok(_) => Ok(true),
            Err(error) if is_duplicate(&error) => Ok(false),
            Err(error) => Err(failure(&error)),
        }
    }

    /// Changes one document, or makes it, and returns it as it is then.
    pub(super) async fn change_or_make(&self, query: Query, update: Document) -> Result<Document> {
        for _ in 0..UPSERTS {
            let collection = self.collection(query.collection);
            let change = collection
                .find_one_and_update(query.filter.clone(), update.clone())
                .upsert(true)
                .return_document(ReturnDocument::After);
            match self.asked(change).await? {
                Ok(Some(changed)) => return Ok(changed),
                Ok(None) => {}
                Err(error) if is_duplicate(&error) => {}
                Err(error) => return Err(failure(&error)),
            }
        }
        Err(made_again())
    }

    /// Changes all of them. Must be repeatable: the driver does not repeat it after a lost answer, this does.
    pub(super) async fn update_all(&self, query: Query, update: Document) -> Result<()> {
        let collection = self.collection(query.collection);
        let once = || collection.update_many(query.filter.clone(), update.clone());
        match self.asked(once()).await? {
            Err(error) if is_passing(&error) => self.bounded(once()).await.map(drop),
            done => done.map(drop).map_err(|error| failure(&error)),
        }
    }

    /// Changes one document and returns it as it is then; `None` when there was none.
    pub(super) async fn change(
        &self,
        query: Query,
        update: impl Into<UpdateModifications>,
    ) -> Result<Option<Document>> {
        let collection = self.collection(query.collection);
        let change = collection
            .find_one_and_update(query.filter, update)
            .return_document(ReturnDocument::After);
        self.bounded(change).await
    }

    /// Takes one document away: whether there was one.
    pub(super) async fn delete(&self, query: Query) -> Result<bool> {
        let collection = self.collection(query.collection);
        let done = self.bounded(collection.delete_one(query.filter)).await?;
        Ok(done.deleted_count > 0)
    }

    /// Takes all of them away: how many. As for [`Self::update_all`].
    pub(super) async fn delete_all(&self, query: Query) -> Result<u64> {
        let collection = self.collection(query.collection);
        let once = || collection.delete_many(query.filter.clone());
        match self.asked(once()).await? {
            Err(error) if is_passing(&error) => self.bounded(once()).await.map(|done| done.deleted_count),
            done => done
                .map(|done| done.deleted_count)
                .map_err(|error| failure(&error)),
        }
    }
}

/// Attempts to change or make a document that others make and take away at the same time.
const UPSERTS: usize = 10;

fn made_again() -> StoreError {
    StoreError::Unavailable("a document is made again and again by others".into())
}

/// Which documents met a duplicate key, in order; `None` when something else went wrong, or nothing is known to be safe.
fn first_duplicates(error: &Error) -> Option<Vec<usize>> {
    let ErrorKind::InsertMany(InsertManyError {
        write_errors: Some(errors),
        write_concern_error: None,
        ..
    }) = &*error.kind
    else {
        return None;
    };
    if errors.iter().any(|error| error.code != DUPLICATE_KEY) {
        return None;
    }
    let mut indexes: Vec<_> = errors.iter().map(|error| error.index).collect();
    indexes.sort_unstable();
    (!indexes.is_empty()).then_some(indexes)
}
