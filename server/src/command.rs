//! What `parlance` can be told on the command line.

pub mod config_doc;
pub mod serve;
pub mod user;

use crate::{clock::SystemClock, config::Config, startup::open_store};
use clap::{Parser, Subcommand};
use std::{io, process::ExitCode};
use store::Store;

/// A chat server that loses no answer.
#[derive(Debug, Parser)]
#[command(name = "parlance", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "one is made per process")]
enum Command {
    /// Runs the server.
    Serve(Config),
    /// Makes and changes accounts; works while the server runs.
    User(user::UserCommand),
    /// Prints docs/config.md.
    ConfigDoc,
}

/// Does it. Failures are one sentence on standard error.
pub fn run(cli: Cli) -> ExitCode {
    let done = match cli.command {
        Command::Serve(config) => serve::run(config),
        Command::User(command) => change_accounts(command),
        Command::ConfigDoc => config_doc::print(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("parlance: {sentence}");
            ExitCode::FAILURE
        }
    }
}

fn change_accounts(command: user::UserCommand) -> Result<(), String> {
    let store = open_store(&command.store.data).map_err(|error| error.to_string())?;
    let (mut input, mut output) = (io::BufReader::new(io::stdin()), io::stdout());
    runtime()?.block_on(async {
        let done = user::run(command, &store, &SystemClock, &mut input, &mut output).await;
        store.close().await;
        done.map_err(|error| error.to_string())
    })
}

/// What the asynchronous commands run on.
///
/// # Errors
/// The system gives no threads.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start: {error}"))
}
