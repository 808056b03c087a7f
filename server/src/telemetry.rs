//! The log: on standard error, as text or JSON. Never a token, a prompt, an address or a body.

use crate::config::{LogConfig, LogFormat};
use std::io::IsTerminal;
use tracing_subscriber::{Layer, filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Begins to log. A second call changes nothing.
pub fn init(config: &LogConfig) {
    // What libraries say below a warning helps nobody who runs the program.
    let levels = Targets::new()
        .with_default(tracing::Level::WARN.min(config.level))
        .with_targets(["server", "store", "llm", "app", "parlance"].map(|ours| (ours, config.level)));
    let layer = match config.format {
        LogFormat::Text => fmt::layer()
            .with_writer(std::io::stderr)
            .with_ansi(std::io::stderr().is_terminal())
            .with_target(false)
            .boxed(),
        LogFormat::Json => fmt::layer()
            .json()
            .flatten_event(true)
            .with_writer(std::io::stderr)
            .boxed(),
    };
    let _already_logging = tracing_subscriber::registry()
        .with(layer.with_filter(levels))
        .try_init();
}
