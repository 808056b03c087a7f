//! What is particular to SQLite: one file, several processes, damage, and being killed.

mod backup;
mod deletion;
mod file;
mod killed;

use crate::contract::{Database, store_contract};
use std::{path::PathBuf, sync::Arc};
use store::{SqliteStore, Store};

/// A database file in a folder of its own.
pub(crate) struct File(tempfile::TempDir);

impl File {
    pub(crate) fn fresh() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("parlance.db")
    }
}

#[async_trait::async_trait]
impl Database for File {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(SqliteStore::open(&self.path()).unwrap())
    }
}

store_contract!(keeps, async || crate::sqlite::File::fresh());
