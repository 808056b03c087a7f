//! Retrieval is not to become worse: what was measured, less a little, is the floor.
//!
//! The data lies beside the checkout; where it is not, these fail.
#![expect(clippy::unwrap_used, reason = "that is how a test fails")]

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
    // Measured: WORDS.
    check(mean(&answers), 0.89);
}

/// Three of the five corpora, which take a few seconds to embed, and the questions about them.
#[cfg(feature = "local")]
#[test]
#[expect(clippy::panic, reason = "that is how a test fails")]
fn words_and_meaning_find_more() {
    use eval::embed::Model;
    use eval::vectors::Vectors;
    use llm::EmbedKind;

    let Some(path) = std::env::var_os("PARLANCE_TEST_EMBEDDING") else {
        panic!("PARLANCE_TEST_EMBEDDING is to name the embedding model, as `cargo xtask test` does");
    };
    let mut data = data();
    data.corpora
        .retain(|corpus| ["chatlogs", "state_of_the_union", "wikitexts"].contains(&corpus.name.as_str()));
    let known: Vec<String> = data.corpora.iter().map(|corpus| corpus.name.clone()).collect();
    data.questions.retain(|question| known.contains(&question.corpus));
    let model = Model::load(std::path::Path::new(&path)).unwrap();
    let space = model.space().unwrap();
    let cut = Cut::new(
        &data,
        &ChunkOptions::default(),
        Budget::Characters(CHARACTERS),
        &model,
    );
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("vectors");
    let mut vectors = Vectors::read(&kept, &space.model, usize::try_from(space.width).unwrap()).unwrap();
    model
        .fill(&mut vectors, &kept, &cut.texts(), EmbedKind::Passage)
        .unwrap();
    let asked: Vec<String> = data
        .questions
        .iter()
        .map(|question| question.text.clone())
        .collect();
    model.fill(&mut vectors, &kept, &asked, EmbedKind::Query).unwrap();
    let lookup = |text: &str| vectors.of(text).unwrap().to_vec();
    let index = cut.index(&data, Some((&space, &lookup)), None);
    let answers: Vec<_> = data
        .questions
        .iter()
        .map(|question| ask(&data, &index, question, Some(&lookup(&question.text)), &options()))
        .collect();
    // Measured: FUSED.
    check(mean(&answers), 0.93);
}
