//! Which model answers, as the operator chose.

pub mod observed;

pub use observed::ModelWatch;

use crate::{app::App, config::ModelConfig};
use llm::{ChatModel, OpenAiConfig, OpenAiModel};
use std::{path::Path, sync::Arc};
use tokio::sync::watch;

/// How many chats the local model answers, as it changes; `None`: they are answered elsewhere.
pub type LocalChats = Option<watch::Receiver<usize>>;

/// Begins to load the local model, or points to the remote one. Returns at once.
///
/// # Errors
/// A sentence for the operator: no model is configured, or its settings are wrong.
pub fn from_config(config: &ModelConfig) -> Result<(Arc<dyn ChatModel>, LocalChats), String> {
    match (&config.openai_url, &config.model_path) {
        (Some(url), _) => Ok((remote(config, url)?, None)),
        (None, Some(path)) => local(config, path),
        (None, None) => Err("no model is configured. Set PARLANCE_MODEL_PATH to a GGUF file, or PARLANCE_OPENAI_URL (and \
             PARLANCE_OPENAI_KEY) to an OpenAI-compatible server. `cargo xtask run` fetches a small model and sets \
             the path."
            .into()),
    }
}

/// The model that answers when a chatbot wants `wanted`: a local one is what it is, whatever is wanted.
pub fn answering(app: &App, wanted: Option<&str>) -> String {
    wanted
        .filter(|_| app.config.model.openai_url.is_some())
        .map_or_else(|| app.model.name(), str::to_owned)
}

/// The remote model's settings.
pub(crate) fn remote_settings(config: &ModelConfig, url: &str) -> OpenAiConfig {
    OpenAiConfig {
        api_key: config.openai_key.clone(),
        max_tokens: Some(config.max_tokens),
        ..OpenAiConfig::new(url, &config.openai_model)
    }
}

fn remote(config: &ModelConfig, url: &str) -> Result<Arc<dyn ChatModel>, String> {
    let model = OpenAiModel::new(remote_settings(config, url))
        .map_err(|error| format!("PARLANCE_OPENAI_URL: {error}"))?;
    Ok(Arc::new(model))
}

#[cfg(feature = "local")]
fn local(config: &ModelConfig, path: &Path) -> Result<(Arc<dyn ChatModel>, LocalChats), String> {
    if !path.is_file() {
        return Err(format!(
            "there is no model file at {}. Check PARLANCE_MODEL_PATH.",
            path.display()
        ));
    }
    let settings = llm::local::LocalConfig {
        context_tokens: config.context_tokens,
        parallel: config.model_parallel,
        threads: config.model_threads,
        max_tokens: config.max_tokens,
        queue: config.model_queue,
        ..llm::local::LocalConfig::new(path)
    };
    let model = llm::local::LocalModel::load(settings);
    let chats = model.load_changes();
    Ok((Arc::new(model), Some(chats)))
}

#[cfg(not(feature = "local"))]
fn local(_config: &ModelConfig, _path: &Path) -> Result<(Arc<dyn ChatModel>, LocalChats), String> {
    Err("this program was built without llama.cpp (cargo feature `local`). Set PARLANCE_OPENAI_URL instead of \
         PARLANCE_MODEL_PATH."
        .into())
}
