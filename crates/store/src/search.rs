//! Search in messages: which terms a text is found by, what is asked for, and which of the messages found come first.
//!
//! Must not know: where terms are kept. Both stores keep [`terms`] beside each message and fetch candidates by them; the
//! order, and what is shown of each, is decided here, so that both answer alike. Start at [`terms`] and [`rank`].
//!
//! A term is a word in lower case, as Unicode divides words. Scripts that are written without spaces are cut into pairs of
//! neighbouring characters: whoever looks for 東京 finds it in 東京都, and nobody needs a dictionary.

use std::{collections::BTreeSet, ops::Range};
use unicode_segmentation::UnicodeSegmentation;
use wire::{ConversationId, MessageId, Timestamp, message::MessageRole};

/// Terms that are kept of one message; of a longer one the first. Each is an entry of an index.
const TERMS: usize = 256;
/// Characters of a term that count; longer words are known by their beginning.
const TERM_CHARS: usize = 32;
/// Terms of a query that count.
const QUERY_TERMS: usize = 16;
/// Characters that are shown of a message.
const SNIPPET_CHARS: usize = 160;
/// Characters that are shown before the first match, at most.
const LEAD_CHARS: usize = 40;

/// A message that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchHit {
    /// Which.
    pub message_id: MessageId,
    /// Where.
    pub conversation_id: ConversationId,
    /// Who said it.
    pub role: MessageRole,
    /// When.
    pub created_at: Timestamp,
    /// What matched, and what stands around it.
    pub snippet: Snippet,
    /// Higher is better. Comes from this answer alone: scores of two answers cannot be compared.
    pub score: f32,
}

/// A piece of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// One line, with `…` where something is left out.
    pub text: String,
    /// What matched, in bytes of `text`, in order and apart.
    pub matches: Vec<Range<usize>>,
}

/// A message that may be a hit.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) message_id: MessageId,
    pub(crate) conversation_id: ConversationId,
    pub(crate) role: MessageRole,
    pub(crate) created_at: Timestamp,
    pub(crate) text: String,
}

/// The terms of a text, each once.
pub(crate) fn terms(text: &str) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut terms = Vec::new();
    for (_, term) in words(text) {
        if seen.insert(term.clone()) {
            terms.push(term);
            if terms.len() == TERMS {
                break;
            }
        }
    }
    terms
}

/// What somebody looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// These terms.
    pub(crate) whole: Vec<String>,
    /// And one that begins like this: the last word, which may still be being typed.
    pub(crate) prefix: Option<String>,
}

impl Wanted {
    /// `None` when nothing is asked for.
    pub(crate) fn of(query: &str) -> Option<Self> {
        let mut asked: Vec<(Range<usize>, String)> = Vec::new();
        for (range, term) in words(query) {
            if asked.len() < QUERY_TERMS && !asked.iter().any(|(_, known)| *known == term) {
                asked.push((range, term));
            }
        }
        let (range, last) = asked.pop()?;
        // What follows the word says that it is finished.
        let is_finished = query.get(range.end..).is_some_and(|rest| !rest.is_empty());
        let mut whole: Vec<String> = asked.into_iter().map(|(_, term)| term).collect();
        let prefix = if is_finished {
            whole.push(last);
            None
        } else {
            Some(last)
        };
        Some(Self { whole, prefix })
    }

    fn len(&self) -> usize {
        self.whole.len() + usize::from(self.prefix.is_some())
    }

    /// Which of the wanted a term is.
    fn position(&self, term: &str) -> Option<usize> {
        let whole = self.whole.iter().position(|wanted| wanted == term);
        whole.or_else(|| {
            let prefix = self.prefix.as_deref()?;
            term.starts_with(prefix).then_some(self.whole.len())
        })
    }
}

/// The first string that does not begin with `prefix` and is greater than those that do; `None` when there is none.
pub(crate) fn behind_prefix(prefix: &str) -> Option<String> {
    let mut characters: Vec<char> = prefix.chars().collect();
    while let Some(last) = characters.pop() {
        let next = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32);
        if let Some(next) = next {
            characters.push(next);
            return Some(characters.into_iter().collect());
        }
    }
    None
}

