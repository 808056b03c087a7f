//! What is particular to MongoDB: a real server over the wire, whichever stands behind `MONGODB_URI`.

mod copy;
mod own;

use crate::contract::{Database, store_contract};
use std::sync::Arc;
use store::{MongoStore, Store};

/// What stands where the tests look for a server.
pub(crate) fn uri() -> String {
    // The first is what `cargo xtask test` says: the second one is a setting of the program, which other tests read.
    let given = std::env::var("PARLANCE_TEST_MONGODB_URI").or_else(|_| std::env::var("MONGODB_URI"));
    let Ok(uri) = given else {
        panic!(
            "MONGODB_URI is not set, and these tests need a MongoDB. `cargo xtask test --only tests` starts one for \
             them; `cargo xtask mongo` starts one and prints its URI."
        )
    };
    uri
}

/// Tests judge what is right, not how fast: a busy machine, and a stand-in that is slow, get time.
fn patient(uri: &str) -> String {
    let mut uri = uri.to_owned();
    for option in ["connectTimeoutMS", "serverSelectionTimeoutMS", "socketTimeoutMS"] {
        if !uri.contains(option) {
            uri.push(if uri.contains('?') { '&' } else { '?' });
            uri.push_str(&format!("{option}=60000"));
        }
    }
    uri
}

/// A database of its own on that server.
pub(crate) struct OnServer {
    uri: String,
    name: String,
}

impl OnServer {
    pub(crate) fn fresh() -> Self {
        let name = format!("parlance_test_{}", uuid::Uuid::new_v4().simple());
        Self { uri: uri(), name }
    }

    pub(crate) async fn store(&self) -> MongoStore {
        MongoStore::open(&patient(&self.uri), &self.name).await.unwrap()
    }
}

#[async_trait::async_trait]
impl Database for OnServer {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(self.store().await)
    }
}

impl Drop for OnServer {
    fn drop(&mut self) {
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(async {
                // A test that fails because there is no server has said so already.
                if let Ok(client) = mongodb::Client::with_uri_str(&self.uri).await {
                    let _ = client.database(&self.name).drop().await;
                }
            });
        });
    }
}

store_contract!(keeps, async || crate::mongo::OnServer::fresh());
