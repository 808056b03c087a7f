//! Conversations in MongoDB.
//!
//! Besides what everybody sees, a conversation's document keeps what its messages are added by ([`super::message`]):
//! `last_position`, `session_fence` (the highest fence of a session that was opened in it or left it), and `withdrawing`
//! (a message that cannot be shown any more).

use super::{
    MongoStore,
    collection::{CONVERSATION, MESSAGE},
    query::queries,
    value::{Fields, key, keys, number, optional_key, time},
};
use crate::{
    Result, StoreError,
    conversation::{ConversationCounts, ConversationCursor, ConversationRecord, Conversations},
};
use mongodb::bson::{Bson, Document, doc};
use wire::{ChatbotId, ConversationId, MessageId, Timestamp, UserId};

/// Conversations whose messages are counted at a time.
const COUNTED: usize = 500;

queries! {
    by_id(id: ConversationId) in CONVERSATION { "_id": key(id) };
    by_ids(ids: &[ConversationId]) in CONVERSATION { "_id": { "$in": keys(ids) } };
    empty(user: UserId, chatbot: ChatbotId) in CONVERSATION {
        "user_id": key(user), "chatbot_id": key(chatbot), "empty": true,
    } sort { "updated_at": -1, "_id": -1 };
    listed(user: UserId) in CONVERSATION { "user_id": key(user), "empty": false }
        sort { "updated_at": -1, "_id": -1 };
    /// A page goes on among those of the same millisecond, then with those of earlier ones.
    listed_same_time(user: UserId, at: Timestamp, before: ConversationId) in CONVERSATION {
        "user_id": key(user), "updated_at": time(at), "_id": { "$lt": key(before) }, "empty": false,
    } sort { "_id": -1 };
    listed_earlier(user: UserId, at: Timestamp) in CONVERSATION {
        "user_id": key(user), "updated_at": { "$lt": time(at) }, "empty": false,
    } sort { "updated_at": -1, "_id": -1 };
    listed_of(user: UserId, chatbot: ChatbotId) in CONVERSATION {
        "user_id": key(user), "chatbot_id": key(chatbot), "empty": false,
    } sort { "updated_at": -1, "_id": -1 };
    listed_of_same_time(user: UserId, chatbot: ChatbotId, at: Timestamp, before: ConversationId) in CONVERSATION {
        "user_id": key(user), "chatbot_id": key(chatbot), "updated_at": time(at), "_id": { "$lt": key(before) },
        "empty": false,
    } sort { "_id": -1 };
    listed_of_earlier(user: UserId, chatbot: ChatbotId, at: Timestamp) in CONVERSATION {
        "user_id": key(user), "chatbot_id": key(chatbot), "updated_at": { "$lt": time(at) }, "empty": false,
    } sort { "updated_at": -1, "_id": -1 };
    all(user: UserId) in CONVERSATION { "user_id": key(user) } sort { "_id": 1 };
    all_behind(user: UserId, after: ConversationId) in CONVERSATION { "user_id": key(user), "_id": { "$gt": key(after) } }
        sort { "_id": 1 };
    all_listed(user: UserId) in CONVERSATION { "user_id": key(user), "empty": false }
        sort { "updated_at": -1, "_id": -1 } project { "_id": 1 };
    /// By `conversation_id, position`: an index alone says how many.
    said_in(ids: &[ConversationId]) in MESSAGE { "conversation_id": { "$in": keys(ids) } };
    pinned(user: UserId) in CONVERSATION { "user_id": key(user), "pinned": true, "empty": false }
        sort { "updated_at": -1, "_id": -1 };
    untitled(id: ConversationId) in CONVERSATION { "_id": key(id), "title": Bson::Null };
    titled(id: ConversationId, title: &str) in CONVERSATION { "_id": key(id), "title": title };
    at_leaf(id: ConversationId, leaf: MessageId) in CONVERSATION { "_id": key(id), "active_leaf": key(leaf) };
    movable(id: ConversationId, from: Option<MessageId>, to: MessageId) in CONVERSATION {
        "_id": key(id), "active_leaf": optional_key(from), "withdrawing": { "$ne": key(to) },
    };
}

pub(super) fn document(conversation: &ConversationRecord) -> Document {
    doc! {
        "_id": key(conversation.id), "user_id": key(conversation.user_id), "chatbot_id": key(conversation.chatbot_id),
        "chatbot_name": &conversation.chatbot_name, "title": conversation.title.as_deref(),
        "active_leaf": optional_key(conversation.active_leaf), "empty": conversation.active_leaf.is_none(),
        "created_at": time(conversation.created_at), "updated_at": time(conversation.updated_at),
        "pinned": conversation.pinned, "last_position": 0_i64, "session_fence": 0_i64, "withdrawing": Bson::Null,
    }
}

pub(super) fn record(document: &Document) -> Result<ConversationRecord> {
    let fields = Fields::of(document);
    Ok(ConversationRecord {
        id: fields.id("_id")?,
        user_id: fields.id("user_id")?,
        chatbot_id: fields.id("chatbot_id")?,
        chatbot_name: fields.text("chatbot_name")?,
        title: fields.optional_text("title")?,
        active_leaf: fields.optional_id("active_leaf")?,
        created_at: fields.time("created_at")?,
        updated_at: fields.time("updated_at")?,
        // Documents from before there were pins have none.
        pinned: fields.optional_yes("pinned")?.unwrap_or_default(),
    })
}

impl MongoStore {
    /// A conversation's whole document.
    pub(super) async fn conversation_document(&self, id: ConversationId) -> Result<Option<Document>> {
        self.db.first(by_id(id)).await
    }

