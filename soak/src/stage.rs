//! Everything that takes part but the users: the nodes, each with a proxy of its own before the database, the balancer
//! with a proxy before it, and the model. And how each fault is done to them.

use crate::Done;
use crate::balancer::{Balancer, Choice};
use crate::database::Database;
use crate::program::{Launch, Program};
use crate::proxy::{Language, Mode, Proxy, RoundTrip, Route, Way};
use crate::schedule::{Fault, Hole, Link, Schedule};
use crate::upstream::{Speech, Upstream};
use rustix::process::Signal;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::{Arc, Mutex as Lock, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// Whoever starts a node starts it again when it did not come up; after this long there is something wrong with it.
const START_PATIENCE: Duration = Duration::from_secs(120);
/// One attempt.
const ATTEMPT: Duration = Duration::from_secs(15);
/// Between looks at what must come by itself.
const LOOK: Duration = Duration::from_millis(25);
/// A node that was killed is down for so long.
const DOWN: Duration = Duration::from_millis(300);
/// A node that was told to end and has not ended by then hangs: its drain, and all its other bounds.
const END_PATIENCE: Duration = Duration::from_secs(25);

/// How a stage is set up.
#[derive(Debug)]
pub struct Setting<'a> {
    /// The program.
    pub program: &'a Path,
    /// For data and logs.
    pub folder: &'a Path,
    /// The database.
    pub database: &'a Database,
    /// How many processes.
    pub nodes: usize,
    /// How long a writer's silence is tolerated.
    pub lease: Duration,
    /// For the balancer.
    pub seed: u64,
    /// What the model says.
    pub speech: Speech,
    /// Other settings of the program.
    pub settings: &'a [(&'a str, &'a str)],
}

/// All that takes part.
#[derive(Debug)]
pub struct Stage {
    nodes: Vec<Node>,
    balancer: Arc<Balancer>,
    /// Where clients come in.
    pub front: Proxy,
    /// The model.
    pub upstream: Upstream,
    /// What nodes did that they must not do.
    complaints: Lock<Vec<String>>,
}

#[derive(Debug)]
struct Node {
    launch: Launch,
    /// `None` while it is down. Locked while something is done to it.
    program: Mutex<Option<Program>>,
    database: Option<Proxy>,
}

impl Stage {
    /// Starts everything, and waits until every node is ready.
    ///
    /// # Errors
    /// A node does not come up.
    pub async fn set_up(setting: &Setting<'_>) -> Done<Self> {
        let upstream = Upstream::start(setting.speech).await?;
        let random = fastrand::Rng::with_seed(setting.seed);
        let balancer = Arc::new(Balancer::new(setting.nodes, Choice::Random(random)));
        let mut nodes = Vec::new();
        for index in 0..setting.nodes {
            nodes.push(Node::new(setting, index, &upstream.base_url()).await?);
        }
        let stage = Self {
            nodes,
            front: Proxy::start(Route::Balanced(Arc::clone(&balancer)), Language::Bytes).await?,
            balancer,
            upstream,
            complaints: Lock::default(),
        };
        let starts = (0..setting.nodes).map(|index| stage.first_start(index));
        futures::future::try_join_all(starts).await?;
        stage.ready().await?;
        Ok(stage)
    }

    async fn first_start(&self, index: usize) -> Done {
        let mut program = self.node(index)?.program.lock().await;
        self.start(index, &mut program).await
    }

