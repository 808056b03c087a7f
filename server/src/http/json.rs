//! Extractors that answer with our problems: JSON bodies, ids in paths, query strings.

use crate::problem::{ApiError, ApiResult};
use axum::{
    RequestPartsExt,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Path, Request, rejection::JsonRejection},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use serde::de::DeserializeOwned;
use std::str::FromStr;
use wire::ProblemCode;

/// Bytes in a JSON body, at most.
pub const LIMIT: usize = 64 * 1024;

/// A JSON body of at most [`LIMIT`] bytes.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> ApiResult<Self> {
        if !is_json(request.headers()) {
            return Err(ApiError::of(ProblemCode::UnsupportedMediaType));
        }
        let bytes = bytes(request).await?;
        let axum::Json(value) = axum::Json::from_bytes(&bytes).map_err(explain)?;
        Ok(Self(value))
    }
}

/// The whole body, if it is not too large.
///
/// # Errors
/// `too_large`, or `invalid_request` when the client went away in the middle.
pub async fn bytes(mut request: Request) -> ApiResult<Bytes> {
    DefaultBodyLimit::max(LIMIT).apply(&mut request);
    Bytes::from_request(request, &()).await.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            ApiError::new(
                ProblemCode::TooLarge,
                format!("A JSON body may have at most {LIMIT} bytes"),
            )
        } else {
            ApiError::new(ProblemCode::InvalidRequest, "The body broke off")
        }
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let kind = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// What is wrong and where: serde's words, which quote field names and positions, never the sender's secrets at length.
fn explain(rejection: JsonRejection) -> ApiError {
    let detail = match &rejection {
        JsonRejection::JsonSyntaxError(error) => format!("Not JSON: {}", cause(error)),
        JsonRejection::JsonDataError(error) => cause(error),
        other => other.body_text(),
    };
    ApiError::new(ProblemCode::InvalidRequest, detail)
}

fn cause(error: &dyn std::error::Error) -> String {
    error
        .source()
        .map_or_else(|| error.to_string(), ToString::to_string)
}

/// The id in a path with one id. Text that is no id names nothing: 404, like an id nobody has.
#[derive(Debug)]
pub struct Id<T>(pub T);

impl<S: Send + Sync, T: FromStr> FromRequestParts<S> for Id<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        let not_found = || ApiError::of(ProblemCode::NotFound);
        let Path(text) = parts.extract::<Path<String>>().await.map_err(|_| not_found())?;
        text.parse().map(Self).map_err(|_| not_found())
    }
}

/// A query string.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        let query = axum::extract::Query::try_from_uri(&parts.uri)
            .map_err(|rejection| ApiError::new(ProblemCode::InvalidRequest, cause(&rejection)))?;
        Ok(Self(query.0))
    }
}
