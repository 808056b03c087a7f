//! A prompt that comes without a socket: from a form of a page without scripts. It goes the same way as any other: counted,
//! said in the user's active session, stored, acknowledged, answered; only that nobody listens.
//!
//! Start at [`say`]. Exactly once for one [`ClientMessageId`], which here names the new conversation, too.

use super::{Ask, PromptText, Written, take};
use crate::{
    app::AppState,
    auth::Authenticated,
    chatbot, conversation, limits,
    problem::{ApiError, ApiResult},
    session::open,
    telemetry::trace,
};
use std::sync::Arc;
use store::{StoreError, conversation::ConversationRecord};
use wire::{ChatbotId, ClientMessageId, ConversationId, ProblemCode, session::OpenSession};

/// Where something is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// In a conversation of this user's.
    In(ConversationId),
    /// In a new one with this chatbot: the same one, however often the same prompt comes.
    New(ChatbotId),
}

/// Says it, and returns where. The user's active session elsewhere is closed by this, as by a prompt from another device.
///
/// # Errors
/// Those of a prompt on a socket: `empty_message`, `message_too_long`, `rate_limited`, `generation_running` …;
/// `not_found` for a conversation or a chatbot that is not there or not for this user.
pub async fn say(
    app: &AppState,
    who: &Authenticated,
    place: Where,
    text: String,
    id: ClientMessageId,
) -> ApiResult<ConversationId> {
    let written = Written {
        text: PromptText::parse(text)?,
        client_message_id: Some(id),
    };
    limits::count_prompt(app, who.user.id).await?;
    let conversation = match place {
        Where::In(conversation) => conversation::owned(app, &who.user, conversation).await?,
        Where::New(bot) => new_conversation(app, who, bot, id).await?,
    };
    let how = OpenSession {
        conversation_id: Some(conversation.id),
        ..OpenSession::default()
    };
    let opened = open::open(app, &who.user, who.sign_in, conversation.chatbot_id, how).await?;
    let Some(record) = app.store.session(opened.session_id).await? else {
        return Err(ApiError::of(ProblemCode::SessionNotFound));
    };
    let session = app.sessions.live(record, &opened.chatbot_name, app.clock.now());
    let sign_in = who.sign_in;
    let taking = {
        let (app, session) = (Arc::clone(app), Arc::clone(&session));
        async move { take(&app, &session, sign_in, Ask::Text(written), None).await }
    };
    // A task of its own: it goes on when the browser does not wait for the next page.
    let taking = app.tasks.spawn(trace::prompt(&session.record, taking));
    let taken = taking.await;
    taken.unwrap_or_else(|_panicked| Err(ApiError::of(ProblemCode::Internal)))?;
    Ok(conversation.id)
}

/// The conversation that this prompt begins; the one it has begun, when it comes again.
async fn new_conversation(
    app: &AppState,
    who: &Authenticated,
    bot: ChatbotId,
    id: ClientMessageId,
) -> ApiResult<ConversationRecord> {
    let bot = chatbot::visible(app, &who.user, bot).await?;
    let id = ConversationId::from_uuid(id.as_uuid());
    match open::create_conversation(app, &who.user, &bot, id).await {
        Ok(conversation) => Ok(conversation),
        Err(StoreError::Conflict(_)) => {
            let known = conversation::owned(app, &who.user, id).await?;
            if known.chatbot_id == bot.id {
                Ok(known)
            } else {
                Err(ApiError::of(ProblemCode::NotFound))
            }
        }
        Err(error) => Err(error.into()),
    }
}
