//! Chunks say exactly what the document says, where it says it.

use fastrand::Rng;
use rag::chunk::{ChunkOptions, ChunkedDocument, CountTokens as _, EstimateTokens, cut};
use rag::document::{Block, BlockKind, ExtractedText, Span};

use crate::random;

fn options(rng: &mut Rng) -> ChunkOptions {
    let max = rng.u32(20..300);
    ChunkOptions {
        target: rng.u32(5..=max),
        max,
        overlap: 0,
        context: rng.u32(0..=max / 4),
    }
}

fn text_of(document: &ChunkedDocument, span: Span) -> &str {
    span.of(&document.text).expect("a span within the text")
}

#[test]
fn the_text_at_a_span_is_the_chunks_text_and_nothing_is_lost_or_twice() {
    for seed in 0..300 {
        let mut rng = Rng::with_seed(seed);
        let document = random::document(&mut rng);
        let options = options(&mut rng);
        let cut = cut(&document, "Random", &options, &EstimateTokens);
        assert_eq!(*cut.text, document.plain_text());
        let mut covered = String::new();
        let mut end = 0;
        for (place, chunk) in cut.chunks.iter().enumerate() {
            assert_eq!(usize::try_from(chunk.ordinal).unwrap(), place);
            assert!(
                chunk.span.start >= end,
                "seed {seed}: chunks are in order and apart"
            );
            end = chunk.span.end;
            let text = text_of(&cut, chunk.span);
            assert!(!text.is_empty() && text.trim() == text, "seed {seed}: {text:?}");
            assert_eq!(EstimateTokens.count(text), chunk.tokens);
            assert!(
                chunk.tokens <= options.max,
                "seed {seed}: {} of {}",
                chunk.tokens,
                options.max
            );
            let whole = EstimateTokens.count(&chunk.embedding_text(text));
            assert!(
                whole <= options.max,
                "seed {seed}: {whole} of {} with its context",
                options.max
            );
            covered.push_str(text);
        }
        let all: String = cut.text.split_whitespace().collect();
        assert_eq!(covered.split_whitespace().collect::<String>(), all, "seed {seed}");
    }
}

#[test]
fn the_same_document_is_cut_the_same_way() {
    let document = random::document(&mut Rng::with_seed(3));
    let once = cut(&document, "Random", &ChunkOptions::default(), &EstimateTokens);
    assert_eq!(
        once,
        cut(&document, "Random", &ChunkOptions::default(), &EstimateTokens)
    );
}

#[test]
fn overlap_repeats_whole_sentences_of_the_same_paragraph() {
    let sentences: Vec<String> = (0..40)
        .map(|number| format!("Sentence number {number} says a little about kettles."))
        .collect();
    let document = ExtractedText::new(0, [block(BlockKind::Paragraph, &sentences.join(" "), &[])]);
    let options = ChunkOptions {
        target: 50,
        overlap: 15,
        ..ChunkOptions::default()
    };
    let cut = cut(&document, "", &options, &EstimateTokens);
    assert!(cut.chunks.len() > 5);
    for pair in cut.chunks.windows(2) {
        let shared = Span::new(pair[1].span.start, pair[0].span.end);
        let text = text_of(&cut, shared);
        assert!(
            text.starts_with("Sentence number ") && text.ends_with("kettles."),
            "{text:?}"
        );
    }
}

fn block(kind: BlockKind, text: &str, path: &[&str]) -> Block {
    Block {
        kind,
        text: text.to_owned(),
        page: None,
        heading_path: path.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn a_heading_goes_with_what_follows_and_names_it() {
    let long = "The kettle boils a litre of water in ninety seconds. ".repeat(12);
    let document = ExtractedText::new(
        0,
        [
            block(BlockKind::Heading { level: 1 }, "Kettles", &[]),
            block(BlockKind::Paragraph, &long, &["Kettles"]),
            block(BlockKind::Heading { level: 2 }, "Warranty", &["Kettles"]),
            block(
                BlockKind::Paragraph,
                "It lasts 27 months.",
                &["Kettles", "Warranty"],
            ),
        ],
    );
    let cut = cut(&document, "Manual", &ChunkOptions::default(), &EstimateTokens);
    let last = cut.chunks.last().unwrap();
    assert_eq!(text_of(&cut, last.span), "Warranty\n\nIt lasts 27 months.");
    assert_eq!(last.heading_path, ["Kettles", "Warranty"]);
    assert_eq!(last.context, "Manual > Kettles > Warranty");
    assert!(text_of(&cut, cut.chunks[0].span).starts_with("Kettles\n\nThe kettle boils"));
}

#[test]
fn a_table_stays_whole_while_it_fits_and_else_every_part_knows_its_header() {
    let row = |number: u32| format!("Model {number} | {} months", 12 + number);
    let table = |rows: u32| {
        let rows: Vec<String> = std::iter::once("Name | Warranty".to_owned())
            .chain((0..rows).map(row))
            .collect();
        ExtractedText::new(0, [block(BlockKind::Table, &rows.join("\n"), &[])])
    };
    let small = cut(&table(20), "", &ChunkOptions::default(), &EstimateTokens);
    assert_eq!(small.chunks.len(), 1);
    let large = cut(&table(200), "", &ChunkOptions::default(), &EstimateTokens);
    assert!(large.chunks.len() > 5);
    for chunk in large.chunks.iter().skip(1) {
        assert_eq!(chunk.context, "Name | Warranty");
        assert!(
            text_of(&large, chunk.span).starts_with("Model "),
            "cut between rows"
        );
    }
}

#[test]
fn every_chunk_knows_its_pages() {
    let page = |number, text: &str| Block {
        page: Some(number),
        ..block(BlockKind::Paragraph, text, &[])
    };
    let document = ExtractedText::new(
        3,
        [
            page(1, "One."),
            page(2, "Two."),
            page(2, "Still two."),
            page(3, "Three."),
        ],
    );
    let cut = cut(&document, "", &ChunkOptions::default(), &EstimateTokens);
    let pages: Vec<(u32, u32)> = cut.chunks[0]
        .pages
        .iter()
        .map(|start| (start.page, start.at))
        .collect();
    assert_eq!(pages, [(1, 0), (2, 6), (3, 24)]);
}