/// The best of the candidates, best first: those with most of what is wanted, then those that say it more often, then
/// the later ones.
pub(crate) fn rank(wanted: &Wanted, candidates: Vec<Candidate>, limit: u32) -> Vec<SearchHit> {
    let latest = candidates.iter().map(|candidate| candidate.created_at).max();
    let latest = latest.map_or(0, Timestamp::as_millis);
    let mut seen = BTreeSet::new();
    let mut hits: Vec<SearchHit> = candidates
        .into_iter()
        .filter(|candidate| seen.insert(candidate.message_id))
        .filter_map(|candidate| hit(wanted, candidate, latest))
        .collect();
    hits.sort_by(|one, other| {
        let by_score = other.score.total_cmp(&one.score);
        let by_time = || (other.created_at, other.message_id).cmp(&(one.created_at, one.message_id));
        by_score.then_with(by_time)
    });
    hits.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    hits
}

fn hit(wanted: &Wanted, candidate: Candidate, latest: u64) -> Option<SearchHit> {
    let matches: Vec<(Range<usize>, usize)> = words(&candidate.text)
        .into_iter()
        .filter_map(|(range, term)| Some((range, wanted.position(&term)?)))
        .collect();
    if matches.is_empty() {
        return None;
    }
    let covered: BTreeSet<usize> = matches.iter().map(|(_, which)| *which).collect();
    let coverage = ratio(covered.len(), wanted.len());
    // Frequency tells less and less, and never outweighs one more of the wanted.
    let frequency = 1.0 - 1.0 / (1.0 + ratio(matches.len(), 4));
    let days = latest.saturating_sub(candidate.created_at.as_millis()) / (24 * 60 * 60 * 1000);
    let recency = 1.0 / (1.0 + ratio(usize::try_from(days).unwrap_or(usize::MAX), 30));
    let step = 1.0 / ratio(wanted.len(), 1);
    Some(SearchHit {
        message_id: candidate.message_id,
        conversation_id: candidate.conversation_id,
        role: candidate.role,
        created_at: candidate.created_at,
        snippet: snippet(&candidate.text, &matches),
        score: coverage + step * (0.5 * frequency + 0.45 * recency),
    })
}

/// Numbers this small are exact.
fn ratio(count: usize, of: usize) -> f32 {
    let exact = |number: usize| f32::from(u16::try_from(number).unwrap_or(u16::MAX));
    exact(count) / exact(of.max(1))
}

/// The piece of a text that has most of what is wanted, the earliest of equals.
fn snippet(text: &str, matches: &[(Range<usize>, usize)]) -> Snippet {
    let reach = |from: usize, characters: usize| {
        let rest = text.get(from..).unwrap_or_default();
        let end = rest.char_indices().nth(characters).map(|(at, _)| at);
        end.map_or(text.len(), |at| from.saturating_add(at))
    };
    let mut best = (0, 0..0);
    for (range, _) in matches {
        let end = reach(range.start, SNIPPET_CHARS - LEAD_CHARS);
        let inside = matches
            .iter()
            .filter(|(m, _)| m.start >= range.start && m.end <= end);
        let distinct: BTreeSet<usize> = inside.map(|(_, which)| *which).collect();
        if distinct.len() > best.0 {
            best = (distinct.len(), range.start..end);
        }
    }
    let start = lead(text, best.1.start);
    let end = reach(start, SNIPPET_CHARS).max(best.1.end);
    let mut shown = String::new();
    if start > 0 {
        shown.push('…');
    }
    let offset = shown.len();
    // One line; a space for a line's end keeps every place where it was.
    let piece = text.get(start..end).unwrap_or_default();
    shown.extend(piece.chars().map(|c| if c.is_ascii_control() { ' ' } else { c }));
    if end < text.len() {
        shown.push('…');
    }
    let mut marked: Vec<Range<usize>> = Vec::new();
    for (range, _) in matches.iter().filter(|(m, _)| m.start >= start && m.end <= end) {
        let (from, to) = (range.start - start + offset, range.end - start + offset);
        match marked.last_mut() {
            // Pairs of neighbours overlap.
            Some(last) if from <= last.end => last.end = last.end.max(to),
            _ => marked.push(from..to),
        }
    }
    Snippet {
        text: shown,
        matches: marked,
    }
}

