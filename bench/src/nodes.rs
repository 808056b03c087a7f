//! `bench nodes`: two nodes on one MongoDB. How long a token takes from the model to a socket on the node that asked, and
//! to one on the other node; how many messages are stored a second; and what of that is the database's.
//!
//! The database's part is measured where it passes through: each node has a proxy before it that takes the time of every
//! command. What is measured on the stand-in says nothing of MongoDB's speed, and the table says so.

use crate::Done;
use crate::answer::{Answer, Ask as _};
use crate::client::Person;
use crate::load;
use crate::machine;
use crate::measure::{float, millis, percentile};
use clap::Args;
use soak::database::{Database, Mongodb};
use soak::evidence;
use soak::proxy::RoundTrip;
use soak::stage::{Setting, Stage};
use soak::upstream::Speech;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::sleep;

/// Of the model.
const RATE: u32 = 30;
/// Of each answer that is followed: two seconds.
const TOKENS: u32 = 60;
/// Chats do not begin in step.
const SPREAD: Duration = Duration::from_secs(2);
/// The program's default.
const LEASE: Duration = Duration::from_secs(5);

/// Options of `bench nodes`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The program to measure.
    #[arg(long, env = "PARLANCE_BIN", default_value = "target/release/parlance")]
    program: PathBuf,
    /// The database; a new one is made in it, and taken away.
    #[arg(long, env = "MONGODB_URI", hide_env_values = true)]
    mongodb_uri: String,
    /// Chats at once, each with a socket on either node.
    #[arg(long, default_value_t = 50)]
    chats: u32,
    /// Answers of each chat.
    #[arg(long, default_value_t = 4)]
    rounds: u32,
    /// How long messages are stored as fast as it goes, in seconds.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

/// Measures, and prints the table.
pub(crate) async fn bench(options: &Options) -> Done {
    let program = options
        .program
        .canonicalize()
        .map_err(|error| format!("{}: {error}", options.program.display()))?;
    let folder = tempfile::Builder::new().prefix("bench-nodes-").tempdir()?;
    let about = machine::about(folder.path())?;
    let name = folder
        .path()
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .replace('.', "_");
    let mongodb = Mongodb::at(&options.mongodb_uri, name).await?;
    let server = evidence::about(&mongodb).await?;
    let stage = Stage::set_up(&Setting {
        program: &program,
        folder: folder.path(),
        database: &Database::Mongodb(mongodb.clone()),
        nodes: 2,
        lease: LEASE,
        seed: 1,
        speech: Speech::Words,
        settings: &[("PARLANCE_SOCKETS_PER_USER", "10")],
    })
    .await?;
    let measured = measure(options, &stage).await;
    drop(stage);
    evidence::Archive::Mongodb(mongodb).discard().await?;
    println!("{}\n", measured?.table(&server)?);
    println!(
        "- {} chats, {} answers each of {TOKENS} tokens at {RATE} a second",
        options.chats, options.rounds
    );
    for (name, value) in &about {
        println!("- {name}: {value}");
    }
    Ok(())
}

async fn measure(options: &Options, stage: &Stage) -> Done<Measured> {
    let addresses = stage.addresses();
    let &[here, there] = addresses.as_slice() else {
        return Err("not both nodes are there".into());
    };
    let mut people = Vec::new();
    for index in 0..options.chats {
        people.push(Person::sign_up(here, &format!("person-{index}")).await?);
    }
    stage.measure(true);
    let delays = follow(options, &people, stage, there).await?;
    let following = Commands::of(stage.measured());
    let stored = store(options, &people, there).await?;
    Ok(Measured {
        delays,
        following,
        stored,
        storing: Commands::of(stage.measured()),
    })
}

/// From the model's write to a socket, of every token.
#[derive(Default)]
struct Delays {
    same_node: Vec<Duration>,
    other_node: Vec<Duration>,
}

/// Everybody asks on one node and looks on at the other.
async fn follow(options: &Options, people: &[Person], stage: &Stage, there: SocketAddr) -> Done<Delays> {
    let mut chats = JoinSet::new();
    for (index, person) in (0..options.chats).zip(people) {
        let (near, far) = (person.clone(), person.at(there));
        let (begin, rounds) = (SPREAD * index / options.chats.max(1), options.rounds);
        let runs = Arc::clone(&stage.upstream.runs);
        chats.spawn(async move {
            let session = near.open_session().await?;
            let (mut asks, mut looks_on) = (near.join(session).await?, far.join(session).await?);
            sleep(begin).await;
            let mut delays = Delays::default();
            for _ in 0..rounds {
                let order = load::order(TOKENS, RATE);
                let (asked, seen) = futures::try_join!(asks.ask(order), looks_on.watch(order))?;
                let written = runs.take(order.number).await.written;
                delays.same_node.extend(Answer::delays(&asked, &written));
                delays.other_node.extend(Answer::delays(&seen, &written));
            }
            Done::Ok(delays)
        });
    }
    let mut all = Delays::default();
    for chat in chats.join_all().await {
        let delays = chat?;
        all.same_node.extend(delays.same_node);
        all.other_node.extend(delays.other_node);
    }
    Ok(all)
}

/// Messages that were stored as fast as it goes.
struct Stored {
    /// From a prompt to the end of its answer, which is stored then.
    waits: Vec<Duration>,
    time: Duration,
}

