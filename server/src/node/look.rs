//! One look at the store: what other nodes did since the last one.

use crate::{
    app::{App, AppState},
    chat::{generation, prompt},
    library::ingest,
    outage::only_outage,
    session::{LiveSession, sweep},
};
use std::collections::{HashMap, HashSet};
use store::{Result, conversation::ConversationRecord, generation::GenerationRecord, message::MessageRecord};
use wire::{
    ConversationId, GenerationId, MessageId, SessionId, UserId, message::MessageRole, socket::CloseReason,
};

/// Messages that may come between two looks at a conversation. Older ones are in its history.
const NEWS: u32 = 16;
/// Messages that are told as beside what was shown: a prompt and its answer. More is another branch.
const BESIDE: usize = 2;

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
    let users: HashSet<UserId> = open.iter().map(|session| session.record.user_id).collect();
    let users: Vec<UserId> = users.into_iter().collect();
    let (active, shown, told) = futures::join!(
        app.store.active_sessions(&sessions),
        app.store.conversations_by_id(&conversations),
        ingest::tell::look(app, &users)
    );
    only_outage(
        told,
        |error| tracing::error!(%error, "Could not tell how far documents are"),
    )?;
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
        only_outage(
            told,
            |error| tracing::error!(session.id = %session.record.id, %error, "Could not tell a session its news"),
        )?;
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
        && !session.was_told_answer(generation.id)
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
    if let Some(leaf) = conversation.active_leaf {
        let told = if news.behind != Some(leaf) {
            tell_messages(app, session, leaf, news.behind).await
        } else if news.is_newer {
            tell_rest(app, session, leaf).await
        } else {
            Ok(())
        };
        if let Err(error) = told {
            session.not_seen(news);
            return Err(error);
        }
    }
    if let Some(title) = news.title {
        session.tell_title(title);
    }
    Ok(())
}

/// Tells of what was added, oldest first; or that another branch is shown.
async fn tell_messages(
    app: &AppState,
    session: &LiveSession,
    leaf: MessageId,
    behind: Option<MessageId>,
) -> Result<()> {
    let (branch, _) = app.store.branch(leaf, NEWS).await?;
    let new = match behind {
        Some(behind) => added(&branch, &app.store.branch(behind, NEWS).await?.0),
        None => Some(branch.as_slice()),
    };
    let Some(new) = new else {
        let writer = branch.last().and_then(|last| last.generation_id);
        session.tell_branch(leaf, writer);
        return Ok(());
    };
    for message in new {
        match message.role {
            MessageRole::User if session.was_told(message.id) => {}
            MessageRole::User => session.tell_prompt(message.id, prompt::acknowledged(message)),
            MessageRole::Assistant => tell_runs(app, session, message.id, message.generation_id).await?,
        }
    }
    Ok(())
}

/// What is on this branch and was added to the old one: behind its end, or beside some of it (an edited prompt, another
/// answer; their places say what they follow). `None`: another branch is shown that was there before, or more was done
/// than can be told.
fn added<'a>(branch: &'a [MessageRecord], old: &[MessageRecord]) -> Option<&'a [MessageRecord]> {
    let end = old.last()?;
    let is_old = |message: &MessageRecord| old.iter().any(|other| other.id == message.id);
    let shared = branch.iter().rposition(is_old);
    let new = match shared {
        Some(shared) => branch.get(shared + 1..).unwrap_or_default(),
        None if is_whole(branch) && is_whole(old) => branch,
        None => return None,
    };
    let is_behind = shared.and_then(|shared| branch.get(shared)).map(|m| m.id) == Some(end.id);
    // Whatever was added since has a later place than all that was there.
    let latest = old.iter().map(|message| message.position).max();
    let is_later = new.iter().all(|message| Some(message.position) > latest);
    (is_behind || (!new.is_empty() && new.len() <= BESIDE && is_later)).then_some(new)
}

fn is_whole(branch: &[MessageRecord]) -> bool {
    branch.first().is_some_and(|first| first.parent_id.is_none())
}

/// The last message is the one that was known, and something happened in the conversation: it may have gone on.
async fn tell_rest(app: &AppState, session: &LiveSession, leaf: MessageId) -> Result<()> {
    match app.store.message(leaf).await? {
        Some(message) => tell_runs(app, session, leaf, message.generation_id).await,
        None => Ok(()),
    }
}

/// Tells of the runs that wrote this message since the last one that was told, the latest of which is `last`.
async fn tell_runs(
    app: &AppState,
    session: &LiveSession,
    message: MessageId,
    last: Option<GenerationId>,
) -> Result<()> {
    if last.is_none_or(|last| session.was_told_answer(last)) {
        return Ok(());
    }
    let runs = app.store.generations_of(message).await?;
    let told = runs.iter().rposition(|run| session.was_told_answer(run.id));
    let new = runs.get(told.map_or(0, |told| told + 1)..).unwrap_or_default();
    for run in new {
        // A claim that is not more yet: the next look finds it.
        if run.settled || generation::has_begun(app, run).await? {
            tell_answer(app, session, run).await?;
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