/// Where a piece begins that shows `at`: a few words before it.
fn lead(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    let Some((earliest, _)) = before.char_indices().rev().nth(LEAD_CHARS - 1) else {
        return 0;
    };
    let space = before
        .get(earliest..)
        .and_then(|lead| lead.find(char::is_whitespace));
    space.map_or(earliest, |space| {
        let after = earliest + space;
        after
            + before
                .get(after..)
                .and_then(|s| s.chars().next())
                .map_or(0, char::len_utf8)
    })
}

/// The terms of a text with their places, in order.
fn words(text: &str) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    let mut unspaced: Vec<(usize, char)> = Vec::new();
    for (start, word) in text.unicode_word_indices() {
        if word.chars().all(is_unspaced) {
            let continues = unspaced.last().is_none_or(|(at, c)| at + c.len_utf8() == start);
            if !continues {
                pair(&mut unspaced, &mut found);
            }
            unspaced.extend(word.char_indices().map(|(at, c)| (start + at, c)));
            continue;
        }
        pair(&mut unspaced, &mut found);
        let mut at = start;
        // Names of code and of hosts are several words to who looks for them.
        for part in word.split_inclusive(['.', ':', '_']) {
            let bare = part.trim_end_matches(['.', ':', '_']);
            if !bare.is_empty() {
                found.push((at..at + bare.len(), term(bare)));
            }
            at += part.len();
        }
    }
    pair(&mut unspaced, &mut found);
    found
}

fn term(word: &str) -> String {
    word.to_lowercase().chars().take(TERM_CHARS).collect()
}

/// Ends a run of characters without spaces: each with its neighbour; one that is alone, alone.
fn pair(run: &mut Vec<(usize, char)>, found: &mut Vec<(Range<usize>, String)>) {
    if let [(at, c)] = run[..] {
        found.push((at..at + c.len_utf8(), term(c.encode_utf8(&mut [0; 4]))));
    }
    for two in run.windows(2) {
        if let [(from, first), (at, second)] = *two {
            let both: String = [first, second].into_iter().collect();
            found.push((from..at + second.len_utf8(), term(&both)));
        }
    }
    run.clear();
}