/// Everybody asks for one token, again and again, half of them on each node.
async fn store(options: &Options, people: &[Person], there: SocketAddr) -> Done<Stored> {
    let mut ready = Vec::new();
    for (person, is_there) in people.iter().zip([false, true].into_iter().cycle()) {
        let person = if is_there {
            person.at(there)
        } else {
            person.clone()
        };
        ready.push(person.chat().await?);
    }
    let start = Instant::now();
    let end = start + Duration::from_secs(options.seconds);
    let mut chats = JoinSet::new();
    for mut chat in ready {
        chats.spawn(async move {
            let mut waits = Vec::new();
            while Instant::now() < end {
                let asked = Instant::now();
                chat.ask(load::order(1, 0)).await?;
                waits.push(asked.elapsed());
            }
            Done::Ok(waits)
        });
    }
    let mut waits = Vec::new();
    for chat in chats.join_all().await {
        waits.extend(chat?);
    }
    Ok(Stored {
        waits,
        time: start.elapsed(),
    })
}

/// What was asked of the database, by the commands' names.
struct Commands(BTreeMap<String, Vec<Duration>>);

impl Commands {
    fn of(trips: Vec<RoundTrip>) -> Self {
        let mut commands: BTreeMap<String, Vec<Duration>> = BTreeMap::new();
        for trip in trips {
            // These wait for news by design: their time is nobody's work.
            if !["hello", "getMore", "isMaster"].contains(&trip.command.as_str()) {
                commands.entry(trip.command).or_default().push(trip.time);
            }
        }
        Self(commands)
    }

    fn times(&self, command: &str) -> Vec<Duration> {
        self.0.get(command).cloned().unwrap_or_default()
    }

    /// How many of each for one prompt, the most frequent first.
    fn by_name(&self, prompts: f64) -> Done<String> {
        let mut names = Vec::new();
        for (name, times) in &self.0 {
            names.push((float(u64::try_from(times.len())?) / prompts, name));
        }
        names.sort_by(|one, other| other.0.total_cmp(&one.0));
        let words = names.iter().map(|(count, name)| format!("{name} {count:.1}"));
        Ok(words.collect::<Vec<_>>().join(", "))
    }

    fn all(&self) -> Vec<Duration> {
        self.0.values().flatten().copied().collect()
    }
}

/// All figures.
struct Measured {
    delays: Delays,
    following: Commands,
    stored: Stored,
    storing: Commands,
}

impl Measured {
    fn table(&self, server: &str) -> Done<String> {
        let count = |samples: &[Duration]| u64::try_from(samples.len()).map(float);
        let (insert, find) = (self.following.times("insert"), self.following.times("find"));
        let far = middle(&self.delays.other_node)?;
        let share = (middle(&insert)? + middle(&find)?) / far * 100.0;
        let prompts = count(&self.stored.waits)?;
        let all = self.storing.all();
        Ok([
            format!("| on {server} | p50 | p99 |"),
            "|---|---|---|".to_owned(),
            row(
                "a token to a socket on the node that asked, ms",
                &self.delays.same_node,
            )?,
            row(
                "a token to a socket on the other node, ms",
                &self.delays.other_node,
            )?,
            row("of it in the database: insert of a batch, ms", &insert)?,
            row("of it in the database: a look at the log (find), ms", &find)?,
            format!("| the database's share of the way to the other node | {share:.0} % | |"),
            format!(
                "| messages stored a second (a prompt and its answer are two) | {:.0} | |",
                prompts * 2.0 / self.stored.time.as_secs_f64()
            ),
            row(
                "a prompt until its answer of one token is stored, ms",
                &self.stored.waits,
            )?,
            row("of it in the database: one command, ms", &all)?,
            format!(
                "| commands for each prompt, looks of idle sockets included | {:.1} | |",
                count(&all)? / prompts
            ),
            format!(
                "| of them, by name | {} | |",
                self.storing.by_name(count(&self.stored.waits)?)?
            ),
        ]
        .join("\n"))
    }
}

fn middle(samples: &[Duration]) -> Done<f64> {
    let middle = percentile(&mut samples.to_vec(), 50);
    Ok(millis(middle.ok_or("nothing was measured")?))
}

fn row(words: &str, samples: &[Duration]) -> Done<String> {
    let mut samples = samples.to_vec();
    let at =
        |samples: &mut Vec<Duration>, percent| percentile(samples, percent).ok_or("nothing was measured");
    let (p50, p99) = (at(&mut samples, 50)?, at(&mut samples, 99)?);
    Ok(format!("| {words} | {:.2} | {:.2} |", millis(p50), millis(p99)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trips(command: &str, count: u32, millis: u64) -> impl Iterator<Item = RoundTrip> {
        let trip = RoundTrip {
            command: command.to_owned(),
            time: Duration::from_millis(millis),
        };
        std::iter::repeat_n(trip, usize::try_from(count).unwrap())
    }

    #[test]
    fn the_databases_share_is_a_write_and_a_look_of_the_whole_way() {
        let ms = |value| vec![Duration::from_millis(value); 10];
        let measured = Measured {
            delays: Delays {
                same_node: ms(1),
                other_node: ms(100),
            },
            following: Commands::of(trips("insert", 4, 15).chain(trips("find", 4, 10)).collect()),
            stored: Stored {
                waits: ms(20),
                time: Duration::from_secs(2),
            },
            storing: Commands::of(trips("insert", 30, 2).chain(trips("getMore", 9, 1_000)).collect()),
        };
        let table = measured.table("the stand-in").unwrap();
        assert!(table.contains("| on the stand-in |"), "{table}");
        assert!(table.contains("to the other node | 25 % |"), "{table}");
        assert!(table.contains("are two) | 10 |"), "{table}");
        assert!(
            table.contains("one command, ms | 2.00 | 2.00 |"),
            "who waits for news does not count: {table}"
        );
        assert!(table.contains("included | 3.0 |"), "{table}");
    }

    #[test]
    fn what_was_not_measured_is_no_figure() {
        assert!(row("nothing", &[]).is_err());
    }
}
