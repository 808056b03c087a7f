//! Conversations: the history and one conversation's messages.
//!
//! Must not know: HTTP, frames. Routes (`http/conversations.rs`) and pages call the same functions.
//! Start at [`owned`], which every use of a conversation goes through.

mod branch;
mod cursor;
pub mod export;
mod search;
mod so_far;

pub use branch::shown_branch;
pub use so_far::so_far;

use crate::{
    app::App,
    chat::generation,
    chatbot, field,
    problem::{ApiError, ApiResult},
    session,
};
use std::collections::HashMap;
use store::{conversation::ConversationRecord, user::UserRecord};
use wire::{
    ChatbotId, ConversationId, MessageId, ProblemCode, SessionId,
    conversation::{Conversation, ConversationDetail, ConversationPage, ConversationPatch, MessagePage},
    limit,
};

/// Conversations on a page when the client does not say.
const PAGE: u32 = 30;
/// Conversations on a page, at most.
const PAGE_MAX: u32 = 100;
/// Conversations a user may have pinned: all of them stand on the first page.
const PINNED_MAX: u32 = 50;

/// Which part of the history is asked for.
#[derive(Debug, Clone, Default)]
pub struct HistoryQuery {
    /// Only where this was said.
    pub words: Option<String>,
    /// Only with this chatbot.
    pub chatbot_id: Option<ChatbotId>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// How many.
    pub limit: Option<u32>,
}

/// The user's conversations that have a message, the pinned ones first, then latest first; with words to search for, those
/// where they were said, the best fitting first and on one page.
///
/// # Errors
/// `invalid_request` for a cursor that we did not make, `invalid_field` for words that are too long.
pub async fn list(app: &App, user: &UserRecord, query: HistoryQuery) -> ApiResult<ConversationPage> {
    if let Some(words) = query
        .words
        .as_deref()
        .map(str::trim)
        .filter(|words| !words.is_empty())
    {
        return search::search(app, user, words, &query).await;
    }
    let after = query.cursor.as_deref().map(cursor::parse).transpose()?;
    let limit = query.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX);
    // One more than asked for tells whether there is another page.
    let mut records = app
        .store
        .conversations(user.id, query.chatbot_id, after, limit + 1)
        .await?;
    let asked = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = records.len() > asked;
    records.truncate(asked);
    let next_cursor = records.last().filter(|_| has_more).map(cursor::behind);
    records.retain(|record| !record.pinned);
    if after.is_none() {
        let mut pinned = app.store.pinned_conversations(user.id, PINNED_MAX).await?;
        pinned.retain(|record| query.chatbot_id.is_none_or(|bot| record.chatbot_id == bot));
        records.splice(..0, pinned);
    }
    Ok(ConversationPage {
        conversations: all_shown(app, user, records).await?,
        next_cursor,
    })
}

/// As lines of the history; each chatbot is asked for once.
async fn all_shown(
    app: &App,
    user: &UserRecord,
    records: Vec<ConversationRecord>,
) -> ApiResult<Vec<Conversation>> {
    let mut names = HashMap::new();
    let mut conversations = Vec::with_capacity(records.len());
    for record in records {
        let name = match names.get(&record.chatbot_id) {
            Some(name) => Option::clone(name),
            None => {
                let name = present_name(app, user, record.chatbot_id).await?;
                names.insert(record.chatbot_id, name.clone());
                name
            }
        };
        conversations.push(shown(app, record, name));
    }
    Ok(conversations)
}

/// One conversation, if it is this user's.
///
/// # Errors
/// `not_found`, also for somebody else's.
pub async fn owned(app: &App, user: &UserRecord, id: ConversationId) -> ApiResult<ConversationRecord> {
    let conversation = app
        .store
        .conversation(id)
        .await?
        .filter(|conversation| conversation.user_id == user.id);
    conversation.ok_or_else(|| ApiError::new(ProblemCode::NotFound, "There is no such conversation"))
}

/// One conversation with the newest messages of its active branch; with `through`, the branch through this message, from
/// a little before it on. Nothing is changed: that branch is not the active one for being read.
///
/// # Errors
/// `not_found`.
pub async fn detail(
    app: &App,
    user: &UserRecord,
    id: ConversationId,
    through: Option<MessageId>,
) -> ApiResult<ConversationDetail> {
    let conversation = owned(app, user, id).await?;
    let (leaf, limit) = match through {
        None => (conversation.active_leaf, limit::PREVIOUS_MESSAGES),
        Some(message) => branch::through(app, &conversation, message).await?,
    };
    let page = branch::page(app, id, leaf, limit).await?;
    let other_branch = leaf != conversation.active_leaf;
    let session_id = session_in(app, user, id).await?;
    let name = present_name(app, user, conversation.chatbot_id).await?;
    Ok(ConversationDetail {
        conversation: shown(app, conversation, name),
        messages: page.messages,
        has_more: page.has_more,
        session_id,
        other_branch,
    })
}

