//! What each step of `cargo xtask test` does.
//!
//! Every build for the host is `--release`, so that llama.cpp and the dependencies are compiled once. `ssr`
//! (host) and `hydrate` (wasm) never meet in one command.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Step, Tally, failed, page};
use crate::build::COMPILE_CURE;
use crate::failure::{Done, Failure};
use crate::front::{self, budget};
use crate::mongo::MongoDb;
use crate::place::Place;
use crate::{autobahn, build, process, say, setup, soak};

/// Our crates as the server is made of them.
pub(crate) const HOST: &str = "--release -p wire -p store -p llm -p rag -p extract -p typeset -p app -p server -p soak -p bench -p eval --features server/local,server/embed,llm/local,eval/local,app/ssr";
/// The front alone (docs/decisions/0019): that it compiles is all that is checked of it.
const ALONE: &str = "frontend-alone";
/// xtask itself, in the profile it runs in.
const XTASK: &str = "-p xtask --profile xtask";

/// Does a step. The names of tests that fail are put behind `failed`.
pub(crate) fn check(place: &Place, step: Step, failed: &mut Vec<String>) -> Done<Tally> {
    let whole = |done: Done| done.map(|()| Tally::PASSED);
    match step {
        Step::Fmt => whole(fmt(place)),
        Step::Licences => whole(licences(place)),
        Step::Front => whole(front::build(place)),
        Step::Build => whole(build::server(place)),
        Step::Size => whole(size(place)),
        Step::Config => whole(config(place)),
        Step::Clippy => whole(clippy(place)),
        Step::Tests => tests(place, failed),
        Step::Autobahn => autobahn::check(place),
        Step::Ledger => soaked(place, SCHEDULES, failed),
        Step::Comeback => soaked(place, COMEBACK, failed),
        Step::E2e => e2e(place, failed),
    }
}

fn cargo(place: &Place, arguments: &str) -> Command {
    let mut command = process::cargo();
    command.current_dir(&place.root).args(process::words(arguments));
    command
}

fn fmt(place: &Place) -> Done {
    process::run(
        &mut cargo(place, "fmt --all -- --check -l"),
        "find every file formatted (those named above are not)",
        "run `cargo fmt --all`",
    )
}

fn licences(place: &Place) -> Done {
    let mut command = Command::new(setup::cargo_deny(place));
    command
        .current_dir(&place.root)
        .args(["--log-level", "warn", "check", "licenses", "bans", "sources"])
        .stdin(Stdio::null());
    process::run(
        &mut command,
        "accept every dependency",
        "see cargo-deny's words above: drop the dependency, or allow it in deny.toml and say why",
    )
}

fn size(place: &Place) -> Done {
    let weights = page::weigh(place)?;
    say::line(budget::describe(&weights));
    if budget::total(&weights) <= budget::LIMIT {
        return Ok(());
    }
    Err(Failure::new(
        "keep the page within its budget",
        budget::describe(&weights),
        "find what grew (`cargo tree -p frontend --target wasm32-unknown-unknown`, `twiggy`) and take it out again",
    ))
}

fn config(place: &Place) -> Done {
    let what = "find docs/config.md up to date";
    let cure = "run `target/release/parlance config-doc > docs/config.md` and commit it";
    let said = process::read(
        Command::new(place.program())
            .arg("config-doc")
            .stdin(Stdio::null()),
        what,
        "see the program's words above",
    )?;
    let path = place.root.join("docs/config.md");
    let written = fs::read_to_string(&path)
        .map_err(|error| Failure::new(what, format_args!("{}: {error}", path.display()), cure))?;
    match first_difference(&written, &said) {
        None => Ok(()),
        Some(line) => Err(Failure::new(
            what,
            format_args!("line {line} is not what the program says"),
            cure,
        )),
    }
}

/// The number of the first line that differs.
fn first_difference(one: &str, other: &str) -> Option<usize> {
    let (mut left, mut right) = (one.lines(), other.lines());
    (1..).find_map(|number| match (left.next(), right.next()) {
        (None, None) => Some(None),
        (a, b) if a == b => None,
        _ => Some(Some(number)),
    })?
}

fn clippy(place: &Place) -> Done {
    let cure = "see clippy's words above; an exception is `#[expect(lint, reason = \"…\")]`";
    let deny = || process::words("--all-targets -- -D warnings");
    process::run(
        cargo(place, "clippy").args(process::words(HOST)).args(deny()),
        "lint the crates of the server",
        cure,
    )?;
    for package in front::wasm::packages().chain([ALONE]) {
        process::run(
            cargo(
                place,
                "clippy --profile wasm-release --target wasm32-unknown-unknown --target-dir",
            )
            .arg(place.front_target())
            .args(["-p", package, "--", "-D", "warnings"]),
            "lint the front",
            cure,
        )?;
    }
    process::run(
        cargo(place, "clippy").args(process::words(XTASK)).args(deny()),
        "lint xtask",
        cure,
    )
}

