//! Checks of what people type. What is wrong is one problem, `invalid_field`, whose detail begins with the field's name.

use crate::problem::{ApiError, ApiResult};
use wire::{FieldFault, ProblemCode};

/// `field: what is wrong with it`.
pub fn invalid(field: &str, what: impl std::fmt::Display) -> ApiError {
    ApiError::new(ProblemCode::InvalidField, format!("{field}: {what}"))
}

/// The same of what has words in every language.
pub fn wrong(field: &str, fault: FieldFault) -> ApiError {
    ApiError {
        fault: Some(fault),
        ..invalid(field, fault)
    }
}

/// One line that must say something: trimmed, without control characters, at most `max` characters.
pub fn line(field: &str, text: &str, max: u32) -> ApiResult<String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(wrong(field, FieldFault::Empty));
    }
    if text.chars().any(char::is_control) {
        return Err(wrong(field, FieldFault::NotOneLine));
    }
    at_most(field, text, max)?;
    Ok(text.to_owned())
}

/// Any text, possibly none, of several lines: without NUL, at most `max` characters.
pub fn text(field: &str, text: String, max: u32) -> ApiResult<String> {
    if text.contains('\0') {
        return Err(invalid(field, "must not contain the character NUL"));
    }
    at_most(field, &text, max)?;
    Ok(text)
}

fn at_most(field: &str, text: &str, max: u32) -> ApiResult<()> {
    match u32::try_from(text.chars().count()) {
        Ok(chars) if chars <= max => Ok(()),
        _ => Err(wrong(field, FieldFault::TooLong(max))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_trimmed_and_says_something() {
        assert_eq!(line("name", "  Zoë 🦀 ", 5).unwrap(), "Zoë 🦀");
        for wrong in ["", " \t", "a\nb", "a\0b", "abcdef"] {
            let error = line("name", wrong, 5).unwrap_err();
            assert_eq!(error.code, ProblemCode::InvalidField);
            assert!(error.detail.starts_with("name: "), "{}", error.detail);
        }
    }

    #[test]
    fn a_text_keeps_its_lines_and_may_be_empty() {
        assert_eq!(text("description", "a\n b\t".into(), 5).unwrap(), "a\n b\t");
        assert_eq!(text("description", String::new(), 5).unwrap(), "");
        assert!(text("description", "a\0".into(), 5).is_err());
        assert!(
            text("description", "🦀".repeat(5), 5).is_ok(),
            "characters count, not bytes"
        );
        assert!(text("description", "🦀".repeat(6), 5).is_err());
    }
}
