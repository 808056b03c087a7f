//! The two chatbots of the first start, so that a newcomer has somebody to talk to.

use crate::clock::IdSource;
use store::{Store, StoreError, chatbot::ChatbotRecord};
use wire::{
    ChatbotId, Timestamp,
    chatbot::{Colour, Visibility},
};

struct Builtin {
    word: &'static str,
    name: &'static str,
    description: &'static str,
    system_prompt: &'static str,
    temperature: Option<f32>,
    starters: &'static [&'static str],
    colour: Colour,
}

const BUILTINS: [Builtin; 2] = [
    Builtin {
        word: "assistant",
        name: "Assistant",
        description: "Answers questions, explains, drafts and rewrites.",
        system_prompt: "You are a helpful assistant. Answer clearly and briefly. Say so when you do not know.",
        temperature: None,
        starters: &[
            "Explain how a kettle works to a child.",
            "Write a short thank-you note to a colleague.",
            "Give me three ideas for a rainy Sunday.",
        ],
        colour: Colour::Teal,
    },
    Builtin {
        word: "guide",
        name: "Parlance guide",
        description: "Knows how to use this chat and how to set it up.",
        system_prompt: include_str!("guide.txt"),
        // It recites facts.
        temperature: Some(0.2),
        starters: &[
            "How do I connect a larger model?",
            "How do I give a chatbot documents?",
            "How do I invite other people?",
        ],
        colour: Colour::Indigo,
    },
];

/// Adds those that were never there. One that was changed or deleted since stays as it is.
///
/// # Errors
/// The store's.
pub async fn seed(store: &dyn Store, now: Timestamp, ids: IdSource) -> store::Result<()> {
    for builtin in BUILTINS {
        let bot = ChatbotRecord {
            documents_only: false,
            starters: builtin.starters.iter().copied().map(str::to_owned).collect(),
            id: ChatbotId::from_uuid(ids.new_uuid()),
            owner_id: None,
            builtin: Some(builtin.word.into()),
            name: builtin.name.into(),
            description: builtin.description.into(),
            system_prompt: builtin.system_prompt.trim().into(),
            model: None,
            temperature: builtin.temperature,
            colour: builtin.colour,
            visibility: Visibility::Everyone,
            created_at: now,
            version: 0,
        };
        match store.create_chatbot(bot).await {
            Ok(()) | Err(StoreError::Conflict("builtin")) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_fits_into_the_starter_models_window() {
        for builtin in BUILTINS {
            assert!(builtin.system_prompt.chars().count() <= 1_200, "{}", builtin.word);
        }
    }

    #[test]
    fn the_guide_names_settings_that_exist() {
        let config = include_str!("../config.rs");
        let guide = include_str!("guide.txt");
        let named: Vec<&str> = guide
            .split(|c: char| c != '_' && !c.is_ascii_uppercase())
            .filter(|word| word.starts_with("PARLANCE_"))
            .collect();
        assert!(named.len() >= 4, "{named:?}");
        for name in named {
            assert!(config.contains(&format!("\"{name}\"")), "{name} is no setting");
        }
    }
}
