//! `cargo xtask eval …`: how well documents answer, measured with the embedding model that Parlance comes with.
//! `cargo xtask bench rag` is the time it takes: the same program.

use std::process::{Command, ExitCode};

use crate::build::COMPILE_CURE;
use crate::cli::EvalOptions;
use crate::failure::Done;
use crate::place::Place;
use crate::{process, say, setup};

/// Builds the evaluation, and runs it.
pub(crate) fn eval(place: &Place, options: &EvalOptions) -> Done<ExitCode> {
    program(place, &options.words, "measure how well documents answer")
}

/// How long a search takes, what an index occupies, and how fast documents are taken in.
pub(crate) fn speed(place: &Place, words: &[String]) -> Done<ExitCode> {
    let words: Vec<String> = std::iter::once("speed".to_owned())
        .chain(words.iter().cloned())
        .collect();
    program(place, &words, "measure searches")
}

fn program(place: &Place, words: &[String], what: &str) -> Done<ExitCode> {
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
    say::step(format_args!("eval {}", words.join(" ")));
    process::run(
        Command::new(place.program().with_file_name("eval"))
            .current_dir(&place.root)
            .args(words)
            .env("PARLANCE_EMBEDDING_PATH", setup::embedding_path(place)),
        what,
        "see its words above; the data is to lie beside the checkout, in ../shared/data/rag-eval",
    )?;
    Ok(ExitCode::SUCCESS)
}
