//! The verbs of `cargo xtask` and their options: the one place where they are named.
//!
//! Nothing is done here; each verb's own file does it.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::test::Step;

/// Builds, runs and tests Parlance, and sets the machine up for it first.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", arg_required_else_help = true)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// What `cargo xtask` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Install what is missing, build, start Parlance and say where it answers.
    Run(RunOptions),
    /// Check everything: format, licences, lints, tests, page size, and the real program in a real browser.
    Test(TestOptions),
    /// Build the front and the server, with what they need set up first.
    Build,
    /// Build what the browser downloads into target/site.
    Front,
    /// Measure. `cargo xtask bench stream` is what Parlance adds between a model and the browser, `bench nodes` what a
    /// second node and MongoDB add, `bench sockets` what an idle socket costs, `bench rag` the time of a search in documents,
    /// `bench ingestion` what those who chat notice of documents that are being taken in.
    Bench(BenchOptions),
    /// Measure the pages in a real browser: Lighthouse on the first ones, and a chat of 2,000 messages on a slow processor.
    Perf(PerfOptions),
    /// Measure how well documents answer: `cargo xtask eval rag` on the questions in ../shared/data/rag-eval.
    Eval(EvalOptions),
    /// Let several nodes, networks and the database fail under many users, and check that nothing was lost.
    Soak(SoakOptions),
    /// Start a MongoDB to work with, say its URI, and stop it with Ctrl-C.
    Mongo,
    /// Say what is missing on this machine; install nothing.
    Doctor,
}

/// Options of `cargo xtask run`.
#[derive(Debug, Args)]
pub(crate) struct RunOptions {
    /// The port Parlance answers on.
    #[arg(long, default_value_t = 8000, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: u16,
    /// The address Parlance listens on; 0.0.0.0 for every network of this machine.
    #[arg(long, default_value = "127.0.0.1")]
    pub(crate) host: IpAddr,
    /// The folder of the database and the secrets; made if it is not there.
    #[arg(long, default_value = "./data")]
    pub(crate) data: PathBuf,
}

/// Options of `cargo xtask test`.
#[derive(Debug, Args)]
pub(crate) struct TestOptions {
    /// Only this step (and the set-up it needs); may be given more than once.
    #[arg(long, value_enum)]
    pub(crate) only: Vec<Step>,
}

/// Options of `cargo xtask bench`.
#[derive(Debug, Args)]
pub(crate) struct BenchOptions {
    /// What to measure, and its own options: handed on as they are.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    pub(crate) what: Vec<String>,
}

/// Options of `cargo xtask perf`.
#[derive(Debug, Args)]
pub(crate) struct PerfOptions {
    /// Options of Playwright, handed on as they are: `lighthouse.spec.ts` for a part of it.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) words: Vec<String>,
}

/// Options of `cargo xtask eval`.
#[derive(Debug, Args)]
pub(crate) struct EvalOptions {
    /// What to measure, and its own options: handed on as they are.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    pub(crate) words: Vec<String>,
}

/// Options of `cargo xtask soak`.
#[derive(Debug, Args)]
pub(crate) struct SoakOptions {
    /// Afterwards the whole browser suite on MongoDB, too.
    #[arg(long)]
    pub(crate) stories: bool,
    /// Its own options, handed on as they are: `--schedules 1000`, `--seed 7`; `-- --help` says all.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) words: Vec<String>,
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::{Cli, Verb};

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split(' '))
    }

    #[test]
    fn options_are_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn run_without_options_answers_on_localhost_8000_with_its_data_here() {
        let Verb::Run(options) = parse("xtask run").unwrap().verb else {
            panic!("not run")
        };
        assert_eq!(
            (options.port, options.host.to_string().as_str()),
            (8000, "127.0.0.1")
        );
        assert_eq!(options.data.to_str(), Some("./data"));
    }

    #[test]
    fn run_takes_a_port_a_host_and_a_data_folder() {
        let Verb::Run(options) = parse("xtask run --port 9001 --host 0.0.0.0 --data /srv/p")
            .unwrap()
            .verb
        else {
            panic!("not run")
        };
        assert_eq!(
            (options.port, options.host.to_string().as_str()),
            (9001, "0.0.0.0")
        );
        assert_eq!(options.data.to_str(), Some("/srv/p"));
    }

    #[test]
    fn a_port_nobody_can_open_is_refused() {
        assert!(parse("xtask run --port 0").is_err());
        assert!(parse("xtask run --port 65536").is_err());
    }

    #[test]
    fn test_takes_several_steps_and_refuses_unknown_ones() {
        let Verb::Test(options) = parse("xtask test --only fmt --only clippy").unwrap().verb else {
            panic!("not test")
        };
        assert_eq!(options.only.len(), 2);
        assert!(parse("xtask test --only nonsense").is_err());
    }

    #[test]
    fn bench_hands_its_words_on_untouched() {
        let Verb::Bench(options) = parse("xtask bench stream --chats 10").unwrap().verb else {
            panic!("not bench")
        };
        assert_eq!(options.what, ["stream", "--chats", "10"]);
    }

    #[test]
    fn soak_hands_its_words_on_untouched() {
        let Verb::Soak(options) = parse("xtask soak --schedules 1000 --seed 7").unwrap().verb else {
            panic!("not soak")
        };
        assert_eq!(options.words, ["--schedules", "1000", "--seed", "7"]);
        let Verb::Soak(options) = parse("xtask soak").unwrap().verb else {
            panic!("not soak")
        };
        assert!(options.words.is_empty());
    }
}
