//! Who uploaded a document is told how it goes on, wherever they have a socket here.

use super::super::document;
use crate::app::App;
use store::Result;
use wire::{DocumentId, socket::ServerEvent};

/// Tells of the document as it is now; nothing when it is gone.
pub(super) async fn now(app: &App, id: DocumentId) -> Result<()> {
    if let Some(record) = app.store.document(id).await? {
        let document = document::shown(&record);
        app.sessions.tell_user(record.user_id, || ServerEvent::Ingestion {
            document: document.clone(),
        });
    }
    Ok(())
}
