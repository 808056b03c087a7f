//! `parlance serve`.

use super::open_files;
use crate::{config::Config, startup::Application, telemetry};
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

/// Runs the server.
#[derive(Debug, Args)]
pub struct ServeCommand {
    /// Print every setting, its value and where it comes from, and start nothing.
    #[arg(long)]
    pub print_config: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its type says it")]
    pub config: Config,
}

/// Runs the server until SIGTERM or Ctrl-C.
///
/// # Errors
/// One sentence: why it did not start, or how it broke.
pub fn run(config: Config) -> Result<(), String> {
    super::runtime()?.block_on(async {
        let telemetry = telemetry::init(&config.log, &config.telemetry)?;
        open_files::allow_as_many_as_may_be();
        let mut terminate = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
        let application = Application::build(config)
            .await
            .map_err(|error| error.to_string())?;
        println!("Parlance listens on {}", application.base_url());
        if let Some(link) = application.first_admin_link() {
            println!("Make the first administrator (this link is good once): {link}");
        }
        let stop = async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            tracing::info!("Stopping");
        };
        let ran = application.run_until(stop).await;
        telemetry.end().await;
        ran.map_err(|error| format!("the listening socket broke: {error}"))
    })
}
