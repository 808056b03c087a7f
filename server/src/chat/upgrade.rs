//! `GET /ws/chat/{session_id}`: who may open a socket.
//!
//! Bad credentials and foreign origins are refused before the upgrade (401, 403). Good credentials for a session that is
//! not there are let in and told so, since a browser cannot see the status of a refused upgrade.

use super::{
    connection::{self, Visitor},
    state::error_event,
};
use crate::{
    app::AppState,
    auth::authenticate::{self, Authenticated},
    http::origin,
    problem::{ApiError, ApiResult},
    session::LiveSession,
};
use axum::{
    extract::{
        WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket},
    },
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;
use std::sync::Arc;
use store::session::SessionRecord;
use wire::{GenerationId, ProblemCode, SessionId, socket::close_code};

/// Larger than a frame may be: what is a little too large is answered by an error, and the socket lives on.
const MAX_MESSAGE_BYTES: usize = 256 * 1024;
/// Allocated with the socket, and so most of the memory of one that says nothing (the default is 128 KiB). Prompts that are
/// longer are read in several steps.
const READ_BUFFER_BYTES: usize = 4 * 1024;
/// Frames that are small go out together, when the socket is flushed; a larger one goes out by itself.
const WRITE_BUFFER_BYTES: usize = 8 * 1024;
/// What may wait in the socket before it is closed: several of the largest frames, or one long answer's end.
const MAX_WRITE_BUFFER_BYTES: usize = 4 * 1024 * 1024;

/// The URL's query. `token` never reaches a log.
#[derive(Deserialize)]
pub struct SocketQuery {
    token: Option<String>,
    generation_id: Option<String>,
    after_seq: Option<String>,
}

/// What the route does.
///
/// # Errors
/// Those of credentials and origins, before the upgrade.
pub async fn upgrade(
    app: AppState,
    session_id: &str,
    query: SocketQuery,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> ApiResult<Response> {
    if !origin::origin_allowed(&app, &headers) {
        let detail = "Sockets are opened from the server's own pages or from an origin on its list.";
        return Err(ApiError::new(ProblemCode::OriginNotAllowed, detail));
    }
    // What is no id is answered like an unknown one; no ticket was ever made for the nil id.
    let session_id = session_id
        .parse()
        .unwrap_or(SessionId::from_uuid(uuid::Uuid::nil()));
    let user = authenticate::for_socket(&app, &headers, session_id, query.token.as_deref()).await?;
    let upgrade = bounded(upgrade);
    // What is not understood is left out: who has lost its place gets the whole answer.
    let after_seq = query.after_seq.map_or(Some(0), |seq| seq.parse::<u64>().ok());
    let resume = query
        .generation_id
        .and_then(|id| id.parse::<GenerationId>().ok())
        .zip(after_seq);
    let visitor = visitor(&app, &user, session_id, resume).await;
    let tasks = app.tasks.clone();
    Ok(upgrade.on_upgrade(move |socket| {
        tasks.track_future(async move {
            match visitor {
                Ok(visitor) => connection::serve(app, socket, visitor).await,
                Err((error, code)) => {
                    app.metrics.refused(error.code);
                    refuse(socket, error, code).await;
                }
            }
        })
    }))
}

/// A socket whose memory is bounded, both ways. Public for `examples/echo.rs`, which has nothing but this.
pub fn bounded(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade
        .max_message_size(MAX_MESSAGE_BYTES)
        .max_frame_size(MAX_MESSAGE_BYTES)
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_write_buffer_size(MAX_WRITE_BUFFER_BYTES)
}

async fn visitor(
    app: &AppState,
    user: &Authenticated,
    session_id: SessionId,
    resume: Option<(GenerationId, u64)>,
) -> Result<Visitor, (ApiError, u16)> {
    let unknown = || {
        let detail = "This session is not there: it was closed, replaced by a newer one, or never yours.";
        (
            ApiError::new(ProblemCode::SessionNotFound, detail),
            close_code::NO_SUCH_SESSION,
        )
    };
    let failed = |error: ApiError| (error, close_code::SERVICE_RESTART);
    let record = app
        .store
        .session(session_id)
        .await
        .map_err(|error| failed(error.into()))?;
    let record = record
        .filter(|record| record.user_id == user.user.id)
        .ok_or_else(unknown)?;
    let name = chatbot_name(app, &record).await.map_err(failed)?;
    let session = app.sessions.live(record, &name, app.clock.now());
    if !app.alone {
        join_among_nodes(app, &session)
            .await
            .map_err(|error| failed(error.into()))?;
    }
    let limit = app.config.chat.sockets_per_user;
    let Some((place, events)) = session.enter(user.sign_in, limit, &app.clock) else {
        let detail = format!("You have {limit} open connections already; close one of them.");
        return Err((
            ApiError::new(ProblemCode::TooManySockets, detail),
            close_code::TOO_MANY,
        ));
    };
    if !app.alone {
        crate::library::ingest::tell::begin(app, user.user.id)
            .await
            .map_err(|error| failed(error.into()))?;
    }
    Ok(Visitor {
        session: Arc::clone(&session),
        place,
        events,
        sign_in: user.sign_in,
        expires_at: user.expires_at,
        resume,
    })
}

/// Other nodes see that this one serves the session, and what they add to it is told from here on.
async fn join_among_nodes(app: &AppState, session: &LiveSession) -> store::Result<()> {
    let record = &session.record;
    app.store
        .touch_session(record.id, &app.node_id, app.clock.now())
        .await?;
    if !session.has_sockets() {
        session.see_anew();
        if let Some(conversation) = app.store.conversation(record.conversation_id).await? {
            session.see(&conversation);
            if let Some(leaf) = conversation.active_leaf
                && let Some(message) = app.store.message(leaf).await?
                && let Some(writer) = message.generation_id
            {
                session.note_answer(writer);
            }
        }
    }
    Ok(())
}

/// The chatbot's name now; when it was deleted, as the conversation remembers it.
async fn chatbot_name(app: &AppState, record: &SessionRecord) -> ApiResult<String> {
    if let Some(bot) = app.store.chatbot(record.chatbot_id).await? {
        return Ok(bot.name);
    }
    let conversation = app.store.conversation(record.conversation_id).await?;
    Ok(conversation
        .map(|conversation| conversation.chatbot_name)
        .unwrap_or_default())
}

/// Says why, and closes; bounded, whoever is at the other end.
async fn refuse(mut socket: WebSocket, error: ApiError, code: u16) {
    let frame = CloseFrame {
        code,
        reason: Default::default(),
    };
    let json = serde_json::to_string(&error_event(error, true)).unwrap_or_default();
    let farewell = async {
        if socket.send(Message::text(json)).await.is_ok()
            && socket.send(Message::Close(Some(frame))).await.is_ok()
        {
            // What the peer says before its own close frame is read and dropped: closing over unread bytes would reset
            // the connection, and our words with it.
            while let Some(Ok(_)) = socket.recv().await {}
        }
    };
    let _late_or_not = tokio::time::timeout(connection::CLOSE_TIMEOUT, farewell).await;
}
