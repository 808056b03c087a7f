//! Whether the embedding model that is configured is there, and gives vectors.

use super::{Finding, model};
use crate::{config::EmbeddingConfig, embedding};
use llm::{EmbedKind, EmbedPriority, Embedder, OpenAiEmbedder};

const ABOUT: &str = "embedding";
const SETTINGS: model::Settings = model::Settings {
    path: "PARLANCE_EMBEDDING_PATH",
    url: "PARLANCE_EMBEDDING_URL",
};

/// The remote one is asked for a vector; of a local one the file is looked at, not loaded.
pub(super) async fn check(config: &EmbeddingConfig) -> Finding {
    match (&config.embedding_url, &config.embedding_path) {
        (Some(url), _) => match embedding::remote(config, url) {
            Ok(server) => remote(&server).await,
            Err(error) => Finding::failure(
                ABOUT,
                error,
                "correct PARLANCE_EMBEDDING_URL or PARLANCE_EMBEDDING_KEY",
            ),
        },
        (None, Some(path)) => model::file(ABOUT, &SETTINGS, path),
        (None, None) => Finding::fine(
            ABOUT,
            "none is configured: documents are searched by their words only",
        ),
    }
}

async fn remote(server: &OpenAiEmbedder) -> Finding {
    let text = vec!["A kettle.".to_owned()];
    match server
        .embed(text, EmbedKind::Query, EmbedPriority::Interactive)
        .await
    {
        Ok(vectors) => Finding::fine(
            ABOUT,
            format!(
                "the server answers: vectors of {} numbers from {}",
                vectors.first().map_or(0, Vec::len),
                server.model_id()
            ),
        ),
        Err(error) => Finding::failure(
            ABOUT,
            format!("the embedding server gives no vectors: {error}"),
            "start it, or correct PARLANCE_EMBEDDING_URL (up to and with /v1), _KEY or _MODEL",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::doctor::Verdict;

    #[tokio::test]
    async fn no_embedding_model_is_fine_and_a_misspelt_one_is_not() {
        let mut config = crate::config::Config::defaults().embedding;
        (config.embedding_url, config.embedding_path) = (None, None);
        assert_eq!(check(&config).await.verdict, Verdict::Fine);
        config.embedding_path = Some("/no/such.gguf".into());
        let found = check(&config).await;
        assert_eq!(found.verdict, Verdict::Failure);
        if cfg!(feature = "local") {
            assert!(found.cure.contains("PARLANCE_EMBEDDING_PATH"), "{found}");
        }
        config.embedding_url = Some("no address".into());
        assert_eq!(check(&config).await.verdict, Verdict::Failure);
    }
}
