//! Chatbots in SQLite.

use super::{
    SqliteStore,
    db::{Db, Fields, Sql, statements},
    value::{Word, key, number, time},
};
use crate::{
    Result, StoreError,
    chatbot::{ChatbotRecord, Chatbots},
};
use wire::{ChatbotId, Timestamp, UserId};

statements! {
    INSERT = "INSERT INTO chatbot (id, owner_id, builtin, model, temperature, colour, visibility, created_at, version,
                                   name, description, system_prompt, documents_only, starters)
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) ON CONFLICT DO NOTHING";
    BUILTIN = "SELECT 1 FROM chatbot WHERE builtin = ?1";
    BY_ID = "SELECT * FROM chatbot WHERE id = ?1 AND deleted_at IS NULL";
    /// Those for everyone, and the user's own others.
    VISIBLE = "SELECT * FROM chatbot WHERE visibility = 'everyone' AND deleted_at IS NULL
               UNION ALL
               SELECT * FROM chatbot WHERE owner_id = ?1 AND visibility <> 'everyone' AND deleted_at IS NULL
               ORDER BY created_at, id";
    /// Each visibility is an index range: deleted bots cost nothing.
    ALL = "SELECT * FROM chatbot WHERE visibility IN ('everyone', 'private') AND deleted_at IS NULL
           ORDER BY created_at, id";
    UPDATE = "UPDATE chatbot SET model = ?3, temperature = ?4, colour = ?5, visibility = ?6, name = ?7,
                                 description = ?8, system_prompt = ?9, documents_only = ?10, starters = ?11,
                                 version = version + 1
              WHERE id = ?1 AND version = ?2 AND deleted_at IS NULL";
    DELETE = "UPDATE chatbot SET deleted_at = ?2, model = NULL, name = '', description = '', system_prompt = '',
                                 starters = '[]'
              WHERE id = ?1 AND deleted_at IS NULL";
}

pub(super) fn record(row: &Fields<'_>) -> Result<ChatbotRecord> {
    Ok(ChatbotRecord {
        id: row.id("id")?,
        owner_id: row.optional_id("owner_id")?,
        builtin: row.optional_text("builtin")?,
        name: row.text("name")?,
        description: row.text("description")?,
        system_prompt: row.text("system_prompt")?,
        model: row.optional_text("model")?,
        temperature: row.real("temperature")?,
        colour: row.word("colour")?,
        visibility: row.word("visibility")?,
        documents_only: row.yes("documents_only")?,
        starters: starters(&row.text("starters")?)?,
        created_at: row.time("created_at")?,
        version: row.number("version")?,
    })
}

/// A list of lines, as JSON.
fn starters_column(starters: &[String]) -> String {
    serde_json::json!(starters).to_string()
}

fn starters(json: &str) -> Result<Vec<String>> {
    serde_json::from_str(json)
        .map_err(|error| StoreError::Damaged(format!("the starters of a chatbot: {error}")))
}

fn create(db: &Db, bot: ChatbotRecord) -> Result<()> {
    let new = db.changes(
        INSERT,
        (
            key(bot.id),
            bot.owner_id.map(key),
            &bot.builtin,
            bot.model,
            bot.temperature,
            bot.colour.word(),
            bot.visibility.word(),
            time(bot.created_at),
            number(bot.version),
            bot.name,
            bot.description,
            bot.system_prompt,
            bot.documents_only,
            starters_column(&bot.starters),
        ),
    )?;
    if new {
        Ok(())
    } else if bot.builtin.is_some() && db.exists(BUILTIN, [bot.builtin])? {
        Err(StoreError::Conflict("builtin"))
    } else {
        Err(StoreError::Conflict("chatbot"))
    }
}

fn update(db: &Db, bot: ChatbotRecord) -> Result<()> {
    let updated = db.changes(
        UPDATE,
        (
            key(bot.id),
            number(bot.version),
            bot.model,
            bot.temperature,
            bot.colour.word(),
            bot.visibility.word(),
            bot.name,
            bot.description,
            bot.system_prompt,
            bot.documents_only,
            starters_column(&bot.starters),
        ),
    )?;
    if updated {
        Ok(())
    } else if db.exists(BY_ID, [key(bot.id)])? {
        Err(StoreError::Conflict("version"))
    } else {
        Err(StoreError::NotFound("chatbot"))
    }
}

#[async_trait::async_trait]
impl Chatbots for SqliteStore {
    async fn create_chatbot(&self, chatbot: ChatbotRecord) -> Result<()> {
        self.write(move |db| create(db, chatbot)).await
    }

    async fn chatbot(&self, id: ChatbotId) -> Result<Option<ChatbotRecord>> {
        self.read(move |db| db.first(BY_ID, [key(id)], record)).await
    }

    async fn chatbots_visible_to(&self, user: UserId, all: bool) -> Result<Vec<ChatbotRecord>> {
        self.read(move |db| {
            if all {
                db.all(ALL, (), record)
            } else {
                db.all(VISIBLE, [key(user)], record)
            }
        })
        .await
    }

    async fn update_chatbot(&self, chatbot: ChatbotRecord) -> Result<()> {
        self.write(move |db| update(db, chatbot)).await
    }

    async fn delete_chatbot(&self, id: ChatbotId, now: Timestamp) -> Result<bool> {
        self.write(move |db| db.changes(DELETE, (key(id), time(now))))
            .await
    }
}
