//! Documents as their chatbot's owner sees them.

use crate::{
    app::{App, AppState},
    audit::{self, Who},
    chatbot,
    problem::{ApiError, ApiResult},
};
use std::sync::Arc;
use store::{chatbot::ChatbotRecord, document::DocumentRecord, user::UserRecord};
use wire::{ChatbotId, DocumentId, ProblemCode, admin::AuditKind, document::Document};

/// All documents of a chatbot, oldest first.
///
/// # Errors
/// `not_found`; `forbidden` for a chatbot that this user only may talk with.
pub async fn list(app: &App, user: &UserRecord, bot: ChatbotId) -> ApiResult<Vec<Document>> {
    let bot = chatbot::editable(app, user, bot).await?;
    let documents = app.store.documents(bot.id).await?;
    Ok(documents.iter().map(shown).collect())
}

/// One of them.
///
/// # Errors
/// As [`list`]; `not_found` also for another chatbot's.
pub async fn get(app: &App, user: &UserRecord, bot: ChatbotId, id: DocumentId) -> ApiResult<Document> {
    let bot = chatbot::editable(app, user, bot).await?;
    Ok(shown(&of(app, &bot, id).await?))
}

/// Takes a document away, with its passages, at once.
///
/// # Errors
/// As [`get`].
pub async fn delete(app: &AppState, user: &UserRecord, bot: ChatbotId, id: DocumentId) -> ApiResult<()> {
    let bot = chatbot::editable(app, user, bot).await?;
    let document = of(app, &bot, id).await?;
    let deleting = Arc::clone(app);
    app.to_its_end(async move { Ok(deleting.store.delete_document(id).await?) })
        .await?;
    let what = format!("{}: {}", bot.name, document.name);
    audit::note(app, AuditKind::DocumentDeleted, Who::User(user), &what).await;
    Ok(())
}

/// Reads a document anew, from its file on. What is answered from it meanwhile is what was there before. One that is being
/// read already goes on.
///
/// # Errors
/// As [`get`].
pub async fn make_anew(app: &App, user: &UserRecord, bot: ChatbotId, id: DocumentId) -> ApiResult<Document> {
    let bot = chatbot::editable(app, user, bot).await?;
    of(app, &bot, id).await?;
    if app.store.requeue_document(id, app.clock.now()).await? {
        app.library.wake();
    }
    Ok(shown(&of(app, &bot, id).await?))
}

/// A document of this chatbot.
///
/// # Errors
/// `not_found`, also for another chatbot's, and for one whose upload has not ended.
pub(super) async fn of(app: &App, bot: &ChatbotRecord, id: DocumentId) -> ApiResult<DocumentRecord> {
    let found = app.store.document(id).await?;
    found
        .filter(|document| document.chatbot_id == bot.id && document.sealed)
        .ok_or_else(|| ApiError::new(ProblemCode::NotFound, "There is no such document"))
}

/// As it is shown.
pub fn shown(document: &DocumentRecord) -> Document {
    Document {
        id: document.id,
        chatbot_id: document.chatbot_id,
        name: document.name.clone(),
        media_type: document.media_type.clone(),
        bytes: document.bytes,
        sha256: document.sha256.iter().map(|byte| format!("{byte:02x}")).collect(),
        status: document.status,
        progress: document.progress,
        failure: document.failure.clone(),
        pages: document.pages,
        chunks: document.chunks,
        created_at: document.created_at,
    }
}
