//! How code and formulas are drawn, as pure functions: code becomes runs of ink, TeX becomes MathML, both in the form of
//! [`wire::drawn`].
//!
//! Must not know: Markdown, messages, any storage, HTTP. Everything here is bounded: what is too long, too deep or not
//! understood is `None`, and its reader sees the text as it was written.
//!
//! Both are libraries' work: grammars by syntect, TeX by pulldown-latex. What is ours are the bounds, and the list of what
//! may come out.
//!
//! Start at [`code::draw`] and [`formula::draw`].

pub mod code;
pub mod formula;
