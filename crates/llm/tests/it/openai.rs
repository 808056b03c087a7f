//! The OpenAI model against servers that behave, misbehave and break.
//!
//! `wire`: what is sent. `stream`: what is made of the bytes. `failure`: what is told when it goes wrong. `models`:
//! asking for names. `embeddings`: the other model, which gives vectors.

mod embeddings;
mod failure;
mod models;
mod stream;
mod wire;

use crate::upstream::Upstream;
use llm::{OpenAiConfig, OpenAiModel};
use std::time::Duration;

const KEY: &str = "sk-a-very-secret-key";

/// A server, and a model before it that loses no time with retries.
async fn start() -> (Upstream, OpenAiModel) {
    start_with(|_| ()).await
}

async fn start_with(change: impl FnOnce(&mut OpenAiConfig)) -> (Upstream, OpenAiModel) {
    let upstream = Upstream::start().await;
    let mut config = OpenAiConfig::new(upstream.url(), "test-model");
    config.api_key = Some(KEY.into());
    config.retry_delay = Duration::from_millis(1);
    change(&mut config);
    let model = OpenAiModel::new(config).unwrap();
    (upstream, model)
}
