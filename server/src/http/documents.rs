//! `/chatbot/{id}/document…` and `/chatbot/{id}/search`. The rules stand in [`crate::library`].

pub(super) mod files;

use super::json::{Json, Query};
use crate::{
    app::AppState,
    auth::Authenticated,
    library::{
        contents::{self, Beginning},
        document, search,
        upload::Shelf,
    },
    problem::{ApiError, ApiResult},
};
use axum::{
    RequestPartsExt,
    body::Body,
    extract::{FromRequestParts, Path, Request, State},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use store::user::UserRecord;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{
    ChatbotId, DocumentId, ProblemCode,
    document::{Document, DocumentText, SearchRequest, SearchResult, Uploaded},
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, upload))
        .routes(routes!(one, delete))
        .routes(routes!(make_anew))
        .routes(routes!(content))
        .routes(routes!(text))
        .routes(routes!(find))
}

/// A chatbot and one of its documents. Text that is no id names nothing.
pub(super) struct Place {
    pub(super) bot: ChatbotId,
    pub(super) document: DocumentId,
}

impl<S: Send + Sync> FromRequestParts<S> for Place {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        let not_found = || ApiError::of(ProblemCode::NotFound);
        let path = parts.extract::<Path<(String, String)>>().await;
        let Path((bot, document)) = path.map_err(|_| not_found())?;
        Ok(Self {
            bot: bot.parse().map_err(|_| not_found())?,
            document: document.parse().map_err(|_| not_found())?,
        })
    }
}

/// What a form with files is.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description, for the document")]
struct Files {
    /// One or more files. The fields' names do not matter.
    #[schema(value_type = Vec<String>, format = Binary)]
    file: Vec<String>,
}

/// All documents of a chatbot that one may edit, oldest first.
#[utoipa::path(
    get,
    path = "/chatbot/{id}/document",
    tag = "documents",
    security(("bearer" = [])),
    params(("id" = ChatbotId, Path, description = "The chatbot.")),
    responses((status = 200, body = Vec<Document>, description = "As they are now."))
)]
async fn list(
    State(app): State<AppState>,
    who: Authenticated,
    super::json::Id(bot): super::json::Id<ChatbotId>,
) -> ApiResult<axum::Json<Vec<Document>>> {
    Ok(axum::Json(document::list(&app, &who.user, bot).await?))
}

/// Takes files in. They are stored when this is answered; what they say is read afterwards.
#[utoipa::path(
    post,
    path = "/chatbot/{id}/document",
    tag = "documents",
    security(("bearer" = [])),
    params(("id" = ChatbotId, Path, description = "The chatbot.")),
    request_body(content = Files, content_type = "multipart/form-data"),
    responses((status = 202, body = Vec<Uploaded>, description = "They are stored, and will be read."))
)]
async fn upload(
    State(app): State<AppState>,
    who: Authenticated,
    super::json::Id(bot): super::json::Id<ChatbotId>,
    request: Request,
) -> ApiResult<(StatusCode, axum::Json<Vec<Uploaded>>)> {
    // Before a byte of a file is read.
    let shelf = Shelf::of(&app, &who.user, bot).await?;
    let mut form = files::Form::in_request(&app, request).await?;
    let uploaded = files::take(&app, &who.user, &shelf, &mut form).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(uploaded)))
}

/// A document, and how far it is.
#[utoipa::path(
    get,
    path = "/chatbot/{id}/document/{document}",
    tag = "documents",
    security(("bearer" = [])),
    params(
        ("id" = ChatbotId, Path, description = "The chatbot."),
        ("document" = DocumentId, Path, description = "The document.")
    ),
    responses((status = 200, body = Document, description = "As it is now."))
)]
async fn one(
    State(app): State<AppState>,
    who: Authenticated,
    place: Place,
) -> ApiResult<axum::Json<Document>> {
    Ok(axum::Json(
        document::get(&app, &who.user, place.bot, place.document).await?,
    ))
}

