//! How the tests read a file: through the child that this crate builds.

use extract::{ExtractError, ExtractedText, Extractor, Limits, Source};
use rag::document::{Block, BlockKind};
use std::path::{Path, PathBuf};

pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

pub(crate) fn extractor(limits: Limits) -> Extractor {
    Extractor::new(env!("CARGO_BIN_EXE_extract-document"), [] as [&str; 0], limits)
}

pub(crate) async fn read(path: &Path, name: &str) -> Result<ExtractedText, ExtractError> {
    extractor(Limits::default())
        .extract(Source::Path(path.to_owned()), name, |_| {})
        .await
}

/// The text of a fixture, which must have some.
pub(crate) async fn text_of(name: &str) -> ExtractedText {
    match read(&fixture(name), name).await {
        Ok(text) => text,
        Err(error) => panic!("{name}: {error}"),
    }
}

/// What the source of most fixtures says.
pub(crate) struct Manual {
    /// Level and text, in order.
    pub(crate) headings: Vec<(u8, String)>,
    /// Paragraphs and items, in order.
    pub(crate) sentences: Vec<String>,
    /// Rows, as the canonical text has them.
    pub(crate) rows: Vec<String>,
}

/// Reads `source.md` by hand: the tests must not trust what they test.
pub(crate) fn manual() -> Manual {
    let source = std::fs::read_to_string(fixture("source.md")).unwrap();
    let body = source.splitn(3, "---\n").nth(2).unwrap();
    let mut manual = Manual {
        headings: Vec::new(),
        sentences: Vec::new(),
        rows: Vec::new(),
    };
    let mut in_code = false;
    for line in body.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
        if line.starts_with("```") {
            in_code = !in_code;
        } else if in_code || line.starts_with("|--") {
        } else if let Some(row) = line.strip_prefix('|') {
            let cells: Vec<&str> = row.trim_end_matches('|').split('|').map(str::trim).collect();
            manual.rows.push(cells.join(" | "));
        } else if line.starts_with('#') {
            let text = line.trim_start_matches('#');
            let level = u8::try_from(line.len() - text.len()).unwrap();
            manual.headings.push((level, text.trim().to_owned()));
        } else {
            let text = line.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '.' | ' '));
            manual.sentences.push(text.to_owned());
        }
    }
    assert!(manual.headings.len() > 8 && manual.sentences.len() > 15 && manual.rows.len() == 5);
    manual
}

/// All of these stand in the text, whole, one after the other.
pub(crate) fn assert_in_order<'a>(text: &str, parts: impl IntoIterator<Item = &'a String>, of: &str) {
    let mut at = 0;
    for part in parts {
        match text[at..].find(part.as_str()) {
            Some(found) => at += found + part.len(),
            None => panic!(
                "{of}: missing, or not in its place: {part:?}\nafter which stands:\n{}",
                &text[at..]
            ),
        }
    }
}

/// Headings without their levels.
pub(crate) fn headings(text: &ExtractedText) -> Vec<(u8, String)> {
    text.blocks
        .iter()
        .filter_map(|block| match block.kind {
            BlockKind::Heading { level } => Some((level, block.text.clone())),
            _ => None,
        })
        .collect()
}

/// The block that says this.
pub(crate) fn block<'a>(text: &'a ExtractedText, says: &str) -> &'a Block {
    let found = text.blocks.iter().find(|block| block.text.contains(says));
    found.unwrap_or_else(|| panic!("nothing says {says:?} in:\n{}", text.plain_text()))
}

pub(crate) fn tables(text: &ExtractedText) -> Vec<&str> {
    text.blocks
        .iter()
        .filter(|block| block.kind == BlockKind::Table)
        .map(|block| block.text.as_str())
        .collect()
}
