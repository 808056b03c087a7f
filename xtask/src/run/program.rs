//! The running program: started, watched, and told when we are told to stop.
//!
//! It gets a process group of its own: Ctrl-C then reaches only us, and we pass it on exactly once.

use std::ffi::OsString;
use std::io;
use std::net::IpAddr;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use super::health;
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
    running: Arc<AtomicBool>,
}

/// Starts it with these settings; its words go where ours go.
pub(crate) fn start(
    place: &Place,
    options: &RunOptions,
    models: impl IntoIterator<Item = (&'static str, OsString)>,
) -> Done<Program> {
    let wrap = |error: io::Error| Failure::of_file("start Parlance", &place.program(), &error);
    // Before the child is there: no signal may fall between.
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).map_err(wrap)?;
    let child = Command::new(place.program())
        .arg("serve")
        .args(["--port", &options.port.to_string()])
        .args(["--host", &options.host.to_string()])
        .arg("--data")
        .arg(&options.data)
        .envs(models)
        .stdin(Stdio::null())
        .process_group(0)
        .spawn()
        .map_err(wrap)?;
    let pid = Pid::from_child(&child);
    let running = Arc::new(AtomicBool::new(true));
    let program = Program {
        child,
        running: Arc::clone(&running),
    };
    thread::spawn(move || {
        for signal in signals.forever() {
            if running.load(Ordering::Relaxed)
                && let Some(signal) = Signal::from_named_raw(signal)
            {
                // It may have ended just now.
                let _ = kill_process(pid, signal);
            } else {
                // Nobody to pass it on to: it is ours again.
                let _ = emulate_default_handler(signal);
            }
        }
    });
    Ok(program)
}

impl Program {
    /// Waits until it answers; fails when it ends before, or takes too long.
    pub(crate) fn wait_until_it_answers(&mut self, host: IpAddr, port: u16) -> Done {
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

    /// Tells it to stop, and waits until it has.
    pub(crate) fn stop(&mut self) {
        // It may have ended already: then there is nothing to stop.
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        let _ = self.wait();
    }

    /// Waits until it ends, and gives its exit code for ours.
    pub(crate) fn wait(&mut self) -> Done<ExitCode> {
        let ended = self.child.wait();
        self.running.store(false, Ordering::Relaxed);
        ended.map(exit_code).map_err(|error| lost(&error))
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
