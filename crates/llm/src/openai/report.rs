//! Failures, in our words: which can be tried again, and a text that people may see.
//!
//! Must not know: how an answer is read.

use crate::ModelError;
use reqwest::header::RETRY_AFTER;
use reqwest::{Response, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use std::time::Duration;

/// What is read of an error page.
const MAX_REFUSAL_BYTES: usize = 16 * 1024;
/// How long an error page may take.
const REFUSAL_TIMEOUT: Duration = Duration::from_secs(5);
/// What is shown of a provider's words.
const MAX_SHOWN_CHARS: usize = 200;

/// Why no answer began.
pub(super) enum Failure {
    /// It may be over in a moment.
    Passing(ModelError),
    /// It will not.
    Final(ModelError),
}

/// Quotes the provider, except where it quotes the key.
pub(super) struct Reporter {
    key: Option<SecretString>,
}

/// The shapes in which servers say what is wrong.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum UpstreamError {
    Detailed { message: String },
    Plain(String),
    Unknown(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
struct Refusal {
    error: Option<UpstreamError>,
    #[serde(alias = "detail")]
    message: Option<UpstreamError>,
}

impl Reporter {
    pub(super) fn new(key: Option<SecretString>) -> Self {
        Self { key }
    }

    /// A response that is no answer.
    pub(super) async fn refusal(&self, response: Response) -> Failure {
        let status = response.status();
        let retry_after = retry_after(&response);
        let said = tokio::time::timeout(REFUSAL_TIMEOUT, read(response))
            .await
            .unwrap_or_default();
        let told = serde_json::from_slice::<Refusal>(&said)
            .ok()
            .and_then(|refusal| refusal.error.or(refusal.message));
        let text = match told.and_then(|error| self.words(error)) {
            Some(words) => format!("HTTP {}: {words}", status.as_u16()),
            None => format!("HTTP {status}"),
        };
        match status {
            StatusCode::TOO_MANY_REQUESTS => Failure::Final(ModelError::Busy { retry_after }),
            StatusCode::REQUEST_TIMEOUT => Failure::Passing(ModelError::Unavailable(text)),
            status if status.is_server_error() => Failure::Passing(ModelError::Unavailable(text)),
            _ => Failure::Final(ModelError::Refused(text)),
        }
    }

    /// An error that came inside an answer.
    pub(super) fn in_band(&self, error: UpstreamError) -> ModelError {
        let words = self
            .words(error)
            .unwrap_or_else(|| "the model server reports an error".to_owned());
        ModelError::BrokeOff(words)
    }

    fn words(&self, error: UpstreamError) -> Option<String> {
        let (UpstreamError::Detailed { message: said } | UpstreamError::Plain(said)) = error else {
            return None;
        };
        let said = match &self.key {
            Some(key) => said.replace(key.expose_secret().trim(), "(the key)"),
            None => said,
        };
        let mut words = said.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some((end, _)) = words.char_indices().nth(MAX_SHOWN_CHARS) {
            words.truncate(end);
            words.push('…');
        }
        (!words.is_empty()).then_some(words)
    }
}

/// The innermost cause: what reqwest puts around it is about itself, and may hold the URL.
pub(super) fn cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// When to try again, if the server says so in seconds.
pub(super) fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response
        .headers()
        .get(RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()?;
    Some(Duration::from_secs(seconds))
}

async fn read(mut response: Response) -> Vec<u8> {
    let mut said = Vec::new();
    while let Ok(Some(piece)) = response.chunk().await {
        said.extend_from_slice(&piece);
        if said.len() > MAX_REFUSAL_BYTES {
            break;
        }
    }
    said
}
