//! A server as it is seen from outside: one HTTP client for `parlance ready` and `parlance doctor`.
//!
//! It follows no redirection and keeps no cookie: what is answered is what is looked at.

use reqwest::{
    Client,
    header::{HeaderMap, HeaderName},
    redirect::Policy,
};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use std::{error::Error, io, sync::Arc, time::Duration};
use wire::{Problem, health::Readiness};

/// For a whole answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longer words are not shown.
const SHOWN_BYTES: usize = 200;
/// No page of ours is larger.
const MAX_BYTES: usize = 2 * 1024 * 1024;

/// Looks from outside.
#[derive(Debug)]
pub(super) struct Outside(Client);

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// Why nothing came back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Trouble {
    /// The connection is not encrypted as it should be; mostly the certificate.
    #[error("no encrypted connection: {0}")]
    Tls(String),
    /// Nobody listens, no such name, or the connection broke.
    #[error("no connection: {0}")]
    Connection(String),
    /// Somebody listens and says nothing.
    #[error("no answer within {} s", PATIENCE.as_secs())]
    Silence,
}

impl Outside {
    /// For these addresses; the machine's certificates are read only for encrypted ones.
    pub(super) fn of(url: &str) -> Result<Self, Trouble> {
        let refused = |error: &dyn Error| Trouble::Tls(error.to_string());
        let client = Client::builder()
            .tls_backend_preconfigured(
                encryption(url.starts_with("https://")).map_err(|error| refused(&error))?,
            )
            .redirect(Policy::none())
            .timeout(PATIENCE)
            .build()
            .map_err(|error| refused(&error))?;
        Ok(Self(client))
    }

    /// `GET`.
    pub(super) async fn get(&self, url: &str, headers: &[(HeaderName, &str)]) -> Result<Answer, Trouble> {
        let mut request = self.0.get(url);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let mut response = request.send().await.map_err(|error| trouble(&error))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| trouble(&error))? {
            body.extend_from_slice(&piece);
            if body.len() > MAX_BYTES {
                break;
            }
        }
        Ok(Answer {
            status,
            headers,
            body,
        })
    }
}

impl Answer {
    /// A header's text; empty when there is none.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The body as text.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// What it says about why it is no success: in its own words, if they are few.
    pub(super) fn why(&self) -> String {
        if let Ok(readiness) = serde_json::from_slice::<Readiness>(&self.body) {
            return readiness.to_string();
        }
        if let Ok(problem) = serde_json::from_slice::<Problem>(&self.body) {
            return problem.detail;
        }
        match self.text().trim() {
            words if self.is_ours() && (1..=SHOWN_BYTES).contains(&words.len()) => words.into(),
            _ => format!("HTTP {}", self.status),
        }
    }

    /// Whether Parlance said it, and not a proxy before it: all that it answers has a request id of its own.
    pub(super) fn is_ours(&self) -> bool {
        let id = self.header("x-request-id");
        id.len() == 32 && id.chars().all(|c| c.is_ascii_hexdigit())
    }
}

fn encryption(wanted: bool) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(if wanted {
        config.with_platform_verifier()?.with_no_client_auth()
    } else {
        config
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth()
    })
}

/// The innermost cause: what is around it is about the client itself.
fn trouble(error: &reqwest::Error) -> Trouble {
    if error.is_timeout() {
        return Trouble::Silence;
    }
    let mut cause: &(dyn Error + 'static) = error;
    loop {
        // An I/O error shows what is in it, and does not count it as its source.
        let inside = cause
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
            .map(|inside| -> &(dyn Error + 'static) { inside });
        match inside.or_else(|| cause.source()) {
            Some(inner) => cause = inner,
            None => break,
        }
    }
    match cause.downcast_ref::<rustls::Error>() {
        Some(tls) => Trouble::Tls(tls.to_string()),
        None => Trouble::Connection(cause.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    fn answer(ours: bool, body: &str) -> Answer {
        let id = HeaderValue::from_static("0192f0c12a3b7c4d8e5f6a7b8c9d0e1f");
        let headers = ours.then(|| (HeaderName::from_static("x-request-id"), id));
        Answer {
            status: 503,
            headers: headers.into_iter().collect(),
            body: body.into(),
        }
    }

    #[test]
    fn our_own_reasons_are_told_and_not_those_of_strangers() {
        let problem = r#"{"type":"about:blank","title":"t","status":503,"detail":"The model is being loaded: 40 %",
                          "code":"model_unavailable","request_id":""}"#;
        assert_eq!(answer(true, problem).why(), "The model is being loaded: 40 %");
        assert_eq!(
            answer(true, "{\"database\":\"slow\"}\n").why(),
            "{\"database\":\"slow\"}"
        );
        assert_eq!(answer(true, &"x".repeat(1000)).why(), "HTTP 503");
        assert_eq!(answer(false, "<h1>Sorry</h1>").why(), "HTTP 503");
    }
}
