//! Whole characters out of tokens that cut them.

/// Holds the first bytes of a character whose last have not come.
#[derive(Debug, Default)]
pub(super) struct Utf8Joiner {
    pending: Vec<u8>,
}

impl Utf8Joiner {
    /// Takes the bytes of a token, and gives the characters that are whole. What can never become one is replaced.
    pub(super) fn push(&mut self, bytes: &[u8]) -> String {
        self.pending.extend_from_slice(bytes);
        let mut text = String::new();
        let mut kept = 0;
        for chunk in self.pending.utf8_chunks() {
            text.push_str(chunk.valid());
            let is_last = kept + chunk.valid().len() + chunk.invalid().len() == self.pending.len();
            if is_last && may_go_on(chunk.invalid()) {
                kept += chunk.valid().len();
                break;
            }
            if !chunk.invalid().is_empty() {
                text.push(char::REPLACEMENT_CHARACTER);
            }
            kept += chunk.valid().len() + chunk.invalid().len();
        }
        self.pending.drain(..kept);
        text
    }
}

/// Whether these bytes, found invalid at the end, are only incomplete.
fn may_go_on(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "aé漢🙂👩‍🚀 ش";

    #[test]
    fn a_cut_at_any_byte_gives_the_same_whole_characters() {
        for cut in 0..=TEXT.len() {
            let mut joiner = Utf8Joiner::default();
            let (head, tail) = TEXT.as_bytes().split_at(cut);
            let first = joiner.push(head);
            assert!(TEXT.starts_with(&first));
            assert_eq!(first + &joiner.push(tail), TEXT, "cut at {cut}");
        }
    }

    #[test]
    fn single_bytes_give_each_character_when_its_last_byte_comes() {
        let mut joiner = Utf8Joiner::default();
        let pieces: Vec<_> = TEXT.bytes().map(|byte| joiner.push(&[byte])).collect();
        assert_eq!(pieces.concat(), TEXT);
        assert!(pieces.iter().all(|piece| piece.chars().count() <= 1));
    }

    #[test]
    fn what_is_no_character_is_replaced_and_what_follows_is_kept() {
        let mut joiner = Utf8Joiner::default();
        assert_eq!(joiner.push(b"a\xff\xf0\x9f"), "a\u{fffd}");
        assert_eq!(joiner.push(b"b"), "\u{fffd}b");
        assert_eq!(joiner.push(b"c"), "c");
    }

    #[test]
    fn half_a_character_at_the_end_is_never_told() {
        let mut joiner = Utf8Joiner::default();
        assert_eq!(joiner.push(&"🙂".as_bytes()[..3]), "");
    }
}
