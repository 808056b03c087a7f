//! Where an answer comes from: numbered as in the prompt, and pointing to text that exists.
//!
//! Citations are made from what was retrieved, never from what a model says.

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;
use wire::DocumentId;

use crate::clean::visible;
use crate::document::{Span, Spans};
use crate::retrieve::Passage;

/// Characters of a snippet, at most.
const SNIPPET_CHARS: usize = 280;

/// A source of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Citation {
    /// Its number in the prompt, from 1: what the model means by `[1]`.
    pub number: u32,
    /// Which document.
    pub document: DocumentId,
    /// What its readers call it.
    pub name: String,
    /// The page on which what is shown stands, where the format has pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// The headings it stands under, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heading_path: Vec<String>,
    /// What the model was given, in characters of the document's canonical text.
    pub span: Span,
    /// The sentence that answers best, within the span: where a reader is taken.
    pub best: Span,
    /// That sentence, shortened, without what cannot be seen.
    pub snippet: String,
    /// How well it fits; of one answer the larger is the better.
    pub score: f32,
}

impl Citation {
    /// The citation of a passage, of which `given` was given to the model.
    pub(crate) fn new(number: u32, passage: &Passage, given: Span) -> Self {
        let best = if given.start <= passage.best.start && passage.best.end <= given.end {
            passage.best
        } else {
            given
        };
        let within = Span::new(
            best.start.saturating_sub(passage.span.start),
            best.end.saturating_sub(passage.span.start),
        );
        let text = Spans::new(&passage.text).get(within).unwrap_or_default();
        Self {
            number,
            document: passage.document,
            name: visible(&passage.name),
            page: passage.page_of(best.start),
            heading_path: passage.heading_path.clone(),
            span: given,
            best,
            snippet: snippet(text),
            score: passage.scores.fused,
        }
    }
}

/// One line, cut between words.
fn snippet(text: &str) -> String {
    let line = visible(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((most, _)) = line.char_indices().nth(SNIPPET_CHARS) else {
        return line;
    };
    let end = line
        .split_word_bound_indices()
        .map(|(at, _)| at)
        .take_while(|at| *at <= most)
        .last();
    // A word longer than that is cut.
    let end = end.filter(|at| *at > 0).unwrap_or(most);
    format!("{} …", line.get(..end).unwrap_or_default().trim_end())
}
