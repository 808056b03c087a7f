//! One look at the store: what other nodes did since the last one.

use crate::{
    app::{App, AppState},
    chat::{generation, prompt},
    session::{LiveSession, sweep},
};
use std::collections::HashMap;
use store::{Result, conversation::ConversationRecord, generation::GenerationRecord};
use wire::{
    ConversationId, MessageId, SessionId,
    message::{MessageRole, MessageStatus},
    socket::CloseReason,
};

/// Messages that may come between two looks at a conversation. Older ones are in its history.
const NEWS: u32 = 16;

/// One look, for the loop and for tests.
///
/// # Errors
/// The store's.
pub async fn round(app: &AppState) -> Result<()> {
    stop_what_was_asked_to(app).await?;
    sweep::end_sockets_of_ended_sign_ins(app).await?;
    let open = app.sessions.with_sockets();
    if open.is_empty() {
        return Ok(());
    }
    let sessions: Vec<SessionId> = open.iter().map(|session| session.record.id).collect();
    let conversations: Vec<ConversationId> = open
        .iter()
        .map(|session| session.record.conversation_id)
        .collect();
    let (active, conversations, writing) = futures::join!(
        app.store.active_sessions(&sessions),
        app.store.conversations_by_id(&conversations),
        app.store.unsettled_in(&conversations)
    );
    let (active, conversations) = (active?, conversations?);
    let conversations: HashMap<_, _> = conversations.iter().map(|c| (c.id, c)).collect();
    let mut writing: HashMap<_, _> = writing?.into_iter().map(|g| (g.conversation_id, g)).collect();
    for session in &open {
        let id = session.record.conversation_id;
        if !active.iter().any(|active| active.id == session.record.id) {
            close(app, session).await?;
            continue;
        }
        if let Some(conversation) = conversations.get(&id) {
            tell_news(app, session, conversation).await?;
        }
        if let Some(generation) = writing.remove(&id)
            && !session.was_told(generation.message_id)
            && generation::has_begun(app, &generation).await?
        {
            tell_answer(app, session, &generation).await?;
        }
    }
    Ok(())
}

/// Sockets of other nodes asked for it.
async fn stop_what_was_asked_to(app: &App) -> Result<()> {
    if app.chat.all_running().is_empty() {
        return Ok(());
    }
    for id in app.store.stops_requested(&app.node_id).await? {
        if let Some(generation) = app.chat.running(id) {
            generation.stop();
        }
    }
    Ok(())
}

/// Its session is over in the store. The sign-in's end was looked at before; what is left is the user's own doing.
async fn close(app: &App, session: &LiveSession) -> Result<()> {
    let reason = match app.store.session_of(session.record.user_id).await? {
        Some(_) => CloseReason::Replaced,
        None => CloseReason::Closed,
    };
    app.sessions.close(session.record.id, reason);
    Ok(())
}

/// Tells the sockets what was said and how the conversation is called now, as far as they were not told.
async fn tell_news(app: &AppState, session: &LiveSession, conversation: &ConversationRecord) -> Result<()> {
    let Some(news) = session.see(conversation) else {
        return Ok(());
    };
    if let Some(leaf) = conversation.active_leaf.filter(|leaf| news.behind != Some(*leaf)) {
        tell_messages(app, session, leaf, news.behind).await?;
    }
    if let Some(title) = news.title {
        session.tell_title(title);
    }
    Ok(())
}

/// Tells of the messages behind the last one that was known, oldest first.
async fn tell_messages(
    app: &AppState,
    session: &LiveSession,
    leaf: MessageId,
    behind: Option<MessageId>,
) -> Result<()> {
    let (branch, _) = app.store.branch(leaf, NEWS).await?;
    let known = branch.iter().position(|message| Some(message.id) == behind);
    let new = match (known, behind) {
        (Some(known), _) => branch.get(known + 1..).unwrap_or_default(),
        (None, None) => branch.as_slice(),
        // Another branch, or more than can be told: its page reads the history again.
        (None, Some(_)) => &[],
    };
    for message in new.iter().filter(|message| !session.was_told(message.id)) {
        match message.role {
            MessageRole::User => session.tell_prompt(message.id, prompt::acknowledged(message)),
            // What still runs is told of by the caller.
            MessageRole::Assistant if message.status == MessageStatus::Generating => {}
            MessageRole::Assistant => {
                for generation in app.store.generations_of(message.id).await?.iter().rev().take(1) {
                    tell_answer(app, session, generation).await?;
                }
            }
        }
    }
    Ok(())
}

async fn tell_answer(app: &AppState, session: &LiveSession, generation: &GenerationRecord) -> Result<()> {
    // What runs here, its own beginning tells of.
    if app.chat.running(generation.id).is_none() {
        session.tell_answer(generation::of_record(app, generation).await?);
    }
    Ok(())
}
