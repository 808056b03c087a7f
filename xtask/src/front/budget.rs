//! What the chat page weighs on the wire, and the most it may weigh.

use std::fs;
use std::path::PathBuf;

use super::package_folder;
use crate::failure::{Done, Failure};
use crate::place::Place;

/// HTML, JavaScript, CSS and wasm of the chat page, brotli. Peers: 313 KB and 2,202 KB. `end2end/stories/shipped.spec.ts` holds
/// what a browser fetches against the same number.
pub(crate) const LIMIT: u64 = 200 * 1024;

/// One file of the page as the browser gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Weight {
    /// Its name on the page.
    pub(crate) name: String,
    /// Its size in brotli.
    pub(crate) bytes: u64,
}

/// The built files of the chat page, compressed.
pub(crate) fn page_files(place: &Place) -> Vec<PathBuf> {
    ["parlance.js.br", "parlance.wasm.br", "parlance.css.br"]
        .iter()
        .map(|name| package_folder(place).join(name))
        .collect()
}

/// Weighs files.
pub(crate) fn weigh(files: &[PathBuf]) -> Done<Vec<Weight>> {
    let weight = |file: &PathBuf| {
        let about = fs::metadata(file).map_err(|error| Failure::of_file("weigh the page", file, &error))?;
        let name = file
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        Ok(Weight {
            name,
            bytes: about.len(),
        })
    };
    files.iter().map(weight).collect()
}

/// All of them together.
pub(crate) fn total(weights: &[Weight]) -> u64 {
    weights.iter().map(|weight| weight.bytes).sum()
}

/// `196.0 KB = parlance.js 10.2 + …`
pub(crate) fn describe(weights: &[Weight]) -> String {
    let parts: Vec<String> = weights
        .iter()
        .map(|weight| format!("{} {}", weight.name, tenths(weight.bytes)))
        .collect();
    format!(
        "{} KB of {} KB allowed ({})",
        tenths(total(weights)),
        tenths(LIMIT),
        parts.join(", ")
    )
}

/// KB with one digit, rounded up: a budget is not met by rounding.
fn tenths(bytes: u64) -> String {
    let tenths = bytes.saturating_mul(10).div_ceil(1024);
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::{LIMIT, Weight, describe, tenths, total};

    #[test]
    fn the_weight_is_said_part_by_part() {
        let weights =
            [("parlance.js", 10 * 1024), ("parlance.wasm", 120 * 1024)].map(|(name, bytes)| Weight {
                name: name.to_owned(),
                bytes,
            });
        assert_eq!(total(&weights), 130 * 1024);
        assert_eq!(
            describe(&weights),
            "130.0 KB of 200.0 KB allowed (parlance.js 10.0, parlance.wasm 120.0)"
        );
    }

    #[test]
    fn a_byte_above_the_limit_is_seen() {
        assert_eq!(tenths(LIMIT), "200.0");
        assert_eq!(tenths(LIMIT + 1), "200.1");
    }
}
