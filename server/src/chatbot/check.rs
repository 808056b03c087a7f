//! What may be written into a chatbot.

use crate::{field, problem::ApiResult};
use wire::{FieldFault, limit};

/// Characters in a model's name: providers' names are far shorter.
const MODEL_CHARS: u32 = 200;

pub(super) fn name(text: &str) -> ApiResult<String> {
    field::line("name", text, limit::CHATBOT_NAME_CHARS)
}

pub(super) fn description(text: String) -> ApiResult<String> {
    field::text("description", text, limit::CHATBOT_DESCRIPTION_CHARS)
}

pub(super) fn system_prompt(text: String) -> ApiResult<String> {
    field::text("system_prompt", text, limit::SYSTEM_PROMPT_CHARS)
}

/// An empty name is none: what a form sends when nothing was typed.
pub(super) fn model(text: Option<String>) -> ApiResult<Option<String>> {
    let text = text.filter(|text| !text.trim().is_empty());
    text.map(|text| field::line("model", &text, MODEL_CHARS))
        .transpose()
}

pub(super) fn temperature(value: Option<f32>) -> ApiResult<Option<f32>> {
    match value {
        Some(value) if !(0.0..=2.0).contains(&value) => {
            Err(field::wrong("temperature", FieldFault::Outside(0, 2)))
        }
        value => Ok(value),
    }
}

/// Empty ones are none: a form's empty lines.
pub(super) fn starters(lines: Vec<String>) -> ApiResult<Vec<String>> {
    let said = lines.iter().filter(|line| !line.trim().is_empty());
    let starters: Vec<_> = said
        .map(|line| field::line("starters", line, limit::STARTER_CHARS))
        .collect::<ApiResult<_>>()?;
    match u32::try_from(starters.len()) {
        Ok(count) if count <= limit::STARTERS => Ok(starters),
        _ => Err(field::wrong("starters", FieldFault::TooMany(limit::STARTERS))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temperatures_are_from_0_to_2_and_numbers() {
        for good in [None, Some(0.0), Some(0.7), Some(2.0)] {
            assert_eq!(temperature(good).unwrap(), good);
        }
        for wrong in [-0.1, 2.1, f32::INFINITY, f32::NAN] {
            assert!(temperature(Some(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn starters_are_few_lines_and_empty_ones_are_none() {
        let lines = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            starters(lines(&[" How hot? ", "", "Why?"])).unwrap(),
            lines(&["How hot?", "Why?"])
        );
        assert_eq!(starters(lines(&["?"; 6])).unwrap().len(), 6);
        assert!(starters(lines(&["?"; 7])).is_err());
        assert!(starters(lines(&["two\nlines"])).is_err());
        assert!(starters(vec!["x".repeat(201)]).is_err());
    }

    #[test]
    fn an_empty_model_is_the_default_model() {
        assert_eq!(model(Some(" ".into())).unwrap(), None);
        assert_eq!(
            model(Some(" gpt-5-mini ".into())).unwrap(),
            Some("gpt-5-mini".into())
        );
        assert!(model(Some("a\nb".into())).is_err());
    }
}
