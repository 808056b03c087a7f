//! The seam of search: texts go in, vectors come out.
//!
//! Must not know: where texts come from, and what becomes of vectors.
//! Start at [`Embedder`]. Two texts that mean the same have vectors that point the same way: all have length 1, so that
//! the product of two is their likeness, 1.0 at most.

use crate::{ModelError, ModelStatus};

/// What a text is for. Some models want to be told, by words before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EmbedKind {
    /// It looks for others.
    Query,
    /// It is looked for.
    Passage,
}

/// Who waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EmbedPriority {
    /// A person, now: goes before all in the background. With a full queue it is told [`ModelError::Busy`].
    Interactive,
    /// Nobody: makes way for who does, and waits when the queue is full.
    Background,
}

/// Why there are no vectors. The texts may be shown to people and never hold a key or a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EmbedError {
    /// What befalls any model.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Nothing is ever cut off in silence: shorten it ([`Embedder::cut`]) and ask again.
    #[error("text {index} has {tokens} tokens, and the embedding model takes {limit}")]
    TooLong {
        /// Which of the texts, from 0.
        index: usize,
        /// How many it has, as [`Embedder::count_tokens`] counts.
        tokens: u32,
        /// How many it may have.
        limit: u32,
    },
    /// Not what it gave before: another model answers under its name.
    #[error("the embedding model gives vectors of {got} numbers where {expected} were expected")]
    MismatchedWidth {
        /// The width so far.
        expected: u32,
        /// The width of this answer.
        got: u32,
    },
}

/// The part of a text that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut<'text> {
    /// Its beginning; all of it if it fits.
    pub text: &'text str,
    /// How many tokens were left out.
    pub cut_tokens: u32,
}

/// Something that turns texts into vectors.
#[async_trait::async_trait]
pub trait Embedder: std::fmt::Debug + Send + Sync + 'static {
    /// Stands for what makes its vectors: with the same id they can be compared, with another they cannot. To be stored
    /// with every vector. The same after a restart; people can read it.
    fn model_id(&self) -> String;

    /// Numbers in a vector; `None` until it is known.
    fn width(&self) -> Option<u32>;

    /// Whether it works now.
    fn status(&self) -> ModelStatus;

    /// Tokens a text may have. A local model that is still loading is waited for: not to be called where nothing may
    /// wait.
    fn max_tokens(&self) -> u32;

    /// Tokens of a text, with those the model puts around it. Exact for a local model, which is waited for while it is
    /// loading; a remote one's is [`estimate_tokens`].
    fn count_tokens(&self, text: &str) -> u32;

    /// The vectors of these texts, in their order, each of length 1. There may be any number: they are done in batches,
    /// and others may come between. All or none. Dropping the future cancels.
    ///
    /// # Errors
    /// See [`EmbedError`].
    async fn embed(
        &self,
        texts: Vec<String>,
        kind: EmbedKind,
        priority: EmbedPriority,
    ) -> Result<Vec<Vec<f32>>, EmbedError>;

    /// The longest beginning of a text that fits, to the end of a word, and how much is left out. Waits as
    /// [`count_tokens`](Self::count_tokens) does.
    fn cut<'text>(&self, text: &'text str) -> Cut<'text> {
        let limit = self.max_tokens();
        let all = self.count_tokens(text);
        if all <= limit {
            return Cut { text, cut_tokens: 0 };
        }
        let fits = |part: &str| self.count_tokens(part) <= limit;
        let mut part = longest(text, &ends_of_words(text), fits);
        if part.is_empty() {
            // A single word beyond all measure.
            let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            part = longest(text, &ends, fits);
        }
        Cut {
            text: part,
            cut_tokens: all.saturating_sub(self.count_tokens(part)),
        }
    }
}

fn ends_of_words(text: &str) -> Vec<usize> {
    let before_spaces = text.char_indices().zip(text.chars().skip(1));
    before_spaces
        .filter(|((_, c), next)| !c.is_whitespace() && next.is_whitespace())
        .map(|((at, c), _)| at + c.len_utf8())
        .collect()
}

/// The longest of these beginnings that fits; nothing if none does.
fn longest<'text>(text: &'text str, ends: &[usize], fits: impl Fn(&str) -> bool) -> &'text str {
    let part = |end: &usize| text.get(..*end).unwrap_or_default();
    let count = ends.partition_point(|end| fits(part(end)));
    count
        .checked_sub(1)
        .and_then(|last| ends.get(last))
        .map(part)
        .unwrap_or_default()
}

