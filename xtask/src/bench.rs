//! `cargo xtask bench …`: builds the program as it is released, and hands its words to the bench that measures it.

use std::process::ExitCode;

use crate::cli::BenchOptions;
use crate::failure::Done;
use crate::mongo::MongoDb;
use crate::place::Place;
use crate::{build, eval, front, process, say, setup, test};

/// Builds the program and the bench, and runs the bench.
pub(crate) fn bench(place: &Place, options: &BenchOptions) -> Done<ExitCode> {
    // No server takes part in it.
    if let Some((_, words)) = options.what.split_first().filter(|(what, _)| *what == "rag") {
        return eval::speed(place, words);
    }
    // Several nodes share a database; one has it on demand.
    let shared = options
        .what
        .iter()
        .any(|word| word == "nodes" || word == "--mongodb");
    let database = if shared { setup::MONGODB } else { &[] };
    setup::meet(place, &[setup::SERVER, setup::FRONT, database])?;
    build::program(place)?;
    let mut command = process::cargo();
    let mongo = shared.then(|| MongoDb::start(place)).transpose()?;
    let weights = test::page::weigh(place)?;
    command.env("PARLANCE_PAGE_BYTES", front::budget::total(&weights).to_string());
    if let Some(mongo) = &mongo {
        command.env("MONGODB_URI", mongo.uri());
    }
    say::step(format_args!("bench {}", options.what.join(" ")));
    process::run(
        command
            .current_dir(&place.root)
            .args(process::words("run --release --package bench --"))
            .args(&options.what)
            .env("PARLANCE_BIN", place.program()),
        "run the bench",
        "see its words above; `cargo xtask bench stream --quick --keep` keeps the servers' logs",
    )?;
    Ok(ExitCode::SUCCESS)
}
