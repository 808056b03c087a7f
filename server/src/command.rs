//! What `parlance` can be told on the command line.

pub mod backup;
pub mod config_doc;
pub mod doctor;
pub mod migrate;
mod open_files;
mod outside;
pub mod print_config;
pub mod ready;
pub mod serve;
pub mod user;

use crate::{clock::SystemClock, startup};
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};
use std::{io, process::ExitCode};

/// A chat server that loses no answer.
#[derive(Debug, Parser)]
#[command(name = "parlance", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the server.
    Serve(serve::ServeCommand),
    /// Makes and changes accounts; works while the server runs.
    User(user::UserCommand),
    /// Copies the data folder into a new one, whole and checked; works while the server runs.
    Backup(backup::BackupCommand),
    /// Copies the data folder into MongoDB, resumable and compared; the server must not run meanwhile.
    Migrate(migrate::MigrateCommand),
    /// Checks configuration, data, model and network, and says what is wrong and what helps.
    Doctor(doctor::DoctorCommand),
    /// Succeeds when the server on this machine is ready: the health check of a container.
    Ready(ready::ReadyCommand),
    /// Prints docs/config.md.
    ConfigDoc,
    /// Reads one document, in a process that may die: the server starts it, nobody else.
    #[command(hide = true)]
    ExtractDocument,
}

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    let given = Cli::command().get_matches();
    let cli = Cli::from_arg_matches(&given).unwrap_or_else(|error| error.exit());
    run(cli, &given)
}

/// Failures are one sentence on standard error.
fn run(cli: Cli, given: &ArgMatches) -> ExitCode {
    let done = match cli.command {
        Command::Serve(command) if command.print_config => print_config::print(&command.config, given),
        Command::Serve(command) => serve::run(command.config),
        Command::User(command) => change_accounts(command),
        Command::Backup(command) => backup::run(&command, &mut io::stdout()),
        Command::Migrate(command) => migrate::run(&command, &mut io::stdout()),
        Command::Doctor(command) => doctor::run(command, &mut io::stdout()),
        Command::Ready(command) => ready::run(&command),
        Command::ConfigDoc => config_doc::print(),
        Command::ExtractDocument => return extract::run_child(),
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
    let (mut input, mut output) = (io::BufReader::new(io::stdin()), io::stdout());
    runtime()?.block_on(async {
        let store = startup::open(&command.store)
            .await
            .map_err(|error| error.to_string())?;
        let done = user::run(command, &*store, &SystemClock, &mut input, &mut output).await;
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
