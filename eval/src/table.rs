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

/// Measures, and prints times and sizes. A time with two more in brackets is the median of the rounds, the least and the most.
pub(crate) fn speed(chunks: &[usize], seed: u64) {
    println!(
        "| chunks | p50, ms | p95, ms | p95, words only | processor | words | vectors | fuse | select | add, µs a chunk | remove 100, ms \
         | MB for 10,000 | of it vectors |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    let mb = |bytes: usize| format!("{:.1}", f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / 1e6);
    for chunks in chunks {
        let speed = eval::speed::measure(*chunks, seed);
        println!(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {:.0} | {} | {} | {} |",
            speed.chunks,
            rounds(speed.p50),
            rounds(speed.p95),
            rounds(speed.p95_words),
            speed.processor.map_or_else(|| "–".to_owned(), ms),
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

/// How fast documents are taken in, and how long a question's embedding takes.
#[cfg(feature = "local")]
pub(crate) fn ingestion(found: &eval::ingest::Ingestion) {
    let a_second = |time: Duration| {
        f64::from(u32::try_from(found.chunks).unwrap_or(u32::MAX)) / time.as_secs_f64().max(f64::EPSILON)
    };
    println!(
        "\n| chunks | cut, ms | embed | index | chunks a second | the model alone | share | a question p50, ms | p95 |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    println!(
        "| {} | {} | {} | {} | {:.1} | {:.1} | {:.3} | {} | {} |",
        found.chunks,
        ms(found.cut),
        ms(found.embed),
        ms(found.index),
        a_second(found.whole),
        a_second(found.alone),
        a_second(found.whole) / a_second(found.alone).max(f64::EPSILON),
        ms(found.question_p50),
        ms(found.question_p95),
    );
}

fn rounds(rounds: eval::speed::Rounds) -> String {
    let (median, least, most) = (ms(rounds.median), ms(rounds.least), ms(rounds.most));
    format!("{median} ({least}–{most})")
}

fn ms(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64() * 1e3)
}
