//! Other programs: started, waited for, and read; a missing or failing one becomes a `Failure` with its cause.
//!
//! It knows no program in particular except cargo, which has to be called clean of what `cargo run` told xtask.

use std::env;
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::{Done, Failure};

/// The cargo that runs us. What `cargo run` sets for xtask alone is taken away again: a build script that
/// watches such a variable would otherwise run at every change of caller.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in env::vars_os() {
        let told = name.to_str().is_some_and(|name| {
            ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"]
                .iter()
                .any(|start| name.starts_with(start))
        });
        if told {
            command.env_remove(name);
        }
    }
    command.env_remove("LD_LIBRARY_PATH").stdin(Stdio::null());
    command
}

/// Arguments as one types them, none of them with a space inside.
pub(crate) fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split_whitespace()
}

/// Where `program` is on the PATH.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| is_program(file))
}

fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata()
        .is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}

/// Runs a program, its output passed through, and fails unless it succeeds.
pub(crate) fn run(command: &mut Command, what: &str, cure: &str) -> Done {
    let status = command
        .status()
        .map_err(|error| not_started(command, what, &error))?;
    if status.success() {
        Ok(())
    } else {
        Err(ended(command, what, status, cure))
    }
}

/// Runs a program and gives what it wrote to its standard output; its complaints pass through.
pub(crate) fn read(command: &mut Command, what: &str, cure: &str) -> Done<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| not_started(command, what, &error))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(ended(command, what, output.status, cure))
    }
}

/// As `read`, for a question whose failure is an answer too: nothing is shown and nothing fails.
pub(crate) fn ask(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a program, shows each line of its standard output as it comes, and hands it to `each`.
pub(crate) fn watch(command: &mut Command, what: &str, mut each: impl FnMut(&str)) -> Done<ExitStatus> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| not_started(command, what, &error))?;
    if let Some(output) = child.stdout.take() {
        let mut lines = BufReader::new(output);
        let mut line = Vec::new();
        // Bytes, not `lines()`: one line that is no UTF-8 must not end the reading.
        while lines.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end_matches(['\r', '\n']);
            println!("{text}");
            each(text);
            line.clear();
        }
    }
    child.wait().map_err(|error| not_started(command, what, &error))
}

/// Runs a program for at most `limit`; `None` when it had to be ended.
pub(crate) fn run_within(command: &mut Command, limit: Duration, what: &str) -> Done<Option<ExitStatus>> {
    let mut child = command
        .spawn()
        .map_err(|error| not_started(command, what, &error))?;
    let end = Instant::now() + limit;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(Some(status)),
            Ok(None) if Instant::now() < end => thread::sleep(Duration::from_millis(100)),
            Ok(None) => {
                // Already gone is as good as ended.
                let _ = child.kill();
                let _ = child.wait();
                return Ok(None);
            }
            Err(error) => return Err(not_started(command, what, &error)),
        }
    }
}

fn not_started(command: &Command, what: &str, error: &std::io::Error) -> Failure {
    let program = command.get_program().display();
    if error.kind() == ErrorKind::NotFound {
        Failure::new(
            what,
            format_args!("there is no program `{program}` on the PATH"),
            cure_for(command.get_program()),
        )
    } else {
        Failure::new(
            what,
            format_args!("`{program}` did not start: {error}"),
            "see whether that program works by itself",
        )
    }
}

/// How to get a program that is missing.
pub(crate) fn cure_for(program: &OsStr) -> String {
    match program.to_str().unwrap_or_default() {
        "node" | "npm" | "npx" => {
            "install Node.js 20 or newer with npm (Debian: `apt-get install nodejs npm`)".to_owned()
        }
        "python3" => "install Python 3 with pip (Debian: `apt-get install python3-pip`)".to_owned(),
        "sudo" => "run the command as root, or install sudo".to_owned(),
        other => format!("install `{other}` and run the command again"),
    }
}

fn ended(command: &Command, what: &str, status: ExitStatus, cure: &str) -> Failure {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or_default()
        .display();
    let argument = command
        .get_args()
        .next()
        .map(|word| format!(" {}", word.display()))
        .unwrap_or_default();
    Failure::new(
        what,
        format_args!("`{program}{argument}` ended with {status}; its own words stand above"),
        cure,
    )
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::Duration;

    use super::{ask, run, run_within, watch, which};

    #[test]
    fn a_missing_program_is_named_with_its_cure() {
        let failure = run(&mut Command::new("no-such-program-here"), "try", "-")
            .unwrap_err()
            .to_string();
        assert!(failure.contains("no program `no-such-program-here`"), "{failure}");
        assert!(failure.contains("install `no-such-program-here`"), "{failure}");
    }

    #[test]
    fn a_failing_program_keeps_its_exit_code_in_the_cause() {
        let failure = run(Command::new("sh").args(["-c", "exit 3"]), "try", "try harder")
            .unwrap_err()
            .to_string();
        assert!(
            failure.contains("exit status: 3") && failure.contains("try harder"),
            "{failure}"
        );
    }

    #[test]
    fn a_program_that_hangs_is_ended_in_time() {
        let status = run_within(Command::new("sleep").arg("600"), Duration::from_millis(1), "wait").unwrap();
        assert!(status.is_none());
    }

    #[test]
    fn output_is_read_line_by_line_even_when_a_line_is_no_text() {
        let mut seen = Vec::new();
        let script = r"printf 'one\n\377\nthree\n'; exit 1";
        let status = watch(Command::new("sh").args(["-c", script]), "read", |line| {
            seen.push(line.to_owned())
        })
        .unwrap();
        assert_eq!(seen, ["one", "\u{fffd}", "three"]);
        assert_eq!(status.code(), Some(1));
    }

    #[test]
    fn a_question_to_a_missing_program_has_no_answer() {
        assert_eq!(ask(&mut Command::new("no-such-program-here")), None);
        assert!(which("sh").is_some());
        assert!(which("no-such-program-here").is_none());
    }
}
