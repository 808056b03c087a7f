//! `cargo xtask soak …`: builds the program as it is released, starts a MongoDB, and lets several nodes, networks and the
//! database fail under many users. The step `ledger` of `cargo xtask test` is the same, short.

use std::process::{Command, ExitCode};

use crate::cli::SoakOptions;
use crate::failure::Done;
use crate::mongo::MongoDb;
use crate::place::Place;
use crate::{build, process, say, setup};

/// What to do about a schedule that failed.
pub(crate) const CURE: &str = "see the violations above; each schedule that failed says where its logs are, and how to \
     run it again";

/// Builds the program and the soak, and runs the soak.
pub(crate) fn soak(place: &Place, options: &SoakOptions) -> Done<ExitCode> {
    setup::meet(place, &[setup::SERVER, setup::FRONT, setup::MONGODB])?;
    build::program(place)?;
    let mongo = MongoDb::start(place)?;
    say::step(format_args!("soak {}", options.words.join(" ")));
    process::run(
        command(place, &mongo).args(&options.words),
        "keep every rule of the ledger",
        CURE,
    )?;
    Ok(ExitCode::SUCCESS)
}

/// The soak on the built program and this database; its options are to be added.
pub(crate) fn command(place: &Place, mongo: &MongoDb) -> Command {
    let mut command = process::cargo();
    command
        .current_dir(&place.root)
        .args(process::words("run --release --package soak --"))
        .env("PARLANCE_BIN", place.program())
        .env("MONGODB_URI", mongo.uri());
    command
}
