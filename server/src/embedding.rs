//! What finds passages by their sense, as the operator chose. Nothing needs it: without it they are found by their words.

mod embedders;

pub use embedders::Embedders;

use crate::{config::EmbeddingConfig, model::LocalChats};
use llm::{Embedder, OpenAiEmbedder, OpenAiEmbedderConfig};
use std::{path::Path, sync::Arc};

/// Begins to load the local model, or points to the remote one; `None` if neither is configured. Returns at once.
///
/// A local one pauses in the background while `chats` are answered on the same processors.
///
/// # Errors
/// A sentence for the operator: the settings are wrong.
pub fn from_config(config: &EmbeddingConfig, chats: LocalChats) -> Result<Option<Arc<dyn Embedder>>, String> {
    Ok(match (&config.embedding_url, &config.embedding_path) {
        (Some(url), _) => Some(Arc::new(remote(config, url)?)),
        (None, Some(path)) => Some(local(config, path, chats)?),
        (None, None) => None,
    })
}

/// The remote model.
///
/// # Errors
/// A sentence for the operator.
pub(crate) fn remote(config: &EmbeddingConfig, url: &str) -> Result<OpenAiEmbedder, String> {
    let defaults = OpenAiEmbedderConfig::new(url, &config.embedding_model);
    let settings = OpenAiEmbedderConfig {
        api_key: config.embedding_key.clone(),
        max_tokens: match config.embedding_max_tokens {
            0 => defaults.max_tokens,
            wanted => wanted,
        },
        query_prefix: config.embedding_query_prefix.clone().unwrap_or_default(),
        passage_prefix: config.embedding_passage_prefix.clone().unwrap_or_default(),
        ..defaults
    };
    OpenAiEmbedder::new(settings).map_err(|error| format!("PARLANCE_EMBEDDING_URL: {error}"))
}

#[cfg(feature = "local")]
fn local(config: &EmbeddingConfig, path: &Path, chats: LocalChats) -> Result<Arc<dyn Embedder>, String> {
    use llm::local::embedder::{LocalEmbedder, LocalEmbedderConfig};

    if !path.is_file() {
        return Err(format!(
            "there is no embedding model at {}. Check PARLANCE_EMBEDDING_PATH, or unset it: documents are then searched by \
             their words only.",
            path.display()
        ));
    }
    let settings = LocalEmbedderConfig {
        threads: config.embedding_threads,
        max_tokens: config.embedding_max_tokens,
        query_prefix: config.embedding_query_prefix.clone().unwrap_or_default(),
        passage_prefix: config.embedding_passage_prefix.clone().unwrap_or_default(),
        yields_to: chats,
        ..LocalEmbedderConfig::new(path)
    };
    Ok(Arc::new(LocalEmbedder::load(settings)))
}

#[cfg(not(feature = "local"))]
fn local(_config: &EmbeddingConfig, _path: &Path, _chats: LocalChats) -> Result<Arc<dyn Embedder>, String> {
    Err("this program was built without llama.cpp (cargo feature `local`). Set PARLANCE_EMBEDDING_URL instead of \
         PARLANCE_EMBEDDING_PATH, or neither."
        .into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[tokio::test]
    async fn an_embedding_model_may_be_missing_but_not_misspelt() {
        let mut config = Config::defaults().embedding;
        (config.embedding_path, config.embedding_url) = (None, None);
        assert!(from_config(&config, None).unwrap().is_none());
        config.embedding_path = Some("/no/such.gguf".into());
        assert!(
            from_config(&config, None)
                .unwrap_err()
                .contains("PARLANCE_EMBEDDING_PATH")
        );
        config.embedding_url = Some("localhost:11434".into());
        assert!(
            from_config(&config, None)
                .unwrap_err()
                .contains("PARLANCE_EMBEDDING_URL")
        );
        config.embedding_url = Some("http://localhost:11434/v1".into());
        let embedder = from_config(&config, None).unwrap().unwrap();
        assert_eq!(
            embedder.model_id(),
            "text-embedding-3-small",
            "a server is used instead of a file"
        );
        assert_eq!(embedder.max_tokens(), 512);
    }
}
