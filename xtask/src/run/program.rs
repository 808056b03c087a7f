//! The running program: started, watched, and told when we are told to stop.
//!
//! It gets a process group of its own: Ctrl-C then reaches only us, and we pass it on exactly once.

use std::io;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::{OWN_MODEL, health};
use crate::cli::RunOptions;
use crate::failure::{Done, Failure};
use crate::place::Place;
use crate::say;

/// The first start makes the database and reads the model from a cold disk.
const START_LIMIT: Duration = Duration::from_secs(120);

/// The program, until it ends.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
}

/// Starts it; its words go where ours go.
pub(crate) fn start(place: &Place, options: &RunOptions, model: &Path) -> Done<Program> {
    say::step("Starting Parlance");
    let wrap = |error: io::Error| Failure::of_file("start Parlance", &place.program(), &error);
    // Before the child is there: no signal may fall between.
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).map_err(wrap)?;
    let child = Command::new(place.program())
        .args([
            "serve",
            "--port",
            &options.port.to_string(),
            "--host",
            &options.host,
        ])
        .arg("--data")
        .arg(&options.data)
        .arg("--site")
        .arg(place.site())
        .env(OWN_MODEL, model)
        .stdin(Stdio::null())
        .process_group(0)
        .spawn()
        .map_err(wrap)?;
    let pid = Pid::from_child(&child);
    thread::spawn(move || {
        for signal in signals.forever().filter_map(Signal::from_named_raw) {
            // It may have ended just now.
            let _ = kill_process(pid, signal);
        }
    });
    Ok(Program { child })
}

impl Program {
    /// Waits until it answers; fails when it ends before, or takes too long.
    pub(crate) fn wait_until_it_answers(&mut self, host: &str, port: u16) -> Done {
        let end = Instant::now() + START_LIMIT;
        while !health::answers(host, port) {
            let ended = self.child.try_wait().map_err(|error| lost(&error))?;
            if let Some(status) = ended {
                return Err(Failure::new(
                    "start Parlance",
                    format_args!("it ended with {status}; its own words stand above"),
                    "do what they say, and run the command again",
                ));
            }
            if Instant::now() > end {
                let _ = self.child.kill();
                let _ = self.child.wait();
                return Err(Failure::new(
                    "start Parlance",
                    format_args!(
                        "it did not answer on port {port} within {}",
                        say::seconds(START_LIMIT)
                    ),
                    "see its words above; on a very slow disk run the command again",
                ));
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// Waits until it ends, and gives its exit code for ours.
    pub(crate) fn wait(&mut self) -> Done<ExitCode> {
        self.child.wait().map(exit_code).map_err(|error| lost(&error))
    }
}

fn lost(error: &io::Error) -> Failure {
    Failure::new(
        "wait for Parlance",
        error,
        "see whether it still runs, and run the command again",
    )
}

/// A program ended by a signal gives 128 and the signal's number, as shells have it.
fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal))
        .unwrap_or(1);
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use std::process::{Command, ExitCode};

    use super::exit_code;

    #[test]
    fn the_programs_exit_code_becomes_ours() {
        let code = |script: &str| exit_code(Command::new("sh").args(["-c", script]).status().unwrap());
        assert_eq!(code("exit 0"), ExitCode::SUCCESS);
        assert_eq!(code("exit 7"), ExitCode::from(7));
        assert_eq!(code("kill -TERM $$"), ExitCode::from(143));
    }
}
