//! Messages in MongoDB: one document each.
//!
//! **Positions.** A conversation keeps a number, `last_position`. Who adds a message reads it and takes the next one; the
//! unique index refuses a position twice, and who is refused takes one by raising the number. No position is ever more
//! than one beyond the number, since it is raised before a higher one is used, and when a message is shown. So whoever
//! reads it after another message was added gets a higher position, or is refused the same one.
//!
//! **Round trips**, one after the other, until a prompt is stored and shown (the first token waits for them):
//! 1. the conversation and the parent are read, side by side;
//! 2. the message is inserted (majority, journal); the insert itself finds out about repetitions, by unique indexes;
//! 3. the conversation's leaf is moved by compare-and-set, which also asks for the session's fence (majority, journal).
//!
//! The order of 2 and 3 is what makes it safe to break off: a message that is not shown is nothing yet.
//!
//! **Withdrawing** must not race with showing: the conversation first notes that the message cannot be shown any more
//! (a compare-and-set that fails where it is shown), then the message goes, then the note. Who finds another's note
//! finishes that work first.

use super::{
    MongoStore,
    collection::{CONVERSATION, MESSAGE},
    conversation,
    query::{Query, queries},
    search,
    value::{Fields, key, number, optional_key, optional_keys, time},
};
use crate::{
    Result, StoreError,
    message::{Appended, GivenFeedback, MessageLink, MessageRecord, Messages, NewMessage},
    search::{SearchHit, Wanted},
    value::Word,
};
use mongodb::bson::{Bson, DateTime, Document, doc};
use std::collections::HashMap;
use wire::{
    ChatbotId, ClientMessageId, ConversationId, GenerationId, MessageId, Timestamp, UserId,
    document::Citation,
    feedback::Feedback,
    message::{MessageRole, MessageStatus, Outcome},
};

/// Messages of a conversation that are read at a time to find a branch among them.
const PAGE: u32 = 200;
/// Positions that are tried before somebody is told to try again: each try that fails means that another message came
/// in between.
const TRIES: usize = 1000;

/// How an answer ends that somebody may go on with.
const BROKEN_OFF: [MessageStatus; 4] = [
    MessageStatus::Stopped,
    MessageStatus::Interrupted,
    MessageStatus::Failed,
    MessageStatus::Cut,
];

queries! {
    by_id(id: MessageId) in MESSAGE { "_id": key(id) } project { "terms": 0 };
    by_client_id(conversation: ConversationId, id: ClientMessageId) in MESSAGE {
        "conversation_id": key(conversation), "client_message_id": key(id),
    } project { "terms": 0 };
    /// From this one backwards: others' branches too.
    back_from(conversation: ConversationId, position: u64) in MESSAGE {
        "conversation_id": key(conversation), "position": { "$lte": number(position) },
    } sort { "position": -1 } project { "terms": 0 };
    all_behind(conversation: ConversationId, position: u64) in MESSAGE {
        "conversation_id": key(conversation), "position": { "$gt": number(position) },
    } sort { "position": 1 } project { "terms": 0 };
    following(conversation: ConversationId, parent: MessageId) in MESSAGE {
        "conversation_id": key(conversation), "parent_id": key(parent),
    } project { "_id": 1 };
    /// Those at the root have no `parent_id`, which is what null asks for.
    children(conversation: ConversationId, parents: &[Option<MessageId>]) in MESSAGE {
        "conversation_id": key(conversation), "parent_id": { "$in": optional_keys(parents) },
    } project { "parent_id": 1, "role": 1, "position": 1 };
    /// An answer from before its writer was noted is anybody's.
    written_by(id: MessageId, generation: GenerationId, text: &str) in MESSAGE {
        "_id": key(id), "status": MessageStatus::Generating.word(),
        "generation_id": { "$in": [key(generation), Bson::Null] }, "text": text,
    };
    cited_by(id: MessageId, generation: GenerationId) in MESSAGE {
        "_id": key(id), "status": MessageStatus::Generating.word(), "generation_id": key(generation),
    };
    reopened_by(id: MessageId, generation: GenerationId) in MESSAGE {
        "_id": key(id), "status": MessageStatus::Generating.word(), "generation_id": key(generation),
    } project { "_id": 1 };
    broken_off(id: MessageId, last: Option<GenerationId>) in MESSAGE {
        "_id": key(id), "status": { "$in": BROKEN_OFF.map(Word::word).to_vec() }, "generation_id": optional_key(last),
    };
    answer(id: MessageId) in MESSAGE { "_id": key(id), "role": MessageRole::Assistant.word() };
    /// As their index says "was rated".
    rated_of(chatbot: ChatbotId) in MESSAGE {
        "chatbot_id": key(chatbot), "rated_at": { "$gte": DateTime::from_millis(0) },
    } sort { "rated_at": -1, "_id": -1 } project { "feedback": 1, "rated_at": 1 };
    conversation_of(id: ConversationId) in CONVERSATION { "_id": key(id) };
    showing(id: ConversationId, from: Option<MessageId>, message: MessageId) in CONVERSATION {
        "_id": key(id), "active_leaf": optional_key(from), "withdrawing": { "$ne": key(message) },
    };
    showing_by(id: ConversationId, from: Option<MessageId>, message: MessageId, fence: u64) in CONVERSATION {
        "_id": key(id), "active_leaf": optional_key(from), "withdrawing": { "$ne": key(message) },
        "session_fence": { "$lte": number(fence) },
    };
    withdrawable(id: ConversationId, message: MessageId) in CONVERSATION {
        "_id": key(id), "active_leaf": { "$ne": key(message) }, "withdrawing": { "$in": [Bson::Null, key(message)] },
    };
    withdrawing(id: ConversationId, message: MessageId) in CONVERSATION { "_id": key(id), "withdrawing": key(message) };
}

