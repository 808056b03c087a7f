//! Runs the model for one answer: from the call to the stored end. Needs no listener.
//!
//! The order at the end is the store's contract: log, end (compare-and-set), message, settled; then the readers are
//! told. Whoever finds the process dead in between does the rest from the log.

use super::{
    Fault, LiveGeneration,
    log_writer::{LogWriter, retried},
};
use crate::{
    app::{App, AppState},
    chat::admission::Place,
    library::ground::{self, Question},
    model,
    telemetry::{
        generation::{GenerationWatch, Heard},
        trace,
    },
};
use futures::{StreamExt, future::BoxFuture};
use llm::{ChatEvent, ChatRequest, FinishReason, ModelError};
use std::{sync::Arc, time::Duration};
use store::{
    StoreError,
    generation::{Ended, GenerationRecord},
    message::NewMessage,
    usage::Counting,
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use wire::{
    ProblemCode, SessionId, Timestamp,
    document::Citation,
    message::{MessageRole, MessageStatus, Outcome, Usage},
};

/// The first writer's fence; who takes over raises it.
pub(in crate::chat) const FIRST_FENCE: u64 = 1;

/// How long a claim that nobody holds is waited for: it is seen unchanged for a lease, by a reaper that looks three times in
/// one.
const LEASES_WAITED: u32 = 2;
/// Between two looks whether it is gone.
const CLAIM_PAUSE: Duration = Duration::from_millis(500);

/// What an answer begins with.
#[derive(Debug)]
pub struct Begin {
    /// The session that asked.
    pub session_id: SessionId,
    /// Whether its message is stored and shown already, as being written by it.
    pub is_shown: bool,
    /// Its turn to call the model. Left when it has ended.
    pub place: Place,
    /// What is looked up before the model is asked.
    pub question: Question,
}

/// Begins an answer: known to this process at once, to the store before its first chunk.
pub fn begin(
    app: &AppState,
    live: LiveGeneration,
    begin: Begin,
    request: ChatRequest,
) -> Arc<LiveGeneration> {
    let live = Arc::new(live);
    app.chat.register(&live);
    let record = record(app, &live, begin.session_id);
    let place = Shown {
        model: live.model.get().cloned(),
        is_shown: begin.is_shown,
    };
    let make_known = make_known(Arc::clone(app), record, place, live.stop.clone());
    let writer = LogWriter::new(Arc::clone(&app.store), live.id, FIRST_FENCE, make_known);
    let ask = Ask {
        request,
        question: begin.question,
    };
    let running = run(Arc::clone(app), Arc::clone(&live), ask, writer, begin.place);
    app.tasks.spawn(trace::generation(&live, running));
    live
}

/// A running generation of this node, as the store knows it.
pub fn record(app: &App, live: &LiveGeneration, session_id: SessionId) -> GenerationRecord {
    let now = app.clock.now();
    GenerationRecord {
        id: live.id,
        prompt_id: live.prompt_id,
        message_id: live.message_id,
        offset: live.offset,
        conversation_id: live.conversation_id,
        user_id: live.user_id,
        session_id,
        node_id: app.node_id.clone(),
        fence: FIRST_FENCE,
        lease_until: now.plus(app.config.chat.lease),
        started_at: now,
        ended: None,
        settled: false,
    }
}

/// The message that a generation writes with this model, before it has said anything.
pub fn empty_answer(generation: &GenerationRecord, model: Option<String>) -> NewMessage {
    NewMessage {
        id: generation.message_id,
        conversation_id: generation.conversation_id,
        parent_id: Some(generation.prompt_id),
        client_message_id: None,
        role: MessageRole::Assistant,
        text: String::new(),
        status: MessageStatus::Generating,
        generation_id: Some(generation.id),
        model,
        created_at: generation.started_at,
    }
}

/// The answer's message, as far as it is known when the answer begins.
struct Shown {
    model: Option<String>,
    is_shown: bool,
}

/// The generation's record, then the answer's message, empty and visible, unless it is there.
fn make_known(
    app: AppState,
    generation: GenerationRecord,
    Shown { model, is_shown }: Shown,
    stop: CancellationToken,
) -> BoxFuture<'static, Result<(), StoreError>> {
    Box::pin(async move {
        start(&app, &generation, &stop).await?;
        if !is_shown {
            let (answer, prompt) = (empty_answer(&generation, model), Some(generation.prompt_id));
            match retried(|| app.store.append_visible_message(answer.clone(), prompt, None)).await {
                Ok(_) => {}
                // The conversation was deleted meanwhile: the answer goes on for who watches it, and nowhere else.
                Err(StoreError::NotFound(_)) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        if app.alone {
            return Ok(());
        }
        still_ours(&app, &generation).await
    })
}

/// Stores the generation's record. A node alone has not stored a claim before, and one that was not let go (the store did
/// not answer then) may stand there: the reaper ends it when its lease has run out, and is waited for. Not once the
/// reader has stopped the answer.
async fn start(app: &App, generation: &GenerationRecord, stop: &CancellationToken) -> Result<(), StoreError> {
    let end = Instant::now() + app.config.chat.lease.saturating_mul(LEASES_WAITED);
    loop {
        match retried(|| app.store.start_generation(generation.clone())).await {
            // Stored before: by an attempt whose answer was lost, or as the claim on the conversation.
            Ok(()) | Err(StoreError::Conflict("generation")) => return Ok(()),
            Err(StoreError::Conflict("running"))
                if app.alone && Instant::now() < end && !stop.is_cancelled() =>
            {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = tokio::time::sleep(CLAIM_PAUSE) => {}
                }
            }
            Err(error) => return Err(error),
        }
    }
}

/// A process that sleeps between its claim and its prompt is held for dead, and whoever takes the claim finds no answer
/// to end: then it is ended here, as soon as it is there.
async fn still_ours(app: &App, generation: &GenerationRecord) -> Result<(), StoreError> {
    let store = &app.store;
    let record = match retried(|| store.generation(generation.id)).await? {
        Some(record) if record.fence != generation.fence || record.ended.is_some() => record,
        _ => return Ok(()),
    };
    // One that has not ended yet is ended by who took it, who finds the answer now.
    if let Some(ended) = record.ended {
        let log = retried(|| store.log_text(record.id)).await?;
        retried(|| store.settle_message(record.message_id, record.id, &log.text, ended.outcome)).await?;
    }
    Err(StoreError::Fenced("claim"))
}

/// How the model ended.
struct ModelEnd {
    outcome: Outcome,
    usage: Option<Usage>,
    fault: Option<Fault>,
}

impl ModelEnd {
    fn of(outcome: Outcome) -> Self {
        Self {
            outcome,
            usage: None,
            fault: None,
        }
    }

    fn failed(error: &ModelError) -> Self {
        Self {
            outcome: Outcome::Failed,
            usage: None,
            fault: Some(fault_of(error)),
        }
    }
}

/// What the model is asked, once what it is asked about was looked up.
struct Ask {
    request: ChatRequest,
    question: Question,
}

/// Has the conversation for an answer, as far as this process goes. Given back when it is dropped, whatever way the answer
/// ends: a defect in the middle must not keep the conversation taken until the next start.
struct Hold {
    app: AppState,
    live: Arc<LiveGeneration>,
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.app.chat.unregister(&self.live);
        if std::thread::panicking() {
            // Nobody writes it any more. Its readers come back and read what is stored.
            self.live.lose();
        }
    }
}

