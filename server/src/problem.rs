//! The one error of the HTTP edge and the socket: a code, a sentence, and perhaps a cause for the log.
//!
//! Start at [`ApiError`]. A code's status and title stand in [`wire::ProblemCode`]; nothing else decides them.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use store::StoreError;
use wire::{FieldFault, Problem, ProblemCode};

/// What is answered instead of a result.
#[derive(Debug)]
pub struct ApiError {
    /// For programs.
    pub code: ProblemCode,
    /// For people, about this occurrence. Never a secret, never somebody else's data.
    pub detail: String,
    /// What is wrong with the field that `detail` names, where that has words in every language.
    pub fault: Option<FieldFault>,
    /// Seconds to wait before trying again.
    pub retry_after: Option<u32>,
    /// For the log only.
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The result of everything that answers a request.
pub type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    /// An error with its own sentence.
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            fault: None,
            retry_after: None,
            source: None,
        }
    }

    /// An error whose title says enough.
    pub fn of(code: ProblemCode) -> Self {
        Self::new(code, code.title())
    }

    /// Says when to try again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Keeps the cause for the log.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// As JSON for REST. Logs server errors: this is where they are handled.
    pub fn problem(&self, request_id: &str) -> Problem {
        self.log(request_id);
        Problem {
            kind: "about:blank".into(),
            title: self.code.title().into(),
            status: self.code.status(),
            detail: self.detail.clone(),
            code: self.code,
            request_id: request_id.into(),
            retry_after: self.retry_after,
        }
    }

    /// Logs what the operator must know; what a client did wrong is not that.
    pub fn log(&self, request_id: &str) {
        if self.code.status() >= 500 {
            let cause = self.source.as_ref().map(ToString::to_string).unwrap_or_default();
            tracing::error!(request.id = request_id, code = ?self.code, cause, "Failed: {}", self.detail);
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            StoreError::Unavailable(_) | StoreError::Unusable(_) => ProblemCode::StoreUnavailable,
            StoreError::NotFound(_) => ProblemCode::NotFound,
            StoreError::Conflict(_) | StoreError::Fenced(_) | StoreError::Damaged(_) => ProblemCode::Internal,
        };
        let error_for_people = Self::of(code);
        if code == ProblemCode::StoreUnavailable {
            return error_for_people.retry_after(2).caused_by(error);
        }
        error_for_people.caused_by(error)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let request_id = crate::http::request_id::current();
        let problem = self.problem(&request_id);
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_string(&problem).unwrap_or_default();
        let mut response = (status, body).into_response();
        // For who counts what is refused (`telemetry::request`).
        response.extensions_mut().insert(problem.code);
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = problem.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