/// About how many tokens a text has for a model whose vocabulary is not known: rather too many than too few. Words of
/// up to six letters count one, longer ones more; every other mark counts one, as do letters that no alphabet joins
/// (Chinese, Japanese), and letters beyond ASCII a half each. Two stand around the whole.
pub fn estimate_tokens(text: &str) -> u32 {
    /// Sixths of a token.
    const WHOLE: u32 = 6;
    let (mut tokens, mut word) = (2_u32, 0_u32);
    for c in text.chars() {
        if c.is_ascii_alphabetic() {
            word = word.saturating_add(1);
        } else if c.is_ascii_digit() || (c.is_alphabetic() && c < '\u{2e80}') {
            word = word.saturating_add(WHOLE / 2);
        } else {
            let mark = u32::from(!c.is_whitespace());
            tokens = tokens.saturating_add(word.div_ceil(WHOLE)).saturating_add(mark);
            word = 0;
        }
    }
    tokens.saturating_add(word.div_ceil(WHOLE))
}

/// Makes a vector's length 1. What has no direction is no vector.
pub(crate) fn normalise(vector: &mut [f32]) -> Result<(), ModelError> {
    let length = vector.iter().map(|number| number * number).sum::<f32>().sqrt();
    if !length.is_normal() {
        return Err(ModelError::BrokeOff(
            "it gave a vector without a direction".to_owned(),
        ));
    }
    vector.iter_mut().for_each(|number| *number /= length);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A token a word and two around; takes twelve.
    #[derive(Debug)]
    struct Words;

    #[async_trait::async_trait]
    impl Embedder for Words {
        fn model_id(&self) -> String {
            "words".to_owned()
        }
        fn width(&self) -> Option<u32> {
            None
        }
        fn status(&self) -> ModelStatus {
            ModelStatus::Ready
        }
        fn max_tokens(&self) -> u32 {
            12
        }
        fn count_tokens(&self, text: &str) -> u32 {
            // Long words have a token every four letters.
            let words = text
                .split_whitespace()
                .map(|word| word.chars().count().div_ceil(4));
            2 + u32::try_from(words.sum::<usize>()).unwrap()
        }
        async fn embed(
            &self,
            _texts: Vec<String>,
            _kind: EmbedKind,
            _priority: EmbedPriority,
        ) -> Result<Vec<Vec<f32>>, EmbedError> {
            Ok(Vec::new())
        }
    }

    #[test]
    fn a_text_that_fits_is_left_alone() {
        let text = "one two three four five six sev eig nine";
        assert_eq!(Words.cut(text), Cut { text, cut_tokens: 0 });
        assert_eq!(Words.cut("").text, "");
    }

    #[test]
    fn a_text_is_cut_at_the_end_of_a_word_and_it_is_told_by_how_much() {
        let text = "a b c d e f g h  i j  k l";
        let cut = Words.cut(text);
        assert_eq!((cut.text, cut.cut_tokens), ("a b c d e f g h  i j", 2));
    }

    #[test]
    fn a_word_without_an_end_is_cut_within_and_between_letters() {
        let text = "é".repeat(100);
        let cut = Words.cut(&text);
        assert_eq!((cut.text.chars().count(), cut.cut_tokens), (40, 15));
    }

    #[test]
    fn an_estimate_is_rather_high_and_never_free() {
        assert_eq!(estimate_tokens(""), 2);
        assert_eq!(estimate_tokens("The kettle is hot."), 2 + 4 + 1);
        assert_eq!(estimate_tokens("unquestionably"), 2 + 3);
        assert_eq!(estimate_tokens("2026"), 2 + 2);
        assert_eq!(estimate_tokens("水が沸く"), 2 + 4);
        assert_eq!(estimate_tokens("(a+b)"), 2 + 5);
    }

    #[test]
    fn a_vector_gets_length_one_and_what_has_no_direction_is_refused() {
        let mut vector = [3.0, -4.0];
        normalise(&mut vector).unwrap();
        assert_eq!(vector, [0.6, -0.8]);
        for mut bad in [
            [0.0, 0.0],
            [f32::NAN, 1.0],
            [f32::INFINITY, 1.0],
            [f32::MAX, f32::MAX],
        ] {
            assert!(normalise(&mut bad).is_err(), "{bad:?}");
        }
    }
}