/// Where a message goes.
pub(super) struct Place {
    pub(super) user_id: UserId,
    pub(super) chatbot_id: ChatbotId,
    pub(super) last_position: u64,
}

pub(super) fn document(message: &NewMessage, place: &Place, position: u64) -> Document {
    let mut document = doc! {
        "_id": key(message.id), "conversation_id": key(message.conversation_id), "user_id": key(place.user_id),
        "chatbot_id": key(place.chatbot_id), "position": number(position), "role": message.role.word(), "status": message.status.word(),
        "created_at": time(message.created_at),
    };
    // Absent, not null: their indexes know ids only.
    if let Some(parent) = message.parent_id {
        document.insert("parent_id", key(parent));
    }
    if let Some(id) = message.client_message_id {
        document.insert("client_message_id", key(id));
    }
    if let Some(id) = message.generation_id {
        document.insert("generation_id", key(id));
    }
    if let Some(model) = &message.model {
        document.insert("model", model);
    }
    document.insert("text", &message.text);
    document.insert("terms", crate::search::terms(&message.text));
    document
}

/// What is stored of what a reader thinks.
pub(super) fn rating(given: &GivenFeedback) -> Document {
    let GivenFeedback { feedback, at } = given;
    let said = doc! {
        "verdict": feedback.verdict.word(), "reason": feedback.reason.map(Word::word), "comment": &feedback.comment,
    };
    doc! { "feedback": said, "rated_at": time(*at) }
}

fn feedback(document: &Document) -> Result<Option<GivenFeedback>> {
    let fields = Fields::of(document);
    let Some(at) = fields.optional_time("rated_at")? else {
        return Ok(None);
    };
    let said = fields.inner("feedback")?;
    let feedback = Feedback {
        verdict: said.word("verdict")?,
        reason: said.optional_word("reason")?,
        comment: said.text("comment")?,
    };
    Ok(Some(GivenFeedback { feedback, at }))
}

pub(super) fn record(document: &Document) -> Result<MessageRecord> {
    let fields = Fields::of(document);
    Ok(MessageRecord {
        id: fields.id("_id")?,
        conversation_id: fields.id("conversation_id")?,
        parent_id: fields.optional_id("parent_id")?,
        position: fields.number("position")?,
        client_message_id: fields.optional_id("client_message_id")?,
        role: fields.word("role")?,
        text: fields.text("text")?,
        status: fields.word("status")?,
        generation_id: fields.optional_id("generation_id")?,
        citations: crate::citations::decode(fields.optional_text("citations")?.as_deref())?,
        model: fields.optional_text("model")?,
        feedback: feedback(document)?,
        created_at: fields.time("created_at")?,
    })
}

fn link(document: &Document) -> Result<MessageLink> {
    let fields = Fields::of(document);
    Ok(MessageLink {
        id: fields.id("_id")?,
        parent_id: fields.optional_id("parent_id")?,
        role: fields.word("role")?,
        position: fields.number("position")?,
    })
}

