//! Sizes that both sides must agree on. Characters are Unicode scalar values.

/// Characters in one prompt, at most.
pub const PROMPT_CHARS: u32 = 32_000;
/// Bytes in one socket frame, both ways, at most (`response_complete` excepted).
pub const FRAME_BYTES: u32 = 64 * 1024;
/// Messages given with a new session, and at most in one page of history.
pub const PREVIOUS_MESSAGES: u32 = 100;
/// Characters in a conversation's title.
pub const TITLE_CHARS: u32 = 200;
/// Characters in a password, at least. NIST SP 800-63B asks for 8 and for no other rule.
pub const PASSWORD_MIN_CHARS: u32 = 8;
/// Bytes in a password, at most: the hash reads all of it.
pub const PASSWORD_MAX_BYTES: u32 = 1_024;
/// Bytes in an e-mail address, at most (RFC 5321, section 4.5.3.1).
pub const EMAIL_BYTES: u32 = 254;
/// Characters in what a user wants to be called.
pub const USER_NAME_CHARS: u32 = 80;
/// Characters in a chatbot's name.
pub const CHATBOT_NAME_CHARS: u32 = 80;
/// Characters in a chatbot's description.
pub const CHATBOT_DESCRIPTION_CHARS: u32 = 500;
/// Characters in a system prompt.
pub const SYSTEM_PROMPT_CHARS: u32 = 16_000;
/// Prompts that a chatbot may offer to begin with.
pub const STARTERS: u32 = 6;
/// Characters in one of them.
pub const STARTER_CHARS: u32 = 200;
/// Characters in what a reader says about an answer.
pub const FEEDBACK_COMMENT_CHARS: u32 = 1_000;
/// Verdicts on a chatbot's answers that its owner is told of: the latest.
pub const FEEDBACK_TOLD: u32 = 2_000;
