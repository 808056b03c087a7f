//! The words of the interface, in the language of the page: a function a text (`text::sign_in()`), with an argument for each
//! place in it (`text::chat_with(&name)`); one that counts takes the number first and finds its plural form.
//!
//! The words stand in `texts/`, a file a language, and `build.rs` makes the functions of them. None is in the wasm: the
//! server has all languages, the browser gets those words that islands say in the page it reads ([`page`]).
//!
//! Must not know: who speaks which language; the server says so around everything it draws ([`language::speaking`]).
//! Start at `texts/en.txt`.

#[cfg(feature = "pages")]
mod date;
mod fault;
#[cfg(feature = "pages")]
mod language;
mod number;
#[cfg(not(feature = "pages"))]
mod page;
mod plural;

#[cfg(feature = "pages")]
pub use date::day;
#[cfg(feature = "pages")]
pub use language::{Language, speaking};

#[cfg(feature = "pages")]
pub(crate) use fault::of_field;
pub(crate) use fault::{of_fault, of_problem};
#[cfg(feature = "pages")]
pub(crate) use language::now as language;
#[cfg(feature = "csr")]
pub(crate) use language::speak;
pub(crate) use number::{number, tenths};

#[cfg(feature = "pages")]
use language::at;
#[cfg(not(feature = "pages"))]
use page::at;
use plural::form;

/// The name of the element in which a page carries its words.
pub(crate) const ELEMENT: &str = "texts";

/// What can be counted.
pub(crate) trait Count {
    /// How many.
    fn count(self) -> u64;
}

impl Count for u64 {
    fn count(self) -> u64 {
        self
    }
}

impl Count for u32 {
    fn count(self) -> u64 {
        self.into()
    }
}

impl Count for usize {
    fn count(self) -> u64 {
        u64::try_from(self).unwrap_or(u64::MAX)
    }
}

/// Puts values into a text's places: `{0}`, `{1}`.
fn fill(text: &str, values: &[&str]) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let (place, after) = after.split_once('}').unwrap_or_default();
        let value = place.parse().ok().and_then(|place: usize| values.get(place));
        filled.push_str(value.copied().unwrap_or_default());
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// For dates: the reader's own way with this language (`en-GB`), if the browser speaks it.
pub(crate) fn locale_of_dates(browser: &str) -> String {
    let locale = locale();
    let is_it = browser.split('-').next() == locale.split('-').next();
    if is_it { browser } else { locale }.to_owned()
}

/// Names one after the other, as the language strings them together.
pub(crate) fn joined<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut joined = String::new();
    for name in names {
        joined = if joined.is_empty() {
            name.to_owned()
        } else {
            list_of(&joined, name)
        };
    }
    joined
}

include!(concat!(env!("OUT_DIR"), "/texts.rs"));

#[cfg(test)]
#[cfg(feature = "pages")]
mod tests {
    use super::{Language, chat_with, fill, joined, of_problem, search_found, sign_in, speaking, version_of};
    use std::{
        future::Future,
        pin::pin,
        task::{Context, Poll, Waker},
    };
    use wire::ProblemCode;

    fn in_language<T>(tag: &str, say: impl Fn() -> T) -> T {
        let language = Language::of_tag(tag).unwrap();
        let said = pin!(speaking(language, async { say() }));
        match said.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(said) => said,
            Poll::Pending => panic!("there is nothing to wait for"),
        }
    }

    #[test]
    fn a_text_is_said_in_the_language_of_the_page_and_in_english_without_one() {
        assert_eq!(sign_in(), "Sign in");
        assert_eq!(in_language("ja", sign_in), "サインイン");
        assert_eq!(in_language("ar", sign_in), "تسجيل الدخول");
        assert_eq!(
            sign_in(),
            "Sign in",
            "the next page is in no language of the one before"
        );
    }

    #[test]
    fn what_is_filled_in_stands_in_its_place_whatever_it_looks_like() {
        assert_eq!(chat_with("{1} {0}"), "Chat with {1} {0}");
        assert_eq!(fill("a {0} b {1}{0}", &["x", "y"]), "a x b yx");
        assert_eq!(fill("a {7} b", &[]), "a  b");
        assert_eq!(
            in_language("ar", || chat_with("Ada")),
            "محادثة مع \u{2068}Ada\u{2069}"
        );
    }

    #[test]
    fn each_language_counts_by_its_own_forms_and_with_its_own_digits() {
        assert_eq!(search_found(1_u32), "1 conversation found");
        assert_eq!(search_found(1_234_u32), "1,234 conversations found");
        let arabic = [0_u32, 1, 2, 3, 11, 100].map(|count| in_language("ar", || search_found(count)));
        for (at, form) in arabic.iter().enumerate() {
            assert!(arabic.iter().take(at).all(|other| other != form), "{form}");
        }
        assert_eq!(
            in_language("ja", || search_found(2_u32)),
            "2件の会話が見つかりました"
        );
        assert_eq!(in_language("ar", || version_of(2_u32, 13_u32)), "النسخة ٢ من ١٣");
    }

    #[test]
    fn names_are_strung_together_as_the_language_does_it() {
        assert_eq!(joined(["a.pdf", "b.md", "c"]), "a.pdf, b.md, c");
        assert_eq!(in_language("ja", || joined(["a.pdf", "b.md"])), "a.pdf、b.md");
        assert_eq!(joined([]), "");
    }

    #[test]
    fn the_servers_words_are_kept_where_they_are_understood() {
        let said = || of_problem(ProblemCode::NotFound, "There is no /nowhere");
        assert_eq!(said(), "There is no /nowhere");
        assert_eq!(in_language("ja", said), "見つかりません");
        let field = || of_problem(ProblemCode::InvalidField, "name is too long");
        assert_eq!(
            in_language("ja", field),
            "入力に誤りがあります（name is too long）"
        );
    }
}