/// What was to be added when this was.
pub(super) fn as_new(message: MessageRecord) -> NewMessage {
    NewMessage {
        id: message.id,
        conversation_id: message.conversation_id,
        parent_id: message.parent_id,
        client_message_id: message.client_message_id,
        role: message.role,
        text: message.text,
        status: message.status,
        generation_id: message.generation_id,
        model: message.model,
        created_at: message.created_at,
    }
}

fn as_appended(message: &NewMessage, position: u64) -> MessageRecord {
    MessageRecord {
        id: message.id,
        conversation_id: message.conversation_id,
        parent_id: message.parent_id,
        position,
        client_message_id: message.client_message_id,
        role: message.role,
        text: message.text.clone(),
        status: message.status,
        generation_id: message.generation_id,
        citations: Vec::new(),
        model: message.model.clone(),
        feedback: None,
        created_at: message.created_at,
    }
}

impl MongoStore {
    async fn message_by(&self, query: Query) -> Result<Option<MessageRecord>> {
        self.db.first(query).await?.as_ref().map(record).transpose()
    }

    /// The message that this one repeats.
    async fn repeated(&self, message: &NewMessage) -> Result<Option<MessageRecord>> {
        if let Some(id) = message.client_message_id
            && let Some(sent_before) = self.message_by(by_client_id(message.conversation_id, id)).await?
        {
            return Ok(Some(sent_before));
        }
        self.message(message.id).await
    }

    async fn place(&self, conversation: ConversationId) -> Result<Place> {
        let Some(found) = self.db.first(conversation_of(conversation)).await? else {
            return Err(StoreError::NotFound("conversation"));
        };
        let fields = Fields::of(&found);
        Ok(Place {
            user_id: fields.id("user_id")?,
            chatbot_id: fields.id("chatbot_id")?,
            last_position: fields.number("last_position")?,
        })
    }

    /// Whether this conversation has this message, which is to be a parent.
    async fn is_parent_in(&self, conversation: ConversationId, parent: Option<MessageId>) -> Result<bool> {
        let Some(parent) = parent else {
            return Ok(true);
        };
        let parent = self.message(parent).await?;
        Ok(parent.is_some_and(|parent| parent.conversation_id == conversation))
    }

    /// The next position, taken by raising the conversation's number.
    async fn next_position(&self, conversation: ConversationId) -> Result<u64> {
        let raised = doc! { "$inc": { "last_position": 1_i64 } };
        match self.db.change(conversation_of(conversation), raised).await? {
            Some(conversation) => Fields::of(&conversation).number("last_position"),
            None => Err(StoreError::NotFound("conversation")),
        }
    }

    async fn append(&self, message: &NewMessage) -> Result<Appended> {
        let (place, has_parent) = futures::try_join!(
            self.place(message.conversation_id),
            self.is_parent_in(message.conversation_id, message.parent_id)
        )?;
        if !has_parent {
            let repeated = self.repeated(message).await?;
            return repeated
                .map(Appended::Existing)
                .ok_or(StoreError::NotFound("parent"));
        }
        let mut position = place.last_position.saturating_add(1);
        for _ in 0..TRIES {
            let document = document(message, &place, position);
            if self.db.insert(MESSAGE, document).await? {
                return Ok(Appended::New(as_appended(message, position)));
            }
            if let Some(existing) = self.repeated(message).await? {
                return Ok(Appended::Existing(existing));
            }
            // Somebody else's message stands there.
            position = self.next_position(message.conversation_id).await?;
        }
        Err(StoreError::Unavailable(
            "too many add to this conversation at once".into(),
        ))
    }

    /// Shows a message that is stored, in the place of `from`: whether it is the active leaf now.
    async fn show(
        &self,
        stored: &MessageRecord,
        from: Option<MessageId>,
        fence: Option<u64>,
        now: Timestamp,
    ) -> Result<bool> {
        let (id, message) = (stored.conversation_id, stored.id);
        let query = fence.map_or_else(
            || showing(id, from, message),
            |fence| showing_by(id, from, message, fence),
        );
        let shown = doc! {
            "$set": { "active_leaf": key(message), "empty": false, "updated_at": time(now) },
            "$max": { "last_position": number(stored.position) },
        };
        Ok(self.db.update(query, shown).await? || self.is_leaf(stored).await?)
    }

