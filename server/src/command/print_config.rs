//! `parlance serve --print-config`: what the program would run with, and who said so. Secrets are never printed.

use super::Cli;
use crate::{config::Config, http::site::Site, startup};
use clap::{Arg, ArgAction, ArgMatches, CommandFactory, parser::ValueSource};
use std::fmt::Write;

/// What is printed instead of a secret.
const SET: &str = "(set)";

/// Prints it.
///
/// # Errors
/// The definitions have no `serve`: a defect.
pub fn print(config: &Config, given: &ArgMatches) -> Result<(), String> {
    print!("{}", page(config, given)?);
    Ok(())
}

fn page(config: &Config, given: &ArgMatches) -> Result<String, String> {
    let cli = Cli::command();
    let serve = cli.find_subcommand("serve").ok_or("there is no serve command")?;
    let given = given
        .subcommand_matches("serve")
        .ok_or("serve was not asked for")?;
    let mut page = String::new();
    let mut heading = "";
    for arg in serve.get_arguments().filter(|arg| arg.get_env().is_some()) {
        let group = arg.get_help_heading().unwrap_or("Other");
        if group != heading {
            heading = group;
            let _infallible = writeln!(page, "{}{heading}", if page.is_empty() { "" } else { "\n" });
        }
        let name = arg.get_env().unwrap_or_default().display();
        let (value, source) = (value(arg, given), source(arg, given));
        let _infallible = writeln!(page, "  {name:<30} {value:<36} {source}");
    }
    let _infallible = writeln!(page, "\nWhat follows from it");
    for (name, value) in consequences(config) {
        let _infallible = writeln!(page, "  {name:<30} {value}");
    }
    Ok(page)
}

fn value(arg: &Arg, given: &ArgMatches) -> String {
    let id = arg.get_id().as_str();
    if given.value_source(id).is_none() {
        return "–".into();
    }
    if arg.is_hide_env_values_set() {
        return SET.into();
    }
    if matches!(arg.get_action(), ArgAction::SetTrue) {
        return given.get_flag(id).to_string();
    }
    let values: Vec<_> = given
        .get_raw(id)
        .into_iter()
        .flatten()
        .map(|value| without_credentials(&value.to_string_lossy()))
        .collect();
    values.join(",")
}

fn source(arg: &Arg, given: &ArgMatches) -> String {
    match given.value_source(arg.get_id().as_str()) {
        Some(ValueSource::DefaultValue) => "default".into(),
        Some(ValueSource::EnvVariable) => "environment".into(),
        Some(ValueSource::CommandLine) => format!("flag --{}", arg.get_long().unwrap_or_default()),
        _ => "not set".into(),
    }
}