fn tests(place: &Place, failed: &mut Vec<String>) -> Done<Tally> {
    let model = setup::model_path(place);
    // It ends with this step, whatever comes.
    let mongo = MongoDb::start(place)?;
    let server = rust_tests(
        cargo(place, "test --no-fail-fast")
            .args(process::words(HOST))
            .env("PARLANCE_MODEL_PATH", model)
            .env("PARLANCE_TEST_EMBEDDING", setup::embedding_path(place))
            // Short waits between llama.cpp's threads, as the program sets them for itself (`llm::local::wait_politely`).
            .env("GOMP_SPINCOUNT", "1000")
            .env_remove("MONGODB_URI")
            .env("PARLANCE_TEST_MONGODB_URI", mongo.uri()),
        failed,
    )?;
    let xtask = rust_tests(
        cargo(place, "test --no-fail-fast").args(process::words(XTASK)),
        failed,
    )?;
    Ok(server.plus(xtask))
}

fn rust_tests(command: &mut Command, failed: &mut Vec<String>) -> Done<Tally> {
    let mut tally = Tally::default();
    let status = process::watch(command, "run the tests", |line| {
        failed::hear(line, failed);
        if let Some(counted) = Tally::of_libtest_line(line) {
            tally = tally.plus(counted);
        }
    })?;
    if !status.success() && tally.failed == 0 {
        say::line(format_args!("cargo test ended with {status}: {COMPILE_CURE}"));
    }
    Ok(tally.ended(status.success()))
}

/// The seeds are always the same: a failure is one of the program, not of the day. `cargo xtask soak` takes others.
const SCHEDULES: &str = "--schedules 10 --seed 1";

/// Three points for each thing that happens, scaled to seconds, and what a long answer costs; `cargo xtask soak --comeback` takes twenty as they are lived.
const COMEBACK: &str = "--comeback --points 3 --short --seed 1 --cost";

/// Runs the soak with these options, on the database that it is given, and counts what it says.
fn soaked(place: &Place, options: &str, failed: &mut Vec<String>) -> Done<Tally> {
    let database = soak::Database::find(place)?;
    let mut tally = Tally::default();
    let mut command = soak::command(place, &database);
    let status = process::watch(command.args(process::words(options)), "run the soak", |line| {
        failed::hear(line, failed);
        if let Some(counted) = Tally::of_soak_line(line) {
            tally = tally.plus(counted);
        }
    })?;
    if !status.success() {
        say::line(soak::CURE);
    }
    Ok(tally.ended(status.success() && tally != Tally::default()))
}

/// All stories on SQLite; those that are tagged so once more on MongoDB.
fn e2e(place: &Place, failed: &mut Vec<String>) -> Done<Tally> {
    let on_sqlite = stories(place, &[], None, failed)?;
    let mongo = MongoDb::start(place)?;
    say::line("the stories tagged @mongodb, on MongoDB");
    let on_mongo = stories(
        place,
        &["--grep", "@mongodb", "--output", "artefacts/results-mongodb"],
        Some(&mongo),
        failed,
    )?;
    Ok(on_sqlite.plus(on_mongo))
}

/// The browser suite, or the part of it that Playwright's `arguments` choose, on SQLite or on MongoDB.
pub(crate) fn stories(
    place: &Place,
    arguments: &[&str],
    mongo: Option<&MongoDb>,
    failed: &mut Vec<String>,
) -> Done<Tally> {
    let what = "run the browser suite";
    let folder = place.root.join("end2end");
    let report = place.target.join("e2e-report.json");
    // A report of an earlier run must not be counted for this one.
    let _ = fs::remove_file(&report);
    let chromium = setup::chromium().ok_or_else(|| {
        Failure::new(
            what,
            "there is no Chromium",
            "install the package `chromium`, or set CHROMIUM",
        )
    })?;
    if !folder.join("package.json").exists() {
        return Err(Failure::new(
            what,
            format_args!("there is no package.json in {}", folder.display()),
            "restore the folder from git",
        ));
    }
    let mut command = Command::new("npx");
    command
        .current_dir(&folder)
        .args(["--no-install", "playwright", "test", "--reporter=list,json"])
        .args(arguments)
        .env("PLAYWRIGHT_JSON_OUTPUT_NAME", &report)
        .env("PARLANCE_BIN", absolute(&place.program()))
        .env("PARLANCE_MODEL_PATH", setup::model_path(place))
        .env("PARLANCE_EMBEDDING_PATH", setup::embedding_path(place))
        .env("CHROMIUM", chromium)
        .env("FORCE_COLOR", "0")
        .env_remove("MONGODB_URI")
        .stdin(Stdio::null());
    if let Some(mongo) = mongo {
        command.env("MONGODB_URI", mongo.uri());
    }
    let status = process::watch(&mut command, what, |line| {
        failed::hear(line, failed);
    })?;
    let tally = fs::read_to_string(&report)
        .ok()
        .as_deref()
        .and_then(Tally::of_playwright)
        .unwrap_or_default();
    Ok(tally.ended(status.success() && tally != Tally::default()))
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn a_document_that_lags_is_found_by_its_first_stale_line() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(first_difference("a\n", "a\nb\n"), Some(2));
        assert_eq!(first_difference("a\nb\n", "a\n"), Some(2));
    }
}
