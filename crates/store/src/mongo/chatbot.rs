//! Chatbots in MongoDB. A deleted one leaves its document, emptied: a bot that came with the program must not come back
//! at the next start.

use super::{
    MongoStore,
    collection::CHATBOT,
    query::{Query, queries},
    value::{Fields, key, number, optional_key, time},
};
use crate::{
    Result, StoreError,
    chatbot::{ChatbotRecord, Chatbots},
    value::Word,
};
use mongodb::bson::{Bson, Document, doc};
use wire::{ChatbotId, Timestamp, UserId, chatbot::Visibility};

queries! {
    living(id: ChatbotId) in CHATBOT { "_id": key(id), "deleted": false };
    of_version(id: ChatbotId, version: u64) in CHATBOT {
        "_id": key(id), "version": number(version), "deleted": false,
    };
    by_builtin(word: &str) in CHATBOT { "builtin": word } project { "_id": 1 };
    for_everyone() in CHATBOT { "visibility": Visibility::Everyone.word(), "deleted": false }
        sort { "created_at": 1, "_id": 1 };
    others_of(user: UserId) in CHATBOT { "owner_id": key(user), "deleted": false } sort { "created_at": 1, "_id": 1 };
    all() in CHATBOT { "deleted": false } sort { "created_at": 1, "_id": 1 };
}

/// What an update may change.
fn contents(bot: &ChatbotRecord) -> Document {
    doc! {
        "name": &bot.name, "description": &bot.description, "system_prompt": &bot.system_prompt,
        "model": bot.model.as_deref(), "temperature": bot.temperature, "colour": bot.colour.word(),
        "visibility": bot.visibility.word(), "documents_only": bot.documents_only,
        "starters": &bot.starters,
    }
}

pub(super) fn document(bot: &ChatbotRecord) -> Document {
    let mut document = doc! {
        "_id": key(bot.id), "owner_id": optional_key(bot.owner_id), "created_at": time(bot.created_at),
        "version": number(bot.version), "deleted": false, "deleted_at": Bson::Null,
    };
    // Absent, not null: its unique index knows texts only.
    if let Some(word) = &bot.builtin {
        document.insert("builtin", word);
    }
    document.extend(contents(bot));
    document
}

pub(super) fn record(document: &Document) -> Result<ChatbotRecord> {
    let fields = Fields::of(document);
    Ok(ChatbotRecord {
        id: fields.id("_id")?,
        owner_id: fields.optional_id("owner_id")?,
        builtin: fields.optional_text("builtin")?,
        name: fields.text("name")?,
        description: fields.text("description")?,
        system_prompt: fields.text("system_prompt")?,
        model: fields.optional_text("model")?,
        temperature: fields.real("temperature")?,
        colour: fields.word("colour")?,
        visibility: fields.word("visibility")?,
        documents_only: fields.optional_yes("documents_only")?.unwrap_or_default(),
        starters: fields.texts("starters")?,
        created_at: fields.time("created_at")?,
        version: fields.number("version")?,
    })
}

impl MongoStore {
    async fn chatbot_list(&self, query: Query) -> Result<Vec<ChatbotRecord>> {
        self.db.all(query).await?.iter().map(record).collect()
    }
}

#[async_trait::async_trait]
impl Chatbots for MongoStore {
    async fn create_chatbot(&self, chatbot: ChatbotRecord) -> Result<()> {
        if self.db.insert(CHATBOT, document(&chatbot)).await? {
            return Ok(());
        }
        if self.chatbot(chatbot.id).await?.as_ref() == Some(&chatbot) {
            // Stored by an attempt whose answer was lost.
            return Ok(());
        }
        if let Some(word) = &chatbot.builtin
            && self.db.first(by_builtin(word)).await?.is_some()
        {
            return Err(StoreError::Conflict("builtin"));
        }
        Err(StoreError::Conflict("chatbot"))
    }

    async fn chatbot(&self, id: ChatbotId) -> Result<Option<ChatbotRecord>> {
        let found = self.db.first(living(id)).await?;
        found.as_ref().map(record).transpose()
    }

    async fn chatbots_visible_to(&self, user: UserId, all: bool) -> Result<Vec<ChatbotRecord>> {
        if all {
            return self.chatbot_list(self::all()).await;
        }
        let (mut seen, own) = futures::try_join!(
            self.chatbot_list(for_everyone()),
            self.chatbot_list(others_of(user))
        )?;
        let others = own
            .into_iter()
            .filter(|bot| bot.visibility != Visibility::Everyone);
        seen.extend(others);
        seen.sort_by_key(|bot| (bot.created_at, bot.id));
        Ok(seen)
    }

    async fn update_chatbot(&self, chatbot: ChatbotRecord) -> Result<()> {
        let update = doc! { "$set": contents(&chatbot), "$inc": { "version": 1_i64 } };
        if self
            .db
            .update(of_version(chatbot.id, chatbot.version), update)
            .await?
        {
            return Ok(());
        }
        let Some(stored) = self.chatbot(chatbot.id).await? else {
            return Err(StoreError::NotFound("chatbot"));
        };
        // An attempt whose answer was lost, or somebody who wrote the very same.
        let done =
            stored.version == chatbot.version.saturating_add(1) && contents(&stored) == contents(&chatbot);
        if done {
            Ok(())
        } else {
            Err(StoreError::Conflict("version"))
        }
    }

    async fn delete_chatbot(&self, id: ChatbotId, now: Timestamp) -> Result<bool> {
        let emptied = doc! { "$set": {
            "deleted": true, "deleted_at": time(now), "name": "", "description": "", "system_prompt": "",
            "model": Bson::Null, "starters": Vec::<String>::new(),
        } };
        self.db.update(living(id), emptied).await
    }
}
