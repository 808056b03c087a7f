//! What is said twice: copies of a document, boilerplate on every page.
//!
//! Of copies, word for word, the first is given: in the document that came first, at its first place. So neighbours stay
//! together instead of being picked from here and there, and the same text is always cited at the same place.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use unicode_segmentation::UnicodeSegmentation;

use super::{Scored, select::text};

/// Words of a shingle.
const SHINGLE: usize = 3;
/// How much of a text has been said before when it says nothing new.
const SAID: f32 = 0.9;

/// Each text once, with the scores of its best copy, at the place of its first.
pub(super) fn first_copies<'a>(scored: Vec<Scored<'a>>) -> Vec<Scored<'a>> {
    let mut known: HashMap<&'a str, usize> = HashMap::new();
    let mut once: Vec<Scored<'a>> = Vec::new();
    for one in scored {
        let place = *known.entry(text(&one)).or_insert(once.len());
        match once.get_mut(place) {
            Some(copy) if (one.slot.entry.id, one.slot.chunk) < (copy.slot.entry.id, copy.slot.chunk) => {
                copy.slot = one.slot;
            }
            Some(_) => {}
            None => once.push(one),
        }
    }
    once
}

/// What a text says, to be compared with others.
#[derive(Debug)]
pub(super) struct Saying {
    /// Runs of words.
    shingles: HashSet<u64>,
    /// Words with a digit: two sentences of a report may differ in the year and the sum only, and that is the matter.
    numbers: HashSet<String>,
}

impl Saying {
    pub(super) fn of(text: &str) -> Self {
        let words: Vec<String> = text.unicode_words().map(str::to_lowercase).collect();
        let shingles = words.windows(SHINGLE.min(words.len().max(1))).map(|words| {
            let mut hasher = DefaultHasher::new();
            words.hash(&mut hasher);
            hasher.finish()
        });
        let shingles = shingles.collect();
        let has_digit = |word: &String| word.chars().any(char::is_numeric);
        Self {
            shingles,
            numbers: words.into_iter().filter(has_digit).collect(),
        }
    }

    /// Does it say next to nothing that the other does not?
    pub(super) fn repeats(&self, other: &Self) -> bool {
        if self.shingles.is_empty() || !self.numbers.is_subset(&other.numbers) {
            return false;
        }
        let narrow = |count: usize| f32::from(u16::try_from(count).unwrap_or(u16::MAX));
        let said = self.shingles.intersection(&other.shingles).count();
        narrow(said) >= SAID * narrow(self.shingles.len())
    }
}

#[cfg(test)]
mod tests {
    use super::Saying;

    const REPORT: &str =
        "The notes bear interest of 4.2 % a year, paid on the first of May, and are due in 2021.";

    #[test]
    fn a_copy_says_nothing_new() {
        let report = Saying::of(REPORT);
        assert!(Saying::of(REPORT).repeats(&report));
        assert!(
            Saying::of("the notes BEAR interest of 4.2 % a year, paid on the first of May").repeats(&report)
        );
    }

    #[test]
    fn another_year_or_more_words_are_new() {
        let report = Saying::of(REPORT);
        assert!(!Saying::of(&REPORT.replace("2021", "2023")).repeats(&report));
        let more = format!("{REPORT} They may be called back before with three months' notice.");
        assert!(!Saying::of(&more).repeats(&report));
        assert!(!Saying::of("").repeats(&report));
    }
}
