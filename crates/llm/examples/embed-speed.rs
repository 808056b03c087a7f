//! How fast the local embedding model is on this machine: a question alone, passages in the background, and a question
//! while passages are under way.
//!
//! `cargo run --release -p llm --features local --example embed-speed -- MODEL.gguf [THREADS]`

use llm::local::embedder::{LocalEmbedder, LocalEmbedderConfig};
use llm::{EmbedError, EmbedKind, EmbedPriority, Embedder as _};
use std::error::Error;
use std::time::{Duration, Instant};

const QUESTION: &str = "How long does the warranty of the kettle last, and what does it cover?";
const QUESTIONS: usize = 200;
const PASSAGES: usize = 64;
/// Tokens of a passage, with those the model puts around it.
const LONG: u32 = 256;

fn main() -> Result<(), Box<dyn Error>> {
    llm::local::wait_politely();
    let mut arguments = std::env::args().skip(1);
    let path = arguments
        .next()
        .ok_or("which model? Give the path of a GGUF file")?;
    let threads = arguments.next().map_or(Ok(0), |threads| threads.parse())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    runtime.block_on(measure(LocalEmbedderConfig {
        threads,
        ..LocalEmbedderConfig::new(path)
    }))
}

async fn measure(config: LocalEmbedderConfig) -> Result<(), Box<dyn Error>> {
    let began = Instant::now();
    let embedder = LocalEmbedder::load(config);
    question(&embedder).await?;
    println!("loaded and asked once after {:?}", began.elapsed());

    let mut alone = Vec::new();
    let before = processor_time();
    for _ in 0..QUESTIONS {
        alone.push(question(&embedder).await?);
    }
    let tokens = embedder.count_tokens(QUESTION);
    tell(&format!("a question of {tokens} tokens"), &mut alone);
    if let Some((after, before)) = processor_time().zip(before) {
        let each = (after - before) / u32::try_from(QUESTIONS)?;
        println!("{:.1} ms of processor time each", each.as_secs_f64() * 1e3);
    }

    let passages: Vec<String> = (0..PASSAGES).map(|number| passage(&embedder, number)).collect();
    for round in 1..=3 {
        let began = (Instant::now(), processor_time());
        background(&embedder, passages.clone()).await?;
        let (elapsed, used) = (began.0.elapsed(), processor_time().zip(began.1));
        let count = passages.len();
        let per_second = f64::from(u32::try_from(count)?) / elapsed.as_secs_f64();
        print!("round {round}: {count} passages of {LONG} tokens, {per_second:.1} a second");
        match used {
            Some((after, before)) => {
                let each = (after - before) / u32::try_from(count)?;
                println!(", {:.1} ms of processor time each", each.as_secs_f64() * 1e3);
            }
            None => println!(),
        }
    }

    let mut among = Vec::new();
    let mut under_way = embedder.embed(passages, EmbedKind::Passage, EmbedPriority::Background);
    loop {
        tokio::select! {
            biased;
            done = &mut under_way => break drop(done?),
            took = question(&embedder) => among.push(took?),
        }
    }
    tell("a question while passages are under way", &mut among);
    Ok(())
}

async fn question(embedder: &LocalEmbedder) -> Result<Duration, EmbedError> {
    let asked = Instant::now();
    let texts = vec![QUESTION.to_owned()];
    embedder
        .embed(texts, EmbedKind::Query, EmbedPriority::Interactive)
        .await?;
    Ok(asked.elapsed())
}

async fn background(embedder: &LocalEmbedder, texts: Vec<String>) -> Result<Vec<Vec<f32>>, EmbedError> {
    embedder
        .embed(texts, EmbedKind::Passage, EmbedPriority::Background)
        .await
}

/// Words until there are as many tokens as a passage has.
fn passage(embedder: &LocalEmbedder, number: usize) -> String {
    let words = "the kettle boils a litre of water in three minutes and keeps it warm for an hour".split(' ');
    let mut text = number.to_string();
    for word in words.cycle() {
        let longer = format!("{text} {word}");
        if embedder.count_tokens(&longer) > LONG {
            break;
        }
        text = longer;
    }
    text
}

fn tell(what: &str, times: &mut [Duration]) {
    times.sort();
    let at = |percent: usize| {
        let place = times.len().saturating_sub(1) * percent / 100;
        times.get(place).copied().unwrap_or_default()
    };
    println!(
        "{what}: p50 {:?}, p95 {:?} ({} times)",
        at(50),
        at(95),
        times.len()
    );
}

/// What this process has used so far: on a machine that does other things beside, it says more than the clock.
fn processor_time() -> Option<Duration> {
    let about = std::fs::read_to_string("/proc/self/stat").ok()?;
    // After the name, which may hold anything: utime and stime are the 12th and 13th, in hundredths of a second.
    let fields: Vec<&str> = about.rsplit_once(')')?.1.split_whitespace().collect();
    let hundredths = |place: usize| fields.get(place)?.parse::<u64>().ok();
    Some(Duration::from_millis((hundredths(11)? + hundredths(12)?) * 10))
}
