//! Figures, as tables of Markdown.

use std::time::Duration;

use eval::measure::Mean;

/// The head of the table of [`row`]s.
pub(crate) fn head() {
    println!("| way | questions | | recall | wherever said | precision | characters |");
    println!("|---|---|---|---|---|---|---|");
}

/// How well some questions were answered in some way.
pub(crate) fn row(way: &str, part: &str, mean: Mean) {
    println!(
        "| {way} | {part} | {} | {:.3} | {:.3} | {:.4} | {:.0} |",
        mean.questions, mean.recall, mean.words, mean.precision, mean.characters
    );
}

/// Measures, and prints times and sizes.
pub(crate) fn speed(chunks: &[usize], seed: u64) {
    println!(
        "| chunks | p50 ms | p95 ms | p95, words only | words | vectors | fuse | select | add, µs a chunk | remove 100, ms \
         | MB for 10,000 | of it vectors |"
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
