//! `cargo xtask eval …`: how well documents answer, measured with the embedding model that Parlance comes with.
//! `cargo xtask bench rag` is the time it takes: the same program, without a model.

use std::process::{Command, ExitCode};

use crate::build::COMPILE_CURE;
use crate::cli::EvalOptions;
use crate::failure::Done;
use crate::place::Place;
use crate::{process, say, setup};

/// Builds the evaluation, and runs it.
pub(crate) fn eval(place: &Place, options: &EvalOptions) -> Done<ExitCode> {
    setup::meet(place, &[setup::SERVER, setup::EMBEDDING])?;
    say::step("Building the evaluation");
    // The server is named beside it so that both agree on features: llama.cpp is then compiled once for both.
    process::run(
        process::cargo().current_dir(&place.root).args(process::words(
            "build --release -p server -p eval --features server/local,server/embed,eval/local --bin eval",
        )),
        "build the evaluation",
        COMPILE_CURE,
    )?;
    say::step(format_args!("eval {}", options.words.join(" ")));
    process::run(
        Command::new(place.program().with_file_name("eval"))
            .current_dir(&place.root)
            .args(&options.words)
            .env("PARLANCE_EMBEDDING_PATH", setup::embedding_path(place)),
        "measure how well documents answer",
        "see its words above; the data is to lie beside the checkout, in ../shared/data/rag-eval",
    )?;
    Ok(ExitCode::SUCCESS)
}

/// How long a search takes, and what an index occupies.
pub(crate) fn speed(place: &Place, words: &[String]) -> Done<ExitCode> {
    say::step("bench rag");
    process::run(
        process::cargo()
            .current_dir(&place.root)
            .args(process::words("run --release --package eval -- speed"))
            .args(words),
        "measure searches",
        "see its words above",
    )?;
    Ok(ExitCode::SUCCESS)
}
