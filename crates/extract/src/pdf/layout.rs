//! Blocks of the lines of all pages: paragraphs, headings, items, tables, code; without running heads.

mod paragraph;
mod running;
mod table;

use super::line::{Line, Page};
use crate::{error::ExtractError, outline::Outline};
use paragraph::is_continued;
pub(super) use paragraph::{Paragraph, Told};
use std::collections::{BTreeMap, HashSet};

/// Letters so much larger than most are a heading's.
const LARGER: f64 = 1.12;
/// So many lines say how far lines are from one another.
const ENOUGH: usize = 4;
/// A heading has at most so many characters.
const LONGEST_HEADING: usize = 200;

/// Blocks of what places tell.
pub(super) fn write(pages: &[Page], outline: &mut Outline<'_>) -> Result<(), ExtractError> {
    let print = Print::of(pages.iter().map(|page| page.lines.as_slice()));
    let running = running::lines(pages);
    let mut parts = Vec::new();
    for page in pages {
        let lines: Vec<&Line> = page
            .lines
            .iter()
            .filter(|line| !running.contains(&running::key(page, line)))
            .collect();
        gather(&lines, page.number, &print, &mut parts);
    }
    write_parts(&parts, &print, outline)
}

/// Blocks of paragraphs and tables, however they were found.
pub(super) fn write_parts(
    parts: &[Part],
    print: &Print,
    outline: &mut Outline<'_>,
) -> Result<(), ExtractError> {
    let sizes = heading_sizes(parts, print);
    for part in parts {
        match part {
            Part::Table(page, rows) => {
                outline.set_page(*page);
                outline.table(rows)?;
            }
            Part::Paragraph(paragraph) => {
                outline.set_page(paragraph.page);
                write_paragraph(paragraph, print, &sizes, outline)?;
            }
        }
    }
    Ok(())
}

pub(super) enum Part {
    Paragraph(Paragraph),
    Table(u32, Vec<Vec<String>>),
}

/// How the document is printed, as a rule.
pub(super) struct Print {
    /// The size of most letters.
    size: f64,
    /// From line to line, in sizes.
    pitch: f64,
    /// Most of it is bold, so that bold says nothing.
    bold: bool,
    /// Words with a hyphen inside: they keep it when a line ends there.
    hyphened: HashSet<String>,
}

impl Print {
    /// `pages` are the lines of each.
    pub(super) fn of<'l>(pages: impl Iterator<Item = &'l [Line]> + Clone) -> Self {
        let lines = || pages.clone().flatten();
        let mut sizes: BTreeMap<i64, usize> = BTreeMap::new();
        let (mut all, mut bold) = (0, 0);
        for line in lines() {
            let length = line.text().chars().count();
            *sizes.entry(in_halves(line.size)).or_default() += length;
            all += length;
            bold += if line.look.bold { length } else { 0 };
        }
        let size = sizes
            .iter()
            .max_by_key(|(_, length)| **length)
            .map_or(20, |(size, _)| *size);
        let hyphened = lines()
            .flat_map(|line| line.cells.iter())
            .flat_map(|cell| cell.text.split_whitespace())
            .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase())
            .filter(|word| word.contains('-'))
            .collect();
        Self {
            // Halves of a point fit an f64 exactly.
            size: f64::from(i32::try_from(size).unwrap_or(20)) / 2.0,
            pitch: pitch(pages.clone().flat_map(pairs)).unwrap_or(1.2),
            bold: bold * 2 > all,
            hyphened,
        }
    }
}

/// A size in half points, so that sizes that are meant to be alike are.
fn in_halves(size: f64) -> i64 {
    format!("{:.0}", size * 2.0).parse().unwrap_or(0)
}

/// Lines of a page that follow one another.
fn pairs(page: &[Line]) -> impl Iterator<Item = (&Line, &Line)> {
    page.iter().zip(page.iter().skip(1))
}

