//! What is searched for: the question, and where it leans on the conversation, what was asked before.
//!
//! "And how long does it last?" finds nothing alone. No model is asked to rewrite it: the words of earlier prompts are
//! searched with it, at less weight the older they are, when the prompt points back or says too little by itself.

use unicode_segmentation::UnicodeSegmentation;

use crate::index::{ChatbotIndex, QueryTerm};

/// What is searched for.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchQuery {
    prompt: String,
    /// What it leans on, newest first, with what it counts.
    before: Vec<(String, f32)>,
}

/// What the prompts before count, newest first.
const WEIGHTS: [f32; 2] = [0.5, 0.25];
/// With at most so many words, a prompt says too little alone.
const FEW_WORDS: usize = 3;
/// With at most so many words, a word that points back points out of the prompt.
const SHORT_WORDS: usize = 14;
/// Characters of a prompt that are searched for: of a pasted page, its beginning and its end.
const PROMPT_CHARS: usize = 2_000;
/// Words that are searched for, at most.
const TERMS: usize = 96;

/// Words that point to what was said before, in the languages of most who ask.
const POINTING: &[&str] = &[
    // English
    "it", "its", "they", "them", "their", "he", "she", "him", "her", "his", "this", "that", "these", "those",
    "one", "ones", "there", "same", "else", "more", "again", "former", "latter", // German
    "er", "sie", "es", "ihn", "ihm", "ihr", "ihre", "sein", "seine", "dies", "diese", "dieser", "dieses",
    "das", "davon", "dafür", "damit", "dort", // French
    "il", "elle", "ils", "elles", "ce", "cela", "ça", "cette", "ces", "lui", "leur", "son", "sa", "ses", "y",
    "en", // Spanish, Portuguese, Italian
    "él", "ella", "ellos", "ellas", "eso", "esto", "ese", "esa", "este", "esta", "su", "sus", "ele", "ela",
    "isso", "isto", "esse", "essa", "seu", "sua", "esso", "essa", "questo", "questa", "quello", "quella",
    "suo",
];
/// Words that a prompt begins with when it goes on from the one before.
const GOING_ON: &[&str] = &[
    "and", "or", "but", "so", "also", "then", "why", "und", "oder", "aber", "also", "warum", "et", "ou",
    "mais", "pourquoi", "y", "o", "pero", "e", "mas", "ma", "perché",
];

impl SearchQuery {
    /// A question that stands alone.
    pub fn alone(prompt: &str) -> Self {
        Self {
            prompt: ends(prompt),
            before: Vec::new(),
        }
    }

    /// A prompt in a conversation. `previous` are the user's prompts before it, newest first.
    pub fn in_conversation<'a>(prompt: &str, previous: impl IntoIterator<Item = &'a str>) -> Self {
        let before = if leans(prompt) {
            previous
                .into_iter()
                .zip(WEIGHTS)
                .map(|(text, weight)| (ends(text), weight))
                .collect()
        } else {
            Vec::new()
        };
        Self {
            prompt: ends(prompt),
            before,
        }
    }

    /// Does it lean on prompts before?
    pub const fn leans_on_conversation(&self) -> bool {
        !self.before.is_empty()
    }

    /// What is to be embedded for it: the last prompt it leans on, then itself.
    pub fn embedding_text(&self) -> String {
        match self.before.first() {
            Some((before, _)) => format!("{before}\n{}", self.prompt),
            None => self.prompt.clone(),
        }
    }

    pub(super) fn terms(&self, index: &ChatbotIndex) -> Vec<QueryTerm> {
        let mut terms = Vec::new();
        index.query_terms(&self.prompt, 1.0, &mut terms);
        for (text, weight) in &self.before {
            index.query_terms(text, *weight, &mut terms);
        }
        terms.truncate(TERMS);
        terms
    }
}

/// Does a prompt need what was said before it to be understood?
fn leans(prompt: &str) -> bool {
    let words: Vec<String> = prompt
        .unicode_words()
        .take(SHORT_WORDS.saturating_add(1))
        .map(str::to_lowercase)
        .collect();
    if words.len() > SHORT_WORDS {
        return false;
    }
    let goes_on = words
        .first()
        .is_some_and(|word| GOING_ON.contains(&word.as_str()));
    words.len() <= FEW_WORDS || goes_on || words.iter().any(|word| POINTING.contains(&word.as_str()))
}

/// A text, or the beginning and the end of a long one: that is where people ask.
fn ends(text: &str) -> String {
    let chars = text.chars().count();
    if chars <= PROMPT_CHARS {
        return text.to_owned();
    }
    let half = PROMPT_CHARS / 2;
    let begin = text.chars().take(half);
    let end = text.chars().skip(chars.saturating_sub(half));
    begin.chain(['\n']).chain(end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_follow_up_is_searched_with_what_was_asked_before() {
        let query = SearchQuery::in_conversation(
            "And how long does it last?",
            ["Is there a warranty on the Zephyr kettle?"],
        );
        assert!(query.leans_on_conversation());
        assert_eq!(
            query.embedding_text(),
            "Is there a warranty on the Zephyr kettle?\nAnd how long does it last?"
        );
    }

    #[test]
    fn a_question_that_says_what_it_is_about_stands_alone() {
        for prompt in [
            "How long does the warranty of the Zephyr kettle last?",
            "Which regulatory changes did the administration announce regarding fees?",
        ] {
            assert!(
                !SearchQuery::in_conversation(prompt, ["Hello"]).leans_on_conversation(),
                "{prompt}"
            );
        }
        for prompt in [
            "Why?",
            "Und wie lange gilt sie?",
            "¿Y cuánto dura?",
            "What about Norway?",
            "それは?",
        ] {
            assert!(
                SearchQuery::in_conversation(prompt, ["Hello"]).leans_on_conversation(),
                "{prompt}"
            );
        }
    }

    #[test]
    fn of_a_pasted_page_its_ends_are_searched() {
        let page = format!("What is wrong here? {} Thank you!", "lorem ipsum ".repeat(1_000));
        let query = SearchQuery::alone(&page).embedding_text();
        assert!(query.starts_with("What is wrong here?") && query.ends_with("Thank you!"));
        assert!(query.chars().count() <= PROMPT_CHARS + 1);
    }
}
