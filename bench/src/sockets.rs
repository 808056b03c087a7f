//! `bench sockets`: what a socket costs that is open and says nothing. Most sockets are that: a tab in the background.

use crate::client::{Chat, Person};
use crate::measure::float;
use crate::{Done, machine};
use clap::Args;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use soak::program::{Launch, Program, Usage};
use soak::upstream::{Speech, Upstream};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// Sockets of one person, all on one session: as many tabs.
const EACH: usize = 100;
/// Being opened at once.
const AT_ONCE: usize = 16;
/// Until what was needed only for opening is given back.
const REST: Duration = Duration::from_secs(5);
/// How long idle sockets are watched: at least one ping to each.
const WATCHED: Duration = Duration::from_secs(40);

/// Options of `bench sockets`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The program to measure.
    #[arg(long, env = "PARLANCE_BIN", default_value = "target/release/parlance")]
    program: PathBuf,
    /// Open sockets, by hundreds: each hundred is one person's. This machine must allow as many open files, here and there.
    #[arg(long, default_value_t = 10_000)]
    sockets: usize,
}

/// Measures, and prints the table.
pub(crate) async fn bench(options: &Options) -> Done {
    let program = options
        .program
        .canonicalize()
        .map_err(|error| format!("{}: {error}", options.program.display()))?;
    let beside = program.parent().ok_or("the program lies nowhere")?;
    let folder = tempfile::Builder::new()
        .prefix("bench-sockets-")
        .tempdir_in(beside)?;
    let about = machine::about(folder.path())?;
    let upstream = Upstream::start(Speech::Words).await?;
    let launch = Launch::new(&program, folder.path().join("data"), &upstream.base_url())
        .with("PARLANCE_SOCKETS_PER_USER", (EACH + 1).to_string())
        .with("PARLANCE_TRUST_PROXY", "true");
    let server = Program::start(&launch).await?;

    let mut people = Vec::new();
    for index in 0..options.sockets.div_ceil(EACH).max(1) {
        people.push(Person::sign_up(server.address, &format!("person-{index}")).await?);
    }
    // One of each first: accounts, sessions, conversations and their caches are no part of a socket.
    let mut sessions = Vec::new();
    let mut sockets = Vec::new();
    for person in &people {
        let session = person.open_session().await?;
        sockets.push(person.join(session).await?);
        sessions.push((person, session));
    }
    let before = at_rest(&server).await?;

    let began = Instant::now();
    let more: Vec<Chat> = stream::iter(sessions.iter().flat_map(|one| std::iter::repeat_n(one, EACH - 1)))
        .map(|(person, session)| person.join(*session))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let opening = began.elapsed();
    let opened = server.usage()?;
    let open = at_rest(&server).await?;
    let count = u64::try_from(more.len())?;
    sockets.extend(more);

    // Somebody has to read the pings, or the server would take them all for gone.
    let (sockets, watched) = idle(sockets, &server).await?;
    let all = sockets.len();
    drop(sockets);
    let closed = at_rest(&server).await?;

    let each = float(open.rss_bytes.saturating_sub(before.rss_bytes)) / float(count);
    let verdict = if each <= 10_240.0 { "✓" } else { "✗" };
    println!("| figure | measured | goal | |\n|---|---|---|---|");
    println!("| resident bytes for each idle socket, at {all} sockets | {each:.0} | ≤ 10,240 | {verdict} |");
    println!(
        "| resident memory before, with {} sockets, MB | {:.1} | – | |",
        people.len(),
        mb(before)
    );
    println!("| with all of them, MB | {:.1} | – | |", mb(open));
    println!("| 5 s after all were closed, MB | {:.1} | – | |", mb(closed));
    println!(
        "| opened a second, each with its sign-in checked | {:.0} | – | |",
        float(count) / opening.as_secs_f64()
    );
    println!(
        "| server CPU ms to open one | {:.2} | – | |",
        (opened.cpu_seconds - before.cpu_seconds) / float(count) * 1e3
    );
    println!(
        "| processor taken while all are idle (pings included), % of a core | {:.1} | – | |",
        watched / WATCHED.as_secs_f64() * 100.0
    );
    println!();
    for (name, value) in &about {
        println!("- {name}: {value}");
    }
    Ok(())
}

/// Reads every socket for a while, and gives the server's processor seconds. None may end or say anything.
async fn idle(sockets: Vec<Chat>, server: &Program) -> Done<(Vec<Chat>, f64)> {
    let before = server.usage()?.cpu_seconds;
    let mut watching = tokio::task::JoinSet::new();
    for mut socket in sockets {
        watching.spawn(async move { socket.quiet(WATCHED).await.map(|()| socket) });
    }
    let mut kept = Vec::new();
    for socket in watching.join_all().await {
        kept.push(socket?);
    }
    Ok((kept, server.usage()?.cpu_seconds - before))
}

/// When what had just been done has had time to be over.
async fn at_rest(server: &Program) -> Done<Usage> {
    sleep(REST).await;
    server.usage()
}

fn mb(usage: Usage) -> f64 {
    float(usage.rss_bytes) / 1e6
}
