//! `/conversation…`: the history and one conversation. The rules stand in [`crate::conversation`].

use super::{
    documents::disposition,
    json::{Id, Json, Query},
};
use crate::{
    app::AppState,
    auth::{Authenticated, authenticate},
    conversation::{
        self, HistoryQuery,
        export::{self, Format},
    },
    problem::ApiResult,
};
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{
    ChatbotId, ConversationId, MessageId,
    conversation::{Conversation, ConversationDetail, ConversationPage, ConversationPatch, MessagePage},
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(one, change, delete))
        .routes(routes!(messages))
        .routes(routes!(export_one))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Only those where these words were said, the best fitting first, each with the message that was found. The last
    /// word may be a beginning. At most 200 characters.
    q: Option<String>,
    /// Only those with this chatbot.
    chatbot_id: Option<ChatbotId>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many, at most; 30 if not given.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DetailQuery {
    /// The branch through this message, from a little before it on, instead of the last messages of the branch that is
    /// shown. A message more than 1,000 messages before the branch's end is not reached.
    message: Option<MessageId>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MessageQuery {
    /// The page that ends before this message.
    before: Option<MessageId>,
    /// How many, at most; 100 if not given.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ExportQuery {
    /// `md`, to be read, or `json`, with all branches.
    #[param(inline)]
    format: ExportFormat,
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ExportFormat {
    Md,
    Json,
}

/// The user's conversations that have a message, the pinned ones before the others, latest first; or those where
/// something was said.
#[utoipa::path(
    get,
    path = "/conversation",
    tag = "conversations",
    security(("bearer" = [])),
    params(ListQuery),
    responses((status = 200, body = ConversationPage, description = "A page of them."))
)]
async fn list(
    State(app): State<AppState>,
    who: Authenticated,
    Query(query): Query<ListQuery>,
) -> ApiResult<axum::Json<ConversationPage>> {
    let ListQuery {
        q,
        chatbot_id,
        cursor,
        limit,
    } = query;
    let query = HistoryQuery {
        words: q,
        chatbot_id,
        cursor,
        limit,
    };
    Ok(axum::Json(conversation::list(&app, &who.user, query).await?))
}

/// A conversation with its last messages.
#[utoipa::path(
    get,
    path = "/conversation/{id}",
    tag = "conversations",
    security(("bearer" = [])),
    params(("id" = ConversationId, Path, description = "Which."), DetailQuery),
    responses((status = 200, body = ConversationDetail, description = "As it is now."))
)]
async fn one(
    State(app): State<AppState>,
    who: Authenticated,
    Id(id): Id<ConversationId>,
    Query(query): Query<DetailQuery>,
) -> ApiResult<axum::Json<ConversationDetail>> {
    Ok(axum::Json(
        conversation::detail(&app, &who.user, id, query.message).await?,
    ))
}

/// Older messages of a conversation, oldest first.
#[utoipa::path(
    get,
    path = "/conversation/{id}/message",
    tag = "conversations",
    security(("bearer" = [])),
    params(("id" = ConversationId, Path, description = "Which."), MessageQuery),
    responses((status = 200, body = MessagePage, description = "A page of them."))
)]
async fn messages(
    State(app): State<AppState>,
    who: Authenticated,
    Id(id): Id<ConversationId>,
    Query(query): Query<MessageQuery>,
) -> ApiResult<axum::Json<MessagePage>> {
    Ok(axum::Json(
        conversation::messages(&app, &who.user, id, query.before, query.limit).await?,
    ))
}

/// A conversation as a file. Also by the cookie of our own pages, so that they can link to it.
#[utoipa::path(
    get,
    path = "/conversation/{id}/export",
    tag = "conversations",
    security(("bearer" = [])),
    params(("id" = ConversationId, Path, description = "Which."), ExportQuery),
    responses((
        status = 200,
        description = "The file.",
        content((Vec<u8> = "text/markdown"), (Vec<u8> = "application/json"))
    ))
)]
async fn export_one(
    State(app): State<AppState>,
    headers: HeaderMap,
    Id(id): Id<ConversationId>,
    Query(ExportQuery { format }): Query<ExportQuery>,
) -> ApiResult<Response> {
    let who = authenticate::for_reading(&app, &headers).await?;
    let conversation = conversation::owned(&app, &who.user, id).await?;
    let (format, media_type) = match format {
        ExportFormat::Md => (Format::Markdown, "text/markdown; charset=utf-8"),
        ExportFormat::Json => (Format::Json, "application/json"),
    };
    let name = format!("{}.{}", export::title(&conversation), format.extension());
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, disposition(&name)),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    let file = Body::from_stream(export::written(&app, conversation, format));
    Ok((headers, file).into_response())
}

/// Gives a conversation another title, pins it, or shows another branch of it. Open tabs are told.
#[utoipa::path(
    patch,
    path = "/conversation/{id}",
    tag = "conversations",
    security(("bearer" = [])),
    params(("id" = ConversationId, Path, description = "Which.")),
    request_body = ConversationPatch,
    responses((status = 200, body = Conversation, description = "As it is now."))
)]
async fn change(
    State(app): State<AppState>,
    who: Authenticated,
    Id(id): Id<ConversationId>,
    Json(patch): Json<ConversationPatch>,
) -> ApiResult<axum::Json<Conversation>> {
    Ok(axum::Json(
        conversation::change(&app, &who.user, id, patch).await?,
    ))
}

/// Deletes a conversation with its messages; closes a session in it, and stops an answer.
#[utoipa::path(
    delete,
    path = "/conversation/{id}",
    tag = "conversations",
    security(("bearer" = [])),
    params(("id" = ConversationId, Path, description = "Which.")),
    responses((status = 204, description = "It is gone."))
)]
async fn delete(
    State(app): State<AppState>,
    who: Authenticated,
    Id(id): Id<ConversationId>,
) -> ApiResult<StatusCode> {
    conversation::delete(&app, &who.user, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