    /// Whether it is the active leaf.
    async fn is_leaf(&self, stored: &MessageRecord) -> Result<bool> {
        let conversation = self.conversation_document(stored.conversation_id).await?;
        let conversation = conversation.as_ref().map(conversation::record).transpose()?;
        let conversation = conversation.ok_or(StoreError::NotFound("conversation"))?;
        Ok(conversation.active_leaf == Some(stored.id))
    }

    async fn is_followed(&self, conversation: ConversationId, message: MessageId) -> Result<bool> {
        let followed = self.db.first(following(conversation, message)).await?;
        Ok(followed.is_some())
    }

    /// Moves the text into a message that has `before`: whether this generation was writing it.
    async fn settle_behind(
        &self,
        before: &str,
        (id, generation): (MessageId, GenerationId),
        text: &str,
        outcome: Outcome,
    ) -> Result<bool> {
        let whole = format!("{before}{text}");
        let terms = crate::search::terms(&whole);
        let settled = doc! {
            "$set": { "text": whole, "status": MessageStatus::from(outcome).word(), "terms": terms },
        };
        self.db.update(written_by(id, generation, before), settled).await
    }

    /// The rest of a withdrawal that is noted in the conversation: whether the message is gone.
    async fn finish_withdrawal(&self, conversation: ConversationId, message: MessageId) -> Result<bool> {
        let followed = self.is_followed(conversation, message).await?;
        let gone = !followed && self.db.delete(by_id(message)).await?;
        let cleared = doc! { "$set": { "withdrawing": Bson::Null } };
        self.db
            .update(withdrawing(conversation, message), cleared)
            .await?;
        Ok(gone)
    }
}

#[async_trait::async_trait]
impl Messages for MongoStore {
    async fn append_message(&self, message: NewMessage) -> Result<Appended> {
        let appended = self.append(&message).await?;
        if let Appended::New(stored) = &appended
            && self
                .conversation_document(stored.conversation_id)
                .await?
                .is_none()
        {
            // It was deleted while this was added, and its deletion may have looked too early.
            self.db.delete(by_id(stored.id)).await?;
            return Err(StoreError::NotFound("conversation"));
        }
        Ok(appended)
    }

    async fn append_visible_message(
        &self,
        message: NewMessage,
        from: Option<MessageId>,
        session_fence: Option<u64>,
    ) -> Result<(Appended, bool)> {
        let appended = self.append(&message).await?;
        let (stored, may_be_shown) = match &appended {
            Appended::New(stored) => (stored, true),
            Appended::Existing(stored) => {
                // What is not shown is not followed: only who shows it could come in between.
                let followed = self.is_followed(stored.conversation_id, stored.id).await?;
                (stored, stored.parent_id == message.parent_id && !followed)
            }
        };
        let shown = if may_be_shown {
            self.show(stored, from, session_fence, message.created_at).await
        } else {
            self.is_leaf(stored).await
        };
        match shown {
            Ok(shown) => Ok((appended, shown)),
            Err(StoreError::NotFound(what)) => {
                self.db.delete(by_id(stored.id)).await?;
                Err(StoreError::NotFound(what))
            }
            Err(error) => Err(error),
        }
    }

    async fn withdraw_message(&self, id: MessageId) -> Result<bool> {
        loop {
            let Some(message) = self.message(id).await? else {
                return Ok(false);
            };
            let conversation = message.conversation_id;
            if self.is_followed(conversation, id).await? {
                return Ok(false);
            }
            let noted = doc! { "$set": { "withdrawing": key(id) } };
            if self.db.update(withdrawable(conversation, id), noted).await? {
                return self.finish_withdrawal(conversation, id).await;
            }
            let Some(found) = self.conversation_document(conversation).await? else {
                return self.db.delete(by_id(id)).await;
            };
            let fields = Fields::of(&found);
            if fields.optional_id("active_leaf")? == Some(id) {
                return Ok(false);
            }
            if let Some(other) = fields.optional_id("withdrawing")? {
                self.finish_withdrawal(conversation, other).await?;
            }
        }
    }

    async fn message_by_client_id(
        &self,
        conversation: ConversationId,
        client_message_id: ClientMessageId,
    ) -> Result<Option<MessageRecord>> {
        // It is acknowledged for being there: only what can never be taken back counts.
        self.message_by(by_client_id(conversation, client_message_id).of_majority())
            .await
    }

