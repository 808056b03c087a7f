//! `cargo xtask bench …`: hands its words to the server crate's bench program, built as it is released.

use std::process::ExitCode;

use crate::build::COMPILE_CURE;
use crate::cli::BenchOptions;
use crate::failure::Done;
use crate::place::Place;
use crate::{build, process, say, setup};

/// Builds the program and the bench, and runs the bench.
pub(crate) fn bench(place: &Place, options: &BenchOptions) -> Done<ExitCode> {
    setup::meet(place, &[setup::SERVER, setup::FRONT])?;
    build::server(place)?;
    say::step(format_args!("bench {}", options.what.join(" ")));
    process::run(
        process::cargo()
            .current_dir(&place.root)
            .args(process::words(
                "run --release --package server --features local --example bench --",
            ))
            .args(&options.what)
            .env("PARLANCE_BIN", place.program()),
        "run the bench",
        COMPILE_CURE,
    )?;
    Ok(ExitCode::SUCCESS)
}