/// How far it mostly is from a line to the next, in sizes. `None` when there are too few to say.
fn pitch<'l>(pairs: impl Iterator<Item = (&'l Line, &'l Line)>) -> Option<f64> {
    let mut pitches: Vec<f64> = pairs
        .filter(|(line, next)| line.overlaps(next) && in_halves(line.size) == in_halves(next.size))
        .map(|(line, next)| (next.base - line.base) / line.size.max(1.0))
        .filter(|pitch| (0.8..2.5).contains(pitch))
        .collect();
    pitches.sort_by(f64::total_cmp);
    let enough = pitches.len() >= ENOUGH;
    pitches.get(pitches.len() / 2).copied().filter(|_| enough)
}

/// Lines of a page become paragraphs and tables.
fn gather(lines: &[&Line], page: u32, print: &Print, parts: &mut Vec<Part>) {
    let mut rest = lines;
    let mut first = true;
    // A list of books is set more closely than the chapters before it.
    let pitch = pitch(lines.iter().zip(lines.iter().skip(1)).map(|(a, b)| (*a, *b))).unwrap_or(print.pitch);
    while let Some((line, after)) = rest.split_first() {
        if let Some((rows, used)) = table::begin(rest) {
            parts.push(Part::Table(page, rows));
            rest = rest.get(used..).unwrap_or_default();
            first = false;
            continue;
        }
        match parts.last_mut() {
            Some(Part::Paragraph(last))
                if !first && last.page_now == page && is_continued(last, line, lines, pitch) =>
            {
                last.add(line);
            }
            // A paragraph goes on over the page's end when its sentence does.
            Some(Part::Paragraph(last)) if first && last.goes_on_with(line) => {
                last.page_now = page;
                last.add(line);
            }
            _ => parts.push(Part::Paragraph(Paragraph::new(line, page))),
        }
        first = false;
        rest = after;
    }
}

/// The sizes of headings, the largest first.
fn heading_sizes(parts: &[Part], print: &Print) -> Vec<i64> {
    let mut sizes: Vec<i64> = parts
        .iter()
        .filter_map(|part| match part {
            Part::Paragraph(paragraph)
                if paragraph.told.is_none() && !paragraph.leads() && is_large(paragraph, print) =>
            {
                Some(in_halves(paragraph.size))
            }
            _ => None,
        })
        .collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    sizes.dedup();
    sizes
}

/// Without the points that lead to a page's number.
fn without_leaders(text: &str) -> String {
    let words = text
        .split_whitespace()
        .filter(|word| word.chars().any(|c| c != '.'));
    let words: Vec<&str> = words.map(|word| word.trim_end_matches("....")).collect();
    words.join(" ")
}

fn is_large(paragraph: &Paragraph, print: &Print) -> bool {
    paragraph.size > print.size * LARGER && paragraph.chars() <= LONGEST_HEADING
}

fn write_paragraph(
    paragraph: &Paragraph,
    print: &Print,
    sizes: &[i64],
    outline: &mut Outline<'_>,
) -> Result<(), ExtractError> {
    let text = paragraph.text(&print.hyphened);
    if !text.chars().any(char::is_alphanumeric) {
        return Ok(());
    }
    if let Some(Told::Heading(level)) = paragraph.told {
        return outline.heading(level, &text);
    }
    if paragraph.leads() {
        return outline.list_item(&without_leaders(&text));
    }
    if paragraph.look.mono && !paragraph.is_item() {
        return outline.code(None, &paragraph.code());
    }
    if paragraph.told == Some(Told::Text) {
        return outline.paragraph(&text);
    }
    if is_large(paragraph, print) {
        let size = in_halves(paragraph.size);
        let level = sizes.iter().position(|known| *known == size).unwrap_or(0);
        return outline.heading(u8::try_from(level + 1).unwrap_or(u8::MAX), &text);
    }
    let ends_open = !text.ends_with(['.', ',', ';', ':', '!']);
    if paragraph.look.bold
        && !print.bold
        && !paragraph.is_item()
        && paragraph.chars() <= LONGEST_HEADING / 2
        && ends_open
    {
        return outline.heading(u8::try_from(sizes.len() + 1).unwrap_or(u8::MAX), &text);
    }
    if paragraph.is_item() {
        return outline.list_item(&text);
    }
    outline.paragraph(&text)
}
