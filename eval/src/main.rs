//! `cargo xtask eval rag`: says how well retrieval finds what answers. `cargo xtask bench rag`: how long that takes, and how
//! soon a document can be searched.

mod quality;
mod table;

use std::{error::Error, path::PathBuf};

use clap::{Parser, Subcommand, ValueEnum};
use eval::corpus::Data;
use rag::chunk::ChunkOptions;
use rag::retrieve::{FuseOptions, Scale};

#[derive(Debug, Parser)]
#[command(name = "cargo xtask eval")]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Recall and precision of the characters that answer: for words, meaning, both by rank, and both as the product does.
    Rag(RagOptions),
    /// How long a search takes, what an index occupies, how fast documents are taken in: `cargo xtask bench rag`.
    Speed(SpeedOptions),
}

/// What is timed.
#[derive(Debug, clap::Args)]
struct SpeedOptions {
    /// Chunks in the index; may be given more than once.
    #[arg(long, default_values_t = [1_000, 10_000, 100_000])]
    chunks: Vec<usize>,
    /// What the texts and vectors are made from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The embedding model, a GGUF file. `cargo xtask bench rag` gives it; without one, only searches are timed.
    #[arg(long, env = "PARLANCE_EMBEDDING_PATH")]
    model: Option<PathBuf>,
}

/// What is evaluated. Without options: the product's defaults.
#[derive(Debug, clap::Args)]
pub(crate) struct RagOptions {
    /// The data.
    #[arg(long, default_value_os_t = Data::place())]
    pub(crate) data: PathBuf,
    /// The embedding model, a GGUF file. `cargo xtask eval` gives it.
    #[arg(long, env = "PARLANCE_EMBEDDING_PATH")]
    pub(crate) model: Option<PathBuf>,
    /// Threads of the embedding model; 0: one a core.
    #[arg(long, default_value_t = 0)]
    pub(crate) threads: u32,
    /// The file that keeps vectors from one run to the next.
    #[arg(long, default_value = "target/eval-vectors.bin")]
    pub(crate) vectors: PathBuf,
    /// Words only, without vectors.
    #[arg(long)]
    pub(crate) words_only: bool,
    /// Characters that are retrieved; 0 takes the product's budget in tokens.
    #[arg(long, default_value_t = 4_000)]
    pub(crate) characters: u32,
    /// Tokens of a chunk.
    #[arg(long, default_value_t = ChunkOptions::default().target)]
    pub(crate) target: u32,
    /// Tokens of overlap.
    #[arg(long, default_value_t = ChunkOptions::default().overlap)]
    pub(crate) overlap: u32,
    /// The weight of words.
    #[arg(long, default_value_t = FuseOptions::default().lexical)]
    pub(crate) lexical: f32,
    /// What neighbours add.
    #[arg(long, default_value_t = FuseOptions::default().neighbours)]
    pub(crate) neighbours: f32,
    /// How scores are brought to one scale.
    #[arg(long, value_enum, default_value_t = ScaleName::Best)]
    pub(crate) scale: ScaleName,
    /// Without the 100 questions that are held out: for who chooses parameters.
    #[arg(long)]
    pub(crate) tuning: bool,
    /// Say which questions were answered worst, of those that are not held out.
    #[arg(long)]
    pub(crate) worst: bool,
    /// Ask each question of an index without the corpus that answers, too: what is then thought relevant?
    #[arg(long)]
    pub(crate) floor: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ScaleName {
    Best,
    Deviation,
    Rank,
}

impl From<ScaleName> for Scale {
    fn from(name: ScaleName) -> Self {
        match name {
            ScaleName::Best => Self::Best,
            ScaleName::Deviation => Self::Deviation,
            ScaleName::Rank => Self::Rank,
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    #[cfg(feature = "local")]
    llm::local::wait_politely();
    match Cli::parse().what {
        What::Rag(options) => quality::quality(&options),
        What::Speed(options) => speed(&options),
    }
}

fn speed(options: &SpeedOptions) -> Result<(), Box<dyn Error>> {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!(
        "{} cores, load before {}\n",
        std::thread::available_parallelism()?,
        load.split(' ').next().unwrap_or_default()
    );
    table::speed(&options.chunks, options.seed);
    match &options.model {
        #[cfg(feature = "local")]
        Some(path) => {
            let data = Data::read(&Data::place())?;
            let model = eval::embed::Model::load(path, 0)?;
            table::ingestion(&eval::ingest::measure(&data, &model)?);
        }
        _ => println!("\nwithout an embedding model, no documents are taken in"),
    }
    Ok(())
}
