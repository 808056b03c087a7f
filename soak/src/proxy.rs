//! A TCP proxy that breaks things, told by a handle while it runs: for all of its connections, or for one.
//!
//! Must not know who speaks through it; only a lost reply needs to know where MongoDB's messages begin and end
//! ([`mongodb`]). Start at [`Proxy::start`]; what a connection does is in [`connection`].
//!
//! | what a network or a database does | here |
//! |---|---|
//! | connections break | [`Proxy::reset`] (with RST) |
//! | nobody listens | [`Proxy::refuse`] |
//! | packets vanish, both ways or one | [`Mode::BlackHole`] |
//! | it stands still, and goes on | [`Mode::Hold`] |
//! | it is slow | [`Mode::Delay`] |
//! | a write is applied, and its answer is lost | [`Proxy::lose_replies`] |

mod connection;
mod mongodb;

use crate::Done;
use crate::balancer::Balancer;
use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Where connections lead.
#[derive(Debug, Clone)]
pub enum Route {
    /// Always there.
    To(SocketAddr),
    /// To one of several.
    Balanced(Arc<Balancer>),
}

impl Route {
    async fn connect(&self) -> io::Result<TcpStream> {
        match self {
            Self::To(address) => TcpStream::connect(address).await,
            Self::Balanced(balancer) => balancer.connect().await,
        }
    }
}

/// What is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Anything.
    Bytes,
    /// MongoDB's wire protocol: replies can be lost.
    Mongodb,
}

/// What becomes of the bytes of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// They pass.
    Pass,
    /// They are taken and go nowhere. A connection that lost bytes is reset when the hole is closed.
    BlackHole(Way),
    /// They wait.
    Hold,
    /// Each read waits this long, and up to `jitter` more, before it is passed on.
    Delay {
        /// At least.
        base: Duration,
        /// At most this much more.
        jitter: Duration,
    },
}

/// A direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Both.
    Both,
    /// What the client says.
    ToServer,
    /// What the server says.
    ToClient,
}

/// A command of MongoDB's and its answer, as they passed through here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundTrip {
    /// The command's name.
    pub command: String,
    /// From the question to the answer.
    pub time: Duration,
}

/// What a connection is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Live(Mode),
    Reset,
}

/// What the handle and the connections share.
#[derive(Debug)]
struct Shared {
    route: Route,
    language: Language,
    /// For connections to come.
    mode: Mutex<Mode>,
    /// Those that live.
    lines: Mutex<HashMap<u64, watch::Sender<Fate>>>,
    next_line: AtomicU64,
    /// Replies that are still to be lost.
    to_lose: AtomicU32,
    lost: AtomicU32,
    swallowed: AtomicU64,
    asked: AtomicU64,
    measures: AtomicBool,
    round_trips: Mutex<Vec<RoundTrip>>,
}

