//! What happens, and when: made from a seed alone, so that a seed is all that a failure has to name.
//!
//! Must not know how a fault is done: that is [`crate::stage`].

use std::fmt;
use std::time::Duration;

/// What can be broken.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// Server processes.
    pub nodes: usize,
    /// Whether there is a network between them and their database.
    pub remote_database: bool,
    /// How long a writer's silence is tolerated.
    pub lease: Duration,
    /// How long things break.
    pub length: Duration,
}

/// All that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// What it was made from.
    pub seed: u64,
    /// In order.
    pub steps: Vec<Step>,
}

/// One thing that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// After the start.
    pub at: Duration,
    /// What.
    pub fault: Fault,
}

/// Connections that can be broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// Between all clients and the balancer.
    Clients,
    /// Between a node and the database.
    Database(usize),
}

/// Something that breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// `kill -9`, and a new start.
    Kill(usize),
    /// SIGSTOP, for longer than the lease, then SIGCONT.
    Pause(usize, Duration),
    /// All connections break.
    Reset(Link),
    /// Bytes go nowhere.
    BlackHole(Link, Hole, Duration),
    /// Bytes are late.
    Delay(Link, Duration),
    /// Writes are applied, and their answers are lost: so many of them.
    LoseReplies(usize, u32),
    /// The database is gone for a while, for everybody.
    StopDatabase(Duration),
    /// It stands still for a while, for everybody.
    HoldDatabase(Duration),
    /// Every node is told to end, one after another, and started again.
    RollingRestart,
}

/// Which bytes go nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hole {
    /// All.
    Both,
    /// What is asked.
    Questions,
    /// What is answered.
    Answers,
}

/// Nothing happens for so long: everybody begins in peace.
const PEACE: Duration = Duration::from_millis(800);
/// Between two faults, on average; they overlap.
const PAUSE: Duration = Duration::from_millis(1_500);

impl Schedule {
    /// The schedule of this seed.
    pub fn of(seed: u64, terms: &Terms) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut at = PEACE;
        let mut steps = Vec::new();
        let mut kinds: Vec<u8> = Vec::new();
        while at < terms.length {
            // Every kind once before any comes again.
            if kinds.is_empty() {
                kinds = if terms.remote_database {
                    (0..10).collect()
                } else {
                    (0..6).collect()
                };
                random.shuffle(&mut kinds);
            }
            let Some(kind) = kinds.pop() else { break };
            steps.push(Step {
                at,
                fault: fault(kind, terms, &mut random),
            });
            at += PAUSE.mul_f64(0.3 + 1.4 * random.f64());
        }
        Self { seed, steps }
    }
}

