//! Sizes: a client that was built against the larger one is cut off by the smaller.

use std::fmt::Write;
use wire::limit;

#[test]
fn limits_keep_their_values() {
    let mut text = String::new();
    for (name, value) in [
        ("PROMPT_CHARS", limit::PROMPT_CHARS),
        ("FRAME_BYTES", limit::FRAME_BYTES),
        ("PREVIOUS_MESSAGES", limit::PREVIOUS_MESSAGES),
        ("TITLE_CHARS", limit::TITLE_CHARS),
        ("PASSWORD_MIN_CHARS", limit::PASSWORD_MIN_CHARS),
        ("PASSWORD_MAX_BYTES", limit::PASSWORD_MAX_BYTES),
        ("EMAIL_BYTES", limit::EMAIL_BYTES),
        ("USER_NAME_CHARS", limit::USER_NAME_CHARS),
        ("CHATBOT_NAME_CHARS", limit::CHATBOT_NAME_CHARS),
        ("CHATBOT_DESCRIPTION_CHARS", limit::CHATBOT_DESCRIPTION_CHARS),
        ("SYSTEM_PROMPT_CHARS", limit::SYSTEM_PROMPT_CHARS),
        ("STARTERS", limit::STARTERS),
        ("STARTER_CHARS", limit::STARTER_CHARS),
        ("FEEDBACK_COMMENT_CHARS", limit::FEEDBACK_COMMENT_CHARS),
        ("FEEDBACK_TOLD", limit::FEEDBACK_TOLD),
    ] {
        writeln!(text, "{name:<26} {value}").unwrap();
    }
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!("limit", text) });
}
