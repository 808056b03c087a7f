//! Running heads and page numbers: what stands at the edge of many pages, numbers aside, is no part of the text.

use crate::pdf::line::{Line, Page};
use std::collections::{HashMap, HashSet};

/// How much of a page's height is its edge.
const EDGE: f64 = 0.1;
/// So many pages at least say it; without a number in it, also a third of all.
const PAGES: usize = 3;

/// A line without what changes from page to page. `None` away from the edges.
pub(super) type Key = Option<(bool, String)>;

pub(super) fn key(page: &Page, line: &Line) -> Key {
    let top = line.base < page.height * EDGE;
    let bottom = line.base > page.height * (1.0 - EDGE);
    if line.angle != 0 || !(top || bottom) {
        return None;
    }
    let mut text = line.text().replace(|c: char| c.is_ascii_digit(), "#");
    while text.contains("##") {
        text = text.replace("##", "#");
    }
    Some((top, text.trim().to_owned()))
}

/// A page's number and nothing else.
fn is_number(key: &Key) -> bool {
    let roman = |text: &str| text.len() < 7 && text.chars().all(|c| "ivxlc".contains(c));
    key.as_ref().is_some_and(|(_, text)| {
        let text = text.trim_matches(|c: char| !c.is_alphanumeric() && c != '#');
        !text.is_empty() && (text == "#" || roman(text))
    })
}

/// What is said at the edge of many pages.
pub(super) fn lines(pages: &[Page]) -> HashSet<Key> {
    let mut seen: HashMap<Key, usize> = HashMap::new();
    for page in pages {
        let keys: HashSet<Key> = page.lines.iter().map(|line| key(page, line)).collect();
        for key in keys {
            *seen.entry(key).or_default() += 1;
        }
    }
    seen.into_iter()
        .filter(|(key, count)| {
            let numbered = key.as_ref().is_some_and(|(_, text)| text.contains('#'));
            let often = *count >= PAGES && (numbered || count * 3 >= pages.len());
            key.is_some() && (often || (is_number(key) && pages.len() >= PAGES))
        })
        .map(|(key, _)| key)
        .collect()
}
