//! Settings that parse, and still do not go together.

use super::Finding;
use crate::config::Config;

const ABOUT: &str = "settings";

/// Every contradiction; one good word when there is none.
pub(super) fn check(config: &Config) -> Vec<Finding> {
    let mut found = Vec::new();
    if config.model.openai_url.is_some() && config.model.model_path.is_some() {
        found.push(Finding::warning(
            ABOUT,
            "both a remote model and a model file are set; the remote one answers",
            "unset PARLANCE_OPENAI_URL or PARLANCE_MODEL_PATH",
        ));
    }
    found.extend(public_url(config));
    if found.is_empty() {
        found.push(Finding::fine(
            ABOUT,
            "can be read, and go together (`parlance serve --print-config` lists them)",
        ));
    }
    found
}

fn public_url(config: &Config) -> Option<Finding> {
    let trusted = config.http.trust_proxy;
    match &config.http.public_url {
        None if trusted => Some(Finding::warning(
            ABOUT,
            "a proxy is trusted, but the address people type is not said",
            "set PARLANCE_PUBLIC_URL=https://… : only its pages may then open sockets, and cookies travel by TLS only",
        )),
        Some(url) if !trusted => Some(Finding::warning(
            ABOUT,
            format!(
                "people come by {url}, and all of them count as one address: who guesses passwords slows down all"
            ),
            "if a proxy stands before and sets X-Forwarded-For, set PARLANCE_TRUST_PROXY=true",
        )),
        Some(url) if url.starts_with("http://") => Some(Finding::warning(
            ABOUT,
            format!("people come by {url}, without TLS: passwords and chats can be read on the way"),
            "let the proxy speak TLS, and set PARLANCE_PUBLIC_URL=https://…",
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::doctor::Verdict;

    fn warned(change: impl FnOnce(&mut Config)) -> String {
        let mut config = Config::defaults();
        config.model.model_path = None;
        change(&mut config);
        let warnings = check(&config)
            .into_iter()
            .filter(|found| found.verdict != Verdict::Fine);
        warnings.map(|found| found.to_string()).collect()
    }

    #[test]
    fn settings_that_contradict_each_other_are_named_with_what_to_set() {
        assert_eq!(warned(|_| {}), "");
        let https = || Some("https://chat.example.org".to_owned());
        assert!(warned(|config| config.http.trust_proxy = true).contains("PARLANCE_PUBLIC_URL"));
        assert!(warned(|config| config.http.public_url = https()).contains("PARLANCE_TRUST_PROXY"));
        let both = warned(|config| {
            config.model.openai_url = Some("http://localhost/v1".into());
            config.model.model_path = Some("model.gguf".into());
        });
        assert!(both.contains("the remote one answers"), "{both}");
        let behind_a_proxy = warned(|config| {
            config.http.public_url = https();
            config.http.trust_proxy = true;
        });
        assert_eq!(behind_a_proxy, "");
    }
}