    /// Makes sure that these know of a session's fence.
    pub(super) async fn tell_conversations(&self, ids: &[ConversationId], fence: u64) -> Result<()> {
        let raised = doc! { "$max": { "session_fence": number(fence) } };
        self.db.update_all(by_ids(ids), raised).await
    }
}

#[async_trait::async_trait]
impl Conversations for MongoStore {
    async fn create_conversation(&self, conversation: ConversationRecord) -> Result<()> {
        if self.db.insert(CONVERSATION, document(&conversation)).await? {
            Ok(())
        } else {
            Err(StoreError::Conflict("conversation"))
        }
    }

    async fn conversation(&self, id: ConversationId) -> Result<Option<ConversationRecord>> {
        let found = self.conversation_document(id).await?;
        found.as_ref().map(record).transpose()
    }

    async fn conversations_by_id(&self, ids: &[ConversationId]) -> Result<Vec<ConversationRecord>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        // What is told of may not be taken back.
        let found = self.db.all(by_ids(ids).of_majority()).await?;
        found.iter().map(record).collect()
    }

    async fn latest_conversation(
        &self,
        user: UserId,
        chatbot: ChatbotId,
    ) -> Result<Option<ConversationRecord>> {
        let (spoken, empty) = futures::try_join!(
            self.db.first(listed_of(user, chatbot)),
            self.db.first(empty(user, chatbot))
        )?;
        let found = spoken.iter().chain(&empty).map(record);
        let found = found.collect::<Result<Vec<_>>>()?;
        Ok(found
            .into_iter()
            .max_by_key(|conversation| (conversation.updated_at, conversation.id)))
    }

    async fn empty_conversation(
        &self,
        user: UserId,
        chatbot: ChatbotId,
    ) -> Result<Option<ConversationRecord>> {
        let found = self.db.first(empty(user, chatbot)).await?;
        found.as_ref().map(record).transpose()
    }

    async fn conversations(
        &self,
        user: UserId,
        chatbot: Option<ChatbotId>,
        after: Option<ConversationCursor>,
        limit: u32,
    ) -> Result<Vec<ConversationRecord>> {
        let page = match after {
            None => {
                let first = chatbot.map_or_else(|| listed(user), |bot| listed_of(user, bot));
                self.db.page(first, limit).await?
            }
            Some(ConversationCursor { updated_at: at, id }) => {
                let (same_time, earlier) = match chatbot {
                    None => (listed_same_time(user, at, id), listed_earlier(user, at)),
                    Some(bot) => (
                        listed_of_same_time(user, bot, at, id),
                        listed_of_earlier(user, bot, at),
                    ),
                };
                let (mut page, earlier) =
                    futures::try_join!(self.db.page(same_time, limit), self.db.page(earlier, limit))?;
                page.extend(earlier);
                page
            }
        };
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        page.iter().take(limit).map(record).collect()
    }

    async fn all_conversations(
        &self,
        user: UserId,
        after: Option<ConversationId>,
        limit: u32,
    ) -> Result<Vec<ConversationRecord>> {
        let page = match after {
            None => self.db.page(all(user), limit).await?,
            Some(after) => self.db.page(all_behind(user, after), limit).await?,
        };
        page.iter().map(record).collect()
    }

    async fn pinned_conversations(&self, user: UserId, limit: u32) -> Result<Vec<ConversationRecord>> {
        let page = self.db.page(pinned(user), limit).await?;
        page.iter().map(record).collect()
    }

    async fn conversation_counts(&self, user: UserId) -> Result<ConversationCounts> {
        let listed = self.db.all(all_listed(user)).await?;
        let ids = listed.iter().map(|document| Fields::of(document).id("_id"));
        let ids = ids.collect::<Result<Vec<ConversationId>>>()?;
        let mut messages = 0;
        for some in ids.chunks(COUNTED) {
            messages += self.db.count(said_in(some)).await?;
        }
        Ok(ConversationCounts {
            conversations: u64::try_from(ids.len()).unwrap_or(u64::MAX),
            messages,
        })
    }

    async fn set_pinned(&self, id: ConversationId, pinned: bool) -> Result<()> {
        let set = doc! { "$set": { "pinned": pinned } };
        if self.db.update(by_id(id), set).await? {
            Ok(())
        } else {
            Err(StoreError::NotFound("conversation"))
        }
    }

    async fn set_title(&self, id: ConversationId, title: &str) -> Result<()> {
        let set = doc! { "$set": { "title": title } };
        if self.db.update(by_id(id), set).await? {
            Ok(())
        } else {
            Err(StoreError::NotFound("conversation"))
        }
    }

    async fn set_first_title(&self, id: ConversationId, title: &str) -> Result<bool> {
        let set = doc! { "$set": { "title": title } };
        self.db.update(untitled(id), set).await
    }

    async fn replace_title(&self, id: ConversationId, from: &str, to: &str) -> Result<bool> {
        let set = doc! { "$set": { "title": to } };
        self.db.update(titled(id, from), set).await
    }

    async fn move_active_leaf(
        &self,
        id: ConversationId,
        from: Option<MessageId>,
        to: MessageId,
        now: Timestamp,
    ) -> Result<bool> {
        let moved = doc! { "$set": { "active_leaf": key(to), "empty": false, "updated_at": time(now) } };
        if self.db.update(movable(id, from, to), moved).await? {
            return Ok(true);
        }
        Ok(self.db.first(at_leaf(id, to)).await?.is_some())
    }

    async fn delete_conversation(&self, id: ConversationId, now: Timestamp) -> Result<bool> {
        self.take_away(id, now).await
    }
}
