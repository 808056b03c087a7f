//! `cargo xtask eval rag`: says how well retrieval finds what answers.

use std::{
    collections::BTreeMap,
    error::Error,
    path::PathBuf,
    time::{Duration, Instant},
};

use clap::{Parser, Subcommand, ValueEnum};
use eval::corpus::{Data, Question};
use eval::measure::{Answer, Budget, Cut, Embedded, Mean, ask, by_corpus, mean};
use eval::vectors::Vectors;
use rag::chunk::ChunkOptions;
use rag::index::VectorSpace;
use rag::retrieve::{FuseOptions, RetrieveOptions, Scale};

#[derive(Debug, Parser)]
#[command(name = "cargo xtask eval")]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Recall and precision of the characters that answer, for words, meaning and both.
    Rag(RagOptions),
    /// How long a search takes, and what an index occupies: `cargo xtask bench rag`.
    Speed {
        /// Chunks in the index; may be given more than once.
        #[arg(long, default_values_t = [1_000, 10_000, 100_000])]
        chunks: Vec<usize>,
        /// What the texts and vectors are made from.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
}

#[derive(Debug, clap::Args)]
struct RagOptions {
    /// The data.
    #[arg(long, default_value_os_t = Data::place())]
    data: PathBuf,
    /// A file that keeps vectors from one run to the next.
    #[arg(long)]
    vectors: Option<PathBuf>,
    /// Write the texts that have no vector in that file, as a JSON list, and stop.
    #[arg(long)]
    missing: Option<PathBuf>,
    /// Characters that are retrieved; 0 takes the product's budget in tokens.
    #[arg(long, default_value_t = 4_000)]
    characters: u32,
    /// Tokens of a chunk.
    #[arg(long, default_value_t = ChunkOptions::default().target)]
    target: u32,
    /// Tokens of overlap.
    #[arg(long, default_value_t = ChunkOptions::default().overlap)]
    overlap: u32,
    /// The weight of words.
    #[arg(long, default_value_t = FuseOptions::default().lexical)]
    lexical: f32,
    /// What neighbours add.
    #[arg(long, default_value_t = FuseOptions::default().neighbours)]
    neighbours: f32,
    /// How scores are brought to one scale.
    #[arg(long, value_enum, default_value_t = ScaleName::Best)]
    scale: ScaleName,
    /// Only this way: words, meaning, ranks or fused.
    #[arg(long)]
    way: Option<String>,
    /// Only the questions that parameters are chosen by.
    #[arg(long)]
    tuning: bool,
    /// Say which questions were answered worst.
    #[arg(long)]
    worst: bool,
    /// Ask each question of an index without its corpus, too: what is then thought relevant?
    #[arg(long)]
    floor: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ScaleName {
    Best,
    Deviation,
    Rank,
}

const WIDTH: u32 = 384;

fn main() -> Result<(), Box<dyn Error>> {
    match Cli::parse().what {
        What::Rag(options) => quality(&options),
        What::Speed { chunks, seed } => {
            speed(&chunks, seed);
            Ok(())
        }
    }
}

/// Prints a table of times and sizes.
fn speed(chunks: &[usize], seed: u64) {
    println!(
        "| chunks | p50 ms | p95 ms | p95, words only | words | vectors | fuse | select | add, µs a chunk | remove 100, ms | MB for 10,000 | of it vectors |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|");
    let ms = |time: Duration| format!("{:.2}", time.as_secs_f64() * 1e3);
    let mb = |bytes: usize| format!("{:.1}", f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / 1e6);
    for chunks in chunks {
        let speed = eval::speed::measure(*chunks, seed);
        println!(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {:.0} | {} | {} | {} |",
            speed.chunks,
            ms(speed.p50),
            ms(speed.p95),
            ms(speed.p95_words),
            ms(speed.stages.lexical),
            ms(speed.stages.dense),
            ms(speed.stages.fuse),
            ms(speed.stages.select),
            speed.add.as_secs_f64() * 1e6,
            ms(speed.remove),
            mb(speed.bytes_per_10_000),
            mb(speed.dense_bytes_per_10_000),
        );
    }
}

/// Asks all questions, and prints how well they were answered.
fn quality(options: &RagOptions) -> Result<(), Box<dyn Error>> {
    let data = Data::read(&options.data)?;
    let chunks = ChunkOptions {
        target: options.target,
        overlap: options.overlap,
        ..ChunkOptions::default()
    };
    let budget = match options.characters {
        0 => Budget::Tokens(RetrieveOptions::default().budget),
        characters => Budget::Characters(characters),
    };
    let cut = Cut::new(&data, &chunks, budget);
    let texts: Vec<String> = cut
        .documents
        .iter()
        .flat_map(rag::chunk::ChunkedDocument::embedding_texts)
        .collect();
    let sizes: usize = texts.iter().map(|text| text.chars().count()).sum();
    println!(
        "{} chunks, {} characters each",
        texts.len(),
        sizes / texts.len().max(1)
    );
    let vectors = match &options.vectors {
        Some(path) => Some(Vectors::read(path, usize::try_from(WIDTH)?)?),
        None => None,
    };
    if let Some(vectors) = &vectors {
        let asked = data.questions.iter().map(|question| question.text.as_str());
        let missing = vectors.missing(texts.iter().map(String::as_str).chain(asked));
        if let Some(path) = &options.missing {
            std::fs::write(path, serde_json::to_string(&missing)?)?;
            println!("{} texts without a vector", missing.len());
            return Ok(());
        }
        if !missing.is_empty() {
            return Err(format!("{} texts have no vector", missing.len()).into());
        }
    }
    let space = VectorSpace {
        model: "eval".to_owned(),
        width: WIDTH,
    };
    let lookup = |text: &str| {
        vectors
            .as_ref()
            .and_then(|vectors| vectors.of(text))
            .map(<[f32]>::to_vec)
            .unwrap_or_default()
    };
    let given: Option<Embedded<'_>> = vectors.as_ref().map(|_| -> Embedded<'_> { (&space, &lookup) });
    let index = cut.index(&data, given, None);
    let fuse = FuseOptions {
        lexical: options.lexical,
        neighbours: options.neighbours,
        scale: match options.scale {
            ScaleName::Best => Scale::Best,
            ScaleName::Deviation => Scale::Deviation,
            ScaleName::Rank => Scale::Rank,
        },
    };
    let budget = match budget {
        Budget::Tokens(number) | Budget::Characters(number) => number,
    };
    let base = RetrieveOptions {
        budget,
        fuse,
        ignore_floor: true,
    };
    let mut ways = vec![("words", base.clone(), false)];
    if vectors.is_some() {
        let with = |fuse: FuseOptions| RetrieveOptions { fuse, ..base.clone() };
        ways.push(("meaning", with(FuseOptions { lexical: 0.0, ..fuse }), true));
        ways.push((
            "ranks",
            with(FuseOptions {
                scale: Scale::Rank,
                ..fuse
            }),
            true,
        ));
        ways.push(("fused", base.clone(), true));
    }
    println!(
        "{:<10} {:<9} {:>9} {:>8} {:>10} {:>11}",
        "way", "questions", "", "recall", "precision", "characters"
    );
    if let Some(only) = &options.way {
        ways.retain(|way| way.0 == only);
    }
    for (name, way, with_vectors) in &ways {
        let start = Instant::now();
        let questions: Vec<&Question> = data
            .questions
            .iter()
            .filter(|question| !(options.tuning && question.is_held_out()))
            .collect();
        let answers: Vec<Answer> = questions
            .iter()
            .map(|question| {
                let vector = with_vectors.then(|| lookup(&question.text));
                ask(&data, &index, question, vector.as_deref(), way)
            })
            .collect();
        let pairs: Vec<(&Question, &Answer)> = questions.iter().copied().zip(&answers).collect();
        let part = |held: bool| {
            mean(
                pairs
                    .iter()
                    .filter(|(question, _)| question.is_held_out() == held)
                    .map(|(_, answer)| *answer),
            )
        };
        row(name, "tuning", part(false));
        if !options.tuning {
            row(name, "held out", part(true));
            row(name, "all", mean(&answers));
        }
        if *name == "fused" {
            for (corpus, mean) in by_corpus(pairs.iter().copied()) {
                row(name, corpus, mean);
            }
            println!(
                "{:?} a question",
                start.elapsed() / u32::try_from(questions.len().max(1))?
            );
        }
        if options.worst && Some(*name) == ways.last().map(|way| way.0) {
            let mut worst = pairs.clone();
            worst.sort_by(|one, other| one.1.recall.total_cmp(&other.1.recall));
            for (question, answer) in worst
                .iter()
                .filter(|(question, _)| !question.is_held_out())
                .take(40)
            {
                println!(
                    "{:.2} {} {} {:?}",
                    answer.recall, question.corpus, question.text, question.gold
                );
            }
        }
    }
    if options.floor {
        floor(&data, &cut, given, &base);
    }
    println!("{:#?}", index.memory());
    println!("{} bytes for 10,000 chunks", index.memory().per_10_000_chunks());
    Ok(())
}

