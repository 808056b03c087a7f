//! Program text: a block is what stands between blank lines with nothing indented after them, mostly a function.

use crate::{error::ExtractError, outline::Outline};

/// A block grows to at least so many bytes before it may end: imports and constants stay together.
const SHORTEST: usize = 400;
/// After so many bytes any blank line ends it.
const LONG: usize = 4_000;

pub(super) fn read(text: &str, language: &str, outline: &mut Outline<'_>) -> Result<(), ExtractError> {
    let mut block = String::new();
    let mut after_blank = false;
    for line in text.lines() {
        if line.trim().is_empty() {
            after_blank = true;
        } else {
            let begins = !line.starts_with([' ', '\t', '}', ')', ']']);
            if after_blank && ((begins && block.len() > SHORTEST) || block.len() > LONG) {
                outline.code(Some(language), &std::mem::take(&mut block))?;
            }
            after_blank = false;
        }
        block.push_str(line.trim_end());
        block.push('\n');
    }
    outline.code(Some(language), &block)
}
