//! What the forms of pages do, without scripts: signing up, in and out ([`door`]), saying something ([`prompt`]), one's
//! account ([`account`]), and a chatbot's documents ([`documents`]). Each is answered by 303, or by its page again with what is wrong
//! ([`form`](crate::http::form)).
//!
//! Must not know: what any of it means; the same functions stand behind the REST routes.

mod account;
mod documents;
mod door;
mod prompt;

use crate::app::AppState;
use axum::Router;

/// All of them. Their pages are drawn by the fallback.
pub(super) fn routes() -> Router<AppState> {
    door::routes()
        .merge(prompt::routes())
        .merge(account::routes())
        .merge(documents::routes())
}