/// Whether a character belongs to a script that is written without spaces, or whose words grow endings that hide them
/// (Hangul).
fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c),
        0x0e00..=0x0eff // Thai, Lao
        | 0x1000..=0x109f // Burmese
        | 0x1100..=0x11ff | 0x3130..=0x318f | 0xac00..=0xd7af // Hangul
        | 0x1780..=0x17ff // Khmer
        | 0x3005..=0x3007 | 0x3040..=0x30ff | 0xff66..=0xff9f // Kana
        | 0x2e80..=0x2fdf | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3ffff // Han
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(number: u8, text: &str) -> Candidate {
        Candidate {
            message_id: MessageId::from_uuid(uuid::Uuid::from_bytes([number; 16])),
            conversation_id: ConversationId::from_uuid(uuid::Uuid::from_bytes([9; 16])),
            role: MessageRole::User,
            created_at: Timestamp::from_millis(1_750_000_000_000 + u64::from(number)),
            text: text.into(),
        }
    }

    fn found(query: &str, texts: &[&str]) -> Vec<usize> {
        let candidates = (0..).zip(texts).map(|(n, text)| candidate(n, text)).collect();
        let hits = rank(&Wanted::of(query).unwrap(), candidates, 10);
        hits.iter()
            .map(|hit| usize::from(hit.message_id.as_uuid().as_bytes()[0]))
            .collect()
    }

    fn marked(query: &str, text: &str) -> (String, Vec<String>) {
        let hits = rank(&Wanted::of(query).unwrap(), vec![candidate(1, text)], 1);
        let snippet = &hits[0].snippet;
        let marked = snippet
            .matches
            .iter()
            .map(|range| snippet.text[range.clone()].to_owned());
        (snippet.text.clone(), marked.collect())
    }

    #[test]
    fn words_are_found_whatever_their_case_and_what_stands_around_them() {
        assert_eq!(
            terms("The Engine's kettle; the KETTLE (kettle)!"),
            ["the", "engine's", "kettle"]
        );
        assert_eq!(terms("Größe ΣΊΣΥΦΟΣ éclair"), ["größe", "σίσυφος", "éclair"]);
        assert_eq!(
            terms("std::fs and file_name.rs"),
            ["std", "fs", "and", "file", "name", "rs"]
        );
        assert_eq!(terms(" \n…—!? 🦀 "), [""; 0]);
    }

    #[test]
    fn scripts_without_spaces_are_cut_into_pairs() {
        assert_eq!(terms("東京都"), ["東京", "京都"]);
        assert_eq!(
            terms("私はRustが好き。猫"),
            ["私は", "rust", "が好", "好き", "猫"]
        );
        assert_eq!(terms("한국어 말"), ["한국", "국어", "말"]);
    }

    #[test]
    fn a_long_message_costs_no_more_than_its_first_terms() {
        let long: String = (0..10_000).map(|n| format!("word{n} ")).collect();
        assert_eq!(terms(&long).len(), TERMS);
        assert_eq!(terms(&"x".repeat(500)), ["x".repeat(TERM_CHARS)]);
    }

    #[test]
    fn the_last_word_may_still_be_being_typed() {
        let wanted = |query| Wanted::of(query).unwrap();
        assert_eq!(wanted("steam eng").prefix.as_deref(), Some("eng"));
        assert_eq!(wanted("steam eng").whole, ["steam"]);
        assert_eq!(wanted("steam engine ").prefix, None);
        assert_eq!(wanted("東京都").prefix.as_deref(), Some("京都"));
        assert_eq!(Wanted::of("  ?! "), None);
        assert_eq!(Wanted::of(""), None);
    }

    #[test]
    fn what_begins_like_this_ends_before_that() {
        assert_eq!(behind_prefix("eng").as_deref(), Some("enh"));
        assert_eq!(behind_prefix("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(behind_prefix("\u{d7ff}").as_deref(), Some("\u{e000}"));
        assert_eq!(behind_prefix("\u{10ffff}"), None);
    }

    #[test]
    fn more_of_what_is_wanted_comes_first_then_more_often_then_later() {
        let texts = [
            "A kettle.",
            "Kettle, kettle, kettle, kettle, kettle, kettle, kettle.",
            "A steam kettle.",
            "Another kettle.",
            "Nothing of it.",
        ];
        assert_eq!(found("steam kettle", &texts), [2, 1, 3, 0]);
    }

    #[test]
    fn a_snippet_shows_the_matches_in_one_line() {
        assert_eq!(
            marked("steam eng", "Steam\nengines turn heat."),
            (
                "Steam engines turn heat.".into(),
                vec!["Steam".into(), "engines".into()]
            )
        );
        let text = format!(
            "{}the steam engine of Watt {}",
            "wort ".repeat(100),
            "und ".repeat(100)
        );
        let (shown, marked) = marked("steam engine", &text);
        assert!(shown.starts_with('…') && shown.ends_with('…'), "{shown}");
        assert!(shown.chars().count() <= SNIPPET_CHARS + 2, "{shown}");
        assert_eq!(marked, ["steam", "engine"]);
    }

    #[test]
    fn pairs_that_overlap_are_marked_as_one() {
        let (_, marked) = marked("東京都", "これは東京都です");
        assert_eq!(marked, ["東京都"]);
    }
}
