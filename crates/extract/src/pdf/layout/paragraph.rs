//! Lines that belong together, and how their words join where a line ends.

use super::Print;
use crate::pdf::{font::Look, line::Line};
use std::collections::HashSet;

/// What items of lists begin with.
const BULLETS: &[&str] = &[
    "•", "◦", "▪", "▫", "‣", "⁃", "●", "○", "■", "□", "➢", "➤", "✓", "–", "—", "-", "*", "·",
];

/// What the document's own structure says of a paragraph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pdf) enum Told {
    Heading(u8),
    Item,
    /// A paragraph and nothing else.
    Text,
}

/// Lines that were read as one.
pub(in crate::pdf) struct Paragraph {
    /// Where it begins.
    pub(super) page: u32,
    /// Where its last line stands.
    pub(super) page_now: u32,
    pub(super) size: f64,
    pub(super) look: Look,
    /// What it is, when nothing has to be guessed.
    pub(super) told: Option<Told>,
    lines: Vec<Line>,
    item: bool,
}

impl Paragraph {
    pub(super) fn new(line: &Line, page: u32) -> Self {
        Self {
            page,
            page_now: page,
            size: line.size,
            look: line.look,
            told: None,
            item: label(line).is_some(),
            lines: vec![line.clone()],
        }
    }

    /// A paragraph of these lines, of which the structure may say what it is. `None` when there are none.
    pub(in crate::pdf) fn told(lines: &[Line], page: u32, told: Option<Told>) -> Option<Self> {
        let (first, rest) = lines.split_first()?;
        let mut paragraph = Self::new(first, page);
        rest.iter().for_each(|line| paragraph.add(line));
        paragraph.told = told;
        paragraph.item = told == Some(Told::Item) || (told.is_none() && paragraph.item);
        Some(paragraph)
    }

    pub(super) fn add(&mut self, line: &Line) {
        self.look.bold &= line.look.bold;
        self.look.mono &= line.look.mono;
        self.lines.push(line.clone());
    }

    /// A line of a table of contents: points lead to a page's number.
    pub(super) fn leads(&self) -> bool {
        self.lines.iter().any(leads)
    }

    pub(super) fn is_item(&self) -> bool {
        self.item
    }

    pub(super) fn chars(&self) -> usize {
        self.lines.iter().map(|line| line.text().chars().count()).sum()
    }

    /// Does the sentence that ends a page go on with the first line of the next?
    pub(super) fn goes_on_with(&self, line: &Line) -> bool {
        let Some(last) = self.lines.last() else {
            return false;
        };
        let text = last.text();
        let alike = (self.size - line.size).abs() < 0.08 * self.size && self.look == line.look;
        let begins_small = line.text().chars().next().is_some_and(char::is_lowercase);
        alike && begins_small && !text.ends_with(['.', '!', '?', ':'])
    }

    /// Its words as a cell's.
    pub(in crate::pdf) fn words(&self, print: &Print) -> String {
        self.text(&print.hyphened)
    }

    /// Its words, with a bullet gone, and words that were cut at a line's end whole again.
    pub(super) fn text(&self, hyphened: &HashSet<String>) -> String {
        let mut text = String::new();
        for (number, line) in self.lines.iter().enumerate() {
            let mut words = line.text();
            if let Some(bullet) = (number == 0).then(|| bullet(&words)).flatten() {
                words = words
                    .get(bullet.len()..)
                    .unwrap_or_default()
                    .trim_start()
                    .to_owned();
            }
            join(&mut text, &words, hyphened);
        }
        text
    }

    /// Its lines as they stand, indented as they are.
    pub(super) fn code(&self) -> String {
        let left = self.lines.iter().map(Line::start).fold(f64::INFINITY, f64::min);
        let lines: Vec<String> = self
            .lines
            .iter()
            .map(|line| {
                let text = line.text();
                let letters = f64::from(u32::try_from(text.chars().count()).unwrap_or(1).max(1));
                let width = ((line.end() - line.start()) / letters).max(1.0);
                let indent = format!("{:.0}", ((line.start() - left) / width).clamp(0.0, 80.0));
                " ".repeat(indent.parse().unwrap_or(0)) + text.trim_end()
            })
            .collect();
        lines.join("\n")
    }
}