impl Shared {
    fn lines(&self) -> MutexGuard<'_, HashMap<u64, watch::Sender<Fate>>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn mode(&self) -> MutexGuard<'_, Mode> {
        self.mode.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn round_trips(&self) -> MutexGuard<'_, Vec<RoundTrip>> {
        self.round_trips.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this write's reply is to be lost; counts it.
    fn loses_one(&self) -> bool {
        self.to_lose
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
            .is_ok()
    }
}

/// A running proxy. Ends with its connections when dropped.
#[derive(Debug)]
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    shared: Arc<Shared>,
    listens: watch::Sender<bool>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Begins to listen.
    ///
    /// # Errors
    /// There is no free port.
    pub async fn start(route: Route, language: Language) -> Done<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            route,
            language,
            mode: Mutex::new(Mode::Pass),
            lines: Mutex::default(),
            next_line: AtomicU64::new(1),
            to_lose: AtomicU32::new(0),
            lost: AtomicU32::new(0),
            swallowed: AtomicU64::new(0),
            asked: AtomicU64::new(0),
            measures: AtomicBool::new(false),
            round_trips: Mutex::default(),
        });
        let (listens, listening) = watch::channel(true);
        let accepting = tokio::spawn(accept(listener, address, listening, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            listens,
            accepting,
        })
    }

    /// What becomes of the bytes from now on, of all connections and of those to come.
    pub fn set(&self, mode: Mode) {
        *self.shared.mode() = mode;
        for line in self.shared.lines().values() {
            line.send_if_modified(|fate| tell(fate, mode));
        }
    }

    /// The same for one connection; one that is gone is not told.
    pub fn set_one(&self, line: u64, mode: Mode) {
        if let Some(line) = self.shared.lines().get(&line) {
            line.send_if_modified(|fate| tell(fate, mode));
        }
    }

    /// The connections that live, oldest first.
    pub fn connections(&self) -> Vec<u64> {
        let mut lines: Vec<u64> = self.shared.lines().keys().copied().collect();
        lines.sort_unstable();
        lines
    }

    /// Breaks all connections; says how many.
    pub fn reset(&self) -> usize {
        let lines = self.shared.lines();
        lines.values().for_each(|line| {
            line.send_replace(Fate::Reset);
        });
        lines.len()
    }

    /// Breaks one connection.
    pub fn reset_one(&self, line: u64) {
        if let Some(line) = self.shared.lines().get(&line) {
            line.send_replace(Fate::Reset);
        }
    }

    /// Whether new connections are refused. Those that live go on.
    pub fn refuse(&self, refused: bool) {
        self.listens.send_replace(!refused);
    }

    /// The replies to the next `count` writes are lost: each write reaches the server, and its connection breaks
    /// before the answer is passed on. 0 ends it.
    pub fn lose_replies(&self, count: u32) {
        self.shared.to_lose.store(count, Ordering::Relaxed);
    }

    /// How many replies were lost so far.
    pub fn lost_replies(&self) -> u32 {
        self.shared.lost.load(Ordering::Relaxed)
    }

    /// How many bytes went into black holes so far.
    pub fn swallowed(&self) -> u64 {
        self.shared.swallowed.load(Ordering::Relaxed)
    }

    /// How many bytes clients have sent through to the server so far.
    pub fn asked_bytes(&self) -> u64 {
        self.shared.asked.load(Ordering::Relaxed)
    }

    /// Measures every command from now on, or none.
    pub fn measure(&self, measures: bool) {
        self.shared.measures.store(measures, Ordering::Relaxed);
    }

    /// What was measured since this was last asked.
    pub fn measured(&self) -> Vec<RoundTrip> {
        std::mem::take(&mut *self.shared.round_trips())
    }

    /// As if nothing had been: bytes pass, connections are taken.
    pub fn heal(&self) {
        self.lose_replies(0);
        self.set(Mode::Pass);
        self.refuse(false);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.reset();
    }
}

/// A connection that is to be reset is not called back to life.
fn tell(fate: &mut Fate, mode: Mode) -> bool {
    let news = *fate != Fate::Reset && *fate != Fate::Live(mode);
    if news {
        *fate = Fate::Live(mode);
    }
    news
}

async fn accept(
    listener: TcpListener,
    address: SocketAddr,
    mut listening: watch::Receiver<bool>,
    shared: Arc<Shared>,
) {
    let mut listener = Some(listener);
    loop {
        let wanted = *listening.borrow_and_update();
        if !wanted {
            listener = None;
        } else if listener.is_none() {
            listener = TcpListener::bind(address).await.ok();
        }
        let accepted = async {
            match &listener {
                Some(listener) => listener.accept().await.ok(),
                // Somebody else may have the port for a moment.
                None if wanted => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    None
                }
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            changed = listening.changed() => if changed.is_err() { return },
            accepted = accepted => if let Some((client, _)) = accepted {
                let line = shared.next_line.fetch_add(1, Ordering::Relaxed);
                let (sender, fate) = watch::channel(Fate::Live(*shared.mode()));
                shared.lines().insert(line, sender);
                let shared = Arc::clone(&shared);
                tokio::spawn(async move {
                    connection::serve(&shared, client, fate).await;
                    shared.lines().remove(&line);
                });
            },
        }
    }
}

#[cfg(test)]
mod tests;
