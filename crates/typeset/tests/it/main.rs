//! What is drawn, and what is not.

#![expect(clippy::panic, reason = "a test says what it expects by failing")]

mod code;
mod formula;
