//! Differences: what a line is stands at its beginning.

use super::Runs;
use wire::drawn::Ink;

pub(super) fn scan(text: &str, runs: &mut Runs) {
    for line in text.split_inclusive('\n') {
        let ink = match line {
            line if line.starts_with("+++") || line.starts_with("---") => Ink::Comment,
            line if line.starts_with("diff ") || line.starts_with("index ") => Ink::Comment,
            line if line.starts_with("@@") => Ink::Meta,
            line if line.starts_with('+') => Ink::Added,
            line if line.starts_with('-') => Ink::Removed,
            _ => Ink::Plain,
        };
        runs.add(ink, line);
    }
}
