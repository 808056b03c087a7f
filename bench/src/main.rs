//! `cargo xtask bench stream`, `… nodes`, `… sockets`, `… ingestion`: measures the built program from outside, through the
//! network, as its users meet it.
//!
//! Must not know anything of the program's inside: only HTTP, the socket's protocol and `/proc`. The model's stand-in
//! (`upstream`) and all clients run in this process and by one clock; the program is a process of its own. Start at
//! `stream`: the loads, one after another.

mod answer;
mod client;
mod direct;
mod figure;
mod ingestion;
mod load;
mod machine;
mod measure;
mod nodes;
mod report;
mod sockets;
mod stream;

use clap::{Args, Parser, Subcommand};
use figure::Figures;
use soak::database::Mongodb;
use soak::evidence;
use soak::upstream::{Speech, Upstream};
use std::path::PathBuf;
use std::process::ExitCode;
use stream::{Part, Place, Plan};

pub(crate) use soak::Done;

/// Measures Parlance.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask bench",
    bin_name = "cargo xtask bench",
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// What Parlance adds between the model and the browser's socket.
    Stream(StreamOptions),
    /// What a second node and MongoDB add.
    Nodes(nodes::Options),
    /// What those who chat notice of documents that are being taken in.
    Ingestion(ingestion::Options),
    /// What a socket costs that is open and says nothing.
    Sockets(sockets::Options),
}

#[derive(Debug, Args)]
struct StreamOptions {
    /// The program to measure.
    #[arg(long, env = "PARLANCE_BIN", default_value = "target/release/parlance")]
    program: PathBuf,
    /// Repetitions, each with a fresh server; the medians are reported.
    #[arg(long, default_value_t = 3)]
    repeat: u32,
    /// A minute in place of many: to see that it works. Its figures mean little.
    #[arg(long)]
    quick: bool,
    /// On MongoDB in the place of SQLite.
    #[arg(long, requires = "mongodb_uri")]
    mongodb: bool,
    /// The MongoDB; databases of the bench's own are made in it, and taken away at the next run.
    #[arg(long, env = "MONGODB_URI", hide_env_values = true)]
    mongodb_uri: Option<String>,
    /// Only this load; may be given more than once.
    #[arg(long, value_enum)]
    only: Vec<Part>,
    /// Print every value of every repetition as JSON, after the table.
    #[arg(long)]
    json: bool,
    /// Keep the servers' data folders and logs.
    #[arg(long)]
    keep: bool,
    /// What the chat page weighs, if it was weighed.
    #[arg(long, env = "PARLANCE_PAGE_BYTES")]
    page_bytes: Option<u64>,
}

fn main() -> ExitCode {
    let what = Cli::parse().what;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = runtime.map_err(Into::into).and_then(|runtime| {
        runtime.block_on(async {
            match what {
                What::Stream(options) => stream_bench(options).await,
                What::Nodes(options) => nodes::bench(&options).await,
                What::Ingestion(options) => ingestion::bench(&options).await,
                What::Sockets(options) => sockets::bench(&options).await,
            }
        })
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("FAILED: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn stream_bench(options: StreamOptions) -> Done {
    let program = options
        .program
        .canonicalize()
        .map_err(|error| format!("{}: {error}", options.program.display()))?;
    // Beside the program: a folder for temporary files may be memory, where a durable write costs nothing.
    let beside = program.parent().ok_or("the program lies nowhere")?;
    let mut folder = tempfile::Builder::new().prefix("bench-").tempdir_in(beside)?;
    folder.disable_cleanup(options.keep);
    let about = machine::about(folder.path())?;
    let plan = if options.quick { Plan::QUICK } else { Plan::WHOLE };
    let upstream = Upstream::start(Speech::Words).await?;
    let mongodb = options.mongodb_uri.as_deref().filter(|_| options.mongodb);
    let mut figures = Figures::default();
    let mut done = Ok(());
    for repetition in 1..=options.repeat {
        eprintln!("Repetition {repetition} of {} …", options.repeat);
        let place = Place {
            program: &program,
            folder: folder.path().join(repetition.to_string()),
            mongodb,
        };
        done = stream::repetition(plan, &options.only, &place, &upstream, &mut figures).await;
        if done.is_err() {
            // What was measured until then is worth its time.
            break;
        }
    }
    println!("{}", report::table(&figures, options.page_bytes));
    println!(
        "\nMedians of {} repetitions (in brackets: the least and the most).",
        options.repeat
    );
    if let Some(uri) = mongodb {
        let database = Mongodb::at(uri, String::from("admin")).await?;
        println!("- database: {}", evidence::about(&database).await?);
    }
    for (name, value) in &about {
        println!("- {name}: {value}");
    }
    if options.json {
        println!("{:#}", report::json(&figures, &about));
    }
    done
}
