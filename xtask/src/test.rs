//! `cargo xtask test`: every check there is, in the order in which they cost time; all are run, all are counted.
//!
//! `step.rs` lists the steps and what each needs, `checks.rs` does them, `tally.rs` counts. The last line is
//! `N passed, N failed, N skipped`, alone.

mod checks;
mod failed;
pub(crate) mod page;
mod step;
mod tally;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::cli::TestOptions;
use crate::failure::Done;
use crate::place::Place;
use crate::say;
use crate::setup;
pub(crate) use checks::{HOST, stories};
pub(crate) use step::Step;
pub(crate) use tally::Tally;

/// Runs the chosen steps, or all, and says how it went.
pub(crate) fn test(place: &Place, options: &TestOptions) -> Done<ExitCode> {
    let chosen = step::with_what_they_need(&options.only);
    let needs: Vec<_> = chosen.iter().flat_map(|step| step.needs()).copied().collect();
    let mut report = Report::default();
    match setup::meet(place, &needs) {
        Ok(()) => {
            for step in chosen {
                report.run(place, step);
            }
        }
        Err(failure) => {
            println!("\n{failure}");
            report.add("set-up", Duration::ZERO, Tally::FAILED);
            chosen
                .iter()
                .for_each(|step| report.add(step.name(), Duration::ZERO, Tally::SKIPPED));
        }
    }
    let total = report.print();
    Ok(if total.failed == 0 && total.passed > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

#[derive(Debug, Default)]
struct Report {
    rows: Vec<(String, Duration, Tally)>,
    broken: Vec<Step>,
    /// The names of the tests that failed.
    failed: Vec<String>,
}

impl Report {
    /// Runs one step, unless a step it stands on is broken.
    fn run(&mut self, place: &Place, step: Step) {
        if let Some(broken) = step
            .stands_on()
            .iter()
            .find(|needed| self.broken.contains(needed))
        {
            say::step(format_args!("{}: not run, {} failed", step.name(), broken.name()));
            self.broken.push(step);
            return self.add(step.name(), Duration::ZERO, Tally::SKIPPED);
        }
        say::step(format_args!("{}: {}", step.name(), step.what()));
        let start = Instant::now();
        let tally = checks::check(place, step, &mut self.failed).unwrap_or_else(|failure| {
            println!("\n{failure}");
            Tally::FAILED
        });
        if tally.failed > 0 {
            self.broken.push(step);
        }
        say::line(format_args!(
            "{}: {tally}, {}",
            step.name(),
            say::seconds(start.elapsed())
        ));
        self.add(step.name(), start.elapsed(), tally);
    }

    fn add(&mut self, name: &str, time: Duration, tally: Tally) {
        self.rows.push((name.to_owned(), time, tally));
    }

    fn print(&self) -> Tally {
        say::step("What was checked");
        for (name, time, tally) in &self.rows {
            let verdict = match tally {
                Tally { failed: 1.., .. } => "FAILED",
                Tally { passed: 0, .. } => "not run",
                _ => "ok",
            };
            println!(
                "    {verdict:<8} {name:<10} {:>12}   {tally}",
                say::seconds(*time)
            );
        }
        let total = self
            .rows
            .iter()
            .map(|(_, _, tally)| *tally)
            .fold(Tally::default(), Tally::plus);
        for name in &self.failed {
            println!("    failed: {name}");
        }
        println!("\n{total}");
        total
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::{Report, Step, Tally};
    use crate::place::Place;

    #[test]
    fn a_step_that_stands_on_a_broken_one_is_skipped_and_said_so() {
        let nowhere = Place {
            root: PathBuf::new(),
            target: PathBuf::new(),
            cache: PathBuf::new(),
        };
        let mut report = Report {
            broken: vec![Step::Build],
            ..Report::default()
        };
        report.run(&nowhere, Step::E2e);
        report.add("fmt", Duration::ZERO, Tally::PASSED);
        assert_eq!(
            report.print(),
            Tally {
                passed: 1,
                failed: 0,
                skipped: 1
            }
        );
    }
}