fn row(way: &str, part: &str, mean: Mean) {
    println!(
        "{way:<10} {part:<18} {:>4} {:>8.4} {:>10.4} {:>11.0}",
        mean.questions, mean.recall, mean.precision, mean.characters
    );
}

/// How often something is thought relevant: with the corpus that answers, and without it.
fn floor(data: &Data, cut: &Cut, vectors: Option<Embedded<'_>>, options: &RetrieveOptions) {
    let whole = cut.index(data, vectors, None);
    let parts: BTreeMap<&str, _> = data
        .corpora
        .iter()
        .map(|corpus| (corpus.name.as_str(), cut.index(data, vectors, Some(&corpus.name))))
        .collect();
    for (title, with) in [("with its corpus", true), ("without it", false)] {
        let mut seen: Vec<(f32, f32)> = Vec::new();
        for question in data.questions.iter().filter(|question| !question.is_held_out()) {
            let Some(part) = parts.get(question.corpus.as_str()) else {
                continue;
            };
            let vector = vectors.map(|(_, lookup)| lookup(&question.text));
            let answer = ask(
                data,
                if with { &whole } else { part },
                question,
                vector.as_deref(),
                options,
            );
            seen.push((answer.relevance.coverage, answer.relevance.dense.unwrap_or(0.0)));
        }
        for (sign, pick) in [("coverage", 0), ("cosine", 1)] {
            let mut numbers: Vec<f32> = seen
                .iter()
                .map(|seen| if pick == 0 { seen.0 } else { seen.1 })
                .collect();
            numbers.sort_by(f32::total_cmp);
            let at = |share: usize| numbers.get(numbers.len() * share / 1000).copied().unwrap_or(0.0);
            println!(
                "{title:<16} {sign:<9} 0.5% {:.3}  1% {:.3}  2% {:.3}  5% {:.3}  25% {:.3}  50% {:.3}  75% {:.3}  95% {:.3}",
                at(5),
                at(10),
                at(20),
                at(50),
                at(250),
                at(500),
                at(750),
                at(950)
            );
        }
        for coverage in [0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6] {
            let line: Vec<String> = [0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 9.0]
                .iter()
                .map(|cosine| {
                    let enough = seen
                        .iter()
                        .filter(|seen| seen.0 >= coverage || seen.1 >= *cosine)
                        .count();
                    format!(
                        "{:>5.1}",
                        100.0 * f64::from(u32::try_from(enough).unwrap_or(0))
                            / f64::from(u32::try_from(seen.len()).unwrap_or(1))
                    )
                })
                .collect();
            println!(
                "{title:<16} enough, coverage ≥ {coverage}, or cosine ≥ .25 .3 .35 .4 .45 .5 never: {}",
                line.join(" ")
            );
        }
    }
}
