//! Is what was found relevant at all?
//!
//! Two signs, of which one is enough: the best chunks have the rare words of the question, or they mean the same.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Scored;
use super::select::text;
use crate::index::{ChatbotIndex, QueryTerm, analyse::Analyser};

/// How well the best answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Relevance {
    /// How much of what the question asks for stands in one of the best chunks, from 0 to 1: its words, weighed by how rare
    /// they are.
    pub coverage: f32,
    /// The best cosine, when there are vectors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dense: Option<f32>,
}

/// What is relevant enough to be shown to the model. One sign is enough.
///
/// Measured on our questions (`cargo xtask eval rag --floor`), each asked of an index with and without the corpus that answers
/// it: with it all pass, without it 15 of 100; by words alone 99 and 38. It rather shows too much than too little.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FloorOptions {
    /// The coverage that is a sign where there are vectors, too.
    pub coverage: f32,
    /// The coverage that is needed where words decide alone.
    pub coverage_alone: f32,
    /// The cosine that is a sign. Models differ in what is near for them; where a model's far texts are above it, nothing is
    /// ever refused for its sake.
    pub cosine: f32,
}

impl Default for FloorOptions {
    fn default() -> Self {
        Self {
            coverage: 0.40,
            coverage_alone: 0.25,
            cosine: 0.40,
        }
    }
}

/// Stands in no chunk.
const NO_WORD: &str = "\0";
/// Chunks that are looked at.
const LOOKED_AT: usize = 8;

impl Relevance {
    /// Is it worth showing to the model?
    pub fn is_enough(self, floor: &FloorOptions) -> bool {
        match self.dense {
            Some(cosine) => cosine >= floor.cosine || self.coverage >= floor.coverage,
            None => self.coverage >= floor.coverage_alone,
        }
    }
}

pub(super) fn relevance(index: &ChatbotIndex, terms: &[QueryTerm], scored: &[Scored<'_>]) -> Relevance {
    let dense = scored
        .iter()
        .filter_map(|scored| scored.scores.dense)
        .reduce(f32::max);
    // A word is as rare as the rarest form of it that is there. One that is nowhere counts as the rarest that is somewhere:
    // in a library of a few chunks it would outweigh all the others together.
    let nowhere = index.idf(NO_WORD);
    let somewhere = terms
        .iter()
        .map(|term| index.idf(&term.text))
        .filter(|idf| *idf < nowhere)
        .reduce(f32::max);
    let rarest = somewhere.unwrap_or(nowhere);
    let mut words: BTreeMap<usize, Word<'_>> = BTreeMap::new();
    for term in terms {
        let word = words.entry(term.word).or_default();
        word.weight = word.weight.max(term.weight * index.idf(&term.text).min(rarest));
        // What stands in the prompt itself counts whole.
        word.own |= term.weight >= 1.0;
        word.forms.push(term.text.as_str());
    }
    let words: Vec<Word<'_>> = words.into_values().collect();
    let coverage = scored
        .iter()
        .take(LOOKED_AT)
        .filter(|scored| scored.scores.lexical > 0.0)
        .map(|scored| {
            let said = said(scored);
            let share = |only_own: bool| {
                let (mut all, mut covered) = (0.0, 0.0);
                for word in words.iter().filter(|word| word.own || !only_own) {
                    all += word.weight;
                    if word.forms.iter().any(|form| said.contains(*form)) {
                        covered += word.weight;
                    }
                }
                if all > 0.0 { covered / all } else { 0.0 }
            };
            // A follow-up may have new words for an old matter, or old words only.
            f32::max(share(true), share(false))
        })
        .fold(0.0, f32::max);
    Relevance { coverage, dense }
}

/// A word that is asked for.
#[derive(Debug, Default)]
struct Word<'a> {
    weight: f32,
    own: bool,
    forms: Vec<&'a str>,
}

/// The terms of a chunk.
fn said(scored: &Scored<'_>) -> BTreeSet<String> {
    let context = scored
        .slot
        .entry
        .chunks
        .get(scored.slot.chunk)
        .map_or("", |chunk| chunk.context.as_str());
    let analyser = Analyser::new(scored.slot.entry.language);
    let mut said = BTreeSet::new();
    for text in [text(scored), context] {
        analyser.terms(text, |term| {
            said.insert(term.to_owned());
        });
    }
    said
}
