//! The version of the schema, kept in the database, and the heartbeat.
//!
//! New fields and indexes need no new version: documents without them are read as before. What older programs would
//! misread does: a step is then written here, which takes the documents from one version to the next in slices.

use super::{
    MongoStore,
    collection::META,
    query::queries,
    value::{Fields, number},
};
use crate::{Result, StoreError};
use mongodb::bson::doc;

/// What this program reads and writes.
const VERSION: u64 = 1;

queries! {
    schema() in META { "_id": "schema" };
    heartbeat() in META { "_id": "heartbeat" };
}

impl MongoStore {
    /// Notes the version in a new database; refuses one that is newer than this program.
    pub(super) async fn check_schema(&self) -> Result<()> {
        let found = match self.db.first(schema()).await? {
            Some(found) => found,
            None => {
                let new = doc! { "_id": "schema", "version": number(VERSION) };
                // Or another node has just done it.
                self.db.insert(META, new.clone()).await?;
                self.db.first(schema()).await?.unwrap_or(new)
            }
        };
        let version = Fields::of(&found).number("version")?;
        if version > VERSION {
            let reason = format!("a newer Parlance made it (schema {version}, this one knows {VERSION})");
            return Err(StoreError::Unusable(reason));
        }
        Ok(())
    }

    /// A real write, and a real read.
    pub(super) async fn beat(&self) -> Result<()> {
        self.db
            .upsert(heartbeat(), doc! { "$inc": { "beats": 1_i64 } })
            .await?;
        let found = self.db.first(heartbeat()).await?;
        let found = found.ok_or_else(|| StoreError::Damaged("the heartbeat is gone".into()))?;
        Fields::of(&found).number("beats").map(drop)
    }
}
