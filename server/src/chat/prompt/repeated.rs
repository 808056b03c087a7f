//! What is said of a prompt that was said before, and of one that cannot be taken now.

use super::{Ask, Taken, Written, request::history};
use crate::{
    app::App,
    chat::admission::Full,
    problem::{ApiError, ApiResult},
    session::LiveSession,
};
use std::time::Duration;
use store::message::MessageRecord;
use tokio::time::Instant;
use wire::{ProblemCode, socket::ServerEvent};

/// How long a prompt that is stored and not shown is waited for: longer than a dead node keeps its claim.
const SHOWN_PATIENCE: Duration = Duration::from_secs(15);
/// Between two looks at it.
const SHOWN_PAUSE: Duration = Duration::from_millis(300);
/// Seconds after which there may be a place again.
const FULL_RETRY: u32 = 5;

/// What is answered when there is no place for another answer: a known prompt is acknowledged again.
pub(super) async fn when_full(app: &App, session: &LiveSession, ask: &Ask, full: Full) -> ApiResult<Taken> {
    let conversation = session.record.conversation_id;
    if let Some(written) = ask.written()
        && let Some(id) = written.client_message_id
        && let Some(known) = app.store.message_by_client_id(conversation, id).await?
        && was_shown(app, &known).await?
    {
        return Ok(Taken::Repeated(repeated(&known, written, None)?));
    }
    let detail = match full {
        Full::Everywhere => "Too many are waiting for an answer. Please try again in a moment.",
        Full::ForUser => "Several of your answers are being written or waiting. Please wait for one of them.",
    };
    Err(ApiError::new(ProblemCode::ModelBusy, detail).retry_after(FULL_RETRY))
}

/// What is answered while an answer is being written: a known prompt is acknowledged again, anything else refused. One that
/// is stored and not visible is on its way on another node, or will never be shown, if that is dead: it is not
/// acknowledged before that is known. `None`: nothing is being written any more, and it is still not visible.
pub(super) async fn while_one_runs(app: &App, session: &LiveSession, ask: &Ask) -> ApiResult<Option<Taken>> {
    let conversation = session.record.conversation_id;
    let Some((written, id)) = ask
        .written()
        .and_then(|written| Some((written, written.client_message_id?)))
    else {
        return Err(another_runs());
    };
    let end = Instant::now() + SHOWN_PATIENCE;
    while let Some(known) = app.store.message_by_client_id(conversation, id).await? {
        let acknowledgement = repeated(&known, written, None)?;
        // Asked before what is visible: a prompt is shown before its answer is settled.
        let is_over = !app.alone && app.store.unsettled_in(&[conversation]).await?.is_empty();
        if app.alone || was_shown(app, &known).await? {
            return Ok(Some(Taken::Repeated(acknowledgement)));
        }
        if is_over {
            return Ok(None);
        }
        if Instant::now() > end {
            return Err(ApiError::of(ProblemCode::StoreUnavailable).retry_after(2));
        }
        tokio::time::sleep(SHOWN_PAUSE).await;
    }
    Err(another_runs())
}

/// The acknowledgement of a known prompt.
///
/// # Errors
/// `client_message_id_reused` when it is not the same.
pub(super) fn repeated(
    known: &MessageRecord,
    written: &Written,
    beside: Option<&MessageRecord>,
) -> ApiResult<ServerEvent> {
    let is_same = known.text == written.text.as_str()
        && beside.is_none_or(|beside| beside.parent_id == known.parent_id);
    if is_same {
        Ok(acknowledged(known))
    } else {
        let detail = "This client_message_id was used for another message. Make a new one for each message.";
        Err(ApiError::new(ProblemCode::ClientMessageIdReused, detail))
    }
}

/// What the sockets are told of a stored prompt.
pub fn acknowledged(prompt: &MessageRecord) -> ServerEvent {
    ServerEvent::MessageReceived {
        message_id: prompt.id,
        timestamp: prompt.created_at,
        client_message_id: prompt.client_message_id,
        role: prompt.role,
        message: prompt.text.clone(),
        parent_id: prompt.parent_id,
        prompts_left: None,
    }
}

/// Whether a message was ever shown: it is on the branch that is shown, as far as a model would be told of it, or
/// something follows it.
pub(super) async fn was_shown(app: &App, message: &MessageRecord) -> ApiResult<bool> {
    let here = [Some(message.id)];
    let followers = app.store.children(message.conversation_id, &here).await?;
    if !followers.is_empty() {
        return Ok(true);
    }
    let conversation = app.store.conversation(message.conversation_id).await?;
    let leaf = conversation.and_then(|conversation| conversation.active_leaf);
    Ok(history(app, leaf)
        .await?
        .iter()
        .any(|shown| shown.id == message.id))
}

pub(super) fn another_runs() -> ApiError {
    let detail = "An answer is still being written. Wait for it, or stop it.";
    ApiError::new(ProblemCode::GenerationRunning, detail)
}

pub(super) fn conversation_gone() -> ApiError {
    ApiError::new(ProblemCode::NotFound, "This conversation was deleted.")
}