/// Deletes a document. No answer rests on it from now on.
#[utoipa::path(
    delete,
    path = "/chatbot/{id}/document/{document}",
    tag = "documents",
    security(("bearer" = [])),
    params(
        ("id" = ChatbotId, Path, description = "The chatbot."),
        ("document" = DocumentId, Path, description = "The document.")
    ),
    responses((status = 204, description = "It is gone."))
)]
async fn delete(State(app): State<AppState>, who: Authenticated, place: Place) -> ApiResult<StatusCode> {
    document::delete(&app, &who.user, place.bot, place.document).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reads a document anew, from its file on.
#[utoipa::path(
    post,
    path = "/chatbot/{id}/document/{document}/reindex",
    tag = "documents",
    security(("bearer" = [])),
    params(
        ("id" = ChatbotId, Path, description = "The chatbot."),
        ("document" = DocumentId, Path, description = "The document.")
    ),
    responses((status = 202, body = Document, description = "It waits to be read."))
)]
async fn make_anew(
    State(app): State<AppState>,
    who: Authenticated,
    place: Place,
) -> ApiResult<(StatusCode, axum::Json<Document>)> {
    let document = document::make_anew(&app, &who.user, place.bot, place.document).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(document)))
}

/// The file as it was uploaded. Never shown by a browser: always a download, and without rights if it were opened.
#[utoipa::path(
    get,
    path = "/chatbot/{id}/document/{document}/content",
    tag = "documents",
    security(("bearer" = [])),
    params(
        ("id" = ChatbotId, Path, description = "The chatbot."),
        ("document" = DocumentId, Path, description = "The document.")
    ),
    responses((status = 200, content_type = "application/octet-stream", description = "Its bytes."))
)]
async fn content(State(app): State<AppState>, who: Authenticated, place: Place) -> ApiResult<Response> {
    file(&app, &who.user, place).await
}

/// The file as a download: for the route above, and for the link on its page.
pub(super) async fn file(app: &AppState, user: &UserRecord, place: Place) -> ApiResult<Response> {
    let (document, bytes) = contents::file(app, user, place.bot, place.document).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, document.bytes.to_string()),
        (header::CONTENT_DISPOSITION, disposition(&document.name)),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (
            header::CONTENT_SECURITY_POLICY,
            "sandbox; default-src 'none'".to_owned(),
        ),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, Body::from_stream(bytes)).into_response())
}

/// RFC 6266: the name in UTF-8, every other byte escaped.
pub(super) fn disposition(name: &str) -> String {
    let escaped: String = name
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect();
    format!("attachment; filename*=UTF-8''{escaped}")
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TextQuery {
    /// The number of the first block; 0 if not given. `next` of the page before.
    from: Option<u32>,
    /// Instead of `from`: begin a little before the block with this character of the text, as citations count them.
    at: Option<u32>,
    /// How many blocks, at most; 200 if not given.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
}

/// The text of a document: what citations point into. For everybody who may talk with the chatbot.
#[utoipa::path(
    get,
    path = "/chatbot/{id}/document/{document}/text",
    tag = "documents",
    security(("bearer" = [])),
    params(
        ("id" = ChatbotId, Path, description = "The chatbot."),
        ("document" = DocumentId, Path, description = "The document."),
        TextQuery
    ),
    responses((status = 200, body = DocumentText, description = "A page of it."))
)]
async fn text(
    State(app): State<AppState>,
    who: Authenticated,
    place: Place,
    Query(query): Query<TextQuery>,
) -> ApiResult<axum::Json<DocumentText>> {
    let Place { bot, document } = place;
    let beginning = match query {
        TextQuery {
            from: None,
            at: Some(at),
            ..
        } => Beginning::Before(at),
        TextQuery { from, .. } => Beginning::Block(from.unwrap_or(0)),
    };
    Ok(axum::Json(
        contents::blocks(&app, &who.user, bot, document, beginning, query.limit).await?,
    ))
}

/// What an answer to this would rest on, with all scores, and how long each step took.
#[utoipa::path(
    post,
    path = "/chatbot/{id}/search",
    tag = "documents",
    security(("bearer" = [])),
    params(("id" = ChatbotId, Path, description = "The chatbot.")),
    request_body = SearchRequest,
    responses((status = 200, body = SearchResult, description = "The best first."))
)]
async fn find(
    State(app): State<AppState>,
    who: Authenticated,
    super::json::Id(bot): super::json::Id<ChatbotId>,
    Json(request): Json<SearchRequest>,
) -> ApiResult<axum::Json<SearchResult>> {
    Ok(axum::Json(search::search(&app, &who.user, bot, request).await?))
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn a_name_cannot_leave_its_header() {
        assert_eq!(
            disposition("Zoë \"1\"\r\n;x.pdf"),
            "attachment; filename*=UTF-8''Zo%C3%AB%20%221%22%0D%0A%3Bx.pdf"
        );
    }
}
