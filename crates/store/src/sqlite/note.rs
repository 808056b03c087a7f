//! Notes in SQLite.

use super::{
    SqliteStore,
    db::{Db, Sql, statements},
};
use crate::{Result, note::Notes};

statements! {
    NOTE = "SELECT text FROM note WHERE name = ?1";
    PUT = "INSERT INTO note (name, text) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET text = ?2";
}

fn note(db: &Db, name: &str) -> Result<Option<String>> {
    db.first(NOTE, [name], |row| row.text("text"))
}

#[async_trait::async_trait]
impl Notes for SqliteStore {
    async fn note(&self, name: &str) -> Result<Option<String>> {
        let name = name.to_owned();
        self.read(move |db| note(db, &name)).await
    }

    async fn replace_note(&self, name: &str, from: Option<&str>, to: &str) -> Result<bool> {
        let (name, from, to) = (name.to_owned(), from.map(str::to_owned), to.to_owned());
        self.write(move |db| {
            let now = note(db, &name)?;
            if now.as_ref() == Some(&to) {
                return Ok(true);
            }
            if now != from {
                return Ok(false);
            }
            db.changes(PUT, (name, to))
        })
        .await
    }
}
