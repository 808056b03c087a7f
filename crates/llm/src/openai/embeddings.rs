//! Vectors from any server that speaks OpenAI's embeddings: OpenAI itself, Ollama, vLLM, llama-server, …
//!
//! Must not know: what the texts are.
//! Start at [`OpenAiEmbedder::embed`](crate::Embedder::embed): texts are sent in batches, one after the other; what comes
//! back is checked by `vectors`.

mod vectors;

use super::connection::Connection;
use super::report::Failure;
use super::{BadOpenAiConfig, OpenAiConfig};
use crate::embed::{EmbedError, EmbedKind, EmbedPriority, Embedder, estimate_tokens};
use crate::{ModelError, ModelStatus};
use secrecy::SecretString;
use serde::Serialize;
use std::sync::OnceLock;
use std::time::Duration;

/// Texts in one request: what servers with narrow limits take.
const BATCH_TEXTS: usize = 32;
/// Bytes of text in one request.
const BATCH_BYTES: usize = 128 * 1024;
/// Attempts after the first, for a person.
const RETRIES: u32 = 2;
/// The same in the background.
const BACKGROUND_RETRIES: u32 = 6;
/// The longest wait before an attempt that a person is worth: a search by words is there in the meantime.
const PATIENCE: Duration = Duration::from_secs(2);
/// The same in the background: limits are counted by the minute.
const BACKGROUND_PATIENCE: Duration = Duration::from_secs(90);
/// All attempts for a person together.
const LIMIT: Duration = Duration::from_secs(15);

/// Where the server is, and what its model wants.
#[derive(Debug, Clone)]
pub struct OpenAiEmbedderConfig {
    /// Up to and with `/v1`.
    pub base_url: String,
    /// Sent as a bearer token, if there is one.
    pub api_key: Option<SecretString>,
    /// Its name there, which is also its id: another model must have another name.
    pub model: String,
    /// Tokens of a text, at most. They are estimated, and a text with more is not sent.
    pub max_tokens: u32,
    /// Put before each query, for models that want it: `query: `.
    pub query_prefix: String,
    /// Put before each passage: `passage: `.
    pub passage_prefix: String,
    /// For the connection alone.
    pub connect_timeout: Duration,
    /// For the first byte, and between any two.
    pub idle_timeout: Duration,
    /// Before the first retry, if the server does not say; twice as long before each further one.
    pub retry_delay: Duration,
}

impl OpenAiEmbedderConfig {
    /// A server without a key, and the usual patience.
    pub fn new(base_url: impl Into<String>, model: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            api_key: None,
            model: model.into(),
            max_tokens: 512,
            query_prefix: String::new(),
            passage_prefix: String::new(),
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(60),
            retry_delay: Duration::from_millis(300),
        }
    }
}

/// An [`Embedder`] behind a URL.
#[derive(Debug)]
pub struct OpenAiEmbedder {
    /// For what a person waits for.
    interactive: Connection,
    /// For documents. A connection is served by the runtime it was made in, and documents may be worked on by one that
    /// lets everything else go first.
    background: Connection,
    model: String,
    max_tokens: u32,
    query_prefix: String,
    passage_prefix: String,
    retry_delay: Duration,
    width: OnceLock<u32>,
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    input: &'a [String],
}

impl OpenAiEmbedder {
    /// Connects to nothing yet: an unreachable server is found out by the first request.
    pub fn new(config: OpenAiEmbedderConfig) -> Result<Self, BadOpenAiConfig> {
        let server = OpenAiConfig {
            api_key: config.api_key,
            connect_timeout: config.connect_timeout,
            idle_timeout: config.idle_timeout,
            ..OpenAiConfig::new(config.base_url, &config.model)
        };
        Ok(Self {
            interactive: Connection::new(&server)?,
            background: Connection::new(&server)?,
            model: config.model,
            max_tokens: config.max_tokens,
            query_prefix: config.query_prefix,
            passage_prefix: config.passage_prefix,
            retry_delay: config.retry_delay,
            width: OnceLock::new(),
        })
    }

    async fn ask_all(&self, texts: &[String], priority: EmbedPriority) -> Result<Vec<Vec<f32>>, EmbedError> {
        let mut vectors = Vec::with_capacity(texts.len());
        let mut rest = texts;
        while !rest.is_empty() {
            let (batch, others) = rest.split_at(batch(rest));
            vectors.extend(self.ask(batch, priority).await?);
            rest = others;
        }
        Ok(vectors)
    }

