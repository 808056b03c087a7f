//! `POST /bot/{chatbot}/documents`: takes files; `POST /bot/{chatbot}/document/{document}`: has one read anew, or deletes it.

use crate::{
    app::AppState,
    field,
    http::{
        documents::{Place, files},
        form::{FilesBy, SentBy},
        json::Id,
        pages::page,
    },
    library::{document, upload::Shelf},
    problem::ApiResult,
};
use app::data::{ACT, ANEW, DELETE, DOCUMENTS_FORM};
use axum::{Router, extract::State, response::Response, routing::get};
use wire::ChatbotId;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/bot/{id}/documents", get(page).post(upload))
        .route("/bot/{id}/document/{document}", get(page).post(change))
}

fn page_of(bot: ChatbotId) -> String {
    format!("/bot/{bot}/documents")
}

/// The page once more, with word of what was done.
fn done(bot: ChatbotId, what: &str) -> String {
    format!("{}?done={what}", page_of(bot))
}

async fn upload(State(app): State<AppState>, Id(bot): Id<ChatbotId>, mut sent: FilesBy) -> Response {
    let taken = take(&app, bot, &mut sent).await;
    let taken = taken.map(|()| done(bot, "sent"));
    sent.answer(&app, &page_of(bot), DOCUMENTS_FORM, taken).await
}

async fn take(app: &AppState, bot: ChatbotId, sent: &mut FilesBy) -> ApiResult<()> {
    let user = &sent.who.user;
    let shelf = Shelf::of(app, user, bot).await?;
    files::take(app, user, &shelf, &mut sent.files).await?;
    Ok(())
}

async fn change(State(app): State<AppState>, place: Place, sent: SentBy) -> Response {
    let bot = place.bot;
    let changed = act(&app, place, &sent).await.map(|what| done(bot, what));
    sent.answer(&app, &page_of(bot), DOCUMENTS_FORM, changed).await
}

/// Does what the pressed button says; gives the word for what was done.
async fn act(app: &AppState, Place { bot, document: id }: Place, sent: &SentBy) -> ApiResult<&'static str> {
    let user = &sent.who.user;
    match sent.fields.get(ACT) {
        ANEW => {
            document::make_anew(app, user, bot, id).await?;
            Ok("anew")
        }
        DELETE => {
            document::delete(app, user, bot, id).await?;
            Ok("deleted")
        }
        _ => Err(field::invalid(ACT, "is not known")),
    }
}
