//! What an answer rests on, as it is told and stored: made from what was retrieved, never from a model's words.

use crate::retrieve::Passage;
use wire::document::Citation;

/// Characters of a snippet, at most.
const SNIPPET_CHARS: usize = 240;
/// A score's unit.
const PER_MILLE: f32 = 1000.0;

/// One for each passage, numbered from 1 in their order: as [`crate::prompt::with_sources`] numbers them.
pub fn citations(passages: &[Passage]) -> Vec<Citation> {
    (1..)
        .zip(passages)
        .map(|(number, passage)| Citation {
            number,
            document_id: passage.document,
            document_name: passage.name.clone(),
            page: passage.pages.map(|pages| pages.first),
            start: passage.span.start,
            end: passage.span.end,
            snippet: snippet(&passage.text),
            score: per_mille(passage.scores.fused),
        })
        .collect()
}

/// The beginning of a text as one line, cut at a word.
fn snippet(text: &str) -> String {
    let mut line = String::new();
    let mut chars = 0_usize;
    for word in text.split_whitespace() {
        let more = word.chars().count().saturating_add(1);
        if chars.saturating_add(more) > SNIPPET_CHARS {
            if line.is_empty() {
                line = word.chars().take(SNIPPET_CHARS).collect();
            }
            line.push('…');
            return line;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        chars = chars.saturating_add(more);
    }
    line
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is between 0 and 1000"
)]
fn per_mille(score: f32) -> u32 {
    (score.clamp(0.0, 1.0) * PER_MILLE).round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_is_one_line_cut_at_a_word() {
        assert_eq!(snippet(" The warranty\n\nlasts  27 months. "), "The warranty lasts 27 months.");
        let long = snippet(&"kettle ".repeat(100));
        assert!(long.ends_with("kettle…"), "{long}");
        assert!(long.chars().count() <= SNIPPET_CHARS + 1);
        assert_eq!(snippet(&"x".repeat(500)).chars().count(), SNIPPET_CHARS + 1);
    }

    #[test]
    fn a_score_is_told_per_mille() {
        assert_eq!([per_mille(0.5), per_mille(2.0), per_mille(-1.0), per_mille(f32::NAN)], [500, 1000, 0, 0]);
    }
}
