//! `bench ingestion`: what those who chat notice of documents that are being taken in. The same chats are measured in turns
//! with nothing beside them and with one document after another, so that a machine that changes its mind changes both.
//!
//! The model that answers is remote (the stand-in), as is the embedding model, unless a file of one is named
//! (`--embedding-path`): then llama.cpp embeds on the same processors.

mod elsewhere;
mod embeddings;
mod feed;

use crate::Done;
use crate::client::{Chat, Person};
use crate::load::{self, Load};
use crate::machine;
use crate::measure::{float, millis, percentile};
use clap::Args;
use embeddings::Embeddings;
use feed::Feed;
use soak::program::{Launch, Program};
use soak::upstream::{Speech, Upstream};
use std::path::PathBuf;
use std::time::Duration;

/// Of the model.
const RATE: u32 = 30;
/// Of each answer: a second.
const TOKENS: u32 = 30;
/// What chats without documents beside them may be exceeded by, in percent.
const GOAL: f64 = 10.0;

/// Options of `bench ingestion`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The program to measure.
    #[arg(long, env = "PARLANCE_BIN", default_value = "target/release/parlance")]
    program: PathBuf,
    /// A GGUF file of an embedding model, to embed in the measured program instead of beside it.
    #[arg(long)]
    embedding_path: Option<PathBuf>,
    /// Chats at once.
    #[arg(long, default_value_t = 10)]
    chats: u32,
    /// Answers of each chat, a turn.
    #[arg(long, default_value_t = 8)]
    rounds: u32,
    /// Turns, each of one measurement without documents and one with them.
    #[arg(long, default_value_t = 3)]
    turns: u32,
}

/// What was seen of the chats.
#[derive(Debug, Default)]
struct Seen {
    /// From the prompt to the first token.
    first: Vec<Duration>,
    /// From the model's write to the socket, of every token.
    tokens: Vec<Duration>,
}

/// Measures, and prints the table.
pub(crate) async fn bench(options: &Options) -> Done {
    let program = options
        .program
        .canonicalize()
        .map_err(|error| format!("{}: {error}", options.program.display()))?;
    let beside = program.parent().ok_or("the program lies nowhere")?;
    let folder = tempfile::Builder::new()
        .prefix("bench-ingestion-")
        .tempdir_in(beside)?;
    let about = machine::about(folder.path())?;
    let upstream = Upstream::start(Speech::Words).await?;
    let elsewhere = elsewhere::start()?;
    let embeddings = elsewhere.spawn(Embeddings::start()).await??;
    let launch = Launch::new(&program, folder.path().join("data"), &upstream.base_url());
    let launch = match &options.embedding_path {
        Some(path) => launch.with("PARLANCE_EMBEDDING_PATH", path.display().to_string()),
        None => launch
            .with("PARLANCE_EMBEDDING_URL", embeddings.base_url())
            .with("PARLANCE_EMBEDDING_MODEL", "stand-in"),
    };
    let server = Program::start(&launch).await?;
    let mut people = Vec::new();
    for index in 0..options.chats {
        people.push(Person::sign_up(server.address, &format!("person-{index}")).await?);
    }
    // Who uploads is somebody else: news of documents are no part of these chats.
    let librarian = Person::sign_up(server.address, "librarian").await?;
    let librarian = librarian.with_chatbot("Library").await?;
    let mut feed = Feed::of(librarian, elsewhere);
    chat(&people, 2, &upstream).await?;
    let (mut without, mut with) = (Seen::default(), Seen::default());
    for turn in 1..=options.turns {
        eprintln!("Turn {turn} of {} …", options.turns);
        without.add(chat(&people, options.rounds, &upstream).await?);
        let chatting = chat(&people, options.rounds, &upstream);
        with.add(feed.until(chatting).await?);
    }
    println!("{}", table(without, with));
    println!(
        "- taken in meanwhile: {} documents, {} passages, {:.0} passages a second",
        feed.documents,
        feed.passages,
        float(feed.passages) / feed.took.as_secs_f64().max(0.001)
    );
    println!(
        "- {} chats, {} answers each in {} turns, of {TOKENS} tokens at {RATE} a second; embedded {}",
        options.chats,
        options.rounds,
        options.turns,
        if options.embedding_path.is_some() {
            "by llama.cpp in the program"
        } else {
            "by the stand-in"
        }
    );
    for (name, value) in &about {
        println!("- {name}: {value}");
    }
    Ok(())
}

impl Seen {
    fn add(&mut self, other: Self) {
        self.first.extend(other.first);
        self.tokens.extend(other.tokens);
    }
}

/// Everybody asks, in new conversations.
async fn chat(people: &[Person], rounds: u32, upstream: &Upstream) -> Done<Seen> {
    let mut chats: Vec<Chat> = Vec::new();
    for person in people {
        chats.push(person.chat().await?);
    }
    let load = Load {
        rounds,
        tokens: TOKENS,
        rate: RATE,
        spread: Duration::from_millis(1_400),
        period: Duration::from_millis(1_500),
    };
    let outcome = load::run(chats, load).await?;
    if let Some(failure) = outcome.failures.first() {
        return Err(failure.clone().into());
    }
    let mut seen = Seen::default();
    for answer in outcome.answers {
        let run = upstream.runs.take(answer.order.number).await;
        seen.first.extend(answer.first_token());
        seen.tokens.extend(answer.delays(&run.written));
    }
    Ok(seen)
}

fn table(mut without: Seen, mut with: Seen) -> String {
    let mut lines = vec![
        "| | without, p50 | p95 | with documents, p50 | p95 | p95 against without |".to_owned(),
        "|---|---:|---:|---:|---:|---:|".to_owned(),
    ];
    let rows = [
        ("first token, ms", &mut without.first, &mut with.first),
        ("every token, ms", &mut without.tokens, &mut with.tokens),
    ];
    for (name, without, with) in rows {
        let mut at = |percent| {
            [&mut *without, &mut *with].map(|samples| percentile(samples, percent).map_or(0.0, millis))
        };
        let ([middle, middle_with], [late, late_with]) = (at(50), at(95));
        let more = (late_with / late.max(0.001) - 1.0) * 100.0;
        let verdict = if more <= GOAL { "" } else { " (goal: 10)" };
        lines.push(format!(
            "| {name} | {middle:.2} | {late:.2} | {middle_with:.2} | {late_with:.2} | {more:+.0} %{verdict} |"
        ));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(ms: u64) -> Seen {
        Seen {
            first: vec![Duration::from_millis(ms)],
            tokens: vec![Duration::from_millis(1)],
        }
    }

    #[test]
    fn what_is_beyond_the_goal_is_said() {
        let table = table(seen(100), seen(120));
        assert!(
            table.contains("| first token, ms | 100.00 | 100.00 | 120.00 | 120.00 | +20 % (goal: 10) |"),
            "{table}"
        );
        assert!(
            table.contains("| every token, ms | 1.00 | 1.00 | 1.00 | 1.00 | +0 % |"),
            "{table}"
        );
    }
}
