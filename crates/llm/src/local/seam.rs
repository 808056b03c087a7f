//! Where an answer that goes on is sewn to what was said of it.
//!
//! Must not know: llama.cpp.
//!
//! A text that stops in the middle of a word, or behind a space, ends in tokens that the model would not have chosen:
//! it knows ` Lighthouse`, not ` Ligh` and what comes then; fed a lone space it would begin the next word with another
//! one. So the last word is taken back, and drawn again from the tokens that agree with it: what the model says beyond
//! it is the continuation, with no letter lost and none twice.

/// Tokens that are taken back at most. A word of more is rare: then only its last token is.
const LONGEST_WORD: usize = 6;

/// What was said already and must be said again, before anything is new.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Seam {
    rest: Vec<u8>,
}

impl Seam {
    /// Of a text that ends in tokens with these pieces, of which the last is given first. How many tokens are to be
    /// taken back.
    pub(super) fn behind(text: &str, pieces_backwards: impl Iterator<Item = Vec<u8>>) -> (usize, Self) {
        let mut word = Self::default();
        let mut last_token = Self::default();
        let mut count = 0;
        for piece in pieces_backwards {
            let begins_word = piece.first().is_some_and(u8::is_ascii_whitespace);
            let longer = [piece.as_slice(), &word.rest].concat();
            // What is before is the template's, or not written as it was tokenised.
            if piece.is_empty() || !text.as_bytes().ends_with(&longer) {
                return (count, word);
            }
            if count == LONGEST_WORD {
                return (1, last_token);
            }
            word.rest = longer;
            count += 1;
            if count == 1 {
                last_token.rest.clone_from(&word.rest);
            }
            if begins_word {
                break;
            }
        }
        (count, word)
    }

    /// Whether all was said again: any token may come.
    pub(super) fn is_closed(&self) -> bool {
        self.rest.is_empty()
    }

    /// Whether a token with this piece may come.
    pub(super) fn allows(&self, piece: &[u8]) -> bool {
        !piece.is_empty() && (piece.starts_with(&self.rest) || self.rest.starts_with(piece))
    }

    /// Takes the piece of the token that came. What of it is new.
    pub(super) fn pass<'piece>(&mut self, piece: &'piece [u8]) -> &'piece [u8] {
        let (again, new) = piece.split_at(piece.len().min(self.rest.len()));
        self.rest.drain(..again.len());
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn behind(text: &str, pieces: &[&str]) -> (usize, String) {
        let backwards = pieces.iter().rev().map(|piece| piece.as_bytes().to_vec());
        let (count, seam) = Seam::behind(text, backwards);
        (count, String::from_utf8(seam.rest).unwrap())
    }

    #[test]
    fn the_last_word_is_taken_back_with_the_space_before_it() {
        let said = behind("The Lighth", &["The", " L", "ig", "hth"]);
        assert_eq!(said, (3, " Lighth".to_owned()));
        assert_eq!(behind("It is.", &["It", " is", "."]), (2, " is.".to_owned()));
    }

    #[test]
    fn a_space_at_the_end_is_taken_back_alone() {
        assert_eq!(behind("The ", &["The", " "]), (1, " ".to_owned()));
        assert_eq!(behind("The\n\n", &["The", "\n\n"]), (1, "\n\n".to_owned()));
    }

    #[test]
    fn nothing_before_the_text_is_taken_back() {
        let said = behind("Lighth", &["assistant", "\n", "Ligh", "th"]);
        assert_eq!(said, (2, "Lighth".to_owned()));
        assert_eq!(behind("", &["assistant", "\n"]), (0, String::new()));
        assert_eq!(
            behind("Hi", &["<control, without a text>", "", "Hi"]),
            (1, "Hi".to_owned())
        );
    }

    #[test]
    fn of_a_word_of_many_tokens_only_the_last_is_taken_back() {
        let said = behind(
            " 日月火水木金土",
            &[" ", "日", "月", "火", "水", "木", "金", "土"],
        );
        assert_eq!(said, (1, "土".to_owned()));
    }

    #[test]
    fn what_goes_beyond_the_seam_is_new_and_nothing_else() {
        let (_, mut seam) = Seam::behind("The Lighth", [b" Lighth".to_vec()].into_iter());
        assert!(seam.allows(b" L") && seam.allows(b" Lighthouse") && seam.allows(b" Lighth"));
        assert!(!seam.allows(b" Dog") && !seam.allows(b"Lighth") && !seam.allows(b""));
        assert_eq!(seam.pass(b" Light"), b"");
        assert!(!seam.is_closed() && seam.allows(b"house") && !seam.allows(b"s"));
        assert_eq!(seam.pass(b"house"), b"ouse");
        assert!(seam.is_closed());
        assert_eq!(seam.pass(b" keeper"), b" keeper");
    }

    #[test]
    fn a_closed_seam_changes_nothing() {
        let mut seam = Seam::default();
        assert!(seam.is_closed() && seam.allows(b"x"));
        assert_eq!(seam.pass(b"x"), b"x");
    }
}
