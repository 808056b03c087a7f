//! One HTTP client, one address, one key.
//!
//! Must not know: what a prompt or an answer looks like.

use super::OpenAiConfig;
use super::report::{self, Failure, Reporter};
use crate::ModelError;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, Response, Url};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;
use secrecy::{ExposeSecret as _, SecretString};
use std::sync::Arc;
use std::time::Duration;

/// Of an answer with vectors: more than any batch of ours can be.
const MAX_VECTORS_BYTES: usize = 32 * 1024 * 1024;
/// A list of names is no work: a server that takes longer is not well.
const MODELS_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a configuration cannot be used. Never tells the key, nor a password in the URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadOpenAiConfig {
    /// No URL, or not one of HTTP.
    #[error("the base URL of the model server must look like http://localhost:11434/v1: {0}")]
    BaseUrl(String),
    /// It cannot stand in a header.
    #[error("the key of the model server holds characters that no key has")]
    Key,
    /// The machine's certificates cannot be read.
    #[error("encryption cannot be set up: {0}")]
    Encryption(String),
}

pub(super) struct Connection {
    client: Client,
    url: Url,
    pub(super) idle_timeout: Duration,
    pub(super) reporter: Arc<Reporter>,
}

impl Connection {
    pub(super) fn new(config: &OpenAiConfig) -> Result<Self, BadOpenAiConfig> {
        let url = completions_url(&config.base_url)?;
        let key = config
            .api_key
            .clone()
            .filter(|key| !key.expose_secret().trim().is_empty());
        let mut client = Client::builder()
            .tls_backend_preconfigured(encryption(&url)?)
            .default_headers(headers(key.as_ref())?)
            .connect_timeout(config.connect_timeout)
            .tcp_nodelay(true)
            // Followed, it would carry the prompt to a host that nobody configured.
            .redirect(reqwest::redirect::Policy::none());
        if is_this_machine(&url) {
            client = client.no_proxy();
        }
        let client = client
            .build()
            .map_err(|error| BadOpenAiConfig::Encryption(report::cause(&error)))?;
        Ok(Self {
            client,
            url,
            idle_timeout: config.idle_timeout,
            reporter: Arc::new(Reporter::new(key)),
        })
    }

    /// Whether this is OpenAI itself, or Azure's copy of it.
    pub(super) fn is_openai(&self) -> bool {
        self.url
            .host_str()
            .is_some_and(|host| host.ends_with(".openai.com") || host.ends_with(".azure.com"))
    }

    /// The whole answer to a request for vectors; else why there is none, and when the server wants to be asked again.
    pub(super) async fn embeddings(&self, body: Vec<u8>) -> Result<Vec<u8>, (Failure, Option<Duration>)> {
        let mut url = self.url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop().pop().push("embeddings");
        }
        let passing = |why: String| (Failure::Passing(ModelError::Unavailable(why)), None);
        let silent = || passing(format!("no answer within {} s", self.idle_timeout.as_secs()));
        let request = self
            .client
            .post(url)
            .header(ACCEPT, "application/json")
            .body(body);
        let sent = tokio::time::timeout(self.idle_timeout, request.send())
            .await
            .map_err(|_| silent())?;
        let mut response = sent.map_err(|error| passing(report::cause(&error)))?;
        if response.status() != reqwest::StatusCode::OK {
            let named = report::retry_after(&response);
            return Err((self.reporter.refusal(response).await, named));
        }
        let mut answer = Vec::new();
        loop {
            let piece = tokio::time::timeout(self.idle_timeout, response.chunk())
                .await
                .map_err(|_| silent())?;
            match piece.map_err(|error| passing(report::cause(&error)))? {
                Some(piece) if answer.len() + piece.len() <= MAX_VECTORS_BYTES => {
                    answer.extend_from_slice(&piece);
                }
                Some(_) => {
                    let why = "its answer has no end".to_owned();
                    return Err((Failure::Final(ModelError::BrokeOff(why)), None));
                }
                None => return Ok(answer),
            }
        }
    }

    /// What the server says when it is asked which models it has, whatever it says.
    pub(super) async fn models(&self) -> Result<Response, ModelError> {
        let mut url = self.url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop().pop().push("models");
        }
        let sent = self.client.get(url).header(ACCEPT, "application/json").send();
        match tokio::time::timeout(MODELS_TIMEOUT, sent).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(ModelError::Unavailable(report::cause(&error))),
            Err(_) => {
                let text = format!("no answer within {} s", MODELS_TIMEOUT.as_secs());
                Err(ModelError::Unavailable(text))
            }
        }
    }

    /// The response, once its head says that an answer follows.
    pub(super) async fn post(&self, body: Vec<u8>) -> Result<Response, Failure> {
        let sent = self.client.post(self.url.clone()).body(body).send();
        let response = match tokio::time::timeout(self.idle_timeout, sent).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(Failure::Passing(ModelError::Unavailable(report::cause(&error)))),
            Err(_) => {
                let text = format!("no answer within {} s", self.idle_timeout.as_secs());
                return Err(Failure::Final(ModelError::Unavailable(text)));
            }
        };
        if response.status() != reqwest::StatusCode::OK {
            return Err(self.reporter.refusal(response).await);
        }
        let kind = response
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok());
        match kind {
            Some(kind) if kind.starts_with("application/json") || kind.starts_with("text/html") => {
                let text = format!("it answers with {kind}, not with a stream of events");
                Err(Failure::Final(ModelError::BrokeOff(text)))
            }
            _ => Ok(response),
        }
    }
}

fn completions_url(base: &str) -> Result<Url, BadOpenAiConfig> {
    let base = Url::parse(base.trim()).map_err(|error| BadOpenAiConfig::BaseUrl(error.to_string()))?;
    let mut url = match base.scheme() {
        "http" | "https" => base,
        scheme => return Err(BadOpenAiConfig::BaseUrl(format!("{scheme} is not http or https"))),
    };
    match url.path_segments_mut() {
        Ok(mut path) => path.pop_if_empty().extend(["chat", "completions"]),
        Err(()) => return Err(BadOpenAiConfig::BaseUrl("it has no path".to_owned())),
    };
    Ok(url)
}

fn headers(key: Option<&SecretString>) -> Result<HeaderMap, BadOpenAiConfig> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
    if let Some(key) = key {
        let bearer = format!("Bearer {}", key.expose_secret().trim());
        let mut bearer = HeaderValue::from_str(&bearer).map_err(|_| BadOpenAiConfig::Key)?;
        bearer.set_sensitive(true);
        headers.insert(AUTHORIZATION, bearer);
    }
    Ok(headers)
}

/// Reads the machine's certificates only for a server that has one: a bare container has none.
fn encryption(url: &Url) -> Result<ClientConfig, BadOpenAiConfig> {
    let refused = |error: rustls::Error| BadOpenAiConfig::Encryption(error.to_string());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(refused)?;
    Ok(if url.scheme() == "https" {
        config
            .with_platform_verifier()
            .map_err(refused)?
            .with_no_client_auth()
    } else {
        config
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth()
    })
}

/// A proxy of the environment does not know this machine's own servers.
fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection")
            .field("host", &self.url.host_str())
            .finish_non_exhaustive()
    }
}
