//! The data: five corpora, and questions with the spans that answer them.
//!
//! It lies beside the checkout, in `../shared/data/rag-eval`: `corpora/*.md`, read as plain text, and `questions.csv` with
//! `question`, `references` (JSON: `content`, `start_index`, `end_index` in characters) and `corpus_id`.

use std::path::{Path, PathBuf};

use rag::document::{Block, BlockKind, ExtractedText, Span};
use serde::Deserialize;
use wire::DocumentId;

/// A text that is asked about.
#[derive(Debug, Clone)]
pub struct Corpus {
    /// Its name.
    pub name: String,
    /// Its id in the index.
    pub id: DocumentId,
    /// The file.
    pub file: String,
    /// Its text, as extraction would give it.
    pub text: ExtractedText,
    /// Where each block stands in the canonical text, and the character of the file at which it begins.
    blocks: Vec<(Span, u32)>,
}

/// A question and where its answer stands.
#[derive(Debug, Clone)]
pub struct Question {
    /// Its row in the file, from 0.
    pub row: usize,
    /// What is asked.
    pub text: String,
    /// The corpus that answers.
    pub corpus: String,
    /// Where in the corpus's file, in characters.
    pub gold: Vec<Span>,
}

/// The whole of it.
#[derive(Debug, Clone)]
pub struct Data {
    /// The corpora, by name.
    pub corpora: Vec<Corpus>,
    /// The questions, in the file's order.
    pub questions: Vec<Question>,
}

/// The data cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the evaluation needs its data at {}: {why}", path.display())]
pub struct NoData {
    path: PathBuf,
    why: String,
}

#[derive(Debug, Deserialize)]
struct Row {
    question: String,
    references: String,
    corpus_id: String,
}

#[derive(Debug, Deserialize)]
struct Reference {
    content: String,
    start_index: u32,
    end_index: u32,
}

/// Rows that were held out while parameters were chosen: 100, drawn once (Python's `random.seed(7)`, the first 100 of the
/// shuffled rows), before anything was measured.
pub const HELD_OUT: [usize; 100] = [
    1, 4, 8, 9, 10, 12, 14, 15, 17, 18, 28, 55, 72, 75, 78, 80, 81, 82, 95, 98, 100, 103, 107, 108, 110, 112,
    115, 117, 125, 131, 137, 141, 143, 146, 149, 150, 152, 155, 166, 168, 169, 172, 173, 184, 198, 209, 211,
    226, 230, 231, 235, 243, 257, 258, 260, 264, 269, 283, 317, 320, 329, 334, 337, 339, 343, 345, 347, 352,
    358, 367, 368, 376, 380, 385, 389, 395, 404, 412, 415, 416, 418, 419, 422, 425, 428, 429, 431, 435, 436,
    443, 445, 449, 450, 451, 456, 458, 459, 460, 463, 467,
];

impl Question {
    /// Was it held out while parameters were chosen?
    pub fn is_held_out(&self) -> bool {
        HELD_OUT.contains(&self.row)
    }
}

impl Data {
    /// Where the data lies: beside the checkout.
    pub fn place() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/rag-eval")
    }

    /// Reads it, and checks that every reference is where it is said to be.
    pub fn read(place: &Path) -> Result<Self, NoData> {
        let failed = |path: PathBuf, why: &dyn std::fmt::Display| NoData {
            path,
            why: why.to_string(),
        };
        let folder = place.join("corpora");
        let entries = std::fs::read_dir(&folder).map_err(|error| failed(folder.clone(), &error))?;
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.sort();
        let mut files = Vec::new();
        for path in paths {
            let text = std::fs::read_to_string(&path).map_err(|error| failed(path.clone(), &error))?;
            let name = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            files.push((name, text));
        }
        let path = place.join("questions.csv");
        let mut reader = csv::Reader::from_path(&path).map_err(|error| failed(path.clone(), &error))?;
        let mut questions = Vec::new();
        for (row, record) in reader.deserialize::<Row>().enumerate() {
            let record = record.map_err(|error| failed(path.clone(), &error))?;
            let references: Vec<Reference> =
                serde_json::from_str(&record.references).map_err(|error| failed(path.clone(), &error))?;
            let file = files
                .iter()
                .find(|(name, _)| *name == record.corpus_id)
                .map_or("", |(_, text)| text);
            let mut gold = Vec::new();
            for reference in references {
                let span = Span::new(reference.start_index, reference.end_index);
                if span.of(file) != Some(reference.content.as_str()) {
                    return Err(failed(path, &format!("row {row} refers to what is not there")));
                }
                gold.push(span);
            }
            questions.push(Question {
                row,
                text: record.question,
                corpus: record.corpus_id,
                gold,
            });
        }
        let corpora = files
            .into_iter()
            .zip(1_u128..)
            .map(|((name, text), number)| Corpus::new(name, &text, number))
            .collect();
        Ok(Self { corpora, questions })
    }
}

impl Corpus {
    /// A plain text: paragraphs between blank lines.
    fn new(name: String, text: &str, number: u128) -> Self {
        let (mut blocks, mut starts) = (Vec::new(), Vec::new());
        let (mut at, mut open, mut open_at) = (0_u32, String::new(), 0_u32);
        for line in text.split_inclusive('\n').chain(["\n"]) {
            if line.trim().is_empty() {
                let lead = open.chars().take_while(|c| c.is_whitespace()).count();
                let paragraph = std::mem::take(&mut open).trim().to_owned();
                if !paragraph.is_empty() {
                    starts.push(open_at.saturating_add(u32::try_from(lead).unwrap_or(0)));
                    blocks.push(Block {
                        kind: BlockKind::Paragraph,
                        text: paragraph,
                        page: None,
                        heading_path: Vec::new(),
                    });
                }
            } else {
                if open.is_empty() {
                    open_at = at;
                }
                open.push_str(line);
            }
            at = at.saturating_add(u32::try_from(line.chars().count()).unwrap_or(u32::MAX));
        }
        let id = DocumentId::from_uuid(uuid::Uuid::from_u128(number));
        let extracted = ExtractedText::new(0, blocks);
        assert_eq!(extracted.blocks.len(), starts.len(), "blocks change nothing");
        let blocks = extracted.block_spans().into_iter().zip(starts).collect();
        Self {
            name,
            id,
            file: text.to_owned(),
            text: extracted,
            blocks,
        }
    }

    /// Where characters of the canonical text stand in the file.
    pub fn in_file(&self, span: Span) -> Vec<Span> {
        self.blocks
            .iter()
            .filter(|(block, _)| block.overlaps(span))
            .map(|(block, start)| {
                let first = span.start.max(block.start) - block.start;
                let end = span.end.min(block.end) - block.start;
                Span::new(start + first, start + end)
            })
            .collect()
    }
}
