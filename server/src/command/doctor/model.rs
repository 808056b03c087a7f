//! Whether the model that is configured is there.

use super::Finding;
use crate::{config::ModelConfig, model};
use llm::OpenAiModel;
use std::{fs::File, io::Read, path::Path};

const ABOUT: &str = "model";
/// How the settings are called that name a model.
pub(super) struct Settings {
    pub(super) path: &'static str,
    pub(super) url: &'static str,
}

const SETTINGS: Settings = Settings {
    path: "PARLANCE_MODEL_PATH",
    url: "PARLANCE_OPENAI_URL",
};
/// How every GGUF file begins.
const GGUF: &[u8; 4] = b"GGUF";

/// The remote one is asked which models it has; of a local one the file is looked at, not loaded.
pub(super) async fn check(config: &ModelConfig) -> Finding {
    match (&config.openai_url, &config.model_path) {
        (Some(url), _) => remote(config, url).await,
        (None, Some(path)) => file(ABOUT, &SETTINGS, path),
        (None, None) => Finding::failure(
            ABOUT,
            "none is configured",
            "set PARLANCE_OPENAI_URL, or PARLANCE_MODEL_PATH to a GGUF file",
        ),
    }
}

async fn remote(config: &ModelConfig, url: &str) -> Finding {
    let server = match OpenAiModel::new(model::remote_settings(config, url)) {
        Ok(server) => server,
        Err(error) => {
            return Finding::failure(
                ABOUT,
                error.to_string(),
                "correct PARLANCE_OPENAI_URL or PARLANCE_OPENAI_KEY",
            );
        }
    };
    let wanted = &config.openai_model;
    match server.models().await {
        Err(error) => Finding::failure(
            ABOUT,
            format!("the model server cannot be reached: {error}"),
            "start it, or correct PARLANCE_OPENAI_URL; inside a container `localhost` is the container itself",
        ),
        Ok(answer) => match answer.status {
            200 if answer.models.iter().any(|model| model == wanted) => {
                Finding::fine(ABOUT, format!("the server answers, and has {wanted}"))
            }
            200 if answer.models.is_empty() => {
                Finding::fine(ABOUT, "the server answers; it does not say which models it has")
            }
            200 => Finding::warning(
                ABOUT,
                format!(
                    "the server answers, and does not list {wanted}; it has {}",
                    shown(&answer.models)
                ),
                "set PARLANCE_OPENAI_MODEL to one of them",
            ),
            status @ (401 | 403) => Finding::failure(
                ABOUT,
                format!("the server refuses the key (HTTP {status})"),
                "correct PARLANCE_OPENAI_KEY",
            ),
            404 => Finding::warning(
                ABOUT,
                "the server answers, and knows no /models (HTTP 404)",
                "if chats fail too: PARLANCE_OPENAI_URL goes up to and with /v1",
            ),
            status => Finding::failure(
                ABOUT,
                format!("the server answers with HTTP {status}"),
                "look at that server's log",
            ),
        },
    }
}

/// A few names: some servers have hundreds.
fn shown(models: &[String]) -> String {
    let few: Vec<&str> = models.iter().take(5).map(String::as_str).collect();
    let more = if models.len() > few.len() { ", …" } else { "" };
    format!("{}{more}", few.join(", "))
}

/// Looks at a model's file; it is not loaded.
pub(super) fn file(about: &'static str, settings: &Settings, path: &Path) -> Finding {
    let shown = path.display();
    if !cfg!(feature = "local") {
        return Finding::failure(
            about,
            "this program was built without llama.cpp, and a model file is set",
            format!(
                "set {} instead, or take a program that was built with the feature `local`",
                settings.url
            ),
        );
    }
    let mut start = [0; GGUF.len()];
    match File::open(path).and_then(|mut file| file.read_exact(&mut start).map(|()| file)) {
        Err(error) => Finding::failure(
            about,
            format!("{shown}: {error}"),
            format!("correct {}", settings.path),
        ),
        Ok(_) if start != *GGUF => Finding::failure(
            about,
            format!("{shown} is no GGUF file"),
            "download it again; a web page saved under its name is a usual cause",
        ),
        Ok(file) => {
            let size = file.metadata().map_or(0, |about| about.len() / (1024 * 1024));
            Finding::fine(about, format!("{shown} is a GGUF file of {size} MB"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::doctor::Verdict;

    #[tokio::test]
    async fn no_model_is_a_failure() {
        let mut config = crate::config::Config::defaults().model;
        (config.openai_url, config.model_path) = (None, None);
        assert_eq!(check(&config).await.verdict, Verdict::Failure);
    }

    #[test]
    fn a_file_that_is_no_model_is_told_from_one_that_may_be() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.gguf");
        let local = |path: &Path| file(ABOUT, &SETTINGS, path);
        assert_eq!(local(&path).verdict, Verdict::Failure, "there is none");
        std::fs::write(&path, "<!DOCTYPE html>").unwrap();
        assert_eq!(local(&path).verdict, Verdict::Failure);
        std::fs::write(&path, "GGUF and so on").unwrap();
        let expected = if cfg!(feature = "local") {
            Verdict::Fine
        } else {
            Verdict::Failure
        };
        assert_eq!(local(&path).verdict, expected);
    }

    #[test]
    fn few_of_many_models_are_shown() {
        let names: Vec<String> = (1..=7).map(|n| format!("m{n}")).collect();
        assert_eq!(shown(&names), "m1, m2, m3, m4, m5, …");
        assert_eq!(shown(&names[..2]), "m1, m2");
    }
}
