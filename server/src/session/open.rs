//! Opening and closing a session: the seed's first and last step.

use crate::problem::ApiError;
use crate::{app::App, chatbot, conversation, problem::ApiResult};
use store::{
    chatbot::ChatbotRecord,
    conversation::ConversationRecord,
    session::{NewSession, OpenedSession},
    user::UserRecord,
};
use wire::{
    ChatbotId, ConversationId, MessageId, ProblemCode, SessionId, SignInId, limit,
    message::{Message, MessageRole, MessageStatus},
    session::{OpenSession, SessionOpened},
    socket::CloseReason,
};

/// Opens a session with a chatbot. The user's active session, if it is in another conversation, is closed by this.
///
/// # Errors
/// `not_found` for a chatbot or a conversation that is not there or not for this user.
pub async fn open(
    app: &App,
    user: &UserRecord,
    sign_in: SignInId,
    chatbot_id: ChatbotId,
    request: OpenSession,
) -> ApiResult<SessionOpened> {
    let bot = chatbot::visible(app, user, chatbot_id).await?;
    let conversation = choose_conversation(app, user, &bot, request).await?;
    let opened = app
        .store
        .open_session(NewSession {
            id: SessionId::from_uuid(app.ids.new_uuid()),
            user_id: user.id,
            sign_in_id: sign_in,
            chatbot_id,
            conversation_id: conversation.id,
            node_id: app.node_id.clone(),
            now: app.clock.now(),
        })
        .await?;
    let session = match opened {
        OpenedSession::Shared(session) => session,
        OpenedSession::New { session, replaced } => {
            if let Some(replaced) = replaced {
                app.sessions.close(replaced, CloseReason::Replaced);
            }
            session
        }
    };
    let session_id = session.id;
    let live = app.sessions.live(session, &bot.name, app.clock.now());
    let (previous_messages, has_more, broke_off) = previous_messages(app, &conversation).await?;
    live.note_broken_off(broke_off);
    Ok(SessionOpened {
        session_id,
        conversation_id: conversation.id,
        chatbot_id,
        chatbot_name: bot.name,
        previous_messages,
        has_more,
    })
}

/// Closes a session for all its tabs, never its generation. Idempotent: an unknown id is closed already.
pub async fn close(app: &App, user: &UserRecord, id: SessionId) -> ApiResult<()> {
    match app.store.session(id).await? {
        Some(session) if session.user_id == user.id => {
            app.store.close_session(id).await?;
            app.sessions.close(id, CloseReason::Closed);
            Ok(())
        }
        _ => Ok(()),
    }
}

async fn choose_conversation(
    app: &App,
    user: &UserRecord,
    bot: &ChatbotRecord,
    request: OpenSession,
) -> ApiResult<ConversationRecord> {
    if let Some(id) = request.conversation_id {
        if request.new_conversation {
            let detail = "conversation_id and new_conversation exclude each other";
            return Err(ApiError::new(ProblemCode::InvalidField, detail));
        }
        let conversation = conversation::owned(app, user, id).await?;
        if conversation.chatbot_id != bot.id {
            return Err(ApiError::new(
                ProblemCode::NotFound,
                "This conversation is with another chatbot",
            ));
        }
        return Ok(conversation);
    }
    // An empty one serves again: asking ten times for a new conversation makes one.
    let found = if request.new_conversation {
        app.store.empty_conversation(user.id, bot.id).await?
    } else {
        app.store.latest_conversation(user.id, bot.id).await?
    };
    match found {
        Some(conversation) => Ok(conversation),
        None => {
            let id = ConversationId::from_uuid(app.ids.new_uuid());
            Ok(create_conversation(app, user, bot, id).await?)
        }
    }
}

/// A new conversation, in which nothing was said.
///
/// # Errors
/// The store's: `Conflict` when there is one of this id.
pub(crate) async fn create_conversation(
    app: &App,
    user: &UserRecord,
    bot: &ChatbotRecord,
    id: ConversationId,
) -> store::Result<ConversationRecord> {
    let now = app.clock.now();
    let conversation = ConversationRecord {
        id,
        user_id: user.id,
        chatbot_id: bot.id,
        chatbot_name: bot.name.clone(),
        title: None,
        active_leaf: None,
        created_at: now,
        updated_at: now,
        pinned: false,
    };
    app.store.create_conversation(conversation.clone()).await?;
    Ok(conversation)
}

/// The last finished messages of the active branch, whether there are older ones, and where it breaks off, if an answer is
/// not among them. That comes over the socket; of one that goes on, the text it has is here, and only the rest comes there.
async fn previous_messages(
    app: &App,
    conversation: &ConversationRecord,
) -> ApiResult<(Vec<Message>, bool, Option<MessageId>)> {
    let (mut branch, has_more) = conversation::shown_branch(
        app,
        conversation.id,
        conversation.active_leaf,
        limit::PREVIOUS_MESSAGES,
    )
    .await?;
    let breaks_off =
        |last: &&Message| last.role == MessageRole::User || last.status == MessageStatus::Generating;
    let broke_off = branch.last().filter(breaks_off).map(|last| last.id);
    branch.retain(|message| message.status != MessageStatus::Generating || !message.message.is_empty());
    Ok((branch, has_more, broke_off))
}
