//! A TCP load balancer over the nodes that live: one after another, or by chance out of a seed.
//!
//! A node that takes no connection is passed over; one that is stopped takes them and says nothing, as it does behind a
//! real balancer, and its clients have to notice. Must not know what is spoken; ends no node. Connections come through a
//! [`crate::proxy::Proxy`] with [`crate::proxy::Route::Balanced`].

use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A node on this machine that takes no connection in this time takes none.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(500);

/// How the next node is chosen.
#[derive(Debug)]
pub enum Choice {
    /// One after another.
    RoundRobin,
    /// By chance.
    Random(fastrand::Rng),
}

/// The balancer.
#[derive(Debug)]
pub struct Balancer {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// Where each node listens; `None` while it is known to be down.
    nodes: Vec<Option<SocketAddr>>,
    choice: Choice,
    turn: usize,
}

impl Balancer {
    /// Over `count` nodes that are not there yet.
    pub fn new(count: usize, choice: Choice) -> Self {
        Self {
            inner: Mutex::new(Inner {
                nodes: vec![None; count],
                choice,
                turn: 0,
            }),
        }
    }

    /// Node `index` listens here now, or nowhere.
    pub fn set(&self, index: usize, address: Option<SocketAddr>) {
        if let Some(node) = self.inner().nodes.get_mut(index) {
            *node = address;
        }
    }

    /// Where nodes listen now.
    pub fn living(&self) -> Vec<SocketAddr> {
        self.inner().nodes.iter().copied().flatten().collect()
    }

    /// A connection to the next node that takes one.
    ///
    /// # Errors
    /// None does.
    pub async fn connect(&self) -> io::Result<TcpStream> {
        for address in self.candidates() {
            if let Ok(Ok(stream)) = timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await {
                return Ok(stream);
            }
        }
        Err(io::Error::new(
            io::ErrorKind::ConnectionRefused,
            "no node takes connections",
        ))
    }

    /// All that live, the chosen one first.
    fn candidates(&self) -> Vec<SocketAddr> {
        let mut inner = self.inner();
        let mut living: Vec<SocketAddr> = inner.nodes.iter().copied().flatten().collect();
        if !living.is_empty() {
            let turn = inner.turn;
            inner.turn = turn.wrapping_add(1);
            let first = match &mut inner.choice {
                Choice::RoundRobin => turn % living.len(),
                Choice::Random(random) => random.usize(..living.len()),
            };
            living.rotate_left(first);
        }
        living
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    /// Two nodes, and a third that is gone: its port was free a moment ago.
    async fn nodes() -> (Vec<TcpListener>, SocketAddr) {
        let mut listeners = Vec::new();
        for _ in 0..3 {
            listeners.push(TcpListener::bind("127.0.0.1:0").await.unwrap());
        }
        let gone = listeners.pop().unwrap().local_addr().unwrap();
        (listeners, gone)
    }

    async fn reached(balancer: &Balancer) -> SocketAddr {
        balancer.connect().await.unwrap().peer_addr().unwrap()
    }

    #[tokio::test]
    async fn nodes_take_turns_and_dead_ones_are_passed_over() {
        let (listeners, gone) = nodes().await;
        let balancer = Balancer::new(3, Choice::RoundRobin);
        assert!(balancer.connect().await.is_err(), "nobody is there yet");
        let [one, two] = [0, 1].map(|index: usize| listeners[index].local_addr().unwrap());
        balancer.set(0, Some(one));
        balancer.set(1, Some(gone));
        balancer.set(2, Some(two));
        let mut turns = Vec::new();
        for _ in 0..4 {
            turns.push(reached(&balancer).await);
        }
        assert_eq!(turns, [one, two, two, one]);
        balancer.set(2, None);
        assert_eq!((reached(&balancer).await, reached(&balancer).await), (one, one));
    }

    #[tokio::test]
    async fn chance_is_the_same_for_the_same_seed() {
        let (listeners, _) = nodes().await;
        let mut runs = Vec::new();
        for _ in 0..2 {
            let balancer = Balancer::new(2, Choice::Random(fastrand::Rng::with_seed(7)));
            for (index, listener) in listeners.iter().enumerate() {
                balancer.set(index, Some(listener.local_addr().unwrap()));
            }
            let mut reached_nodes = Vec::new();
            for _ in 0..20 {
                reached_nodes.push(reached(&balancer).await);
            }
            runs.push(reached_nodes);
        }
        assert_eq!(runs[0], runs[1]);
    }
}
