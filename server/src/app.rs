//! The handles that every part of the server works with.

use crate::{
    account::export::Exports,
    auth::Auth,
    chat::Chat,
    clock::{Clock, IdSource},
    config::Config,
    drawing::Drawings,
    embedding::Embedders,
    library::Library,
    model::ModelWatch,
    problem::{ApiError, ApiResult},
    session::LiveSessions,
    telemetry::Metrics,
};
use llm::ChatModel;
use std::sync::Arc;
use store::Store;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use wire::ProblemCode;

/// What handlers get as their state.
pub type AppState = Arc<App>;

/// Everything outside, behind traits, and what lives in this process only.
#[derive(Debug)]
pub struct App {
    /// What the operator chose.
    pub config: Config,
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// What answers.
    pub model: Arc<dyn ChatModel>,
    /// What finds passages by their sense; without one they are found by their words only.
    pub embedders: Embedders,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: IdSource,
    /// This process, among others on the same store: new at each start.
    pub node_id: String,
    /// Whether no other process serves from this store: what runs is what this one knows to run.
    pub alone: bool,
    /// Keys, passwords, throttles, the first administrator's code.
    pub auth: Auth,
    /// Sessions with sockets here.
    pub sessions: LiveSessions,
    /// Generations that run here, and the limits on prompts.
    pub chat: Chat,
    /// The documents of chatbots.
    pub library: Library,
    /// Whose exports are being made.
    pub exports: Exports,
    /// How the code and the formulas of answers are drawn.
    pub drawings: Drawings,
    /// How the models did.
    pub models: ModelWatch,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Every spawned task, so that shutdown can wait for them.
    pub tasks: TaskTracker,
    /// Cancelled when the program is asked to stop: sockets say good-bye, loops end.
    pub shutdown: CancellationToken,
}

impl App {
    /// Does it to its end, also when whoever waits for it is gone by then: a request whose client hangs up is dropped where
    /// it stands.
    ///
    /// # Errors
    /// Its own; `internal` when it panicked.
    pub async fn to_its_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = ApiResult<T>> + Send + 'static,
    ) -> ApiResult<T> {
        let done = self.tasks.spawn(work).await;
        done.unwrap_or_else(|_| Err(ApiError::of(ProblemCode::Internal)))
    }
}
