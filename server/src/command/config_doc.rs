//! `parlance config-doc`: docs/config.md, from the definitions of the options themselves.

use super::Cli;
use clap::CommandFactory;
use std::fmt::Write;

/// Prints the page.
///
/// # Errors
/// The definitions have no `serve`: a defect.
pub fn print() -> Result<(), String> {
    print!("{}", page()?);
    Ok(())
}

fn page() -> Result<String, String> {
    let cli = Cli::command();
    let serve = cli.find_subcommand("serve").ok_or("there is no serve command")?;
    let mut page = String::from(
        "# Configuration\n\nEvery option of `parlance serve`, as a flag or an environment variable; a flag wins. This page is \
         printed by\n`parlance config-doc` and checked by the tests: change `server/src/config.rs`, not this file.\n",
    );
    let mut heading = "";
    for arg in serve.get_arguments().filter(|arg| arg.get_env().is_some()) {
        let group = arg.get_help_heading().unwrap_or("Other");
        if group != heading {
            heading = group;
            let _infallible = write!(
                page,
                "\n## {heading}\n\n| flag | variable | default | what |\n|---|---|---|---|\n"
            );
        }
        let flag = arg.get_long().unwrap_or_default();
        let variable = arg
            .get_env()
            .map(|name| name.to_string_lossy())
            .unwrap_or_default();
        let defaults: Vec<_> = arg
            .get_default_values()
            .iter()
            .map(|value| value.to_string_lossy())
            .collect();
        let default = if defaults.is_empty() {
            "–".to_owned()
        } else {
            format!("`{}`", defaults.join(","))
        };
        let what = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let words: Vec<String> = arg
            .get_possible_values()
            .iter()
            .filter(|value| !["true", "false"].contains(&value.get_name()))
            .map(|value| {
                format!(
                    "`{}`: {}",
                    value.get_name(),
                    value.get_help().map(ToString::to_string).unwrap_or_default()
                )
            })
            .collect();
        let words = if words.is_empty() {
            String::new()
        } else {
            format!(". {}", words.join("; "))
        };
        let _infallible = writeln!(page, "| `--{flag}` | `{variable}` | {default} | {what}{words} |");
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_is_on_the_page_and_no_secret_has_a_default() {
        let page = page().unwrap();
        for variable in [
            "PARLANCE_PORT",
            "PARLANCE_DATA",
            "PARLANCE_MODEL_PATH",
            "PARLANCE_SESSION_GRACE",
        ] {
            assert!(page.contains(variable), "{variable}");
        }
        assert!(page.contains("`--openai-key` | `PARLANCE_OPENAI_KEY` | – |"));
    }

    /// Variables of the files around the program that are not the program's own: those of proxies, of `cargo xtask`, and of
    /// the front alone.
    const OF_OTHERS: [&str; 5] = [
        "PARLANCE_DOMAIN",
        "PARLANCE_NODES",
        "PARLANCE_NODES_BACKWARDS",
        "PARLANCE_CACHE",
        "PARLANCE_SERVER",
    ];

    #[test]
    fn what_the_files_for_operators_set_are_settings_that_there_are() {
        let page = page().unwrap();
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let files = [
            "Dockerfile",
            "compose.yaml",
            "README.md",
            "docs/deployment.md",
            "deploy/Caddyfile",
            "deploy/parlance.service",
        ];
        for file in files {
            let text = std::fs::read_to_string(root.join(file)).unwrap();
            let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let settings = words.filter(|word| word.starts_with("PARLANCE_"));
            for setting in settings.filter(|setting| !OF_OTHERS.contains(setting)) {
                assert!(page.contains(&format!("`{setting}`")), "{setting} in {file}");
            }
        }
    }
}
