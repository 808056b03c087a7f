//! What an operator sees: the log, the metrics, the traces. And what none of them ever has: what was said, and by whom.

mod log;
mod metrics;
mod story;
mod traces;
