//! The questions of the suite, and what the models without a mind of their own say to them.

pub const CAPITAL_OF_FRANCE: &str = "What is the capital of France?";
pub const CAPITAL_OF_JAPAN: &str = "What is the capital of Japan?";
/// Answered with letters that take several bytes each.
pub const LETTERS: &str = "Repeat this exactly: «Crème brûlée» 東京 🙂👩‍🚀🙂👩‍🚀";
/// Has no answer of a reasonable length.
pub const ENDLESS: &str = "Write a very long story about a lighthouse. Never stop.";
/// An answer that was cut off in the middle of a word.
pub const UNFINISHED: &str = "The capital of France is Par";
pub const FORBIDDEN: &str = "Refuse this.";

/// The words of an answer; `None`: it is refused. An endless answer goes on with its last word.
pub fn words_for(history: &[String]) -> Option<Vec<&'static str>> {
    Some(match history.last()?.as_str() {
        CAPITAL_OF_FRANCE => vec!["The", " capital", " of France", " is", " Paris", "."],
        CAPITAL_OF_JAPAN => vec!["The", " capital", " of Japan", " is", " Tokyo", "."],
        LETTERS => vec!["«Crème", " brûlée» ", "東京", " 🙂👩‍🚀", "🙂👩‍🚀"],
        ENDLESS => vec!["Once", " upon", " a", " time", " and"],
        FORBIDDEN => return None,
        _ if history.iter().any(|turn| turn == UNFINISHED) => vec!["is", "."],
        _ if history.iter().any(|turn| turn.contains("4711")) => vec!["The code", " is ", "4711."],
        _ => vec!["I", " do", " not", " know."],
    })
}
