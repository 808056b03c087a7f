//! A short id for each request: in its answer's `x-request-id`, in problems, in the log.

use axum::{extract::Request, http::HeaderValue, middleware::Next, response::Response};
use uuid::Uuid;

tokio::task_local! {
    static REQUEST_ID: String;
}

/// The id of the request that is being answered; empty outside of one.
pub fn current() -> String {
    REQUEST_ID.try_with(Clone::clone).unwrap_or_default()
}

/// Middleware: makes the id and puts it into the answer. An id from outside is not taken: it would be text of a stranger
/// in our log.
pub async fn assign(request: Request, next: Next) -> Response {
    let id = Uuid::now_v7().simple().to_string();
    let header = HeaderValue::from_str(&id);
    let mut response = REQUEST_ID.scope(id, next.run(request)).await;
    if let Ok(value) = header {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}