fn fault(kind: u8, terms: &Terms, random: &mut fastrand::Rng) -> Fault {
    let node = random.usize(..terms.nodes.max(1));
    let link = if terms.remote_database && random.u8(..3) > 0 {
        Link::Database(node)
    } else {
        Link::Clients
    };
    let time = Duration::from_millis(random.u64(500..3_000));
    match kind {
        0 => Fault::Kill(node),
        1 => Fault::Pause(node, terms.lease * 2 + time),
        2 => Fault::Reset(link),
        3 => {
            let hole = match random.u8(..3) {
                0 => Hole::Questions,
                1 => Hole::Answers,
                _ => Hole::Both,
            };
            Fault::BlackHole(link, hole, time)
        }
        4 => Fault::Delay(link, time),
        5 => Fault::RollingRestart,
        6 | 7 => Fault::LoseReplies(node, random.u32(1..8)),
        8 => Fault::StopDatabase(time),
        _ => Fault::HoldDatabase(time),
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            writeln!(f, "    {:>5.1} s  {}", step.at.as_secs_f32(), step.fault)?;
        }
        Ok(())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill(node) => write!(f, "kill -9 node {node}"),
            Self::Pause(node, time) => write!(
                f,
                "stop node {node} for {:.1} s, then let it go on",
                time.as_secs_f32()
            ),
            Self::Reset(link) => write!(f, "break all connections {link}"),
            Self::BlackHole(link, hole, time) => {
                let what = match hole {
                    Hole::Both => "all bytes",
                    Hole::Questions => "what is asked",
                    Hole::Answers => "what is answered",
                };
                write!(f, "lose {what} {link} for {:.1} s", time.as_secs_f32())
            }
            Self::Delay(link, time) => write!(f, "delay bytes {link} for {:.1} s", time.as_secs_f32()),
            Self::LoseReplies(node, count) => write!(f, "lose the replies to {count} writes of node {node}"),
            Self::StopDatabase(time) => write!(f, "take the database away for {:.1} s", time.as_secs_f32()),
            Self::HoldDatabase(time) => {
                write!(f, "let the database stand still for {:.1} s", time.as_secs_f32())
            }
            Self::RollingRestart => f.write_str("end and start node after node"),
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clients => f.write_str("between clients and nodes"),
            Self::Database(node) => write!(f, "between node {node} and the database"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: Terms = Terms {
        nodes: 3,
        remote_database: true,
        lease: Duration::from_secs(1),
        length: Duration::from_secs(10),
    };

    #[test]
    fn a_seed_is_all_that_a_schedule_is_made_of() {
        assert_eq!(Schedule::of(7, &TERMS), Schedule::of(7, &TERMS));
        assert_ne!(Schedule::of(7, &TERMS), Schedule::of(8, &TERMS));
    }

    #[test]
    fn a_process_is_stopped_for_longer_than_its_lease() {
        let mut seen = 0;
        for step in (0..50).flat_map(|seed| Schedule::of(seed, &TERMS).steps) {
            if let Fault::Pause(_, time) = step.fault {
                assert!(time > TERMS.lease * 2);
                seen += 1;
            }
        }
        assert!(seen > 10, "{seen}");
    }

    #[test]
    fn ten_schedules_have_every_kind_of_fault() {
        let steps: Vec<Step> = (1..=10)
            .flat_map(|seed| Schedule::of(seed, &TERMS).steps)
            .collect();
        let has = |kind: fn(&Fault) -> bool| steps.iter().any(|step| kind(&step.fault));
        assert!(has(|fault| matches!(fault, Fault::Kill(_))));
        assert!(has(|fault| matches!(fault, Fault::Pause(..))));
        assert!(has(|fault| matches!(fault, Fault::Reset(Link::Database(_)))));
        assert!(has(|fault| matches!(
            fault,
            Fault::Reset(Link::Clients) | Fault::BlackHole(Link::Clients, ..)
        )));
        assert!(has(|fault| matches!(
            fault,
            Fault::BlackHole(Link::Database(_), ..)
        )));
        assert!(has(|fault| matches!(fault, Fault::Delay(..))));
        assert!(has(|fault| matches!(fault, Fault::LoseReplies(..))));
        assert!(has(|fault| matches!(fault, Fault::StopDatabase(_))));
        assert!(has(|fault| matches!(fault, Fault::HoldDatabase(_))));
        assert!(has(|fault| matches!(fault, Fault::RollingRestart)));
    }

    #[test]
    fn without_a_network_to_the_database_nothing_happens_to_it() {
        let terms = Terms {
            nodes: 1,
            remote_database: false,
            ..TERMS
        };
        for step in (0..50).flat_map(|seed| Schedule::of(seed, &terms).steps) {
            let local = !matches!(
                step.fault,
                Fault::LoseReplies(..)
                    | Fault::StopDatabase(_)
                    | Fault::HoldDatabase(_)
                    | Fault::Reset(Link::Database(_))
                    | Fault::BlackHole(Link::Database(_), ..)
                    | Fault::Delay(Link::Database(_), _)
            );
            assert!(local, "{}", step.fault);
        }
    }
}
