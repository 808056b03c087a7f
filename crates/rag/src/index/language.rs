//! Which language a text is in, and the stems of its words.

use std::fmt;

use snowball_stemmers_rs::{Algorithm, Stemmer};
use whatlang::{Detector, Lang, Script};

/// Characters of a text that are looked at to tell its language.
const SAMPLE_CHARS: usize = 4_000;
/// Longer words are kept as they are: they are not words.
const STEM_CHARS: usize = 40;

/// How the words of a text are reduced to stems.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Language {
    /// Words stay as they are.
    #[default]
    Unknown,
    Arabic,
    Danish,
    Dutch,
    English,
    Finnish,
    French,
    German,
    Greek,
    Hungarian,
    Italian,
    Norwegian,
    Portuguese,
    Romanian,
    Russian,
    Spanish,
    Swedish,
    Tamil,
    Turkish,
}

impl Language {
    /// The language of a document. A short text that could be in any of several counts as the one that most texts in its
    /// letters are in: where it is not, the stems do little.
    pub(crate) fn of(text: &str) -> Self {
        let end = text
            .char_indices()
            .nth(SAMPLE_CHARS)
            .map_or(text.len(), |(at, _)| at);
        let sample = text.get(..end).unwrap_or_default();
        let known = vec![
            Lang::Ara,
            Lang::Dan,
            Lang::Nld,
            Lang::Eng,
            Lang::Fin,
            Lang::Fra,
            Lang::Deu,
            Lang::Ell,
            Lang::Hun,
            Lang::Ita,
            Lang::Nob,
            Lang::Por,
            Lang::Ron,
            Lang::Rus,
            Lang::Spa,
            Lang::Swe,
            Lang::Tam,
            Lang::Tur,
            // No stems, but not to be taken for one of the others.
            Lang::Pol,
            Lang::Ces,
            Lang::Slk,
            Lang::Ukr,
            Lang::Bul,
            Lang::Srp,
            Lang::Vie,
            Lang::Cmn,
            Lang::Jpn,
            Lang::Kor,
            Lang::Tha,
            Lang::Heb,
            Lang::Hin,
            Lang::Pes,
        ];
        match Detector::with_allowlist(known).detect(sample) {
            Some(found) if found.is_reliable() => Self::known(found.lang()),
            Some(found) => match found.script() {
                Script::Latin => Self::English,
                Script::Cyrillic => Self::Russian,
                _ => Self::known(found.lang()),
            },
            None => Self::Unknown,
        }
    }

    const fn known(lang: Lang) -> Self {
        match lang {
            Lang::Ara => Self::Arabic,
            Lang::Dan => Self::Danish,
            Lang::Nld => Self::Dutch,
            Lang::Eng => Self::English,
            Lang::Fin => Self::Finnish,
            Lang::Fra => Self::French,
            Lang::Deu => Self::German,
            Lang::Ell => Self::Greek,
            Lang::Hun => Self::Hungarian,
            Lang::Ita => Self::Italian,
            Lang::Nob => Self::Norwegian,
            Lang::Por => Self::Portuguese,
            Lang::Ron => Self::Romanian,
            Lang::Rus => Self::Russian,
            Lang::Spa => Self::Spanish,
            Lang::Swe => Self::Swedish,
            Lang::Tam => Self::Tamil,
            Lang::Tur => Self::Turkish,
            _ => Self::Unknown,
        }
    }

    const fn algorithm(self) -> Option<Algorithm> {
        Some(match self {
            Self::Unknown => return None,
            Self::Arabic => Algorithm::Arabic,
            Self::Danish => Algorithm::Danish,
            Self::Dutch => Algorithm::Dutch,
            Self::English => Algorithm::English,
            Self::Finnish => Algorithm::Finnish,
            Self::French => Algorithm::French,
            Self::German => Algorithm::German,
            Self::Greek => Algorithm::Greek,
            Self::Hungarian => Algorithm::Hungarian,
            Self::Italian => Algorithm::Italian,
            Self::Norwegian => Algorithm::Norwegian,
            Self::Portuguese => Algorithm::Portuguese,
            Self::Romanian => Algorithm::Romanian,
            Self::Russian => Algorithm::Russian,
            Self::Spanish => Algorithm::Spanish,
            Self::Swedish => Algorithm::Swedish,
            Self::Tamil => Algorithm::Tamil,
            Self::Turkish => Algorithm::Turkish,
        })
    }
}

/// Makes stems in one language.
pub(crate) struct Stems {
    stemmer: Option<Stemmer>,
}

impl fmt::Debug for Stems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stems").finish_non_exhaustive()
    }
}

impl Stems {
    pub(crate) fn new(language: Language) -> Self {
        Self {
            stemmer: language.algorithm().map(Stemmer::create),
        }
    }

    /// The stem of a word in lower case.
    pub(crate) fn stem(&self, word: &str) -> String {
        let is_word = word.chars().all(char::is_alphabetic) && word.chars().count() <= STEM_CHARS;
        match &self.stemmer {
            Some(stemmer) if is_word => stemmer.stem(word).into_owned(),
            _ => word.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_told_from_some_sentences() {
        let english =
            "The warranty of the Zephyr kettle lasts twenty-seven months from the day it was bought.";
        let german = "Die Garantie des Wasserkochers beträgt siebenundzwanzig Monate ab dem Tag des Kaufs.";
        let french = "La garantie de la bouilloire dure vingt-sept mois à partir du jour de l'achat.";
        let russian = "Гарантия на чайник действует двадцать семь месяцев со дня покупки.";
        assert_eq!(Language::of(english), Language::English);
        assert_eq!(Language::of(german), Language::German);
        assert_eq!(Language::of(french), Language::French);
        assert_eq!(Language::of(russian), Language::Russian);
        assert_eq!(
            Language::of("保証期間は購入日から二十七か月です。"),
            Language::Unknown
        );
        assert_eq!(Language::of("Kettle"), Language::English);
        assert_eq!(Language::of("12 34"), Language::Unknown);
    }

    #[test]
    fn a_word_and_its_forms_have_one_stem() {
        let stems = Stems::new(Language::English);
        assert_eq!(stems.stem("warranties"), stems.stem("warranty"));
        let stems = Stems::new(Language::German);
        assert_eq!(stems.stem("garantien"), stems.stem("garantie"));
    }
}
