//! How the code and the formulas of a message are drawn: runs of ink and MathML, made by the server, so that no client
//! needs to know a programming language or TeX.
//!
//! A drawing belongs to a text, not to a place: it names the text by its [`fingerprint`]. A client that meets this text as
//! code or as a formula may draw it so; one that does not know of drawings loses nothing. What comes over the wire is not
//! trusted: [`runs`] gives nothing that does not fit the text, [`formula::read`] nothing that is not on its list.

pub mod formula;

use serde::{Deserialize, Serialize};

/// How one text is drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Drawn {
    /// Of which text: the FNV-1a sum (32 bits) of what [`fingerprint`] says.
    pub of: u32,
    /// Of code: runs of ink, such as `k2_1f4` ([`Ink`]). Of a formula: a `<math>` element.
    pub how: String,
}

/// What a text is. The same text is drawn otherwise as another kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind<'a> {
    /// Code in a language, as the fence names it.
    Code(&'a str),
    /// A formula in a line.
    Inline,
    /// A formula on its own.
    Display,
}

/// The sum over the kind, a line feed, and the text. The kind is `code` and the language, `inline` or `display`.
pub fn fingerprint(kind: Kind<'_>, text: &str) -> u32 {
    let (word, language) = match kind {
        Kind::Code(language) => ("code", language),
        Kind::Inline => ("inline", ""),
        Kind::Display => ("display", ""),
    };
    let bytes = [word, language, "\n", text].into_iter().flat_map(str::bytes);
    bytes.fold(0x811c_9dc5, |sum, byte| {
        (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// What a piece of code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// `_`: nothing in particular.
    Plain,
    /// `c`: a comment.
    Comment,
    /// `s`: a text, a character.
    String,
    /// `n`: a number.
    Number,
    /// `k`: a word of the language.
    Keyword,
    /// `t`: a type, a tag.
    Type,
    /// `f`: a function where it is called or made.
    Function,
    /// `l`: a value that the language knows: true, null, self.
    Literal,
    /// `p`: a key, a property, an attribute, a variable.
    Property,
    /// `m`: what is said about code: a decorator, a directive.
    Meta,
    /// `i`: a line that was added.
    Added,
    /// `d`: a line that was taken away.
    Removed,
}

impl Ink {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Plain,
        Self::Comment,
        Self::String,
        Self::Number,
        Self::Keyword,
        Self::Type,
        Self::Function,
        Self::Literal,
        Self::Property,
        Self::Meta,
        Self::Added,
        Self::Removed,
    ];

    /// Its letter in a drawing.
    pub const fn letter(self) -> char {
        match self {
            Self::Plain => '_',
            Self::Comment => 'c',
            Self::String => 's',
            Self::Number => 'n',
            Self::Keyword => 'k',
            Self::Type => 't',
            Self::Function => 'f',
            Self::Literal => 'l',
            Self::Property => 'p',
            Self::Meta => 'm',
            Self::Added => 'i',
            Self::Removed => 'd',
        }
    }
}

/// Runs in the text in which they travel: a letter and a number of characters each.
pub fn write_runs(runs: impl IntoIterator<Item = (Ink, usize)>) -> String {
    let mut how = String::new();
    for (ink, length) in runs {
        how.push(ink.letter());
        how.push_str(&length.to_string());
    }
    how
}

/// The pieces of a text, each with its ink. `None`: these are not the runs of this text.
pub fn runs<'a>(how: &str, text: &'a str) -> Option<Vec<(Ink, &'a str)>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    let mut how = how.chars().peekable();
    while let Some(letter) = how.next() {
        let ink = Ink::ALL.into_iter().find(|ink| ink.letter() == letter)?;
        let mut length = 0_usize;
        while let Some(digit) = how.peek().and_then(|c| c.to_digit(10)) {
            how.next();
            length = length
                .checked_mul(10)?
                .checked_add(usize::try_from(digit).ok()?)?;
        }
        let end = match rest.char_indices().nth(length) {
            Some((end, _)) => end,
            None if length == rest.chars().count() => rest.len(),
            None => return None,
        };
        let (piece, behind) = rest.split_at_checked(end)?;
        pieces.push((ink, piece));
        rest = behind;
    }
    rest.is_empty().then_some(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_come_back_as_they_were_written_also_around_wide_characters() {
        let written = write_runs([(Ink::Keyword, 2), (Ink::Plain, 1), (Ink::String, 11)]);
        assert_eq!(written, "k2_1s11");
        assert_eq!(
            runs(&written, "fn \"Grüße 你好🫖\""),
            Some(vec![
                (Ink::Keyword, "fn"),
                (Ink::Plain, " "),
                (Ink::String, "\"Grüße 你好🫖\"")
            ]),
        );
    }

    #[test]
    fn what_does_not_fit_the_text_is_no_drawing_of_it() {
        for how in [
            "k1",
            "k4",
            "k2k2",
            "x3",
            "k",
            "3",
            "k99999999999999999999999",
            "k-3",
            "k3 ",
        ] {
            assert_eq!(runs(how, "abc"), None, "{how}");
        }
        assert_eq!(runs("", ""), Some(Vec::new()));
    }

    #[test]
    fn the_letters_differ() {
        for (at, ink) in Ink::ALL.iter().enumerate() {
            assert!(Ink::ALL[..at].iter().all(|other| other.letter() != ink.letter()));
        }
    }

    #[test]
    fn a_text_is_another_one_as_another_kind() {
        // Pinned: other people's clients compute it too.
        assert_eq!(fingerprint(Kind::Inline, ""), 0xe40f_519a);
        let kinds = [Kind::Code(""), Kind::Code("x"), Kind::Inline, Kind::Display];
        let sums = kinds.map(|kind| fingerprint(kind, "x"));
        for (at, sum) in sums.iter().enumerate() {
            assert!(!sums[..at].contains(sum));
        }
    }
}
