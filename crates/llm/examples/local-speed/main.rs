//! How fast the local model reads and writes on this machine: 1, 2, 4 and 8 chats at once, beside what llama.cpp does
//! when nothing but it is called.
//!
//! `cargo run --release -p llm --features local --example local-speed -- MODEL.gguf [THREADS [ROUNDS [CHATS …]]]`
//!
//! Both do the same work by turns in one process, so that a machine that is busy with other things is so for both: look at
//! the ratios first. `ours` is what a caller of [`llm::ChatModel`] gets: prompts in a template, tokens drawn, text sent.
//! `bare` is the loop of llama.cpp's own `batched-bench`: tokens in, logits out, nothing drawn.

mod bare;
mod ours;
mod phase;

use phase::Phase;
use std::error::Error;
use std::path::PathBuf;

/// Chats at once, if none are named.
const CHATS: [usize; 4] = [1, 2, 4, 8];
/// Tokens that each chat reads, about, and writes.
const READ: usize = 200;
const WRITE: u32 = 100;

/// What some chats took.
struct Sample {
    reading: Phase,
    writing: Phase,
}

fn main() -> Result<(), Box<dyn Error>> {
    llm::local::wait_politely();
    let mut arguments = std::env::args().skip(1);
    let path = arguments
        .next()
        .map(PathBuf::from)
        .ok_or("which model? Give the path of a GGUF file")?;
    let threads = arguments.next().map_or(Ok(0), |threads| threads.parse())?;
    let rounds = arguments.next().map_or(Ok(5), |rounds| rounds.parse())?;
    let mut loads = arguments
        .map(|chats| chats.parse())
        .collect::<Result<Vec<usize>, _>>()?;
    if loads.is_empty() {
        loads.extend(CHATS);
    }
    let most = loads.iter().copied().max().unwrap_or(1);
    let ours = ours::Ours::load(&path, threads, most)?;
    let model = bare::load(&path)?;
    let mut bare = bare::Bare::new(&model, threads, most)?;
    println!(
        "Tokens a second, all chats together; medians of {rounds} rounds, by turns. Then milliseconds of processor"
    );
    println!("time for a token.");
    println!();
    println!("| chats | | ours | each chat | bare | ratio | processor: ours | bare | ratio |");
    println!("|---|---|---|---|---|---|---|---|---|");
    for chats in loads {
        let mut samples = Vec::new();
        for round in 0..rounds {
            let ours = ours.measure(chats, round)?;
            let bare = bare.measure(chats, &ours)?;
            samples.push((ours, bare));
        }
        report(
            chats,
            "read",
            samples.iter().map(|(ours, bare)| (ours.reading, bare.reading)),
        );
        report(
            chats,
            "written",
            samples.iter().map(|(ours, bare)| (ours.writing, bare.writing)),
        );
    }
    Ok(())
}

fn report(chats: usize, what: &str, pairs: impl Iterator<Item = (Phase, Phase)> + Clone) {
    let median_of = |of: fn(&Phase) -> f64| {
        let ours = median(pairs.clone().map(|(ours, _)| of(&ours)));
        let bare = median(pairs.clone().map(|(_, bare)| of(&bare)));
        // Of neighbours in time.
        let ratio = median(pairs.clone().map(|(ours, bare)| of(&ours) / of(&bare)));
        (ours, bare, ratio)
    };
    let (ours, bare, ratio) = median_of(Phase::speed);
    let (cost, bare_cost, cost_ratio) = median_of(Phase::cost);
    let each = ours / phase::number(chats);
    println!(
        "| {chats} | {what} | {ours:.1} | {each:.1} | {bare:.1} | {ratio:.3} | {cost:.2} | {bare_cost:.2} | {cost_ratio:.3} |"
    );
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
