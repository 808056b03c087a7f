//! The stand-in for MongoDB, where there is none: a fresh one for each schedule. It becomes several times slower with
//! every client that died while it listened to changes, and a schedule kills many.

use crate::Done;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

/// Python reads many files from a cold disk.
const START: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(50);

/// A running stand-in. Killed when dropped; it keeps nothing.
#[derive(Debug)]
pub struct StandIn {
    child: Child,
    /// How to reach it.
    pub uri: String,
}

impl StandIn {
    /// Starts it, and waits until it takes connections.
    ///
    /// # Errors
    /// It cannot be started, or ends.
    pub async fn start(program: &Path) -> Done<Self> {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = free.local_addr()?;
        drop(free);
        let mut stand_in = Self {
            child: spawn(program, address)?,
            uri: format!("mongodb://{address}/?directConnection=true"),
        };
        let start = Instant::now();
        while TcpStream::connect(address).await.is_err() {
            if let Some(status) = stand_in.child.try_wait()? {
                return Err(format!("{} ended with {status}", program.display()).into());
            }
            if start.elapsed() > START {
                return Err(format!("{} did not start in {START:?}", program.display()).into());
            }
            sleep(LOOK).await;
        }
        Ok(stand_in)
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        // Gone already is as good.
        let _killed = self.child.kill();
        let _waited = self.child.wait();
    }
}

fn spawn(program: &Path, address: SocketAddr) -> Done<Child> {
    Command::new(program)
        .args(["--storage-path", ":memory:", "--port"])
        .arg(address.port().to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("{}: {error}", program.display()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stand_in_that_does_not_start_is_named() {
        let missing = StandIn::start(Path::new("/no/such/program"))
            .await
            .unwrap_err()
            .to_string();
        assert!(missing.contains("/no/such/program"), "{missing}");
        let ends = StandIn::start(Path::new("/bin/false"))
            .await
            .unwrap_err()
            .to_string();
        assert!(ends.contains("/bin/false ended"), "{ends}");
    }
}