    async fn message(&self, id: MessageId) -> Result<Option<MessageRecord>> {
        self.message_by(by_id(id)).await
    }

    /// A branch lies among its conversation's messages, which are read backwards by position, most often all that is
    /// asked for at once: two round trips. Where other branches lie in between, more pages are read.
    async fn branch(&self, leaf: MessageId, limit: u32) -> Result<(Vec<MessageRecord>, bool)> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let (mut branch, mut next) = (Vec::new(), Some(leaf));
        let mut known: HashMap<MessageId, MessageRecord> = HashMap::new();
        while branch.len() < limit
            && let Some(id) = next
        {
            if !known.contains_key(&id) {
                let Some(message) = self.message(id).await? else {
                    next = None;
                    break;
                };
                let left = limit.saturating_sub(branch.len());
                let page = PAGE.min(u32::try_from(left).unwrap_or(PAGE));
                let query = back_from(message.conversation_id, message.position);
                for document in self.db.page(query, page).await? {
                    let message = record(&document)?;
                    known.insert(message.id, message);
                }
            }
            let Some(message) = known.remove(&id) else {
                break;
            };
            next = message.parent_id;
            branch.push(message);
        }
        branch.reverse();
        Ok((branch, next.is_some()))
    }

    async fn all_messages(
        &self,
        conversation: ConversationId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<MessageRecord>> {
        let page = self.db.page(all_behind(conversation, after), limit).await?;
        page.iter().map(record).collect()
    }

    async fn children(
        &self,
        conversation: ConversationId,
        parents: &[Option<MessageId>],
    ) -> Result<Vec<MessageLink>> {
        if parents.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.db.all(children(conversation, parents)).await?;
        let mut children = found.iter().map(link).collect::<Result<Vec<_>>>()?;
        children.sort_by_key(|child| child.position);
        Ok(children)
    }

    /// Most answers have no text before: one round trip. Where there is one, it is read first; it stays as it is while
    /// its generation writes, since none reopens a message twice.
    async fn settle_message(
        &self,
        id: MessageId,
        generation: GenerationId,
        text: &str,
        outcome: Outcome,
    ) -> Result<bool> {
        if self.settle_behind("", (id, generation), text, outcome).await? {
            return Ok(true);
        }
        match self.message(id).await? {
            Some(found) if found.status == MessageStatus::Generating && !found.text.is_empty() => {
                self.settle_behind(&found.text, (id, generation), text, outcome)
                    .await
            }
            _ => Ok(false),
        }
    }

    async fn note_citations(
        &self,
        id: MessageId,
        generation: GenerationId,
        citations: &[Citation],
    ) -> Result<bool> {
        let noted = doc! { "$set": { "citations": crate::citations::encode(citations) } };
        self.db.update(cited_by(id, generation), noted).await
    }

    async fn note_feedback(&self, id: MessageId, feedback: Option<GivenFeedback>) -> Result<bool> {
        let noted = match feedback {
            Some(given) => doc! { "$set": rating(&given) },
            None => doc! { "$unset": { "feedback": "", "rated_at": "" } },
        };
        self.db.update(answer(id), noted).await
    }

    async fn feedback_on(&self, chatbot: ChatbotId, limit: u32) -> Result<Vec<GivenFeedback>> {
        let found = self.db.page(rated_of(chatbot), limit).await?;
        found
            .iter()
            .filter_map(|document| feedback(document).transpose())
            .collect()
    }

    async fn reopen_message(
        &self,
        id: MessageId,
        generation: GenerationId,
        last: Option<GenerationId>,
    ) -> Result<bool> {
        let reopened = doc! { "$set": {
            "status": MessageStatus::Generating.word(), "generation_id": key(generation),
        } };
        if last != Some(generation) && self.db.update(broken_off(id, last), reopened).await? {
            return Ok(true);
        }
        Ok(self.db.first(reopened_by(id, generation)).await?.is_some())
    }

    async fn search_messages(
        &self,
        user: UserId,
        query: &str,
        chatbot: Option<ChatbotId>,
        limit: u32,
    ) -> Result<Vec<SearchHit>> {
        match Wanted::of(query) {
            Some(wanted) => search::messages(&self.db, user, &wanted, chatbot, limit).await,
            None => Ok(Vec::new()),
        }
    }
}