fn join(text: &mut String, words: &str, hyphened: &HashSet<String>) {
    let words = words.trim();
    if text.is_empty() {
        text.push_str(words);
        return;
    }
    let begins_small = words.chars().next().is_some_and(char::is_lowercase);
    // Some say the hyphen that is drawn and the one that is meant.
    let stem = text.trim_end_matches(['-', '\u{2010}', '\u{ad}']).len();
    let cut = stem < text.len()
        && begins_small
        && text
            .get(..stem)
            .is_some_and(|stem| stem.ends_with(char::is_alphabetic));
    if !cut {
        // Between Chinese or Japanese lines is no space.
        let dense =
            text.chars().next_back().is_some_and(is_dense) && words.chars().next().is_some_and(is_dense);
        if !dense {
            text.push(' ');
        }
    } else if !keeps_hyphen(text, words, hyphened) {
        text.truncate(stem);
    }
    text.push_str(words);
}

/// Is the word that was cut one that is written with a hyphen elsewhere?
fn keeps_hyphen(text: &str, words: &str, hyphened: &HashSet<String>) -> bool {
    let before = text.split_whitespace().next_back().unwrap_or_default();
    let after = words.split_whitespace().next().unwrap_or_default();
    let whole = format!("{before}{after}").to_lowercase();
    text.ends_with('-') && hyphened.contains(whole.trim_matches(|c: char| !c.is_alphanumeric()))
}

fn is_dense(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ff60}' | '\u{20000}'..='\u{3ffff}')
}

/// The bullet that a text begins with.
fn bullet(text: &str) -> Option<&'static str> {
    let found = BULLETS.iter().find(|bullet| {
        text.strip_prefix(**bullet)
            .is_some_and(|rest| rest.starts_with(' ') || rest.is_empty())
    })?;
    Some(found)
}

/// What makes a line an item: a bullet, or a number with a point or bracket behind it.
fn label(line: &Line) -> Option<()> {
    let text = line.text();
    if bullet(&text).is_some() {
        return Some(());
    }
    let word = text.split(' ').next().filter(|word| word.len() < text.len())?;
    let number = word.strip_suffix(['.', ')'])?.trim_start_matches('(');
    let numeric = (1..=3).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    let letter = number.len() == 1 && number.bytes().all(|byte| byte.is_ascii_lowercase());
    (numeric || letter).then_some(())
}

fn leads(line: &Line) -> bool {
    let text = line.text();
    text.contains(". . . .") || text.contains(".....")
}

/// Does a line go on with what the paragraph says? `pitch` is how far lines of this page are from one another, in sizes.
pub(super) fn is_continued(paragraph: &Paragraph, line: &Line, page: &[&Line], pitch: f64) -> bool {
    let Some(last) = paragraph.lines.last() else {
        return false;
    };
    let size = paragraph.size;
    let alike = last.angle == line.angle && (last.size - line.size).abs() < 0.08 * size;
    if !alike
        || leads(last)
        || label(line).is_some()
        || (last.look != line.look && (last.look.bold || line.look.bold))
    {
        return false;
    }
    let text = last.text();
    let ended = text.trim_end().ends_with(['.', '!', '?', ':', '”', '"', '…']);
    let begins_small = line.text().chars().next().is_some_and(char::is_lowercase);
    let drop = line.base - last.base;
    if drop <= 0.0 || !last.overlaps(line) {
        // In the next column.
        return begins_small && !ended;
    }
    if drop > 1.3 * pitch.max(1.0) * size {
        return false;
    }
    if paragraph.look.mono && line.look.mono {
        return true;
    }
    let indent = line.start() - last.start();
    if !paragraph.item && indent > 0.8 * size && ended {
        return false;
    }
    if indent < -0.8 * size && paragraph.lines.len() > 1 && ended {
        return false;
    }
    // A line that ends early ends its paragraph, when the next begins like one.
    let right = page
        .iter()
        .filter(|other| other.overlaps(last) && other.angle == last.angle)
        .map(|other| other.end())
        .fold(last.end(), f64::max);
    let first_word = line.text().split(' ').next().unwrap_or_default().chars().count();
    let letters = f64::from(u32::try_from(first_word + 1).unwrap_or(1));
    // Would the next word still have had its place?
    let had_place = right - last.end() > letters * 0.6 * size + 0.1 * (right - last.start());
    !(had_place && !begins_small && (ended || drop > 1.15 * pitch * size))
}
