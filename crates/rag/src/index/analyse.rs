//! What a text is found by: its terms.
//!
//! A term is a word as Unicode divides words, in lower case, in compatibility form (NFKC), without the accents of Latin
//! letters, reduced to its stem. Scripts that are written without spaces give single characters and pairs of neighbours.
//! `foo_bar` is found as a whole and by its parts, `1,235` as `1235`, `l'eau` as `eau`.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_segmentation::UnicodeSegmentation;

use super::common_words::is_common;
use super::language::{Language, Stems};

/// Characters of a term that count.
const TERM_CHARS: usize = 48;

/// Makes terms of texts in one language.
#[derive(Debug)]
pub(crate) struct Analyser {
    language: Language,
    stems: Stems,
}

impl Analyser {
    pub(crate) fn new(language: Language) -> Self {
        Self {
            language,
            stems: Stems::new(language),
        }
    }

    /// Hands the terms of a text to `take`, in their order.
    pub(crate) fn terms(&self, text: &str, mut take: impl FnMut(&str)) {
        self.words(text, false, |term, _| take(term));
    }

    /// Hands the terms of a question to `take`, in their order, and whether each is one that questions are made with, not
    /// about.
    pub(crate) fn asked(&self, text: &str, take: impl FnMut(&str, bool)) {
        self.words(text, true, take);
    }

    /// `asked`: does it matter which words are common? Looking that up costs time.
    fn words(&self, text: &str, asked: bool, mut take: impl FnMut(&str, bool)) {
        // Unicode divides most of such scripts at each character: what touches belongs together.
        let (mut run, mut run_end) = (String::new(), 0);
        for (at, word) in text.unicode_word_indices() {
            let together = run_end == at && !run.is_empty();
            let is_unspaced = word.chars().any(is_unspaced);
            let goes_on = together && is_unspaced;
            if !run.is_empty() && !goes_on {
                unspaced(&std::mem::take(&mut run), &mut take);
            }
            if is_unspaced {
                run.push_str(&fold(word));
                run_end = at.saturating_add(word.len());
            } else {
                self.word(&fold(word), asked, &mut take);
            }
        }
        if !run.is_empty() {
            unspaced(&run, &mut take);
        }
    }

    fn word(&self, word: &str, asked: bool, take: &mut impl FnMut(&str, bool)) {
        if word.contains('_') {
            take(cut(word), false);
            word.split('_')
                .filter(|part| !part.is_empty())
                .for_each(|part| self.plain(part, asked, take));
            return;
        }
        self.plain(without_elision(word), asked, take);
    }

    fn plain(&self, word: &str, asked: bool, take: &mut impl FnMut(&str, bool)) {
        let digits = word.contains(',') && word.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '.'));
        if digits {
            return take(cut(&word.replace(',', "")), false);
        }
        let word = word.strip_suffix("'s").unwrap_or(word);
        let common = asked && is_common(self.language, word);
        take(cut(&self.stems.stem(word)), common);
    }
}

/// NFKC, lower case, no accents on Latin letters.
fn fold(word: &str) -> String {
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    let mut latin = false;
    let folded: String = word
        .nfkd()
        .flat_map(char::to_lowercase)
        .filter(|c| {
            if is_combining_mark(*c) {
                return !latin;
            }
            latin = c.is_ascii_alphabetic() || ('\u{80}'..'\u{250}').contains(c);
            true
        })
        .nfc()
        .collect();
    let mut plain = String::with_capacity(folded.len());
    for c in folded.chars() {
        match c {
            'ß' => plain.push_str("ss"),
            'æ' => plain.push_str("ae"),
            'œ' => plain.push_str("oe"),
            'ø' => plain.push('o'),
            'ł' => plain.push('l'),
            'đ' | 'ð' => plain.push('d'),
            'þ' => plain.push_str("th"),
            'ı' => plain.push('i'),
            '\u{2019}' | '\u{2bc}' => plain.push('\''),
            other => plain.push(other),
        }
    }
    plain
}

/// `l'eau` is asked for as `eau`; `don't` stays.
fn without_elision(word: &str) -> &str {
    match word.split_once('\'') {
        Some((before, rest)) if before.chars().count() <= 4 && rest.chars().count() >= 3 => rest,
        _ => word,
    }
}

/// Single characters and pairs.
fn unspaced(word: &str, take: &mut impl FnMut(&str, bool)) {
    let characters: Vec<&str> = word.graphemes(true).collect();
    characters.iter().for_each(|character| take(character, false));
    for pair in characters.windows(2) {
        take(&pair.concat(), false);
    }
}

/// Is it a letter of a script that puts no spaces between words, or so few that pairs serve better?
fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c),
        0x0E00..=0x0EFF // Thai, Lao
        | 0x1000..=0x109F // Myanmar
        | 0x1780..=0x17FF // Khmer
        | 0x3040..=0x30FF // Hiragana, Katakana
        | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF // Han
        | 0xAC00..=0xD7AF // Hangul
    )
}

/// A long term is known by its beginning.
fn cut(term: &str) -> &str {
    let end = term
        .char_indices()
        .nth(TERM_CHARS)
        .map_or(term.len(), |(at, _)| at);
    term.get(..end).unwrap_or(term)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(language: Language, text: &str) -> Vec<String> {
        let mut terms = Vec::new();
        Analyser::new(language).terms(text, |term| terms.push(term.to_owned()));
        terms
    }

    #[test]
    fn spelling_does_not_hide_a_word() {
        let asked = terms(Language::French, "cafe eau");
        assert_eq!(terms(Language::French, "Cafés, l’eau"), asked);
        assert_eq!(
            terms(Language::Unknown, "ＺＥＰＨＹＲ ﬁx Straße Łódź"),
            ["zephyr", "fix", "strasse", "lodz"]
        );
        assert_eq!(terms(Language::Russian, "йод"), ["йод"]);
    }

    #[test]
    fn numbers_and_names_are_found_in_each_way_they_are_written() {
        assert_eq!(terms(Language::English, "$1,235 3.5%"), ["1235", "3.5"]);
        assert_eq!(terms(Language::Unknown, "foo_bar"), ["foo_bar", "foo", "bar"]);
        assert_eq!(terms(Language::English, "the president’s"), ["the", "presid"]);
    }

    #[test]
    fn what_has_no_spaces_is_found_by_characters_and_pairs() {
        assert_eq!(terms(Language::Unknown, "東京"), ["東", "京", "東京"]);
        assert_eq!(terms(Language::Unknown, "カタ"), ["カ", "タ", "カタ"]);
    }
}
