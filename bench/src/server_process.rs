//! The measured program: started as its users start it, on a data folder of its own, and watched through `/proc`.

use crate::Done;
use crate::http;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// `/proc/PID/stat` counts hundredths of a second on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// A running server. Killed when dropped.
#[derive(Debug)]
pub(crate) struct ServerProcess {
    child: Child,
    /// Kept open: the program must not find its output gone.
    _output: BufReader<ChildStdout>,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// From the start to the first `/readyz` that said yes.
    pub(crate) start_up: Duration,
}

/// Processor and memory, so far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Usage {
    /// Processor time of all threads, ours and the system's for us.
    pub(crate) cpu_seconds: f64,
    /// Resident memory now.
    pub(crate) rss_bytes: u64,
}

impl ServerProcess {
    /// Starts it on `data`, with `model` as its only model, and waits until it is ready.
    pub(crate) async fn start(program: &Path, data: &Path, model: &str) -> Done<Self> {
        fs::create_dir_all(data)?;
        let mut command = Command::new(program);
        for (name, _) in
            std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PARLANCE_"))
        {
            command.env_remove(name);
        }
        command
            .arg("serve")
            .env("PARLANCE_DATA", data)
            .env("PARLANCE_PORT", "0")
            .env("PARLANCE_OPENAI_URL", model)
            // The load asks more in a minute than a person may.
            .env("PARLANCE_MESSAGES_PER_MINUTE", "1000000")
            .env("PARLANCE_MESSAGE_BURST", "1000000")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(data.join("stderr.log"))?);
        let began = Instant::now();
        let mut child = command
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        let output = child.stdout.take().ok_or("the program has no output")?;
        let (output, port) = tokio::task::spawn_blocking(move || port(output)).await??;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        // Dropped from here on, it is killed.
        let mut server = Self {
            child,
            _output: output,
            address,
            start_up: Duration::ZERO,
        };
        while !is_ready(address).await {
            if let Some(status) = server.child.try_wait()? {
                return Err(format!("it ended with {status}").into());
            }
        }
        server.start_up = began.elapsed();
        Ok(server)
    }

    /// What it took so far.
    pub(crate) fn usage(&self) -> Done<Usage> {
        let folder = format!("/proc/{}", self.child.id());
        let cpu_seconds = cpu_seconds(&fs::read_to_string(format!("{folder}/stat"))?)?;
        let rss_bytes = rss_bytes(&fs::read_to_string(format!("{folder}/status"))?)?;
        Ok(Usage {
            cpu_seconds,
            rss_bytes,
        })
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // Gone already is as good.
        let _killed = self.child.kill();
        let _waited = self.child.wait();
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

async fn is_ready(address: SocketAddr) -> bool {
    let ready = async {
        let mut connection = http::Connection::open(address).await?;
        connection
            .send(hyper::Method::GET, "/readyz", "", String::new())
            .await
    };
    ready.await.is_ok_and(|response| response.status().is_success())
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