/// `https://user:password@host/` is a secret in the middle of an address.
fn without_credentials(value: &str) -> String {
    let Some((scheme, rest)) = value.split_once("://") else {
        return value.into();
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match authority.rsplit_once('@') {
        Some((credentials, _)) => {
            let rest = rest.strip_prefix(credentials).unwrap_or_default();
            format!("{scheme}://{SET}{rest}")
        }
        None => value.into(),
    }
}

fn consequences(config: &Config) -> Vec<(&'static str, String)> {
    let page = match Site::chosen(config.http.site.as_deref()) {
        Site::Inside(bundle) => format!("inside the program ({} files)", bundle.files.len()),
        Site::Folder(folder) => format!("the folder {}", folder.display()),
    };
    let model = match (&config.model.openai_url, &config.model.model_path) {
        (Some(url), _) => format!("{} at {}", config.model.openai_model, without_credentials(url)),
        (None, Some(path)) => path.display().to_string(),
        (None, None) => "none: `serve` will not start".into(),
    };
    let embedding = match (&config.embedding.embedding_url, &config.embedding.embedding_path) {
        (Some(url), _) => {
            let model = &config.embedding.embedding_model;
            format!("{model} at {}", without_credentials(url))
        }
        (None, Some(path)) => path.display().to_string(),
        (None, None) => "none: documents are searched by their words only".into(),
    };
    let secret = match &config.auth.secret {
        Some(_) => SET.into(),
        None => startup::secret_file(&config.store.data).display().to_string(),
    };
    let cookies = if config.is_https() {
        "only by TLS (Secure)"
    } else if config.http.trust_proxy {
        "only by TLS where the proxy says X-Forwarded-Proto: https"
    } else {
        "also without TLS: no public URL with https is set"
    };
    let database = match &config.store.mongodb_uri {
        Some(_) => format!("{} in MongoDB", config.store.mongodb_database),
        None => startup::database_file(&config.store.data).display().to_string(),
    };
    vec![
        ("address people type", config.base_url(config.http.port)),
        ("cookies travel", cookies.into()),
        ("page", page),
        ("model", model),
        ("embedding", embedding),
        ("secret key", secret),
        ("database", database),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Command, serve::ServeCommand};
    use clap::FromArgMatches;

    fn printed(flags: &[&str]) -> String {
        let line = ["parlance", "serve"].iter().chain(flags);
        let given = Cli::command().try_get_matches_from(line).unwrap();
        let Command::Serve(ServeCommand { config, .. }) = Cli::from_arg_matches(&given).unwrap().command
        else {
            panic!("not serve")
        };
        page(&config, &given).unwrap()
    }

    fn line<'p>(page: &'p str, name: &str) -> Vec<&'p str> {
        let line = page.lines().find(|line| line.trim_start().starts_with(name));
        line.unwrap().split_whitespace().collect()
    }

    #[test]
    fn each_setting_says_its_value_and_who_gave_it() {
        let page = printed(&[
            "--port",
            "9001",
            "--trust-proxy",
            "--allowed-origins",
            "https://a.org,https://b.org",
        ]);
        assert_eq!(
            line(&page, "PARLANCE_PORT"),
            ["PARLANCE_PORT", "9001", "flag", "--port"]
        );
        assert_eq!(
            line(&page, "PARLANCE_HOST"),
            ["PARLANCE_HOST", "127.0.0.1", "default"]
        );
        assert_eq!(line(&page, "PARLANCE_TRUST_PROXY")[1], "true");
        assert_eq!(
            line(&page, "PARLANCE_ALLOWED_ORIGINS")[1],
            "https://a.org,https://b.org"
        );
        assert_eq!(
            line(&page, "PARLANCE_PUBLIC_URL"),
            ["PARLANCE_PUBLIC_URL", "–", "not", "set"]
        );
    }

    #[test]
    fn no_secret_is_printed() {
        let secret = "0123456789abcdef0123456789abcdef";
        let url = "https://ada:lovelace@models.example.org/v1";
        let page = printed(&[
            "--secret",
            secret,
            "--openai-key",
            "sk-1815",
            "--openai-url",
            url,
            "--embedding-key",
            "sk-1852",
            "--embedding-url",
            url,
        ]);
        for hidden in [secret, "sk-1815", "sk-1852", "lovelace", "ada"] {
            assert!(!page.contains(hidden), "{hidden} in {page}");
        }
        assert_eq!(line(&page, "PARLANCE_SECRET")[1], "(set)");
        assert_eq!(
            line(&page, "PARLANCE_OPENAI_URL")[1],
            "https://(set)@models.example.org/v1"
        );
    }

    #[test]
    fn what_follows_is_said_where_no_setting_says_it() {
        let plain = printed(&["--data", "/srv/parlance"]);
        assert!(plain.contains("also without TLS"), "{plain}");
        assert_eq!(line(&plain, "database")[1], "/srv/parlance/parlance.db");
        let public = printed(&["--public-url", "https://chat.example.org"]);
        assert!(public.contains("only by TLS (Secure)"), "{public}");
    }
}
