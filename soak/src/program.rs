//! The tested program: started as its users start it, told what to do by signals, and watched through `/proc`.

use crate::Done;
use crate::http;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// `/proc/PID/stat` counts hundredths of a second on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// How a server is started.
#[derive(Debug, Clone)]
pub struct Launch {
    /// The program.
    pub program: PathBuf,
    /// Its data folder, made if it is not there; its log is kept in it.
    pub data: PathBuf,
    /// Its environment, besides ours without `PARLANCE_…` and `MONGODB_…`.
    pub settings: Vec<(String, String)>,
}

/// A running server. Killed when dropped.
#[derive(Debug)]
pub struct Program {
    child: Child,
    /// Kept open: the program must not find its output gone.
    _output: BufReader<ChildStdout>,
    /// Where it listens.
    pub address: SocketAddr,
    /// From the start to the first `/readyz` that said yes.
    pub start_up: Duration,
}

/// Processor and memory, so far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usage {
    /// Processor time of all threads, ours and the system's for us.
    pub cpu_seconds: f64,
    /// Resident memory now.
    pub rss_bytes: u64,
}

impl Launch {
    /// On a folder of its own, with a model of which the load may ask more in a minute than a person may.
    pub fn new(program: &Path, data: PathBuf, model: &str) -> Self {
        let launch = Self {
            program: program.to_path_buf(),
            data,
            settings: Vec::new(),
        };
        launch
            .with("PARLANCE_PORT", "0")
            .with("PARLANCE_OPENAI_URL", model)
            .with("PARLANCE_MESSAGES_PER_MINUTE", "1000000")
            .with("PARLANCE_MESSAGE_BURST", "1000000")
            // The model is asked for what people say, and for nothing else.
            .with("PARLANCE_TITLES", "prompt")
            // And reads nothing of its own.
            .with("PARLANCE_GUIDE_DOCUMENTS", "off")
    }

    /// One setting more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.settings.push((name.to_owned(), value.into()));
        self
    }

    fn spawn(&self) -> Done<Child> {
        fs::create_dir_all(&self.data)?;
        let mut command = Command::new(&self.program);
        let told = |name: &str| name.starts_with("PARLANCE_") || name.starts_with("MONGODB_");
        for (name, _) in std::env::vars_os().filter(|(name, _)| told(&name.to_string_lossy())) {
            command.env_remove(name);
        }
        // All of its lives in one log.
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.data.join("stderr.log"))?;
        command
            .arg("serve")
            .env("PARLANCE_DATA", &self.data)
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(|error| format!("{}: {error}", self.program.display()).into())
    }
}

impl Program {
    /// Starts it, and waits until it is ready.
    ///
    /// # Errors
    /// It cannot be started, or ends before.
    pub async fn start(launch: &Launch) -> Done<Self> {
        let began = Instant::now();
        let mut server = Self::listening(launch).await?;
        while !server.is_ready().await {
            if let Some(status) = server.ended()? {
                return Err(format!("it ended with {status}").into());
            }
        }
        server.start_up = began.elapsed();
        Ok(server)
    }

    /// Starts it, and waits until it says its port.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn listening(launch: &Launch) -> Done<Self> {
        let mut child = Killed(Some(launch.spawn()?));
        let output = child.0.as_mut().and_then(|child| child.stdout.take());
        let output = output.ok_or("the program has no output")?;
        let (output, port) = tokio::task::spawn_blocking(move || port(output)).await??;
        Ok(Self {
            child: child.0.take().ok_or("the program is gone")?,
            _output: output,
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            start_up: Duration::ZERO,
        })
    }

    /// Whether it says that it can take a prompt.
    pub async fn is_ready(&self) -> bool {
        let ready = async {
            let mut connection = http::Connection::open(self.address).await?;
            connection
                .send(hyper::Method::GET, "/readyz", "", String::new())
                .await
        };
        ready.await.is_ok_and(|response| response.status().is_success())
    }

    /// How it ended, if it did.
    ///
    /// # Errors
    /// The system does not say.
    pub fn ended(&mut self) -> Done<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Sends a signal. One that has ended is as good as told.
    ///
    /// # Errors
    /// The system refuses.
    pub fn signal(&mut self, signal: Signal) -> Done {
        if self.child.try_wait()?.is_none() {
            let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
            kill_process(pid.ok_or("a process without a number")?, signal)?;
        }
        Ok(())
    }

    /// What it took so far.
    ///
    /// # Errors
    /// It is gone.
    pub fn usage(&self) -> Done<Usage> {
        let folder = format!("/proc/{}", self.child.id());
        let cpu_seconds = cpu_seconds(&fs::read_to_string(format!("{folder}/stat"))?)?;
        let rss_bytes = rss_bytes(&fs::read_to_string(format!("{folder}/status"))?)?;
        Ok(Usage {
            cpu_seconds,
            rss_bytes,
        })
    }

    /// Bytes that it has had written to the disk so far: whole pages, each as often as it was written.
    ///
    /// # Errors
    /// It is gone.
    pub fn written(&self) -> Done<u64> {
        let io = fs::read_to_string(format!("/proc/{}/io", self.child.id()))?;
        let line = io.lines().find_map(|line| line.strip_prefix("write_bytes:"));
        Ok(line.ok_or("no write_bytes")?.trim().parse()?)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Gone already is as good.
        let _killed = self.child.kill();
        let _waited = self.child.wait();
    }
}

/// A child that is not yet known to listen: killed when nobody waits for it any longer.
struct Killed(Option<Child>);

impl Drop for Killed {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            // Gone already is as good.
            let _killed = child.kill();
            let _waited = child.wait();
        }
    }
}

/// Reads the line in which the program says its port.
fn port(output: ChildStdout) -> Done<(BufReader<ChildStdout>, u16)> {
    let mut output = BufReader::new(output);
    let mut line = String::new();
    while output.read_line(&mut line)? > 0 {
        if let Some(port) = line
            .strip_prefix("Parlance listens on ")
            .and_then(|url| url.trim().rsplit(':').next())
        {
            let port = port.parse()?;
            return Ok((output, port));
        }
        line.clear();
    }
    Err("the program ended without saying its port; see stderr.log in its folder (--keep)".into())
}

/// `utime` and `stime`: the 12th and 13th fields behind the name, which may hold anything but ends with `)`.
fn cpu_seconds(stat: &str) -> Done<f64> {
    let (_, fields) = stat.rsplit_once(')').ok_or("/proc/PID/stat has no name")?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u32>);
    let ticks = ticks.sum::<Result<u32, _>>()?;
    Ok(f64::from(ticks) / TICKS_PER_SECOND)
}

fn rss_bytes(status: &str) -> Done<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .ok_or("no VmRSS")?;
    let kib: u64 = line.trim().trim_end_matches(" kB").trim().parse()?;
    Ok(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_read_behind_a_name_with_spaces_and_brackets() {
        let stat = "42 (a (b) c) S 1 42 42 0 -1 4194560 900 0 0 0 250 50 0 0 20 0 5 0 100 1000000 900";
        assert_eq!(cpu_seconds(stat).unwrap(), 3.0);
    }

    #[test]
    fn memory_is_read_in_bytes() {
        assert_eq!(
            rss_bytes("Name:\tparlance\nVmRSS:\t   20480 kB\nThreads:\t5\n").unwrap(),
            20 * 1024 * 1024
        );
    }
}