    /// Vectors of one batch. A server that stumbles is asked again, at the time it names.
    async fn ask(&self, texts: &[String], priority: EmbedPriority) -> Result<Vec<Vec<f32>>, EmbedError> {
        let body = serde_json::to_vec(&Body {
            model: &self.model,
            input: texts,
        });
        let body = body.map_err(|error| ModelError::Refused(error.to_string()))?;
        let (connection, most, patience) = match priority {
            EmbedPriority::Interactive => (&self.interactive, RETRIES, PATIENCE),
            EmbedPriority::Background => (&self.background, BACKGROUND_RETRIES, BACKGROUND_PATIENCE),
        };
        let mut retries = 0;
        let answer = loop {
            let (error, named) = match connection.embeddings(body.clone()).await {
                Ok(answer) => break answer,
                Err((Failure::Passing(error) | Failure::Final(error @ ModelError::Busy { .. }), named)) => {
                    (error, named)
                }
                Err((Failure::Final(error), _)) => return Err(error.into()),
            };
            let delay = named.unwrap_or_else(|| self.retry_delay.saturating_mul(1 << retries));
            if retries == most || delay > patience {
                return Err(error.into());
            }
            tracing::debug!(%error, retries, "the embedding server failed, trying again");
            tokio::time::sleep(delay).await;
            retries += 1;
        };
        let vectors = vectors::read(&answer, texts.len(), &connection.reporter)?;
        vectors.iter().try_for_each(|vector| self.check(vector))?;
        Ok(vectors)
    }

    fn check(&self, vector: &[f32]) -> Result<(), EmbedError> {
        let got = u32::try_from(vector.len()).unwrap_or(u32::MAX);
        let expected = *self.width.get_or_init(|| got);
        if expected == got {
            Ok(())
        } else {
            Err(EmbedError::MismatchedWidth { expected, got })
        }
    }
}

#[async_trait::async_trait]
impl Embedder for OpenAiEmbedder {
    fn model_id(&self) -> String {
        if self.passage_prefix.is_empty() {
            self.model.clone()
        } else {
            format!("{}+{:?}", self.model, self.passage_prefix)
        }
    }

    fn width(&self) -> Option<u32> {
        self.width.get().copied()
    }

    fn status(&self) -> ModelStatus {
        ModelStatus::Ready
    }

    fn max_tokens(&self) -> u32 {
        let around = estimate_tokens("");
        let prefix = |prefix: &str| estimate_tokens(prefix).saturating_sub(around);
        let longest = prefix(&self.query_prefix).max(prefix(&self.passage_prefix));
        self.max_tokens.saturating_sub(longest)
    }

    fn count_tokens(&self, text: &str) -> u32 {
        estimate_tokens(text)
    }

    async fn embed(
        &self,
        mut texts: Vec<String>,
        kind: EmbedKind,
        priority: EmbedPriority,
    ) -> Result<Vec<Vec<f32>>, EmbedError> {
        // Many servers cut what is too long without a word.
        let limit = self.max_tokens();
        for (index, text) in texts.iter().enumerate() {
            let tokens = self.count_tokens(text);
            if tokens > limit {
                return Err(EmbedError::TooLong { index, tokens, limit });
            }
        }
        let prefix = match kind {
            EmbedKind::Query => &self.query_prefix,
            EmbedKind::Passage => &self.passage_prefix,
        };
        if !prefix.is_empty() {
            texts.iter_mut().for_each(|text| text.insert_str(0, prefix));
        }
        match priority {
            EmbedPriority::Background => self.ask_all(&texts, priority).await,
            EmbedPriority::Interactive => tokio::time::timeout(LIMIT, self.ask_all(&texts, priority))
                .await
                .unwrap_or_else(|_| {
                    let text = format!("no answer within {} s", LIMIT.as_secs());
                    Err(ModelError::Unavailable(text).into())
                }),
        }
    }
}

/// How many of these texts go into the next request: at least one.
fn batch(texts: &[String]) -> usize {
    let mut bytes = 0;
    let fitting = texts.iter().take(BATCH_TEXTS).take_while(|text| {
        bytes += text.len();
        bytes <= BATCH_BYTES
    });
    fitting.count().clamp(1, texts.len().max(1))
}
