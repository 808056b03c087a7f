//! `cargo xtask`: all that a machine needs to build, run and test Parlance, said in Rust.
//!
//! It must not know what Parlance does: only how it is built, started and tested, through commands and files.
//! Start at `cli.rs` for the verbs; each has a file of its name.

mod autobahn;
mod bench;
mod build;
mod cli;
mod digest;
mod doctor;
mod eval;
mod failure;
mod front;
mod mongo;
mod perf;
mod place;
mod process;
mod run;
mod say;
mod setup;
mod soak;
mod test;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::{Cli, Verb};
use crate::place::Place;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = Place::find().and_then(|place| match cli.verb {
        Verb::Run(options) => run::run(&place, &options),
        Verb::Test(options) => test::test(&place, &options),
        Verb::Build => build::build(&place).map(|()| ExitCode::SUCCESS),
        Verb::Front => build::front(&place).map(|()| ExitCode::SUCCESS),
        Verb::Bench(options) => bench::bench(&place, &options),
        Verb::Perf(options) => perf::perf(&place, &options),
        Verb::Eval(options) => eval::eval(&place, &options),
        Verb::Soak(options) => soak::soak(&place, &options),
        Verb::Mongo => mongo::mongo(&place),
        Verb::Doctor => Ok(doctor::doctor(&place)),
    });
    done.unwrap_or_else(|failure| {
        eprintln!("\n{failure}");
        ExitCode::FAILURE
    })
}
