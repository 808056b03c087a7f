//! A chatbot's documents, as their page tells of them: how far each is, in words, and when to ask again.

use crate::{data::Paper, text};
use std::time::Duration;
use wire::document::{DocumentStatus, Progress};

/// Asked again this soon when something has changed.
const FIRST: Duration = Duration::from_millis(700);
/// And this late at most.
const LAST: Duration = Duration::from_secs(10);

/// How far a document is, in words.
pub fn words(paper: &Paper) -> String {
    let progress = paper
        .progress
        .and_then(|Progress { done, total }| Some((done, total?)));
    let words = match (paper.status, progress) {
        (DocumentStatus::Extracting, Some((done, total))) => return text::paper_reading_of(done, total),
        (DocumentStatus::Embedding, Some((done, total))) => return text::paper_taking_of(done, total),
        (DocumentStatus::Queued, _) => text::paper_queued(),
        (DocumentStatus::Extracting, None) => text::paper_reading(),
        (DocumentStatus::Chunking, _) => text::paper_cutting(),
        (DocumentStatus::Embedding, None) => text::paper_taking(),
        (DocumentStatus::Ready, _) => text::paper_ready(),
        (DocumentStatus::Failed, _) => match &paper.failure {
            Some(failure) => {
                return text::paper_failed_why(&text::of_fault(failure.fault, &failure.detail));
            }
            None => text::paper_failed(),
        },
    };
    words.to_owned()
}

/// What is known of a document: its size, its pages, its passages.
pub fn about(paper: &Paper) -> String {
    let mut about = size(paper.bytes);
    let counts = [
        paper.pages.filter(|pages| *pages > 0).map(text::pages),
        paper.chunks.map(text::passages),
    ];
    for count in counts.into_iter().flatten() {
        about.push_str(" · ");
        about.push_str(&count);
    }
    about
}

/// `21 KB`, rounded up: no file is nothing.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => text::bytes(bytes),
        1_000..1_000_000 => text::kilobytes(&text::number(bytes.div_ceil(1_000))),
        _ => text::megabytes(&text::tenths(bytes.div_ceil(100_000))),
    }
}

/// What part of the present step is done, in per cent; `None` where that is not known.
pub fn per_cent(paper: &Paper) -> Option<u32> {
    let Progress { done, total } = paper.progress?;
    let total = total.filter(|total| *total > 0)?;
    (!is_settled(paper)).then(|| done.min(total).saturating_mul(100) / total)
}

/// For `data-state`.
pub fn state(paper: &Paper) -> &'static str {
    match paper.status {
        DocumentStatus::Ready => "ready",
        DocumentStatus::Failed => "failed",
        _ => "busy",
    }
}

/// Whether nothing more happens to it by itself.
pub fn is_settled(paper: &Paper) -> bool {
    matches!(paper.status, DocumentStatus::Ready | DocumentStatus::Failed)
}

/// What is worth hearing about a change: a document that has come to its end.
pub fn news(before: &[Paper], now: &[Paper]) -> Option<String> {
    let ended = |paper: &&Paper| {
        let was = before.iter().find(|old| old.id == paper.id);
        is_settled(paper) && was.is_some_and(|old| !is_settled(old))
    };
    let ended: Vec<_> = now
        .iter()
        .filter(ended)
        .map(|paper| {
            let Paper { name, .. } = paper;
            text::paper_says(name, &words(paper))
        })
        .collect();
    (!ended.is_empty()).then(|| ended.join(". "))
}

/// The pause before asking again, after so many answers in a row that said nothing new.
pub fn pause(unchanged: u32) -> Duration {
    FIRST.saturating_mul(1 << unchanged.min(8)).min(LAST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Fault;
    use uuid::Uuid;
    use wire::DocumentId;

    fn paper(status: DocumentStatus) -> Paper {
        Paper {
            id: DocumentId::from_uuid(Uuid::from_u128(1)),
            name: "Zephyr.pdf".into(),
            bytes: 21_000,
            status,
            progress: None,
            failure: None,
            pages: None,
            chunks: None,
        }
    }

    #[test]
    fn how_far_a_document_is_is_said_in_words() {
        let mut reading = paper(DocumentStatus::Extracting);
        assert_eq!(words(&reading), "Reading…");
        assert_eq!(per_cent(&reading), None);
        reading.progress = Some(Progress {
            done: 3,
            total: Some(12),
        });
        assert_eq!(words(&reading), "Reading 3 of 12 pages");
        assert_eq!(per_cent(&reading), Some(25));
        let mut failed = paper(DocumentStatus::Failed);
        failed.failure = Some(Fault {
            fault: wire::document::DocumentFault::Encrypted,
            detail: "It needs a password.".into(),
        });
        assert_eq!(words(&failed), "Cannot be used. It needs a password.");
    }

    #[test]
    fn what_is_known_of_a_document_is_said_and_nothing_else() {
        let mut ready = paper(DocumentStatus::Ready);
        assert_eq!(about(&ready), "21 KB");
        (ready.pages, ready.chunks) = (Some(1), Some(40));
        assert_eq!(about(&ready), "21 KB · 1 page · 40 passages");
        (ready.bytes, ready.pages) = (3_250_001, Some(0));
        assert_eq!(
            about(&ready),
            "3.3 MB · 40 passages",
            "a format without pages says nothing of them"
        );
        ready.bytes = 12;
        assert_eq!(about(&ready), "12 bytes · 40 passages");
    }

    #[test]
    fn only_an_end_is_worth_hearing() {
        let (waiting, ready) = (paper(DocumentStatus::Queued), paper(DocumentStatus::Ready));
        let reading = paper(DocumentStatus::Extracting);
        let list = std::slice::from_ref::<Paper>;
        assert_eq!(news(list(&waiting), list(&reading)), None);
        assert_eq!(
            news(list(&reading), list(&ready)).as_deref(),
            Some("Zephyr.pdf: Ready")
        );
        assert_eq!(news(list(&ready), list(&ready)), None);
        assert_eq!(news(&[], list(&ready)), None, "it was so when it was first seen");
    }

    #[test]
    fn asking_slows_down_while_nothing_changes() {
        assert_eq!(pause(0), FIRST);
        assert_eq!(pause(1), FIRST * 2);
        assert_eq!(pause(u32::MAX), LAST);
    }
}
