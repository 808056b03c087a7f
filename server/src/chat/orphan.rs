//! Answers that are marked as being written while nobody writes them.
//!
//! A process that is killed between the moment its answer appears and the moment it sees that the generation was taken
//! from it (`generation/run.rs`) leaves one. No reaper finds it, since its generation is settled or gone. Whoever holds
//! the conversation's claim does ([`end`], [`end_last`]), and whoever reads it while no generation is unsettled in it
//! ([`end_unwritten`]): it becomes an interrupted answer with what its log says. A compare-and-set: to do it twice does
//! nothing.

use crate::app::App;
use store::{Result, message::MessageRecord};
use wire::{
    ConversationId, GenerationId, MessageId,
    message::{MessageStatus, Outcome},
};

/// Ends this message if it says that it is being written. Only for who holds the claim of its conversation.
///
/// # Errors
/// The store's.
pub async fn end(app: &App, id: MessageId) -> Result<()> {
    match app.store.message(id).await? {
        Some(message) if message.status == MessageStatus::Generating => settle(app, &message).await,
        _ => Ok(()),
    }
}

/// The same for the last message of a branch that was read, which then is as it is stored.
///
/// # Errors
/// The store's.
pub async fn end_last(app: &App, branch: &mut [MessageRecord]) -> Result<()> {
    let Some(last) = branch
        .last_mut()
        .filter(|last| last.status == MessageStatus::Generating)
    else {
        return Ok(());
    };
    settle(app, last).await?;
    if let Some(now) = app.store.message(last.id).await? {
        *last = now;
    }
    Ok(())
}

/// The same for who only reads: unless somebody writes in the conversation.
///
/// # Errors
/// The store's.
pub async fn end_unwritten(
    app: &App,
    conversation: ConversationId,
    branch: &mut [MessageRecord],
) -> Result<()> {
    let is_unfinished = branch
        .last()
        .is_some_and(|last| last.status == MessageStatus::Generating);
    if !is_unfinished || is_written_in(app, conversation).await? {
        return Ok(());
    }
    // It may have been settled since the branch was read: only what is unfinished now is an orphan.
    let Some(last) = branch.last_mut() else {
        return Ok(());
    };
    match app.store.message(last.id).await? {
        Some(now) if now.status == MessageStatus::Generating => {
            end_last(app, std::slice::from_mut(last)).await
        }
        Some(now) => {
            *last = now;
            Ok(())
        }
        None => Ok(()),
    }
}

/// Whether a generation of this conversation is claimed, runs, or is not settled yet.
///
/// # Errors
/// The store's.
pub async fn is_written_in(app: &App, conversation: ConversationId) -> Result<bool> {
    if app.chat.is_claimed(conversation) || app.chat.running_in(conversation).is_some() {
        return Ok(true);
    }
    Ok(!app.store.unsettled_in(&[conversation]).await?.is_empty())
}

async fn settle(app: &App, message: &MessageRecord) -> Result<()> {
    let store = &app.store;
    let generation = match message.generation_id {
        Some(id) => Some(id),
        // From before messages knew who writes them.
        None => store.generations_of(message.id).await?.last().map(|last| last.id),
    };
    let (text, outcome) = match generation {
        Some(id) => {
            let ended = store.generation(id).await?.and_then(|record| record.ended);
            let outcome = ended.map_or(Outcome::Interrupted, |ended| ended.outcome);
            (store.log_text(id).await?.text, outcome)
        }
        None => (String::new(), Outcome::Interrupted),
    };
    let writer = generation.unwrap_or(GenerationId::from_uuid(uuid::Uuid::nil()));
    if store.settle_message(message.id, writer, &text, outcome).await? {
        tracing::warn!(message.id = %message.id, "Ended an answer that nobody wrote any more");
    }
    Ok(())
}
