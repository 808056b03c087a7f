//! Text that may be a prompt.

use crate::problem::{ApiError, ApiResult};
use wire::{ProblemCode, limit};

/// A prompt's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromptText(String);

impl PromptText {
    /// Kept as it was typed; only what cannot be a prompt is refused.
    ///
    /// # Errors
    /// `empty_message`, `message_too_long`, `invalid_text` (a NUL).
    pub fn parse(text: String) -> ApiResult<Self> {
        let limit = usize::try_from(limit::PROMPT_CHARS).unwrap_or(usize::MAX);
        if text.trim().is_empty() {
            return Err(ApiError::new(
                ProblemCode::EmptyMessage,
                "Please write something first.",
            ));
        }
        if text.contains('\0') {
            let detail = "The message contains a NUL character, which cannot be kept. Please remove it.";
            return Err(ApiError::new(ProblemCode::InvalidText, detail));
        }
        // Bytes first: counting characters of what is short enough in any case is needless work.
        if text.len() > limit && text.chars().count() > limit {
            let detail = format!(
                "A message has at most {limit} characters; this one has {}.",
                text.chars().count()
            );
            return Err(ApiError::new(ProblemCode::MessageTooLong, detail));
        }
        Ok(Self(text))
    }

    /// As it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_of(text: &str) -> ProblemCode {
        PromptText::parse(text.to_owned()).unwrap_err().code
    }

    #[test]
    fn what_cannot_be_a_prompt_is_refused_by_name() {
        assert_eq!(code_of(" \n\t "), ProblemCode::EmptyMessage);
        assert_eq!(code_of("a\0b"), ProblemCode::InvalidText);
        assert_eq!(code_of(&"🫖".repeat(32_001)), ProblemCode::MessageTooLong);
    }

    #[test]
    fn characters_count_not_bytes() {
        assert!(PromptText::parse("🫖".repeat(32_000)).is_ok());
    }

    #[test]
    fn a_prompt_is_kept_as_it_was_typed() {
        let text = "  שלום\n\tworld  ".to_owned();
        assert_eq!(PromptText::parse(text.clone()).unwrap(), PromptText(text));
    }
}
