//! The embedding models of this process: the one that was chosen, and those by whose vectors questions are still compared.
//!
//! Must not know: documents. When somebody chooses another model, the vectors in the store are the former one's until all
//! are made anew, and questions must be embedded by that one meanwhile. So each start writes down how its model is made
//! ([`Recipe`], without a key), and whoever meets vectors of another model makes it again from there.

use super::{LocalChats, from_config};
use crate::config::EmbeddingConfig;
use llm::Embedder;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, path::PathBuf, sync::Arc};
use store::Store;

/// The note that says which model the server that started last has chosen: that one makes vectors for all documents.
const CHOSEN: &str = "embedding";

/// How a model is made. What it is asked with (a key) is not written down.
#[derive(Debug, Serialize, Deserialize)]
struct Recipe {
    path: Option<PathBuf>,
    url: Option<String>,
    model: String,
    max_tokens: u32,
    query_prefix: Option<String>,
    passage_prefix: Option<String>,
}

/// All of them.
#[derive(Debug)]
pub struct Embedders {
    current: Option<Arc<dyn Embedder>>,
    /// By their ids; `None`: it cannot be made.
    former: Mutex<HashMap<String, Option<Arc<dyn Embedder>>>>,
    /// How the current one is made, when it was made from settings.
    made_from: Option<(EmbeddingConfig, LocalChats)>,
}

impl Embedders {
    /// As the operator chose. Returns at once.
    ///
    /// # Errors
    /// A sentence for the operator: the settings are wrong.
    pub fn from_config(config: &EmbeddingConfig, chats: LocalChats) -> Result<Self, String> {
        Ok(Self {
            current: from_config(config, chats.clone())?,
            former: Mutex::default(),
            made_from: Some((config.clone(), chats)),
        })
    }

    /// None: documents are found by their words.
    pub fn none() -> Self {
        Self {
            current: None,
            former: Mutex::default(),
            made_from: None,
        }
    }

    /// This one, made elsewhere.
    pub fn of(current: Arc<dyn Embedder>) -> Self {
        Self {
            current: Some(current),
            ..Self::none()
        }
    }

    /// And one that was chosen before.
    #[must_use]
    pub fn after(self, former: Arc<dyn Embedder>) -> Self {
        self.former.lock().insert(former.model_id(), Some(former));
        self
    }

    /// The one that was chosen: all documents get its vectors.
    pub fn current(&self) -> Option<&Arc<dyn Embedder>> {
        self.current.as_ref()
    }

    /// The one with this id: the current one, or a former one if it can still be made.
    pub async fn with_id(&self, store: &dyn Store, id: &str) -> Option<Arc<dyn Embedder>> {
        if let Some(current) = self.current.as_ref().filter(|current| current.model_id() == id) {
            return Some(Arc::clone(current));
        }
        if let Some(known) = self.former.lock().get(id) {
            return known.clone();
        }
        let made = match store.note(&recipe_of(id)).await {
            Ok(note) => note.and_then(|recipe| self.made_again(id, &recipe)),
            Err(error) => {
                tracing::warn!(%error, "Could not look up how an embedding model is made");
                return None;
            }
        };
        self.former.lock().insert(id.to_owned(), made.clone());
        made
    }

    fn made_again(&self, id: &str, recipe: &str) -> Option<Arc<dyn Embedder>> {
        let (config, chats) = self.made_from.as_ref()?;
        let recipe: Recipe = serde_json::from_str(recipe).ok()?;
        let config = recipe.settings(config);
        match from_config(&config, chats.clone()) {
            Ok(made) => made.filter(|made| made.model_id() == id),
            Err(error) => {
                tracing::info!(
                    model = id,
                    error,
                    "An embedding model of before is not there any more"
                );
                None
            }
        }
    }

    /// Writes down which model this server has chosen, and how it is made.
    ///
    /// # Errors
    /// The store's.
    pub async fn note(&self, store: &dyn Store) -> store::Result<()> {
        let Some(current) = &self.current else {
            return Ok(());
        };
        let id = current.model_id();
        if let Some((config, _)) = &self.made_from {
            let recipe = serde_json::to_string(&Recipe::of(config)).unwrap_or_default();
            put(store, &recipe_of(&id), &recipe).await?;
        }
        put(store, CHOSEN, &id).await
    }

