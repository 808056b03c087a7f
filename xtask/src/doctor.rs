//! `cargo xtask doctor`: what this machine has and lacks. It installs nothing and asks no network.

use std::process::{Command, ExitCode};

use crate::place::Place;
use crate::setup::{self, Need};
use crate::{process, say};

/// Says it all; fails when something is missing.
pub(crate) fn doctor(place: &Place) -> ExitCode {
    say::line(format_args!("work tree {}", place.root.display()));
    say::line(format_args!("cache     {}", place.cache.display()));
    for (program, argument) in [
        ("rustc", "--version"),
        ("cargo", "--version"),
        ("node", "--version"),
        ("npm", "--version"),
        ("python3", "--version"),
    ] {
        let answer =
            process::ask(Command::new(program).arg(argument)).unwrap_or_else(|| "not found".to_owned());
        say::line(format_args!("{program:<9} {}", answer.trim()));
    }
    let groups = [
        ("to build the front", setup::FRONT),
        ("to build the server", setup::SERVER),
        ("to answer without a key", setup::MODEL),
        ("to find passages in documents", setup::EMBEDDING),
        ("to run the checks", setup::CHECKS),
        ("to test the store on MongoDB", setup::MONGODB),
        ("to test in the browser", setup::BROWSER),
    ];
    let mut missing = 0_u32;
    for (purpose, needs) in groups {
        println!("\n{purpose}:");
        for need in needs {
            missing += u32::from(!report(place, *need));
        }
    }
    println!();
    if missing == 0 {
        println!("Nothing is missing.");
        return ExitCode::SUCCESS;
    }
    println!(
        "{missing} missing. `cargo xtask run` and `cargo xtask test` install what they need themselves."
    );
    ExitCode::FAILURE
}

fn report(place: &Place, need: Need) -> bool {
    if need.is_met(place) {
        say::line(format_args!("ok       {}", need.name()));
        return true;
    }
    say::line(format_args!("MISSING  {}: {}", need.name(), need.why()));
    say::line(format_args!("         comes by {}", need.how()));
    false
}
