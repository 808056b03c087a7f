//! What a chatbot's form says, as the body of a request.

use crate::json::write::quoted;

/// Texts, and choices among names.
const WORDS: [&str; 6] = [
    "name",
    "description",
    "system_prompt",
    "model",
    "colour",
    "visibility",
];

/// `POST` and `PATCH /chatbot`: what the fields of the form hold. `field` gives what stands in one of them, `None` for a
/// box that is not ticked. What is wrong is said by the server.
pub fn body(field: impl Fn(&str) -> Option<String>) -> String {
    let mut body = "{".to_owned();
    for name in WORDS {
        let word = field(name).unwrap_or_default();
        body.push_str(&format!("\"{name}\":{},", quoted(&word)));
    }
    let temperature = number(&field("temperature").unwrap_or_default());
    let only = field("documents_only").is_some();
    let starters = field("starters").unwrap_or_default();
    let starters: Vec<String> = starters.lines().map(quoted).collect();
    body.push_str(&format!(
        "\"temperature\":{temperature},\"documents_only\":{only},\"starters\":[{}]}}",
        starters.join(",")
    ));
    body
}

/// A number as a form has it is not always one of JSON (`.5`, `007`), and none is `null`.
fn number(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        return "null".to_owned();
    }
    let digits = text.trim_start_matches('0');
    if digits.starts_with(|first: char| first.is_ascii_digit()) {
        digits.to_owned()
    } else {
        format!("0{digits}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::chatbot::{ChatbotPatch, Colour, NewChatbot, Visibility};

    fn form(name: &str) -> Option<String> {
        let word = match name {
            "name" => "Kettle \"K\"",
            "description" => "Two\nlines",
            "temperature" => ".5",
            "colour" => "amber",
            "visibility" => "everyone",
            "documents_only" => "on",
            "starters" => "How \"hot\"?\r\n\r\nWhy?",
            _ => "",
        };
        Some(word.to_owned())
    }

    #[test]
    fn a_form_is_understood_as_a_new_chatbot_and_as_a_change() {
        let new: NewChatbot = serde_json::from_str(&body(form)).unwrap();
        assert_eq!(
            (new.name.as_str(), new.description.as_str()),
            ("Kettle \"K\"", "Two\nlines")
        );
        assert_eq!(
            (new.colour, new.visibility),
            (Colour::Amber, Visibility::Everyone)
        );
        assert_eq!((new.temperature, new.documents_only), (Some(0.5), true));
        assert_eq!(
            new.starters,
            ["How \"hot\"?", "", "Why?"],
            "the server drops empty ones"
        );
        let patch: ChatbotPatch = serde_json::from_str(&body(form)).unwrap();
        assert_eq!(patch.temperature, Some(Some(0.5)));
    }

    #[test]
    fn what_is_not_filled_in_is_cleared() {
        let empty = |name: &str| form(name).filter(|_| name != "documents_only" && name != "temperature");
        let patch: ChatbotPatch = serde_json::from_str(&body(empty)).unwrap();
        assert_eq!(
            (patch.temperature, patch.documents_only),
            (Some(None), Some(false))
        );
    }

    #[test]
    fn numbers_of_forms_become_numbers_of_json() {
        for (typed, sent) in [
            ("0.7", "0.7"),
            ("1", "1"),
            ("0", "0"),
            ("01", "1"),
            ("", "null"),
            ("0.0", "0.0"),
        ] {
            assert_eq!(number(typed), sent);
        }
    }
}