    /// Where each node listens now, in their order; those that are down are missing.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.balancer.living()
    }

    /// A way in to the nodes beside [`Self::front`], for a proxy of somebody's own.
    pub fn way_in(&self) -> Route {
        Route::Balanced(Arc::clone(&self.balancer))
    }

    /// Sends a signal that ends a node, and waits until it has: when it was sent, and how it ended.
    ///
    /// # Errors
    /// It does not end in `patience`.
    pub async fn end(
        &self,
        index: usize,
        signal: Signal,
        patience: Duration,
    ) -> Done<(std::time::Instant, ExitStatus)> {
        let mut running = self.running(index).await?;
        let program = running.as_mut().ok_or("it is down already")?;
        let sent = std::time::Instant::now();
        program.signal(signal)?;
        self.balancer.set(index, None);
        let ended = async {
            loop {
                if let Some(status) = program.ended()? {
                    return Done::Ok(status);
                }
                sleep(LOOK).await;
            }
        };
        let status = timeout(patience, ended)
            .await
            .map_err(|_| format!("node {index} was told to end, and did not in {patience:?}"))??;
        *running = None;
        Ok((sent, status))
    }

    /// Starts a node that has ended; gives the moment just before.
    ///
    /// # Errors
    /// It does not come up.
    pub async fn start_again(&self, index: usize) -> Done<std::time::Instant> {
        let mut program = self.node(index)?.program.lock().await;
        let start = std::time::Instant::now();
        self.start(index, &mut program).await?;
        Ok(start)
    }

    /// Lets everything happen, at its time, and returns when all is as if nothing had been.
    ///
    /// # Errors
    /// A node does not come up again.
    pub async fn suffer(&self, schedule: &Schedule) -> Done {
        let start = Instant::now();
        let steps = schedule.steps.iter().map(|step| async move {
            sleep_until(start + step.at).await;
            self.fault(step.fault).await
        });
        let suffered = futures::future::try_join_all(steps).await;
        self.heal().await?;
        suffered.map(drop)
    }

    /// What nodes did that they must not do, so far.
    pub fn complaints(&self) -> Vec<String> {
        self.complaints
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Whether the nodes keep everything in a file of their own, without a network between.
    pub fn is_alone(&self) -> bool {
        self.databases().next().is_none()
    }

    /// Measures what the nodes ask of the database from now on, or no more.
    pub fn measure(&self, measures: bool) {
        self.databases().for_each(|proxy| proxy.measure(measures));
    }

    /// What was measured since this was last asked.
    pub fn measured(&self) -> Vec<RoundTrip> {
        self.databases().flat_map(Proxy::measured).collect()
    }

    /// Bytes that the nodes have sent to the database so far, where it is behind a network.
    pub fn asked_bytes(&self) -> u64 {
        self.databases().map(Proxy::asked_bytes).sum()
    }

    /// Bytes that a node has had written to the disk so far.
    ///
    /// # Errors
    /// It is down.
    pub fn written(&self, index: usize) -> Done<u64> {
        let program = self.node(index)?.program.try_lock()?;
        program.as_ref().ok_or("it is down")?.written()
    }

    /// The data folder of a node.
    ///
    /// # Errors
    /// There is no such node.
    pub fn data(&self, node: usize) -> Done<PathBuf> {
        Ok(self.node(node)?.launch.data.clone())
    }

    async fn fault(&self, fault: Fault) -> Done {
        match fault {
            Fault::Kill(node) => self.kill(node).await,
            Fault::Pause(node, time) => self.pause(node, time).await,
            Fault::Reset(link) => {
                self.link(link)?.reset();
                Ok(())
            }
            Fault::BlackHole(link, hole, time) => {
                let way = match hole {
                    Hole::Both => Way::Both,
                    Hole::Questions => Way::ToServer,
                    Hole::Answers => Way::ToClient,
                };
                self.for_a_while(link, Mode::BlackHole(way), time).await
            }
            Fault::Delay(link, time) => {
                let mode = Mode::Delay {
                    base: Duration::from_millis(20),
                    jitter: Duration::from_millis(150),
                };
                self.for_a_while(link, mode, time).await
            }
            Fault::LoseReplies(node, count) => {
                self.link(Link::Database(node))?.lose_replies(count);
                Ok(())
            }
            Fault::StopDatabase(time) => {
                self.databases().for_each(|proxy| {
                    proxy.refuse(true);
                    proxy.reset();
                });
                sleep(time).await;
                self.databases().for_each(|proxy| proxy.refuse(false));
                Ok(())
            }
            Fault::HoldDatabase(time) => {
                self.databases().for_each(|proxy| proxy.set(Mode::Hold));
                sleep(time).await;
                self.databases().for_each(|proxy| proxy.set(Mode::Pass));
                Ok(())
            }
            Fault::RollingRestart => self.rolling_restart().await,
        }
    }

    async fn for_a_while(&self, link: Link, mode: Mode, time: Duration) -> Done {
        let proxy = self.link(link)?;
        proxy.set(mode);
        sleep(time).await;
        proxy.set(Mode::Pass);
        Ok(())
    }

    async fn kill(&self, index: usize) -> Done {
        let mut program = self.running(index).await?;
        // Dropped, it is killed.
        *program = None;
        self.balancer.set(index, None);
        sleep(DOWN).await;
        self.start(index, &mut program).await
    }

    async fn pause(&self, index: usize, time: Duration) -> Done {
        let mut program = self.running(index).await?;
        if let Some(program) = &mut *program {
            program.signal(Signal::STOP)?;
            sleep(time).await;
            program.signal(Signal::CONT)?;
        }
        Ok(())
    }

    async fn rolling_restart(&self) -> Done {
        for index in 0..self.nodes.len() {
            let mut program = self.running(index).await?;
            self.balancer.set(index, None);
            if let Some(program) = &mut *program {
                program.signal(Signal::TERM)?;
                let ended = async {
                    while program.ended()?.is_none() {
                        sleep(LOOK).await;
                    }
                    program.ended()
                };
                match timeout(END_PATIENCE, ended).await {
                    Ok(status) => {
                        let status = status?.filter(|status| !status.success());
                        if let Some(status) = status {
                            self.complain(format!("node {index} was told to end, and ended with {status}"));
                        }
                    }
                    Err(_) => self.complain(format!(
                        "node {index} was told to end, and did not in {END_PATIENCE:?}"
                    )),
                }
            }
            *program = None;
            self.start(index, &mut program).await?;
        }
        Ok(())
    }

    async fn heal(&self) -> Done {
        self.front.heal();
        self.databases().for_each(Proxy::heal);
        for index in 0..self.nodes.len() {
            let mut program = self.running(index).await?;
            if program.is_none() {
                self.start(index, &mut program).await?;
            }
        }
        self.ready().await
    }

    /// Waits until all nodes say that they are ready.
    async fn ready(&self) -> Done {
        for (index, node) in self.nodes.iter().enumerate() {
            let ready = async {
                while !match &*node.program.lock().await {
                    Some(program) => program.is_ready().await,
                    None => false,
                } {
                    sleep(LOOK).await;
                }
            };
            timeout(START_PATIENCE, ready)
                .await
                .map_err(|_| format!("node {index} is not ready, {START_PATIENCE:?} after all is well"))?;
        }
        Ok(())
    }

    /// A node, to do something to it; one that ended by itself is told of.
    async fn running(&self, index: usize) -> Done<MutexGuard<'_, Option<Program>>> {
        let mut program = self.node(index)?.program.lock().await;
        let ended = program.as_mut().map(Program::ended).transpose()?.flatten();
        if let Some(status) = ended {
            self.complain(format!("node {index} ended by itself with {status}"));
            *program = None;
            self.balancer.set(index, None);
        }
        Ok(program)
    }

    /// Starts a node, again and again: its database may be away.
    async fn start(&self, index: usize, program: &mut Option<Program>) -> Done {
        let node = self.node(index)?;
        let start = Instant::now();
        loop {
            let failure = match timeout(ATTEMPT, Program::listening(&node.launch)).await {
                Ok(Ok(started)) => {
                    self.balancer.set(index, Some(started.address));
                    *program = Some(started);
                    return Ok(());
                }
                Ok(Err(failure)) => failure.to_string(),
                Err(_) => format!("it did not say its port in {ATTEMPT:?}"),
            };
            if start.elapsed() > START_PATIENCE {
                return Err(format!("node {index} does not start: {failure}").into());
            }
            sleep(LOOK).await;
        }
    }

    fn complain(&self, what: String) {
        self.complaints
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(what);
    }

    fn node(&self, index: usize) -> Done<&Node> {
        Ok(self.nodes.get(index).ok_or("no such node")?)
    }

    fn link(&self, link: Link) -> Done<&Proxy> {
        match link {
            Link::Clients => Ok(&self.front),
            Link::Database(node) => Ok(self
                .node(node)?
                .database
                .as_ref()
                .ok_or("a database without a network")?),
        }
    }

    fn databases(&self) -> impl Iterator<Item = &Proxy> {
        self.nodes.iter().filter_map(|node| node.database.as_ref())
    }
}

impl Node {
    async fn new(setting: &Setting<'_>, index: usize, model: &str) -> Done<Self> {
        let data = setting.folder.join(format!("node-{index}"));
        let mut launch = Launch::new(setting.program, data, model)
            .with("PARLANCE_SECRET", "the one secret that all nodes of a soak have")
            .with("PARLANCE_LEASE", format!("{}ms", setting.lease.as_millis()));
        for (name, value) in setting.settings {
            launch = launch.with(name, *value);
        }
        let database = match setting.database {
            Database::Sqlite => None,
            Database::Mongodb(mongodb) => {
                let proxy = Proxy::start(Route::To(mongodb.address), Language::Mongodb).await?;
                launch = launch
                    .with("MONGODB_URI", mongodb.through(proxy.address))
                    .with("PARLANCE_MONGODB_DATABASE", &mongodb.name);
                Some(proxy)
            }
        };
        Ok(Self {
            launch,
            program: Mutex::new(None),
            database,
        })
    }
}
