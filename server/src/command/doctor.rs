//! `parlance doctor`: what is wrong, why, and what helps; a line each.
//!
//! It takes the settings of `serve` and changes nothing that they name. Start at [`examine`]: the checks of this machine
//! stand in [`machine`], [`model`] and [`embedding`], those from the browser's side of a proxy in [`browser`].

mod browser;
mod embedding;
mod machine;
mod model;
mod settings;

use crate::config::{Config, parse_origin};
use clap::Args;
use std::{
    fmt,
    io::{self, Write},
};

/// Checks configuration, data, model and network, and says what is wrong and what helps.
#[derive(Debug, Args)]
pub struct DoctorCommand {
    /// The address people type: also look from the browser's side of the proxy. https://chat.example.org
    #[arg(long, value_parser = parse_origin)]
    pub url: Option<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its type says it")]
    pub config: Config,
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub verdict: Verdict,
    /// What was looked at, in a word or two.
    pub about: &'static str,
    /// What was found; when it is not well, the cause.
    pub what: String,
    /// What helps; empty when all is well.
    pub cure: String,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Well.
    Fine,
    /// It works, and something will surprise somebody.
    Warning,
    /// It does not work.
    Failure,
}

impl Finding {
    fn fine(about: &'static str, what: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Fine,
            about,
            what: what.into(),
            cure: String::new(),
        }
    }

    fn warning(about: &'static str, what: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Warning,
            about,
            what: what.into(),
            cure: cure.into(),
        }
    }

    fn failure(about: &'static str, what: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Failure,
            ..Self::warning(about, what, cure)
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Fine => "ok",
            Verdict::Warning => "warning",
            Verdict::Failure => "FAILURE",
        };
        write!(f, "{verdict:<8} {:<13} {}", self.about, self.what)?;
        if self.cure.is_empty() {
            return Ok(());
        }
        write!(f, ". Cure: {}", self.cure)
    }
}

/// Looks at everything and says what it found.
///
/// # Errors
/// Something does not work: how much of it.
pub fn run(command: DoctorCommand, output: &mut (dyn Write + Send)) -> Result<(), String> {
    let found = super::runtime()?
        .block_on(examine(&command, output))
        .map_err(|error| format!("cannot print: {error}"))?;
    let failures = of(&found, Verdict::Failure);
    if failures > 0 {
        return Err(format!("{failures} of {} checks failed", found.len()));
    }
    let warnings = of(&found, Verdict::Warning);
    writeln!(
        output,
        "\nNothing is broken ({} checks, warnings: {warnings}).",
        found.len()
    )
    .map_err(|error| format!("cannot print: {error}"))
}

fn of(found: &[Finding], verdict: Verdict) -> usize {
    found.iter().filter(|finding| finding.verdict == verdict).count()
}

/// Looks at everything; each finding is printed as soon as it is known.
///
/// # Errors
/// Nothing can be printed.
pub async fn examine(command: &DoctorCommand, output: &mut (dyn Write + Send)) -> io::Result<Vec<Finding>> {
    let config = &command.config;
    let mut all = Vec::new();
    let mut say = |found: Vec<Finding>| {
        for finding in &found {
            writeln!(output, "{finding}")?;
        }
        all.extend(found);
        io::Result::Ok(())
    };
    say(settings::check(config))?;
    say(vec![machine::site(config)])?;
    let (folder, server) = machine::data_folder(&config.store);
    say(folder.into_iter().collect())?;
    say(vec![machine::database(&config.store).await])?;
    say(vec![machine::secret(config)])?;
    say(vec![machine::port(config, server).await])?;
    say(vec![model::check(&config.model).await])?;
    say(vec![embedding::check(&config.embedding).await])?;
    if let Some(url) = &command.url {
        say(browser::check(url).await)?;
    }
    Ok(all)
}