    /// Whether this server's model is the one that was chosen last. While servers with another one are still there, they
    /// do not undo what the others do.
    ///
    /// # Errors
    /// The store's.
    pub async fn is_chosen(&self, store: &dyn Store) -> store::Result<bool> {
        let chosen = store.note(CHOSEN).await?;
        Ok(self
            .current
            .as_ref()
            .is_some_and(|current| chosen == Some(current.model_id())))
    }
}

/// A URL without the name and the password that may stand in it.
fn bare(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let behind = rest.strip_prefix(authority).unwrap_or_default();
    format!("{scheme}://{host}{behind}")
}

fn recipe_of(id: &str) -> String {
    format!("{CHOSEN}/{id}")
}

/// Whatever stood there.
async fn put(store: &dyn Store, name: &str, text: &str) -> store::Result<()> {
    loop {
        let stands = store.note(name).await?;
        if store.replace_note(name, stands.as_deref(), text).await? {
            return Ok(());
        }
    }
}

impl Recipe {
    fn of(config: &EmbeddingConfig) -> Self {
        Self {
            path: config
                .embedding_path
                .as_ref()
                .map(|path| path.canonicalize().unwrap_or_else(|_| path.clone())),
            url: config.embedding_url.as_deref().map(bare),
            model: config.embedding_model.clone(),
            max_tokens: config.embedding_max_tokens,
            query_prefix: config.embedding_query_prefix.clone(),
            passage_prefix: config.embedding_passage_prefix.clone(),
        }
    }

    /// Settings that make it again. Where the same server is asked today, with today's credentials.
    fn settings(self, today: &EmbeddingConfig) -> EmbeddingConfig {
        let here = today.embedding_url.as_ref();
        let is_same = here.is_some_and(|url| self.url.as_ref() == Some(&bare(url)));
        EmbeddingConfig {
            embedding_path: self.path,
            embedding_url: if is_same { here.cloned() } else { self.url },
            embedding_key: today.embedding_key.clone().filter(|_| is_same),
            embedding_model: self.model,
            embedding_max_tokens: self.max_tokens,
            embedding_query_prefix: self.query_prefix,
            embedding_passage_prefix: self.passage_prefix,
            embedding_threads: today.embedding_threads,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use secrecy::ExposeSecret;
    use store::{SqliteStore, note::Notes};

    fn remote(url: &str, model: &str) -> Embedders {
        let mut config = Config::defaults().embedding;
        config.embedding_path = None;
        config.embedding_url = Some(url.into());
        config.embedding_key = Some("secret".into());
        config.embedding_model = model.into();
        Embedders::from_config(&config, None).unwrap()
    }

    #[tokio::test]
    async fn a_former_model_is_made_again_from_what_was_written_down() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("notes.db")).unwrap();
        let before = remote("http://me:word@localhost:1/v1", "minilm");
        before.note(&store).await.unwrap();
        let now = remote("http://me:word@localhost:1/v1", "e5");
        now.note(&store).await.unwrap();
        assert!(now.is_chosen(&store).await.unwrap());
        assert!(!before.is_chosen(&store).await.unwrap());
        let former = now.with_id(&store, "minilm").await.unwrap();
        assert_eq!(former.model_id(), "minilm");
        assert_eq!(now.with_id(&store, "e5").await.unwrap().model_id(), "e5");
        assert!(now.with_id(&store, "never heard of").await.is_none());
        let written = store.note("embedding/minilm").await.unwrap().unwrap();
        assert!(
            !written.contains("secret") && !written.contains("word"),
            "{written}"
        );
    }

    #[test]
    fn a_key_goes_to_no_other_server() {
        let mut today = Config::defaults().embedding;
        today.embedding_url = Some("http://localhost:1/v1".into());
        today.embedding_key = Some("secret".into());
        let recipe = |url: &str| Recipe {
            path: None,
            url: Some(url.into()),
            model: "minilm".into(),
            max_tokens: 0,
            query_prefix: None,
            passage_prefix: None,
        };
        let same = recipe("http://localhost:1/v1").settings(&today);
        assert_eq!(same.embedding_key.unwrap().expose_secret(), "secret");
        let other = recipe("http://localhost:2/v1").settings(&today);
        assert!(other.embedding_key.is_none());
    }
}
