//! Where whole pages are drawn: all languages, and which one the page being drawn is in.

use super::{PAYLOADS, TABLES, TAGS};
use std::{
    cell::Cell,
    future::{Future, poll_fn},
    pin::pin,
};

/// A language that the interface speaks: a file in `texts/`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Language(usize);

impl Language {
    /// All of them, English first.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..TAGS.len()).map(Self)
    }

    /// By its tag (BCP 47), whatever the region: `ar-EG` is `ar`.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?;
        let number = TAGS.iter().position(|tag| tag.eq_ignore_ascii_case(primary))?;
        Some(Self(number))
    }

    /// The one that is liked best, of an `Accept-Language`; English where none of ours is in it.
    pub fn of_header(accepted: &str) -> Self {
        let weight = |parameters: &str| {
            let weight = parameters.trim().strip_prefix("q=")?;
            weight.trim().parse::<f32>().ok()
        };
        let mut best = None;
        for choice in accepted.split(',') {
            let (tag, parameters) = choice.split_once(';').unwrap_or((choice, "q=1"));
            let weight = weight(parameters).unwrap_or_default();
            let Some(language) = Self::of_tag(tag).filter(|_| weight > 0.0) else {
                continue;
            };
            // Of two that are liked alike the first counts.
            if best.is_none_or(|(_, most)| weight > most) {
                best = Some((language, weight));
            }
        }
        best.map_or_else(Self::default, |(language, _)| language)
    }

    /// For `lang` and for the cookie.
    pub fn tag(self) -> &'static str {
        TAGS.get(self.0).copied().unwrap_or_default()
    }

    /// `ltr` or `rtl`, for `dir`.
    pub fn direction(self) -> &'static str {
        self.says(super::direction)
    }

    /// What who speaks it calls it.
    pub fn own_name(self) -> &'static str {
        self.says(super::own_name)
    }

    /// The words that the browser gets, a line each.
    pub(crate) fn payload(self) -> &'static str {
        PAYLOADS.get(self.0).copied().unwrap_or_default()
    }

    fn says(self, text: fn() -> &'static str) -> &'static str {
        let _spoken = Spoken::begin(self);
        text()
    }
}

thread_local! {
    static NOW: Cell<Language> = const { Cell::new(Language(0)) };
}

/// From now on this is spoken, in all of this page: a browser draws no other beside it.
#[cfg(feature = "csr")]
pub(crate) fn speak(language: Language) {
    NOW.set(language);
}

/// The language that is spoken now.
pub(crate) fn now() -> Language {
    NOW.get()
}

pub(super) fn at(number: usize) -> &'static str {
    let table = TABLES.get(now().0);
    table
        .and_then(|table| table.get(number))
        .copied()
        .unwrap_or_default()
}

/// A language is spoken for as long as this lives.
struct Spoken(Language);

impl Spoken {
    fn begin(language: Language) -> Self {
        Self(NOW.replace(language))
    }
}

impl Drop for Spoken {
    fn drop(&mut self) {
        NOW.set(self.0);
    }
}

/// Whatever this future draws, it draws in this language. Said at each step, since tasks share threads and change them.
pub async fn speaking<F: Future>(language: Language, future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|context| {
        let _spoken = Spoken::begin(language);
        future.as_mut().poll(context)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::{Language, TAGS};

    fn liked(accepted: &str) -> &'static str {
        Language::of_header(accepted).tag()
    }

    #[test]
    fn the_language_that_is_liked_best_is_spoken_and_english_to_strangers() {
        assert_eq!(liked("ar-EG,ar;q=0.9,en;q=0.8"), "ar");
        assert_eq!(liked("en;q=0.5, ja;q=0.9"), "ja");
        assert_eq!(liked("nl, ja;q=0.1"), "ja");
        assert_eq!(liked("nl, fr"), "en");
        assert_eq!(liked("ja;q=0, *"), "en");
        assert_eq!(liked(""), "en");
        assert_eq!(liked(";;q=,,=q;ja"), "en");
    }

    #[test]
    fn a_language_says_how_it_is_written_and_what_it_is_called() {
        let said: Vec<_> = Language::all()
            .map(|one| (one.tag(), one.direction(), one.own_name()))
            .collect();
        assert_eq!(
            said,
            [
                ("en", "ltr", "English"),
                ("ar", "rtl", "العربية"),
                ("ja", "ltr", "日本語")
            ]
        );
        assert_eq!(TAGS.len(), said.len());
    }
}
