//! What of the best chunks is taken: nothing twice, neighbours together, within the budget.

use super::{Passage, Scored, repeat::Saying};
use crate::document::Span;

/// Which of the scored chunks are taken, best first.
pub(super) fn select(scored: &[Scored<'_>], budget: u32) -> Vec<usize> {
    let mut left = budget;
    let mut taken: Vec<usize> = Vec::new();
    let mut said: Vec<Saying> = Vec::new();
    for (place, candidate) in scored.iter().enumerate() {
        let Some(chunk) = candidate.slot.entry.chunks.get(candidate.slot.chunk) else {
            continue;
        };
        // The best chunk is taken even when it alone is more: whoever fits the prompt cuts it.
        if chunk.tokens > left && !taken.is_empty() {
            continue;
        }
        let saying = Saying::of(text(candidate));
        if said.iter().any(|before| saying.repeats(before)) {
            continue;
        }
        left = left.saturating_sub(chunk.tokens);
        taken.push(place);
        said.push(saying);
        if left == 0 {
            break;
        }
    }
    taken
}

/// The passages of the chunks that were taken: neighbours put together, the best first.
pub(super) fn passages(scored: &[Scored<'_>], taken: &[usize]) -> Vec<Passage> {
    let mut chunks: Vec<&Scored<'_>> = taken.iter().filter_map(|place| scored.get(*place)).collect();
    chunks.sort_by_key(|scored| (scored.slot.entry.id, scored.slot.chunk));
    let mut passages: Vec<Passage> = Vec::new();
    let mut before: Option<(wire::DocumentId, usize)> = None;
    for one in chunks {
        let entry = &one.slot.entry;
        let Some(chunk) = entry.chunks.get(one.slot.chunk) else {
            continue;
        };
        let follows =
            before.is_some_and(|(id, place)| id == entry.id && place.saturating_add(1) == one.slot.chunk);
        before = Some((entry.id, one.slot.chunk));
        match passages.last_mut().filter(|_| follows) {
            Some(passage) => {
                passage.span = Span::new(passage.span.start, chunk.span.end.max(passage.span.end));
                passage.tokens = passage.tokens.saturating_add(chunk.tokens);
                for start in &chunk.pages {
                    if passage
                        .pages
                        .last()
                        .is_none_or(|before| before.page != start.page)
                    {
                        passage.pages.push(*start);
                    }
                }
                if one.scores.fused > passage.scores.fused {
                    passage.scores = one.scores;
                }
            }
            None => passages.push(Passage {
                document: entry.id,
                name: entry.name.to_string(),
                span: chunk.span,
                text: String::new(),
                pages: chunk.pages.clone(),
                heading_path: chunk.heading_path.clone(),
                tokens: chunk.tokens,
                scores: one.scores,
                best: chunk.span,
            }),
        }
        let Some(passage) = passages.last_mut() else {
            continue;
        };
        // From the first chunk's beginning to this one's end, what stands between them included.
        let start = entry
            .chunks
            .iter()
            .position(|chunk| chunk.span.start == passage.span.start);
        let start = start
            .and_then(|first| entry.bytes.get(first))
            .map(|bytes| bytes.start);
        let end = entry.bytes.get(one.slot.chunk).map(|bytes| bytes.end);
        if let (Some(start), Some(end)) = (start, end) {
            passage.text = entry.text.get(start..end).unwrap_or_default().to_owned();
        }
    }
    passages.sort_by(|one, other| {
        other
            .scores
            .fused
            .total_cmp(&one.scores.fused)
            .then_with(|| (one.document, one.span).cmp(&(other.document, other.span)))
    });
    passages
}

pub(super) fn text<'a>(scored: &Scored<'a>) -> &'a str {
    let entry = &scored.slot.entry;
    entry
        .bytes
        .get(scored.slot.chunk)
        .and_then(|bytes| entry.text.get(bytes.clone()))
        .unwrap_or_default()
}
