//! From a question to passages: words and meaning are searched, their scores fused, the best put together again.
//!
//! Must not know: where indexes are kept, which model answers, who may ask: whoever holds a [`ChatbotIndex`] may search it.
//! Start at [`retrieve`]. `query.rs` says what is searched for, `fuse.rs` how two scores become one, `select.rs` what of the
//! best is taken, `floor.rs` when nothing of it is relevant.

mod floor;
mod fuse;
mod highlight;
mod query;
mod repeat;
mod select;

use std::time::{Duration, Instant};

use serde::Serialize;
use wire::DocumentId;

pub use floor::{FloorOptions, Relevance};
pub use fuse::{FuseOptions, Scale};
pub use query::SearchQuery;

use crate::chunk::PageStart;
use crate::document::Span;
use crate::index::{ChatbotIndex, Slot};

/// How much is retrieved. The defaults are chosen by measurement: `cargo xtask eval rag`.
#[derive(Debug, Clone, PartialEq)]
pub struct RetrieveOptions {
    /// Tokens all passages have together, at most.
    pub budget: u32,
    /// How scores are fused.
    pub fuse: FuseOptions,
    /// What counts as relevant.
    pub floor: FloorOptions,
    /// Give passages even when none is relevant: the playground does.
    pub ignore_floor: bool,
}

impl Default for RetrieveOptions {
    fn default() -> Self {
        Self {
            budget: 1_000,
            fuse: FuseOptions::default(),
            floor: FloorOptions::default(),
            ignore_floor: false,
        }
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Retrieval {
    /// The best first. Empty when nothing relevant was found.
    pub passages: Vec<Passage>,
    /// The chunks that came first, as they were scored, whether taken or not: the best first.
    pub candidates: Vec<Candidate>,
    /// How well the best of them answers.
    pub relevance: Relevance,
    /// Where the time went.
    pub times: StageTimes,
}

/// A piece of a document that is given to the model: one chunk, or neighbours put together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Passage {
    /// Of which document.
    pub document: DocumentId,
    /// What its readers call it.
    pub name: String,
    /// Where it stands in the document's canonical text.
    pub span: Span,
    /// The text at the span.
    pub text: String,
    /// The page it begins on, and where it turns to others; empty where the format has no pages.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<PageStart>,
    /// The headings its first chunk stands under.
    pub heading_path: Vec<String>,
    /// Tokens of the text.
    pub tokens: u32,
    /// The scores of its best chunk.
    pub scores: Scores,
    /// The sentence that answers best, within the span.
    pub best: Span,
}

impl Passage {
    /// The page on which a character of the canonical text stands.
    pub fn page_of(&self, place: u32) -> Option<u32> {
        let before = self.pages.iter().take_while(|start| start.at <= place).last();
        before.or(self.pages.first()).map(|start| start.page)
    }
}

/// A chunk that was scored.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// Of which document.
    pub document: DocumentId,
    /// Which of its chunks.
    pub ordinal: u32,
    /// Where it stands in the document's canonical text.
    pub span: Span,
    /// How it was scored.
    pub scores: Scores,
    /// Is it in a passage?
    pub taken: bool,
}

/// How well a chunk fits a query. To be compared within one answer only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Scores {
    /// Both, and what stands around it; what the order is made by.
    pub fused: f32,
    /// BM25; 0 when no word is found.
    pub lexical: f32,
    /// The cosine of the vectors, when there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dense: Option<f32>,
}

/// Time of each stage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct StageTimes {
    /// Words.
    pub lexical: Duration,
    /// Vectors, without embedding the query.
    pub dense: Duration,
    /// Fusing, and finding the best.
    pub fuse: Duration,
    /// Dropping what is said twice, putting neighbours together, fitting the budget.
    pub select: Duration,
}

impl StageTimes {
    /// All stages.
    pub fn total(&self) -> Duration {
        self.lexical + self.dense + self.fuse + self.select
    }
}

/// Chunks that are looked at more closely, and told as candidates.
const CANDIDATES: usize = 64;

/// Searches a chatbot's documents. `vector` is the query's embedding ([`SearchQuery::embedding_text`]) by the index's model;
/// without one, words alone decide.
pub fn retrieve(
    index: &ChatbotIndex,
    query: &SearchQuery,
    vector: Option<&[f32]>,
    options: &RetrieveOptions,
) -> Retrieval {
    let mut watch = Watch(Instant::now());
    let mut times = StageTimes::default();
    let terms = query.terms(index);
    let lexical = index.lexical_scores(&terms);
    times.lexical = watch.lap();
    let dense = vector.and_then(|vector| index.dense_scores(vector));
    times.dense = watch.lap();
    let fused = fuse::fuse(index, &lexical, dense.as_deref(), &options.fuse);
    let best = fuse::best(index, &fused, CANDIDATES);
    times.fuse = watch.lap();
    let scored: Vec<Scored<'_>> = best
        .into_iter()
        .filter_map(|place| {
            let slot = index.slot(place)?;
            let dense = dense.as_ref().filter(|_| slot.entry.has_vectors);
            let scores = Scores {
                fused: fused.get(place).copied()?,
                lexical: lexical.get(place).copied()?,
                dense: dense.and_then(|dense| dense.get(place).copied()),
            };
            Some(Scored { slot, scores })
        })
        .collect();
    let scored = repeat::first_copies(scored);
    let relevance = floor::relevance(index, &terms, &scored);
    let taken = if relevance.is_enough(&options.floor) || options.ignore_floor {
        select::select(&scored, options.budget)
    } else {
        Vec::new()
    };
    let mut passages = select::passages(&scored, &taken);
    for passage in &mut passages {
        let language = index.language(passage.document);
        passage.best = highlight::best_sentence(index, &terms, language, &passage.text, passage.span);
    }
    let candidates = scored
        .iter()
        .enumerate()
        .filter_map(|(place, scored)| {
            let chunk = scored.slot.entry.chunks.get(scored.slot.chunk)?;
            Some(Candidate {
                document: scored.slot.entry.id,
                ordinal: chunk.ordinal,
                span: chunk.span,
                scores: scored.scores,
                taken: taken.contains(&place),
            })
        })
        .collect();
    times.select = watch.lap();
    Retrieval {
        passages,
        candidates,
        relevance,
        times,
    }
}

/// A slot with its scores.
#[derive(Debug, Clone, Copy)]
struct Scored<'a> {
    slot: &'a Slot,
    scores: Scores,
}

struct Watch(Instant);

impl Watch {
    fn lap(&mut self) -> Duration {
        let now = Instant::now();
        now.duration_since(std::mem::replace(&mut self.0, now))
    }
}
