//! What there is of an answer that is being written, for a page that does not wake up: who has no scripts has no socket.

use super::owned;
use crate::{app::App, problem::ApiResult};
use app::data::SoFar;
use store::user::UserRecord;
use wire::ConversationId;

/// What the generation of this conversation has written by now; `None` where none writes. It may be a little behind.
///
/// # Errors
/// `not_found`.
pub async fn so_far(app: &App, user: &UserRecord, id: ConversationId) -> ApiResult<Option<SoFar>> {
    owned(app, user, id).await?;
    if let Some(live) = app.chat.running_in(id) {
        return Ok(Some(SoFar {
            prompt_id: live.prompt_id,
            message_id: live.message_id,
            text: live.text(),
        }));
    }
    // Another node writes it, or its text is on its way into its message: then the log in the store is all there is.
    let Some(record) = app.store.unsettled_in(&[id]).await?.pop() else {
        return Ok(None);
    };
    let log = app.store.log_text(record.id).await?;
    Ok(Some(SoFar {
        prompt_id: record.prompt_id,
        message_id: record.message_id,
        text: log.text,
    }))
}
