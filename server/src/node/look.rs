//! One look at the store: what other nodes did since the last one.

use crate::{
    app::{App, AppState},
    chat::{generation, prompt},
    session::{LiveSession, sweep},
};
use std::collections::{HashMap, HashSet};
use store::{Result, StoreError, conversation::ConversationRecord, generation::GenerationRecord};
use wire::{ConversationId, MessageId, SessionId, message::MessageRole, socket::CloseReason};

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
    let (active, shown) = futures::join!(
        app.store.active_sessions(&sessions),
        app.store.conversations_by_id(&conversations)
    );
    let active: HashSet<SessionId> = active?.iter().map(|session| session.id).collect();
    let shown: HashMap<_, _> = shown?.into_iter().map(|c| (c.id, c)).collect();
    // After the conversations: an answer that they show as being written is among these, or has ended, and the next look
    // finds it so.
    let writing = app.store.unsettled_in(&conversations).await?;
    let writing: HashMap<_, _> = writing.into_iter().map(|g| (g.conversation_id, g)).collect();
    for session in &open {
        let id = session.record.conversation_id;
        let told = if active.contains(&session.record.id) {
            tell(app, session, shown.get(&id), writing.get(&id)).await
        } else {
            close(app, session).await
        };
        match told {
            Err(StoreError::Unavailable(cause)) => return Err(StoreError::Unavailable(cause)),
            // One that cannot be read does not keep the others waiting.
            Err(error) => {
                tracing::error!(session.id = %session.record.id, %error, "Could not tell a session its news")
            }
            Ok(()) => {}
        }
    }
    Ok(())
}

async fn tell(
    app: &AppState,
    session: &LiveSession,
    conversation: Option<&ConversationRecord>,
    writing: Option<&GenerationRecord>,
) -> Result<()> {
    if let Some(conversation) = conversation {
        tell_news(app, session, conversation).await?;
    }
    if let Some(generation) = writing
        && !session.was_told(generation.message_id)
        && generation::has_begun(app, generation).await?
    {
        tell_answer(app, session, generation).await?;
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
    if let Some(leaf) = conversation.active_leaf.filter(|leaf| news.behind != Some(*leaf))
        && let Err(error) = tell_messages(app, session, leaf, news.behind).await
    {
        session.not_seen(news);
        return Err(error);
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
