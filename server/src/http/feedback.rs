//! `…/feedback`: a reader's thumb on an answer, and what a chatbot's owner is told of all of them. The rules stand in
//! [`crate::feedback`].

use super::json::{Id, Json};
use crate::{
    app::AppState,
    auth::Authenticated,
    feedback,
    problem::{ApiError, ApiResult},
};
use axum::{
    RequestPartsExt,
    extract::{FromRequestParts, Path, State},
    http::{StatusCode, request::Parts},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{
    ChatbotId, ConversationId, MessageId, ProblemCode,
    feedback::{Feedback, FeedbackSummary, NewFeedback},
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(give, take_back))
        .routes(routes!(summary))
}

/// A conversation and one of its messages. Text that is no id names nothing.
struct Place {
    conversation: ConversationId,
    message: MessageId,
}

impl<S: Send + Sync> FromRequestParts<S> for Place {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        let not_found = || ApiError::of(ProblemCode::NotFound);
        let path = parts.extract::<Path<(String, String)>>().await;
        let Path((conversation, message)) = path.map_err(|_| not_found())?;
        Ok(Self {
            conversation: conversation.parse().map_err(|_| not_found())?,
            message: message.parse().map_err(|_| not_found())?,
        })
    }
}

/// Says what one thinks of an answer, in place of what one thought before. The chatbot's owner is told the verdict, the
/// reason and the comment; not who says it, and not what was said.
#[utoipa::path(
    put,
    path = "/conversation/{id}/message/{message}/feedback",
    tag = "conversations",
    security(("bearer" = [])),
    params(
        ("id" = ConversationId, Path, description = "The conversation."),
        ("message" = MessageId, Path, description = "The answer.")
    ),
    request_body = NewFeedback,
    responses((status = 200, body = Feedback, description = "As it is now."))
)]
async fn give(
    State(app): State<AppState>,
    who: Authenticated,
    place: Place,
    Json(new): Json<NewFeedback>,
) -> ApiResult<axum::Json<Feedback>> {
    let given = feedback::give(&app, &who.user, place.conversation, place.message, new).await?;
    Ok(axum::Json(given))
}

/// Takes back what one thought of an answer.
#[utoipa::path(
    delete,
    path = "/conversation/{id}/message/{message}/feedback",
    tag = "conversations",
    security(("bearer" = [])),
    params(
        ("id" = ConversationId, Path, description = "The conversation."),
        ("message" = MessageId, Path, description = "The answer.")
    ),
    responses((status = 204, description = "Nothing is thought of it."))
)]
async fn take_back(State(app): State<AppState>, who: Authenticated, place: Place) -> ApiResult<StatusCode> {
    feedback::take_back(&app, &who.user, place.conversation, place.message).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What readers think of a chatbot's answers: counts, reasons and their words, of the latest 2,000. For who may edit it.
#[utoipa::path(
    get,
    path = "/chatbot/{id}/feedback",
    tag = "chatbots",
    security(("bearer" = [])),
    params(("id" = ChatbotId, Path, description = "Which.")),
    responses((status = 200, body = FeedbackSummary, description = "As it is now."))
)]
async fn summary(
    State(app): State<AppState>,
    who: Authenticated,
    Id(id): Id<ChatbotId>,
) -> ApiResult<axum::Json<FeedbackSummary>> {
    Ok(axum::Json(feedback::summary(&app, &who.user, id).await?))
}
