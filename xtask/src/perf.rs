//! `cargo xtask perf`: the built program's pages, measured in a real browser. It takes minutes and wants the machine for
//! itself, so it is no part of the tests; `end2end/perf` says what is measured, and how good it should be.

use std::process::ExitCode;

use crate::cli::PerfOptions;
use crate::failure::Done;
use crate::place::Place;
use crate::{build, say, setup, test};

/// Builds the program and measures.
pub(crate) fn perf(place: &Place, options: &PerfOptions) -> Done<ExitCode> {
    setup::meet(place, &[setup::SERVER, setup::FRONT, setup::BROWSER, setup::PERF])?;
    build::program(place)?;
    say::step("Measuring the pages (about 8 minutes)");
    let mut arguments = vec!["--config", "perf/playwright.config.ts"];
    arguments.extend(options.words.iter().map(String::as_str));
    let tally = test::stories(place, &arguments, None, &mut Vec::new())?;
    say::line("the figures are also in end2end/artefacts/perf.md");
    Ok(if tally.failed == 0 && tally.passed > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