/// The messages before `before` on its branch; the newest of the active branch without it.
///
/// # Errors
/// `not_found` for a conversation that is not this user's, or a message that is not in it.
pub async fn messages(
    app: &App,
    user: &UserRecord,
    id: ConversationId,
    before: Option<MessageId>,
    limit: Option<u32>,
) -> ApiResult<MessagePage> {
    let conversation = owned(app, user, id).await?;
    let leaf = match before {
        None => conversation.active_leaf,
        Some(before) => {
            let message = app
                .store
                .message(before)
                .await?
                .filter(|message| message.conversation_id == id);
            let not_found = || ApiError::new(ProblemCode::NotFound, "There is no such message");
            message.ok_or_else(not_found)?.parent_id
        }
    };
    let limit = limit
        .unwrap_or(limit::PREVIOUS_MESSAGES)
        .clamp(1, limit::PREVIOUS_MESSAGES);
    branch::page(app, id, leaf, limit).await
}

/// Changes what the patch names.
///
/// # Errors
/// `not_found`, `invalid_field`; `generation_running` for another branch while an answer is being written.
pub async fn change(
    app: &App,
    user: &UserRecord,
    id: ConversationId,
    patch: ConversationPatch,
) -> ApiResult<Conversation> {
    let mut conversation = owned(app, user, id).await?;
    if let Some(title) = patch.title {
        let title = field::line("title", &title, limit::TITLE_CHARS)?;
        app.store.set_title(id, &title).await?;
        conversation.title = Some(title.clone());
        // Its open tabs show the title too.
        app.sessions.tell_title_in(id, &title);
    }
    if let Some(pinned) = patch.pinned {
        if pinned && !conversation.pinned {
            refuse_too_many_pins(app, user).await?;
        }
        app.store.set_pinned(id, pinned).await?;
        conversation.pinned = pinned;
    }
    if let Some(message) = patch.active_message_id {
        branch::show(app, &conversation, message).await?;
    }
    let name = present_name(app, user, conversation.chatbot_id).await?;
    Ok(shown(app, conversation, name))
}

/// All pinned conversations are on the first page of the history, so there is an end to them.
async fn refuse_too_many_pins(app: &App, user: &UserRecord) -> ApiResult<()> {
    let pinned = app.store.pinned_conversations(user.id, PINNED_MAX).await?;
    if u32::try_from(pinned.len()).is_ok_and(|count| count < PINNED_MAX) {
        return Ok(());
    }
    let detail = format!("pinned: at most {PINNED_MAX} conversations can be pinned. Let one go first.");
    Err(ApiError::new(ProblemCode::InvalidField, detail))
}

/// Takes it away with its messages, closes a session that is in it and stops an answer that is being written in it.
///
/// # Errors
/// `not_found`.
pub async fn delete(app: &App, user: &UserRecord, id: ConversationId) -> ApiResult<()> {
    owned(app, user, id).await?;
    if let Some(session) = session_in(app, user, id).await? {
        session::open::close(app, user, session).await?;
    }
    generation::stop_in(app, id).await?;
    app.store.delete_conversation(id, app.clock.now()).await?;
    Ok(())
}

/// The user's active session, when it is in this conversation.
async fn session_in(app: &App, user: &UserRecord, id: ConversationId) -> ApiResult<Option<SessionId>> {
    let session = app
        .store
        .session_of(user.id)
        .await?
        .filter(|session| session.conversation_id == id);
    Ok(session.map(|session| session.id))
}

/// The chatbot's name now, when it is there and (still) for this user.
async fn present_name(app: &App, user: &UserRecord, id: ChatbotId) -> ApiResult<Option<String>> {
    match chatbot::visible(app, user, id).await {
        Ok(bot) => Ok(Some(bot.name)),
        Err(error) if error.code == ProblemCode::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn shown(app: &App, record: ConversationRecord, present_name: Option<String>) -> Conversation {
    Conversation {
        // What other nodes write is seen here once somebody here follows it: a mark in a list is not worth a question
        // to the database a line.
        running: app.chat.known_in(record.id).is_some(),
        pinned: record.pinned,
        id: record.id,
        chatbot_id: record.chatbot_id,
        chatbot_name: present_name.unwrap_or(record.chatbot_name),
        title: record.title,
        created_at: record.created_at,
        updated_at: record.updated_at,
        found: None,
    }
}
