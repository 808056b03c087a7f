//! Text without mark-up: paragraphs are what blank lines leave.

use crate::{error::ExtractError, outline::Outline};

/// A paragraph of a text without blank lines is cut after about so many bytes, where a line ends: a log of a million
/// lines is no single paragraph.
const LONGEST: usize = 16_000;

pub(super) fn read(text: &str, outline: &mut Outline<'_>) -> Result<(), ExtractError> {
    let mut paragraph = String::new();
    for line in text.split(['\n', '\u{c}']) {
        if line.trim().is_empty() || paragraph.len() > LONGEST {
            outline.paragraph(&std::mem::take(&mut paragraph))?;
        }
        paragraph.push_str(line);
        paragraph.push('\n');
    }
    outline.paragraph(&paragraph)
}
