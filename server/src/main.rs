//! The `parlance` program: reads the command line and does what it says. See `parlance --help`.

use clap::Parser;
use server::command::{self, Cli};
use std::process::ExitCode;

fn main() -> ExitCode {
    #[cfg(feature = "local")]
    llm::local::wait_politely();
    command::run(Cli::parse())
}
