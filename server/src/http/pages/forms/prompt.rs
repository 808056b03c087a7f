//! `POST /new/{bot}` and `/c/{conversation}`: says something without a socket; or stops the answer that is being written.
//! The answer is seen by loading the page again.

use crate::{
    app::AppState,
    chat::{
        generation,
        prompt::alone::{self, Where},
    },
    conversation,
    http::{
        form::{SentBy, see_other},
        json::Id,
        pages::page,
    },
    problem::ApiResult,
};
use app::data::{ACT, CLIENT_MESSAGE_ID, MESSAGE, PROMPT_FORM, STOP};
use axum::{Router, extract::State, response::Response, routing::get};
use wire::{ChatbotId, ClientMessageId, ConversationId};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/new/{id}", get(page).post(begin))
        .route("/c/{id}", get(page).post(go_on))
}

async fn begin(State(app): State<AppState>, Id(bot): Id<ChatbotId>, sent: SentBy) -> Response {
    say(&app, sent, Where::New(bot), &format!("/new/{bot}")).await
}

async fn go_on(State(app): State<AppState>, Id(id): Id<ConversationId>, sent: SentBy) -> Response {
    let page = format!("/c/{id}");
    if sent.fields.get(ACT) != STOP {
        return say(&app, sent, Where::In(id), &page).await;
    }
    match stop(&app, &sent, id).await {
        Ok(()) => see_other(&page),
        Err(error) => sent.answer(&app, &page, PROMPT_FORM, Err(error)).await,
    }
}

async fn say(app: &AppState, sent: SentBy, place: Where, page: &str) -> Response {
    // Without one, it is another prompt each time.
    let id = sent.fields.get(CLIENT_MESSAGE_ID).parse();
    let id = id.unwrap_or_else(|_| ClientMessageId::from_uuid(app.ids.new_uuid()));
    let said = alone::say(app, &sent.who, place, sent.fields.owned(MESSAGE), id).await;
    let said = said.map(|conversation| format!("/c/{conversation}"));
    sent.answer(app, page, PROMPT_FORM, said).await
}

async fn stop(app: &AppState, sent: &SentBy, id: ConversationId) -> ApiResult<()> {
    conversation::owned(app, &sent.who.user, id).await?;
    Ok(generation::stop_in(app, id).await?)
}
