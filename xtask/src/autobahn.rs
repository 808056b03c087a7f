//! The step `autobahn` of `cargo xtask test`: the Autobahn test suite against sockets set up as the chat's are.
//!
//! What it talks with is `server/examples/echo.rs`, which is in no program that is shipped. Start at [`check`].

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::build::COMPILE_CURE;
use crate::failure::{Done, Failure};
use crate::place::Place;
use crate::test::{HOST, Tally};
use crate::{process, say, setup};

const WHAT: &str = "run the Autobahn test suite";
/// It takes two minutes; its slowest cases send 16 MiB in pieces of 64 bytes.
const LIMIT: Duration = Duration::from_secs(15 * 60);
const AGENT: &str = "parlance";
/// Compression, which is not offered: a chat's frames are small, and each socket would keep some 300 KB for it.
const NOT_OFFERED: [&str; 2] = ["12.*", "13.*"];

/// Builds the echo, and lets the suite judge it; skipped where there is no Python 2.7.
pub(crate) fn check(place: &Place) -> Done<Tally> {
    let Some(python) = setup::autobahn::python() else {
        say::line(
            "skipped: the suite is a program for Python 2.7, and there is none on the PATH or in pyenv",
        );
        return Ok(Tally::SKIPPED);
    };
    // As the tests are built, which build the examples too: nothing is compiled twice.
    let mut build = process::cargo();
    build
        .current_dir(&place.root)
        .args(process::words("build --example echo"))
        .args(process::words(HOST));
    process::run(&mut build, "build the echo", COMPILE_CURE)?;
    let folder = place.target.join("autobahn");
    // A report of an earlier run must not be counted for this one.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(|error| Failure::of_file(WHAT, &folder, &error))?;
    let echo = Echo::start(&place.target.join("release").join("examples").join("echo"))?;
    let spec = folder.join("spec.json");
    let wanted = json!({
        "outdir": folder.join("report"),
        "servers": [{"agent": AGENT, "url": echo.url}],
        "cases": ["*"],
        "exclude-cases": NOT_OFFERED,
        "exclude-agent-cases": {},
    });
    fs::write(&spec, wanted.to_string()).map_err(|error| Failure::of_file(WHAT, &spec, &error))?;
    let log = folder.join("wstest.log");
    let out = fs::File::create(&log).map_err(|error| Failure::of_file(WHAT, &log, &error))?;
    let mut command = setup::autobahn::wstest(place, &python);
    command
        .args(["-m", "fuzzingclient", "-s"])
        .arg(&spec)
        .current_dir(&folder)
        .stdout(out)
        .stderr(Stdio::null());
    let ended = process::run_within(&mut command, LIMIT, WHAT)?;
    let report = folder.join("report").join("index.json");
    let Some(verdicts) = fs::read_to_string(&report).ok().as_deref().and_then(verdicts) else {
        let cause = match ended {
            None => format!("it was not done after {}", say::seconds(LIMIT)),
            Some(status) => format!("it ended with {status} and left no report"),
        };
        return Err(Failure::new(WHAT, cause, format_args!("see {}", log.display())));
    };
    Ok(judge(&verdicts, &report))
}

/// One case each that failed; one for all when none did.
fn judge(verdicts: &BTreeMap<String, usize>, report: &Path) -> Tally {
    let told: Vec<String> = verdicts
        .iter()
        .map(|(verdict, count)| format!("{count} {verdict}"))
        .collect();
    say::line(format_args!("cases: {}", told.join(", ")));
    let failed: usize = verdicts
        .iter()
        .filter(|(verdict, _)| !is_good(verdict))
        .map(|(_, count)| count)
        .sum();
    if failed == 0 && !verdicts.is_empty() {
        return Tally::PASSED;
    }
    say::line(format_args!("see {}", report.with_extension("html").display()));
    Tally {
        failed: u64::try_from(failed.max(1)).unwrap_or(u64::MAX),
        ..Tally::default()
    }
}

/// A server may be strict or not in what the standard leaves open, and may lack what it does not offer.
fn is_good(verdict: &str) -> bool {
    matches!(verdict, "OK" | "NON-STRICT" | "INFORMATIONAL" | "UNIMPLEMENTED")
}

/// How often each verdict was given: the worse one of what a case did, and how it closed.
fn verdicts(report: &str) -> Option<BTreeMap<String, usize>> {
    let report: Value = serde_json::from_str(report).ok()?;
    let mut verdicts = BTreeMap::new();
    for case in report.get(AGENT)?.as_object()?.values() {
        let verdict = |name: &str| case.get(name).and_then(Value::as_str);
        let (did, closed) = (verdict("behavior")?, verdict("behaviorClose")?);
        let worse = if is_good(did) && !is_good(closed) {
            closed
        } else {
            did
        };
        *verdicts.entry(worse.to_owned()).or_default() += 1;
    }
    Some(verdicts)
}

/// The running echo. Ends when dropped.
struct Echo {
    child: Child,
    url: String,
}

impl Echo {
    fn start(program: &Path) -> Done<Self> {
        let cannot = |cause: String| Failure::new("start the echo", cause, "run it by itself");
        let mut child = Command::new(program)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| cannot(format!("{}: {error}", program.display())))?;
        let mut line = String::new();
        if let Some(output) = child.stdout.as_mut() {
            let _nothing = BufReader::new(output).read_line(&mut line);
        }
        let url = line.trim().rsplit(' ').next().unwrap_or_default().to_owned();
        let echo = Self { child, url };
        if echo.url.starts_with("ws://") {
            Ok(echo)
        } else {
            Err(cannot(format!("it said {line:?}, not where it listens")))
        }
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        // Gone already is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(cases: &[(&str, &str)]) -> String {
        let cases: serde_json::Map<String, Value> = cases
            .iter()
            .zip(1..)
            .map(|((did, closed), number)| {
                let case = json!({"behavior": did, "behaviorClose": closed, "duration": 3});
                (format!("1.1.{number}"), case)
            })
            .collect();
        json!({ AGENT: cases }).to_string()
    }

    #[test]
    fn a_report_without_a_failure_is_one_test_that_passed() {
        let good = verdicts(&report(&[
            ("OK", "OK"),
            ("NON-STRICT", "OK"),
            ("INFORMATIONAL", "INFORMATIONAL"),
        ]));
        assert_eq!(judge(&good.unwrap(), Path::new("x")), Tally::PASSED);
    }

    #[test]
    fn every_case_that_failed_counts_also_when_only_its_close_did() {
        let bad = verdicts(&report(&[
            ("OK", "OK"),
            ("FAILED", "OK"),
            ("OK", "UNCLEAN"),
            ("OK", "WRONG CODE"),
        ]));
        assert_eq!(judge(&bad.unwrap(), Path::new("x")).failed, 3);
    }

    #[test]
    fn a_report_without_a_case_or_of_somebody_else_is_no_success() {
        assert_eq!(judge(&verdicts(&report(&[])).unwrap(), Path::new("x")).failed, 1);
        assert_eq!(verdicts("{}"), None);
        assert_eq!(verdicts("not json"), None);
    }
}
