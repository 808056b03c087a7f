//! A model that says what a test tells it to, when the test tells it to.
//!
//! Must not know: clocks and networks; nothing happens here that the test did not ask for.
//! Start at [`ScriptedModel::new`] (step by step) or [`ScriptedModel::answering`] (at once).

mod call;

use crate::{
    ChatEvent, ChatModel, ChatRequest, ChatStream, FinishReason, ModelError, ModelStatus, TokenUsage,
};
use futures::{StreamExt as _, stream};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

pub use call::ScriptedCall;

/// A [`ChatModel`] for tests. Never what a product answers with.
#[derive(Debug)]
pub struct ScriptedModel {
    source: Source,
    state: Arc<Mutex<State>>,
}

/// The other end of a [`ScriptedModel::new`]: sees each request and plays its answer.
#[derive(Debug)]
pub struct Script {
    /// Unbounded: a test asks as often as it wants to, and then looks.
    calls: mpsc::UnboundedReceiver<ScriptedCall>,
    state: Arc<Mutex<State>>,
}

type Words = dyn Fn(&ChatRequest) -> Vec<String> + Send + Sync;

enum Source {
    Script(mpsc::UnboundedSender<ScriptedCall>),
    Words(Arc<Words>),
}

#[derive(Debug)]
struct State {
    status: ModelStatus,
    refusals: VecDeque<ModelError>,
}

impl ScriptedModel {
    /// A model, and the handle that plays its answers one event at a time.
    pub fn new() -> (Self, Script) {
        let (sender, calls) = mpsc::unbounded_channel();
        let model = Self::with_source(Source::Script(sender));
        let script = Script {
            calls,
            state: Arc::clone(&model.state),
        };
        (model, script)
    }

    /// A model that says the words of `answer`, one delta each, all at once, and finishes.
    pub fn answering<F, W>(answer: F) -> Self
    where
        F: Fn(&ChatRequest) -> W + Send + Sync + 'static,
        W: IntoIterator<Item: Into<String>>,
    {
        Self::with_source(Source::Words(Arc::new(move |request| {
            answer(request).into_iter().map(Into::into).collect()
        })))
    }

    fn with_source(source: Source) -> Self {
        let state = State {
            status: ModelStatus::Ready,
            refusals: VecDeque::new(),
        };
        Self {
            source,
            state: Arc::new(Mutex::new(state)),
        }
    }
}

impl Script {
    /// Waits for the next request.
    #[expect(clippy::panic, reason = "a test whose model is gone would wait for ever")]
    pub async fn next_call(&mut self) -> ScriptedCall {
        match self.next_call_or_gone().await {
            Some(call) => call,
            None => panic!("the scripted model was dropped while the script waited for a request"),
        }
    }

    /// Waits for the next request; `None` once the model is dropped.
    pub async fn next_call_or_gone(&mut self) -> Option<ScriptedCall> {
        self.calls.recv().await
    }

    /// The next request, if one is there.
    pub fn try_next_call(&mut self) -> Option<ScriptedCall> {
        self.calls.try_recv().ok()
    }

    /// The next request (one that is not under way yet) is refused with `error`, and never becomes a call.
    pub fn refuse_next(&self, error: ModelError) {
        lock(&self.state).refusals.push_back(error);
    }

    /// What the model says of itself from now on.
    pub fn set_status(&self, status: ModelStatus) {
        lock(&self.state).status = status;
    }
}

#[async_trait::async_trait]
impl ChatModel for ScriptedModel {
    fn name(&self) -> String {
        "scripted".to_owned()
    }

    fn status(&self) -> ModelStatus {
        lock(&self.state).status.clone()
    }

    async fn answer(&self, request: ChatRequest) -> Result<ChatStream, ModelError> {
        if let Some(error) = lock(&self.state).refusals.pop_front() {
            return Err(error);
        }
        match &self.source {
            Source::Words(words) => Ok(said(&request, words(&request))),
            Source::Script(calls) => {
                let (call, stream) = call::begin(request);
                match calls.send(call) {
                    Ok(()) => Ok(stream),
                    Err(_) => Err(ModelError::Unavailable("nobody plays the script".to_owned())),
                }
            }
        }
    }
}

/// The whole answer, without waiting for anything.
fn said(request: &ChatRequest, words: Vec<String>) -> ChatStream {
    let words: Vec<_> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let end = ChatEvent::Finished {
        reason: FinishReason::Stop,
        usage: usage(request, words.len()),
    };
    stream::iter(words.into_iter().map(ChatEvent::Text).chain([end]).map(Ok)).boxed()
}

/// One token a word that was read, one a delta that was said.
fn usage(request: &ChatRequest, deltas: usize) -> TokenUsage {
    let words = request
        .turns
        .iter()
        .map(|turn| turn.text.split_whitespace().count())
        .sum::<usize>();
    TokenUsage {
        prompt_tokens: Some(u32::try_from(words).unwrap_or(u32::MAX)),
        completion_tokens: Some(u32::try_from(deltas).unwrap_or(u32::MAX)),
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Script(_) => "Script",
            Self::Words(_) => "Words",
        })
    }
}
