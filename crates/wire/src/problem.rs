//! Errors as clients see them: RFC 9457 on REST, `error` frames on the socket, one list of codes for both.

use serde::{Deserialize, Serialize};

/// A word for programs: the interface matches on it, so a word never changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    /// 400: not JSON, or not the JSON that was expected.
    InvalidRequest,
    /// 400: the field named in `detail` is wrong.
    InvalidField,
    /// 401: no credentials, or they are not good (any more).
    Unauthenticated,
    /// 401: wrong e-mail or password; which of them is not said.
    WrongCredentials,
    /// 403: signed in, but not allowed.
    Forbidden,
    /// 403: the `Origin` is not on the list.
    OriginNotAllowed,
    /// 403: registration is closed, or the invitation is not good.
    RegistrationNotAllowed,
    /// 403: an administrator locked this account.
    AccountLocked,
    /// 404: no such thing, or not this user's.
    NotFound,
    /// 404: no such session, or not this user's, or closed.
    SessionNotFound,
    /// 405: the path exists, the method does not.
    MethodNotAllowed,
    /// 409: an account with this e-mail exists.
    EmailTaken,
    /// 409: an answer is being written in this session.
    GenerationRunning,
    /// 409: the same `client_message_id` came with another text.
    ClientMessageIdReused,
    /// 409: the user's or the chatbot's share of documents is used up.
    QuotaExceeded,
    /// 413: more bytes than allowed.
    TooLarge,
    /// 415: JSON was expected.
    UnsupportedMediaType,
    /// 400: a frame whose `message_type` is not known.
    UnknownMessageType,
    /// 400: a binary frame.
    BinaryFrame,
    /// 400: the prompt is empty.
    EmptyMessage,
    /// 400: the prompt has more characters than allowed.
    MessageTooLong,
    /// 400: the prompt has a NUL, which no store and no terminal carries well.
    InvalidText,
    /// 429: too many messages; `retry_after` says when.
    RateLimited,
    /// 429: too many sockets of this user.
    TooManySockets,
    /// 429: the model's queue is full.
    ModelBusy,
    /// 502: the model failed.
    ModelFailed,
    /// 503: the model cannot be reached or is not loaded.
    ModelUnavailable,
    /// 503: the database does not answer.
    StoreUnavailable,
    /// 503: the server is going away.
    ShuttingDown,
    /// 500: our fault; the log has the `request_id`.
    Internal,
}

impl ProblemCode {
    /// The HTTP status that goes with it.
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidRequest
            | Self::InvalidField
            | Self::UnknownMessageType
            | Self::BinaryFrame
            | Self::EmptyMessage
            | Self::MessageTooLong
            | Self::InvalidText => 400,
            Self::Unauthenticated | Self::WrongCredentials => 401,
            Self::Forbidden | Self::OriginNotAllowed | Self::RegistrationNotAllowed | Self::AccountLocked => {
                403
            }
            Self::NotFound | Self::SessionNotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::EmailTaken
            | Self::GenerationRunning
            | Self::ClientMessageIdReused
            | Self::QuotaExceeded => 409,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::RateLimited | Self::TooManySockets | Self::ModelBusy => 429,
            Self::Internal => 500,
            Self::ModelFailed => 502,
            Self::ModelUnavailable | Self::StoreUnavailable | Self::ShuttingDown => 503,
        }
    }

    /// A short sentence for people: the `title` of a problem.
    pub const fn title(self) -> &'static str {
        match self {
            Self::InvalidRequest => "The request could not be understood",
            Self::InvalidField => "A field is not valid",
            Self::Unauthenticated => "Please sign in",
            Self::WrongCredentials => "Wrong e-mail or password",
            Self::Forbidden => "You may not do that",
            Self::OriginNotAllowed => "This origin is not allowed",
            Self::RegistrationNotAllowed => "Registration is not open to you",
            Self::AccountLocked => "This account is locked",
            Self::NotFound => "Not found",
            Self::SessionNotFound => "No such session",
            Self::MethodNotAllowed => "Method not allowed",
            Self::EmailTaken => "An account with this e-mail exists",
            Self::GenerationRunning => "An answer is still being written",
            Self::ClientMessageIdReused => "This client_message_id belongs to another message",
            Self::QuotaExceeded => "No room for more documents",
            Self::TooLarge => "Too large",
            Self::UnsupportedMediaType => "Please send application/json",
            Self::UnknownMessageType => "Unknown message type",
            Self::BinaryFrame => "Please send text frames",
            Self::EmptyMessage => "The message is empty",
            Self::MessageTooLong => "The message is too long",
            Self::InvalidText => "The message has characters that cannot be kept",
            Self::RateLimited => "Too many requests",
            Self::TooManySockets => "Too many connections",
            Self::ModelBusy => "The model is busy",
            Self::ModelFailed => "The model failed",
            Self::ModelUnavailable => "The model cannot be reached",
            Self::StoreUnavailable => "The database does not answer",
            Self::ShuttingDown => "The server is restarting",
            Self::Internal => "Something went wrong on our side",
        }
    }
}

/// `application/problem+json` (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Problem {
    /// Always `about:blank`: the code says more than a URL could.
    #[serde(rename = "type")]
    pub kind: String,
    /// For people, the same for every problem of this code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// For people, about this occurrence.
    pub detail: String,
    /// For programs.
    pub code: ProblemCode,
    /// To find it in the log.
    pub request_id: String,
    /// Seconds to wait, beside the `Retry-After` header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
}
