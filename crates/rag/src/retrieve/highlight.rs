//! Which sentence of a passage answers best: what a citation shows and opens.

use std::collections::BTreeMap;

use unicode_segmentation::UnicodeSegmentation;

use crate::document::{Span, Spans};
use crate::index::{ChatbotIndex, Language, QueryTerm, analyse::Analyser};

/// The sentence with most of the question's words, the rare ones first; the first sentence when none has any.
pub(super) fn best_sentence(
    index: &ChatbotIndex,
    terms: &[QueryTerm],
    language: Language,
    text: &str,
    at: Span,
) -> Span {
    let analyser = Analyser::new(language);
    let spans = Spans::new(text);
    let mut best = (0.0, at);
    let mut is_first = true;
    for (start, sentence) in text.split_sentence_bound_indices() {
        let lead = sentence.len().saturating_sub(sentence.trim_start().len());
        let start = start.saturating_add(lead);
        let Some(span) = spans.span(start..start.saturating_add(sentence.trim().len())) else {
            continue;
        };
        if span.is_empty() {
            continue;
        }
        let mut said: BTreeMap<usize, f32> = BTreeMap::new();
        analyser.terms(sentence, |term| {
            if let Some(asked) = terms.iter().find(|asked| asked.text == term) {
                let weight = asked.weight * index.idf(&asked.text);
                let known = said.entry(asked.word).or_default();
                *known = known.max(weight);
            }
        });
        let score: f32 = said.values().sum();
        if is_first || score > best.0 {
            let span = Span::new(
                at.start.saturating_add(span.start),
                at.start.saturating_add(span.end),
            );
            best = (score, span);
            is_first = false;
        }
    }
    best.1
}
