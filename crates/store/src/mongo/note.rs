//! Notes in MongoDB.

use super::{MongoStore, collection::NOTE, query::queries, value::Fields};
use crate::{Result, note::Notes};
use mongodb::bson::doc;

queries! {
    by_name(name: &str) in NOTE { "_id": name };
    as_it_was(name: &str, text: &str) in NOTE { "_id": name, "text": text };
}

#[async_trait::async_trait]
impl Notes for MongoStore {
    async fn note(&self, name: &str) -> Result<Option<String>> {
        let found = self.db.first(by_name(name)).await?;
        found.map(|found| Fields::of(&found).text("text")).transpose()
    }

    async fn replace_note(&self, name: &str, from: Option<&str>, to: &str) -> Result<bool> {
        let replaced = match from {
            Some(from) => {
                let set = doc! { "$set": { "text": to } };
                self.db.update(as_it_was(name, from), set).await?
            }
            None => self.db.insert(NOTE, doc! { "_id": name, "text": to }).await?,
        };
        Ok(replaced || self.note(name).await?.as_deref() == Some(to))
    }
}
