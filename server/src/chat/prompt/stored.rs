//! Makes a prompt durable, once, and shows it.

use super::{
    Written,
    claim::Claim,
    repeated::{another_runs, conversation_gone, repeated},
    request::history,
};
use crate::{
    app::App,
    chat::{generation::log_writer::retried_for, orphan},
    problem::{ApiError, ApiResult},
    session::LiveSession,
};
use std::time::Duration;
use store::{
    conversation::ConversationRecord,
    message::{Appended, MessageRecord, NewMessage},
};
use wire::{
    MessageId, ProblemCode,
    message::{MessageRole, MessageStatus},
    socket::ServerEvent,
};

/// How often a prompt is appended when the conversation has moved on meanwhile.
pub(super) const ATTEMPTS: u32 = 3;
/// How long a prompt waits for a store that does not answer, before its sender is told.
pub(super) const STORE_PATIENCE: Duration = Duration::from_secs(10);

/// What came of storing a prompt.
pub(super) enum Stored {
    New(StoredPrompt),
    Repeated(ServerEvent),
}

pub(super) struct StoredPrompt {
    pub(super) prompt: MessageRecord,
    /// The branch before it.
    pub(super) history: Vec<MessageRecord>,
    /// Of its conversation, which has no title yet.
    pub(super) is_first: bool,
}

/// Appends the prompt durably and shows it: behind the branch that is shown, or beside `beside`, in place of what follows
/// that one's parent. One that was stored before, by a process that died before it was visible, is stored anew.
pub(super) async fn store_prompt(
    app: &App,
    session: &LiveSession,
    mut conversation: Option<ConversationRecord>,
    claim: &Claim<'_>,
    prompt_id: MessageId,
    (written, beside): (&Written, Option<&MessageRecord>),
) -> ApiResult<Stored> {
    let conversation_id = session.record.conversation_id;
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            if !claim.is_held().await? {
                return Err(another_runs());
            }
            conversation = app.store.conversation(conversation_id).await?;
        }
        let Some(conversation) = &conversation else {
            return Err(conversation_gone());
        };
        let leaf = conversation.active_leaf;
        let parent_id = beside.map_or(leaf, |beside| beside.parent_id);
        let prompt = NewMessage {
            id: prompt_id,
            conversation_id,
            parent_id,
            client_message_id: written.client_message_id,
            role: MessageRole::User,
            text: written.text.as_str().to_owned(),
            status: MessageStatus::Complete,
            generation_id: None,
            model: None,
            created_at: app.clock.now(),
        };
        let fence = Some(session.record.fence);
        let (stored, history) = futures::join!(
            retried_for(STORE_PATIENCE, || app.store.append_visible_message(
                prompt.clone(),
                leaf,
                fence
            )),
            history(app, parent_id)
        );
        let (stored, shown) = match stored? {
            (Appended::New(stored), shown) => (stored, shown),
            // Visible, and nothing follows: its process died before the answer began, or our own reply was lost.
            (Appended::Existing(stored), true) => {
                repeated(&stored, written, beside)?;
                (stored, true)
            }
            (Appended::Existing(stored), false) if stored.id != prompt_id => {
                let acknowledgement = repeated(&stored, written, beside)?;
                if app.store.withdraw_message(stored.id).await? {
                    continue;
                }
                return Ok(Stored::Repeated(acknowledgement));
            }
            (Appended::Existing(stored), false) => (stored, false),
        };
        if shown {
            // A repeated prompt is the leaf already.
            let mut history = history?;
            history.retain(|message| message.id != stored.id);
            orphan::end_last(app, &mut history).await?;
            return Ok(Stored::New(StoredPrompt {
                prompt: stored,
                history,
                is_first: conversation.title.is_none(),
            }));
        }
        app.store.withdraw_message(stored.id).await?;
        still_active(app, session).await?;
    }
    let detail = "Another prompt came first. Please send this one again.";
    Err(ApiError::new(ProblemCode::GenerationRunning, detail))
}

/// Something was not shown: because the session was replaced, or because the conversation has moved on.
///
/// # Errors
/// `session_not_found`.
pub(super) async fn still_active(app: &App, session: &LiveSession) -> ApiResult<()> {
    if app.store.session(session.record.id).await?.is_none() {
        let detail = "This session is over: another one has taken its place.";
        return Err(ApiError::new(ProblemCode::SessionNotFound, detail));
    }
    Ok(())
}
