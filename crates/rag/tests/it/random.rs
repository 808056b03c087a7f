//! Random documents, the same for the same seed.

use fastrand::Rng;
use rag::chunk::{ChunkOptions, EstimateTokens, cut};
use rag::document::{Block, BlockKind, ExtractedText};
use rag::index::{DocumentVectors, IndexDocument, VectorSpace};
use uuid::Uuid;
use wire::{ChatbotId, DocumentId};

const WORDS: &[&str] = &[
    "kettle",
    "warranty",
    "months",
    "Zephyr",
    "the",
    "of",
    "lasts",
    "27",
    "1,235.50",
    "naïve",
    "Łódź",
    "東京都の保証",
    "гарантия",
    "🐢🏽",
    "e\u{301}tude",
    "it’s",
    "foo_bar",
    "Dr.",
    "x",
    "supercalifragilisticexpialidocious",
    "ราคา",
    "\u{200B}",
    "a\u{FE0F}",
    "(see",
    "p. 3)",
];

pub(crate) fn sentence(rng: &mut Rng) -> String {
    let words: Vec<&str> = (0..rng.usize(1..14))
        .filter_map(|_| WORDS.get(rng.usize(..WORDS.len())).copied())
        .collect();
    format!("{}{}", words.join(" "), ["", ".", "?", "!", "。"][rng.usize(..5)])
}

fn text(rng: &mut Rng, joint: &str, most: usize) -> String {
    let parts: Vec<String> = (0..rng.usize(1..=most)).map(|_| sentence(rng)).collect();
    parts.join(joint)
}

/// A document with every kind of block, words of any length, and pages.
pub(crate) fn document(rng: &mut Rng) -> ExtractedText {
    let mut path: Vec<String> = Vec::new();
    let mut page = 1;
    let blocks: Vec<Block> = (0..rng.usize(1..20))
        .map(|_| {
            page += rng.u32(0..2);
            let (kind, text) = match rng.u8(0..8) {
                0 => (BlockKind::Heading { level: rng.u8(1..4) }, sentence(rng)),
                1 => (BlockKind::ListItem, text(rng, " ", 3)),
                2 => (
                    BlockKind::Table,
                    text(rng, " | ", 4) + "\n" + &text(rng, "\n", 30),
                ),
                3 => (
                    BlockKind::Code { language: None },
                    format!("  {}", text(rng, "\n\n    ", 20)),
                ),
                4 => (BlockKind::Paragraph, "word".repeat(rng.usize(1..900))),
                5 => (BlockKind::Paragraph, "長い文章です".repeat(rng.usize(1..200))),
                _ => (BlockKind::Paragraph, text(rng, " ", 25)),
            };
            let heading_path = path.clone();
            if let BlockKind::Heading { level } = kind {
                path.truncate(usize::from(level).saturating_sub(1));
                path.push(text.clone());
            }
            Block {
                kind,
                text,
                page: Some(page),
                heading_path,
            }
        })
        .collect();
    ExtractedText::new(page, blocks)
}

/// A document of a few short paragraphs: for tests that need many.
pub(crate) fn note(rng: &mut Rng) -> ExtractedText {
    let blocks: Vec<Block> = (0..rng.usize(1..4))
        .map(|_| Block {
            kind: BlockKind::Paragraph,
            text: text(rng, " ", 2),
            page: None,
            heading_path: Vec::new(),
        })
        .collect();
    ExtractedText::new(0, blocks)
}

pub(crate) fn chatbot(number: u128) -> ChatbotId {
    ChatbotId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn document_id(number: u128) -> DocumentId {
    DocumentId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn space() -> VectorSpace {
    VectorSpace {
        model: "random".to_owned(),
        width: 8,
    }
}

pub(crate) fn vector(rng: &mut Rng) -> Vec<f32> {
    (0..8).map(|_| rng.f32() - 0.5).collect()
}

/// A document for an index, with random vectors.
pub(crate) fn indexed(
    rng: &mut Rng,
    chatbot: ChatbotId,
    id: DocumentId,
    text: &ExtractedText,
) -> IndexDocument {
    let name = "Random.pdf".to_owned();
    let chunked = cut(text, "Random", &ChunkOptions::default(), &EstimateTokens);
    let vectors = chunked.chunks.iter().map(|_| vector(rng)).collect();
    let vectors = rng.bool().then_some(DocumentVectors {
        space: space(),
        vectors,
    });
    IndexDocument {
        chatbot,
        id,
        name,
        chunked,
        vectors,
    }
}
