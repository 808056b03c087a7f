//! A MongoDB that lives as long as it is needed: for `cargo xtask test`, and by itself for `cargo xtask mongo`.
//!
//! `setup/mongo.rs` says which one it is. It listens on a free port of this machine only, keeps nothing, and ends with
//! us: also when we are killed, where the system can do that (`setpriv --pdeathsig`).

mod wire;

use std::ffi::OsString;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::{Done, Failure};
use crate::place::Place;
use crate::{process, say, setup};

/// How long it may take to start: Python reads many files from a cold disk.
const START_LIMIT: Duration = Duration::from_secs(60);

/// The needs of this verb.
const NEEDS: &[&[setup::Need]] = &[setup::MONGODB];

/// A server to test with; dropped, it ends, unless somebody else started it.
#[derive(Debug)]
pub(crate) struct MongoDb {
    uri: OsString,
    child: Option<Child>,
    scratch: Option<PathBuf>,
}

impl MongoDb {
    /// The given one, or a new one that answers.
    pub(crate) fn start(place: &Place) -> Done<Self> {
        if let Some(uri) = setup::mongo::given() {
            return Ok(Self {
                uri,
                child: None,
                scratch: None,
            });
        }
        match setup::mongo::mongod() {
            Some(program) => Self::real(program),
            None => Self::stand_in(place),
        }
    }

    /// What to connect to.
    pub(crate) fn uri(&self) -> &OsString {
        &self.uri
    }

    fn real(program: PathBuf) -> Done<Self> {
        let (address, folder) = (free_address()?, setup::mongo::scratch()?);
        say::line(format_args!("starting {} on {address}", program.display()));
        let mut command = ending_with_us(program);
        command
            .args(["--replSet", "parlance", "--bind_ip", "127.0.0.1", "--port"])
            .arg(address.port().to_string())
            .arg("--dbpath")
            .arg(&folder);
        let mut server = Self {
            uri: format!("mongodb://{address}/?replicaSet=parlance").into(),
            child: Some(started(&mut command)?),
            scratch: Some(folder),
        };
        server.wait_for(address, |address| wire::initiate(address, "parlance"))?;
        server.wait_for(address, wire::takes_writes)?;
        Ok(server)
    }

    fn stand_in(place: &Place) -> Done<Self> {
        let address = free_address()?;
        say::line(format_args!("starting the stand-in for MongoDB on {address}"));
        let mut command = ending_with_us(setup::mongo::stand_in(place));
        command
            .args(["--storage-path", ":memory:", "--port"])
            .arg(address.port().to_string());
        let mut server = Self {
            uri: format!("mongodb://{address}/?directConnection=true").into(),
            child: Some(started(&mut command)?),
            scratch: None,
        };
        server.wait_for(address, wire::takes_writes)?;
        Ok(server)
    }

    /// Asks again and again until the answer is yes.
    fn wait_for(&mut self, address: SocketAddr, mut ask: impl FnMut(SocketAddr) -> bool) -> Done {
        let end = Instant::now() + START_LIMIT;
        while !ask(address) {
            let ended = self
                .child
                .as_mut()
                .and_then(|child| child.try_wait().ok().flatten());
            if let Some(status) = ended {
                return Err(Failure::new(
                    "start a MongoDB to test with",
                    format_args!("it ended with {status}"),
                    "set MONGODB_URI to one you have, or see whether its program starts by itself",
                ));
            }
            if Instant::now() > end {
                return Err(Failure::new(
                    "start a MongoDB to test with",
                    format_args!("it did not answer within {}", say::seconds(START_LIMIT)),
                    "run the command again, or set MONGODB_URI to one you have",
                ));
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for MongoDb {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Already gone is as good as ended; it keeps nothing that would need a farewell.
            let _ = child.kill();
            let _ = child.wait();
        }
        if let Some(folder) = self.scratch.take() {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// `cargo xtask mongo`: starts one, says where, and waits until it is told to stop.
pub(crate) fn mongo(place: &Place) -> Done<ExitCode> {
    setup::meet(place, NEEDS)?;
    let mut server = MongoDb::start(place)?;
    println!("\nMONGODB_URI={}", server.uri().display());
    let Some(child) = server.child.as_mut() else {
        say::line("the one you set: nothing was started");
        return Ok(ExitCode::SUCCESS);
    };
    say::line("until Ctrl-C; it keeps nothing");
    // Ctrl-C reaches both of us.
    child
        .wait()
        .map_err(|error| Failure::new("wait for MongoDB", error, "run the command again"))?;
    Ok(ExitCode::SUCCESS)
}

fn free_address() -> Done<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map_err(|error| {
            Failure::new(
                "find a free port",
                error,
                "end programs that listen on many ports",
            )
        })
}

/// A program that the system ends when we end, however that happens.
fn ending_with_us(program: PathBuf) -> Command {
    let Some(setpriv) = process::which("setpriv") else {
        return Command::new(program);
    };
    let mut command = Command::new(setpriv);
    command.args(["--pdeathsig", "KILL", "--"]).arg(program);
    command
}

fn started(command: &mut Command) -> Done<Child> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| {
            Failure::new(
                "start a MongoDB to test with",
                error,
                "set MONGODB_URI to one you have",
            )
        })
}