async fn run(app: AppState, live: Arc<LiveGeneration>, ask: Ask, mut writer: LogWriter, place: Place) {
    let hold = Hold {
        app: Arc::clone(&app),
        live: Arc::clone(&live),
    };
    let mut watch = GenerationWatch::start(&app.metrics);
    let counting = Counting {
        model: model::answering(&app, ask.request.model.as_deref()),
    };
    let end = match wait(&app, &live, &place, &mut writer).await {
        Ok(None) => match look_up(&app, &live, ask, &mut writer).await {
            Ok(Ok(request)) => drive(&app, &live, request, &mut writer, &mut watch).await,
            Ok(Err(end)) => Ok(end),
            Err(error) => Err(error),
        },
        Ok(Some(end)) => Ok(end),
        Err(error) => Err(error),
    };
    // What is left to do needs no model.
    drop(place);
    let stored = match end {
        Ok(end) => store_end(&app, &live, &mut writer, end, &counting).await,
        Err(error) => Err(error),
    };
    // Before anybody is told: whoever hears of the end may ask the next thing at once.
    drop(hold);
    let outcome = match stored {
        Ok((end, at)) => {
            live.end(end.outcome, at, end.usage, end.fault);
            end.outcome
        }
        Err(StoreError::Fenced(why)) => {
            tracing::warn!(generation.id = %live.id, why, "Another node took this answer over: this one was silent too long");
            live.lose();
            Outcome::Interrupted
        }
        Err(error) => {
            tracing::error!(generation.id = %live.id, %error, "Could not store an answer's end");
            let fault = Fault {
                code: ProblemCode::StoreUnavailable,
                message: "The end of this answer could not be stored.".into(),
                retry_after: None,
            };
            live.end(Outcome::Interrupted, app.clock.now(), None, Some(fault));
            Outcome::Interrupted
        }
    };
    watch.ended(&live, outcome, |heard| match heard {
        Heard::Answer { tokens, took } => app
            .models
            .answered(&counting.model, app.clock.now(), tokens, took),
        Heard::Failure(error) => app.models.failed(&counting.model, app.clock.now(), error),
    });
}

