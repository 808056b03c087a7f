//! Retrieval is not to become worse: what was measured, less a little, is the floor. `cargo xtask eval rag` measures anew.
//!
//! The data lies beside the checkout, and `cargo xtask test` names the embedding model; where one is missing, these fail.
#![expect(clippy::unwrap_used, reason = "that is how a test fails")]

#[cfg(feature = "local")]
mod meaning;

use eval::corpus::Data;
use eval::measure::{Budget, Cut, Mean, ask, mean};
use rag::chunk::{ChunkOptions, EstimateTokens};
use rag::retrieve::RetrieveOptions;

/// What the baselines were measured with.
const CHARACTERS: u32 = 4_000;

fn data() -> Data {
    Data::read(&Data::place()).unwrap()
}

fn options() -> RetrieveOptions {
    RetrieveOptions {
        budget: CHARACTERS,
        ..RetrieveOptions::default()
    }
}

fn check(mean: Mean, floor: f64) {
    println!("{mean:?}");
    assert!(mean.recall >= floor, "recall {:.4} is below {floor}", mean.recall);
    assert!(
        mean.characters <= f64::from(CHARACTERS),
        "more than the budget: {:.0}",
        mean.characters
    );
}

#[test]
fn words_alone_find_what_answers() {
    let data = data();
    let cut = Cut::new(
        &data,
        &ChunkOptions::default(),
        Budget::Characters(CHARACTERS),
        &EstimateTokens,
    );
    let index = cut.index(&data, None, None);
    let answers: Vec<_> = data
        .questions
        .iter()
        .map(|question| ask(&data, &index, question, None, &options()))
        .collect();
    // Measured: .907.
    check(mean(&answers), 0.89);
}

#[test]
fn what_is_found_is_counted_where_it_stands_in_the_file() {
    for corpus in data().corpora {
        let file: Vec<char> = corpus.file.chars().collect();
        for (block, span) in corpus.text.blocks.iter().zip(corpus.text.block_spans()) {
            let places = corpus.in_file(span);
            let said: String = places
                .iter()
                .filter_map(|place| {
                    file.get(usize::try_from(place.start).ok()?..usize::try_from(place.end).ok()?)
                })
                .flatten()
                .collect();
            assert_eq!(said, block.text, "{}", corpus.name);
        }
    }
}
