//! How code and formulas are drawn, as pure functions: code becomes runs of ink, TeX becomes MathML, both in the form of
//! [`wire::drawn`].
//!
//! Must not know: Markdown, messages, any storage, HTTP. Everything here is bounded: what is too long, too deep or not
//! understood is `None`, and its reader sees the text as it was written.
//!
//! The lexer is our own. What a reader of a chat needs is words, texts, numbers and comments told apart at a glance;
//! grammars that know more weigh megabytes, take minutes to compile, and can be made to run for ever by a text that was
//! written to do so. This one takes each character once.
//!
//! Start at [`code::draw`] and [`formula::draw`].

pub mod code;
pub mod formula;