/// Waits for its turn, and tells its readers how long that is; gives the end when it ends before.
async fn wait(
    app: &App,
    live: &LiveGeneration,
    place: &Place,
    writer: &mut LogWriter,
) -> Result<Option<ModelEnd>, StoreError> {
    let mut moved = place.watch();
    let mut told = None;
    while let Some(position) = place.position() {
        if told.replace(position) != Some(position) {
            live.queued(position);
        }
        tokio::select! {
            biased;
            () = live.stop.cancelled() => return Ok(Some(ModelEnd::of(Outcome::Stopped))),
            () = live.interrupt.cancelled() => return Ok(Some(ModelEnd::of(Outcome::Interrupted))),
            // What runs has time to end. What has not begun would only keep the program waiting.
            () = app.shutdown.cancelled() => return Ok(Some(ModelEnd::of(Outcome::Interrupted))),
            // An error would mean that all places are gone, and we hold one.
            _ = moved.changed() => {}
            written = writer.work() => written?,
        }
    }
    Ok(None)
}

/// Looks up what the answer rests on, tells its readers, and puts it before the model; gives the end when it ends before.
/// A chatbot without documents costs one small read.
async fn look_up(
    app: &AppState,
    live: &Arc<LiveGeneration>,
    ask: Ask,
    writer: &mut LogWriter,
) -> Result<Result<ChatRequest, ModelEnd>, StoreError> {
    let grounding = ground::ground(app, &ask.question);
    tokio::pin!(grounding);
    let found = loop {
        tokio::select! {
            biased;
            () = live.stop.cancelled() => return Ok(Err(ModelEnd::of(Outcome::Stopped))),
            () = live.interrupt.cancelled() => return Ok(Err(ModelEnd::of(Outcome::Interrupted))),
            found = &mut grounding => break found,
            written = writer.work() => written?,
        }
    };
    // An answer that goes on rests on what it rested on: its numbers are in the text already.
    if live.offset == 0 && !found.sources.is_empty() {
        writer.before_batches(note_sources(app, live, found.sources.clone()));
    }
    live.rests_on(found.sources);
    Ok(Ok(ground::with_sources(ask.request, found.instructions)))
}

fn note_sources(
    app: &App,
    live: &LiveGeneration,
    sources: Vec<Citation>,
) -> BoxFuture<'static, Result<(), StoreError>> {
    let (store, message, generation) = (Arc::clone(&app.store), live.message_id, live.id);
    Box::pin(async move {
        retried(|| store.note_citations(message, generation, &sources))
            .await
            .map(drop)
    })
}

