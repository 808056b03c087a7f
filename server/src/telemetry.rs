//! What an operator sees of the program: the log, the metrics, the traces.
//!
//! None of them ever has a token, a prompt, an address or a body: what is not passed to this module cannot leak from it.
//! Start at [`init`]. [`metrics`] counts, [`store`] measures the database, [`request`] and [`generation`] write one line
//! each, [`trace`] sends spans to a collector. What each line and number means: `docs/operations.md`.

pub mod generation;
pub mod metrics;
mod process;
pub mod request;
pub mod store;
pub mod trace;

pub use metrics::Metrics;

use crate::config::{LogConfig, LogFormat, TelemetryConfig};
use std::{io::IsTerminal, time::Duration};
use trace::Exporter;
use tracing_subscriber::{
    Layer, Registry, filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt,
};

/// Logs, and exports if there is a collector. To be ended by [`Telemetry::end`].
#[derive(Debug)]
#[must_use = "what waits for the collector is lost without `end`"]
pub struct Telemetry {
    exporter: Option<Exporter>,
}

/// Begins to log, and to export traces when the configuration names a collector. Within a runtime. A second call changes
/// nothing.
///
/// # Errors
/// A sentence for the operator: the collector's address is wrong.
pub fn init(log: &LogConfig, telemetry: &TelemetryConfig) -> Result<Telemetry, String> {
    let exporter = Exporter::from_config(telemetry)?;
    let layers = vec![log_layer(log)]
        .into_iter()
        .chain(exporter.as_ref().map(Exporter::layer))
        .collect::<Vec<_>>();
    let _already_logging = tracing_subscriber::registry().with(layers).try_init();
    Ok(Telemetry { exporter })
}

impl Telemetry {
    /// Sends what waits for the collector, for a few seconds at most.
    pub async fn end(self) {
        if let Some(exporter) = self.exporter {
            exporter.end().await;
        }
    }
}

fn log_layer(config: &LogConfig) -> Box<dyn Layer<Registry> + Send + Sync> {
    // What libraries say below a warning helps nobody who runs the program. Spans are the collector's alone.
    let levels = Targets::new()
        .with_default(tracing::Level::WARN.min(config.level))
        .with_targets(["server", "store", "llm", "app", "parlance"].map(|ours| (ours, config.level)))
        .with_target(trace::TARGET, tracing::level_filters::LevelFilter::OFF);
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
    layer.with_filter(levels).boxed()
}

/// For the log: milliseconds, to the microsecond.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000_000.0).round() / 1_000.0
}
