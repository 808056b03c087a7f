//! Any server that speaks OpenAI's chat completions: OpenAI itself, Ollama, vLLM, llama-server, …
//!
//! Must not know: who asks, and what becomes of the answer.
//! Start at [`OpenAiModel::answer`](crate::ChatModel::answer): `request` goes out; what comes back is cut into events by
//! `sse`, read by `delta` and told by `answer`. `report` says failures in our words.

mod answer;
mod connection;
mod delta;
pub mod embeddings;
mod models;
mod report;
mod request;
mod sse;

use crate::{ChatModel, ChatRequest, ChatStream, ModelError, ModelStatus};
use answer::AnswerStream;
use connection::Connection;
use futures::StreamExt as _;
use report::Failure;
use request::Limit;
use secrecy::SecretString;
use std::time::Duration;

pub use connection::BadOpenAiConfig;
pub use embeddings::{OpenAiEmbedder, OpenAiEmbedderConfig};
pub use models::ModelsAnswer;

/// Attempts after the first. A retry never follows a token.
const RETRIES: u32 = 2;

/// Where the server is, and how patient to be with it.
#[derive(Debug, Clone)]
pub struct OpenAiConfig {
    /// Up to and with `/v1`.
    pub base_url: String,
    /// Sent as a bearer token, if there is one.
    pub api_key: Option<SecretString>,
    /// Asked for when a request names none.
    pub model: String,
    /// The longest answer; `None`: the server's own limit.
    pub max_tokens: Option<u32>,
    /// For the connection alone.
    pub connect_timeout: Duration,
    /// For the first byte, and between any two: long enough for a large model to read a long prompt.
    pub idle_timeout: Duration,
    /// Before the first retry; twice as long before the second.
    pub retry_delay: Duration,
}

impl OpenAiConfig {
    /// A server without a key, and the usual patience.
    pub fn new(base_url: impl Into<String>, model: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            api_key: None,
            model: model.into(),
            max_tokens: None,
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(120),
            retry_delay: Duration::from_millis(300),
        }
    }
}

/// A [`ChatModel`] behind a URL.
#[derive(Debug)]
pub struct OpenAiModel {
    connection: Connection,
    model: String,
    limit: Limit,
    retry_delay: Duration,
}

impl OpenAiModel {
    /// Connects to nothing yet: an unreachable server is found out by the first request.
    pub fn new(config: OpenAiConfig) -> Result<Self, BadOpenAiConfig> {
        let connection = Connection::new(&config)?;
        let limit = if connection.is_openai() {
            Limit::MaxCompletionTokens(config.max_tokens)
        } else {
            Limit::MaxTokens(config.max_tokens)
        };
        Ok(Self {
            connection,
            model: config.model,
            limit,
            retry_delay: config.retry_delay,
        })
    }

    /// Asks the server which models it has: whether it is there, and takes the key.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn models(&self) -> Result<ModelsAnswer, ModelError> {
        models::read(self.connection.models().await?).await
    }
}

#[async_trait::async_trait]
impl ChatModel for OpenAiModel {
    fn name(&self) -> String {
        self.model.clone()
    }

    fn name_of(&self, asked: Option<&str>) -> String {
        asked.map_or_else(|| self.name(), str::to_owned)
    }

    fn status(&self) -> ModelStatus {
        ModelStatus::Ready
    }

    async fn answer(&self, request: ChatRequest) -> Result<ChatStream, ModelError> {
        let body = request::body(&request, &self.model, self.limit)?;
        let mut retries = 0;
        loop {
            match self.connection.post(body.clone()).await {
                Ok(response) => return Ok(AnswerStream::new(response, &self.connection).boxed()),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Passing(error)) if retries == RETRIES => return Err(error),
                Err(Failure::Passing(error)) => {
                    tracing::debug!(%error, retries, "the model server failed, trying again");
                    tokio::time::sleep(self.retry_delay.saturating_mul(1 << retries)).await;
                    retries += 1;
                }
            }
        }
    }
}
