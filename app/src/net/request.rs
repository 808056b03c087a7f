//! One REST request. The generic part is thin: wasm is paid by the byte.

use super::base::at_server;
use crate::{
    json::{Value, read::code},
    text,
};
use futures::{FutureExt, future::LocalBoxFuture};
use gloo_net::http::{Method, RequestBuilder};
use wire::ProblemCode;

/// A request that takes longer than this is given up.
const PATIENCE_MS: u32 = 20_000;

/// Why there is no answer.
#[derive(Debug, Clone)]
pub(crate) enum Failure {
    /// The server says why.
    Problem(Refusal),
    /// The server cannot be reached, or does not speak as it should.
    Network,
}

/// What the browser reads of a [`wire::Problem`].
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) code: ProblemCode,
    title: String,
    detail: String,
}

impl Failure {
    /// For programs, if the server said.
    pub(crate) fn code(&self) -> Option<ProblemCode> {
        match self {
            Self::Problem(problem) => Some(problem.code),
            Self::Network => None,
        }
    }

    /// For people.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Problem(problem) if problem.detail.is_empty() => {
                text::of_problem(problem.code, &problem.title)
            }
            Self::Problem(problem) => text::of_problem(problem.code, &problem.detail),
            Self::Network => text::network().to_owned(),
        }
    }
}

/// What an answer says.
pub(crate) fn read<T>(text: &str, read: fn(Value) -> Option<T>) -> Result<T, Failure> {
    Value::parse(text).and_then(read).ok_or(Failure::Network)
}

/// The text of a good answer, on its way. Boxed: one state machine instead of one in each caller.
pub(crate) type Answer = LocalBoxFuture<'static, Result<String, Failure>>;

/// Sends a request.
pub(crate) fn send(method: Method, path: String, body: Option<String>, token: Option<String>) -> Answer {
    sent(method, path, body, token).boxed_local()
}

async fn sent(
    method: Method,
    path: String,
    body: Option<String>,
    token: Option<String>,
) -> Result<String, Failure> {
    let signal = web_sys::AbortSignal::timeout_with_u32(PATIENCE_MS);
    let mut builder = at_server(&path, RequestBuilder::new)
        .method(method)
        .abort_signal(Some(&signal));
    if let Some(token) = token {
        builder = builder.header("authorization", &format!("Bearer {token}"));
    }
    let request = match body {
        Some(body) => builder.header("content-type", "application/json").body(body),
        None => builder.build(),
    };
    let response = request
        .map_err(|_| Failure::Network)?
        .send()
        .await
        .map_err(|_| Failure::Network)?;
    let text = response.text().await.map_err(|_| Failure::Network)?;
    if response.ok() {
        return Ok(text);
    }
    Err(refused(&text))
}

/// What an answer says that is not a good one.
pub(super) fn refused(text: &str) -> Failure {
    read(text, refusal).map_or(Failure::Network, Failure::Problem)
}

fn refusal(mut value: Value) -> Option<Refusal> {
    Some(Refusal {
        code: code(value.take("code"))?,
        title: value.text("title")?,
        detail: value.text("detail")?,
    })
}