/// Reads the model to its end, or until it is told to stop.
async fn drive(
    app: &App,
    live: &LiveGeneration,
    request: ChatRequest,
    writer: &mut LogWriter,
    watch: &mut GenerationWatch,
) -> Result<ModelEnd, StoreError> {
    // Made once: a waiter that is put in a list and taken out again for each token would cost more than the token.
    let mut stopped = std::pin::pin!(live.stop.cancelled());
    let mut interrupted = std::pin::pin!(live.interrupt.cancelled());
    let mut calling = app.model.answer(request);
    let mut stream = loop {
        tokio::select! {
            biased;
            () = stopped.as_mut() => return Ok(ModelEnd::of(Outcome::Stopped)),
            () = interrupted.as_mut() => return Ok(ModelEnd::of(Outcome::Interrupted)),
            called = &mut calling => match called {
                Ok(stream) => break stream,
                Err(error) => return Ok(ModelEnd::failed(&error)),
            },
            written = writer.work() => written?,
        }
    };
    loop {
        tokio::select! {
            biased;
            () = stopped.as_mut() => return Ok(ModelEnd::of(Outcome::Stopped)),
            () = interrupted.as_mut() => return Ok(ModelEnd::of(Outcome::Interrupted)),
            event = stream.next(), if !writer.is_full() => match event {
                Some(Ok(ChatEvent::Text(delta))) => {
                    watch.delta();
                    live.push(&delta, &mut |piece| writer.push(piece));
                }
                Some(Ok(ChatEvent::Queued(position))) => live.queued(position),
                Some(Ok(ChatEvent::Finished { reason, usage })) => {
                    let usage = Usage {
                        prompt_tokens: usage.prompt_tokens,
                        completion_tokens: usage.completion_tokens,
                    };
                    return Ok(ModelEnd { outcome: outcome_of(reason), usage: Some(usage), fault: None });
                }
                Some(Err(error)) => return Ok(ModelEnd::failed(&error)),
                None => {
                    let error = ModelError::BrokeOff("it ended without saying so".into());
                    return Ok(ModelEnd::failed(&error));
                }
            },
            written = writer.work() => written?,
        }
    }
}

/// What was not said for want of room can be asked for; what a filter took away cannot.
fn outcome_of(reason: FinishReason) -> Outcome {
    match reason {
        FinishReason::Stop | FinishReason::ContentFilter => Outcome::Complete,
        FinishReason::Length => Outcome::Cut,
    }
}

/// Stores the rest of the log and the end; gives it with its time, or fails when somebody else ended it before.
async fn store_end(
    app: &App,
    live: &LiveGeneration,
    writer: &mut LogWriter,
    end: ModelEnd,
    counting: &Counting,
) -> Result<(ModelEnd, Timestamp), StoreError> {
    writer.flush().await?;
    let ended = Ended {
        outcome: end.outcome,
        at: app.clock.now(),
        usage: end.usage,
    };
    let store = &app.store;
    if !retried(|| store.finish_generation(live.id, FIRST_FENCE, ended)).await? {
        let ours = retried(|| store.generation(live.id))
            .await?
            .and_then(|record| record.ended);
        // Ended by an attempt whose answer was lost, or by somebody who held us for dead.
        if ours.is_none_or(|stored| stored.outcome != end.outcome) {
            return Err(StoreError::Fenced("ended by another node"));
        }
    }
    let text = live.text();
    retried(|| store.settle_message(live.message_id, live.id, &text, end.outcome)).await?;
    retried(|| store.mark_settled(live.id, counting)).await?;
    Ok((end, ended.at))
}

fn fault_of(error: &ModelError) -> Fault {
    tracing::warn!(%error, "The model failed");
    let (code, retry_after) = match error {
        ModelError::Busy { retry_after } => {
            let seconds = retry_after.map(|wait| u32::try_from(wait.as_secs().max(1)).unwrap_or(u32::MAX));
            (ProblemCode::ModelBusy, Some(seconds.unwrap_or(5)))
        }
        ModelError::Unavailable(_) => (ProblemCode::ModelUnavailable, None),
        ModelError::Refused(_) | ModelError::BrokeOff(_) => (ProblemCode::ModelFailed, None),
    };
    let mut message = error.to_string();
    if let Some(first) = message.get(..1) {
        message = first.to_uppercase() + message.get(1..).unwrap_or_default();
    }
    Fault {
        code,
        message,
        retry_after,
    }
}
