//! `cargo xtask soak …`: builds the program as it is released, gives it a MongoDB, and lets several nodes, networks and the
//! database fail under many users. The step `ledger` of `cargo xtask test` is the same, short.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::cli::SoakOptions;
use crate::failure::Done;
use crate::mongo::MongoDb;
use crate::place::Place;
use crate::{build, process, say, setup, test};

/// What to do about a schedule that failed.
pub(crate) const CURE: &str = "see the violations above; each schedule that failed says where its logs are, and how to \
     run it again";

/// Builds the program and the soak, and runs the soak.
pub(crate) fn soak(place: &Place, options: &SoakOptions) -> Done<ExitCode> {
    setup::meet(place, &[setup::SERVER, setup::FRONT, setup::MONGODB])?;
    build::program(place)?;
    let database = Database::find(place)?;
    say::step(format_args!("soak {}", options.words.join(" ")));
    process::run(
        command(place, &database).args(&options.words),
        "keep every rule of the ledger",
        CURE,
    )?;
    if options.stories {
        return stories(place);
    }
    Ok(ExitCode::SUCCESS)
}

/// The whole browser suite on MongoDB; `cargo xtask test` runs a part of it there.
fn stories(place: &Place) -> Done<ExitCode> {
    setup::meet(place, &[setup::MODEL, setup::EMBEDDING, setup::BROWSER])?;
    let mongo = MongoDb::start(place)?;
    say::step("the browser suite, all of it on MongoDB");
    let tally = test::stories(place, &[], Some(&mongo), &mut Vec::new())?;
    println!("\n{tally}");
    Ok(if tally.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What the nodes keep everything in.
#[derive(Debug)]
pub(crate) enum Database {
    /// One server for all schedules.
    Server(MongoDb),
    /// Started by the soak, afresh for each schedule: this one slows down with what schedules do to it.
    StandIn(PathBuf),
}

impl Database {
    /// The given one, a real one, or the stand-in.
    pub(crate) fn find(place: &Place) -> Done<Self> {
        if setup::mongo::given().is_some() || setup::mongo::mongod().is_some() {
            MongoDb::start(place).map(Self::Server)
        } else {
            Ok(Self::StandIn(setup::mongo::stand_in(place)))
        }
    }
}

/// The soak on the built program and this database; its options are to be added.
pub(crate) fn command(place: &Place, database: &Database) -> Command {
    let mut command = process::cargo();
    command
        .current_dir(&place.root)
        .args(process::words("run --release --package soak --"))
        .env("PARLANCE_BIN", place.program());
    match database {
        Database::Server(mongo) => command.env("MONGODB_URI", mongo.uri()),
        Database::StandIn(program) => command.env("PARLANCE_SOAK_STAND_IN", program),
    };
    command
}
