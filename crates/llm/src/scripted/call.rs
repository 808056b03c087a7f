//! One request, as the test sees it, and the stream it plays into.
//!
//! Must not know: how the model hands calls out.

use crate::channel::{self, Event};
use crate::{ChatEvent, ChatRequest, ChatStream, FinishReason, ModelError, TokenUsage};
use tokio::sync::mpsc::UnboundedSender;

/// A request under way. Dropped unfinished, its stream breaks off: a stream never ends without a reason.
#[derive(Debug)]
pub struct ScriptedCall {
    request: ChatRequest,
    said: usize,
    /// Unbounded: it holds what one test said.
    events: UnboundedSender<Event>,
}

pub(super) fn begin(request: ChatRequest) -> (ScriptedCall, ChatStream) {
    let (events, stream) = channel::open("the script dropped the call");
    (
        ScriptedCall {
            request,
            said: 0,
            events,
        },
        stream,
    )
}

impl ScriptedCall {
    /// What was asked.
    pub fn request(&self) -> &ChatRequest {
        &self.request
    }

    /// The text of the last turn: the prompt, or the beginning of an answer that is to go on.
    pub fn prompt(&self) -> &str {
        self.request.turns.last().map_or("", |turn| turn.text.as_str())
    }

    /// Says that `position` requests are served before.
    pub fn queued(&mut self, position: u32) {
        self.send(Ok(ChatEvent::Queued(position)));
    }

    /// Says a piece of text, as one delta. Nothing if it is empty, or if nobody listens any more.
    pub fn say(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !text.is_empty() {
            self.said += 1;
            self.send(Ok(ChatEvent::Text(text)));
        }
    }

    /// Ends the answer: the model has said all.
    pub fn finish(self) {
        self.finish_because(FinishReason::Stop);
    }

    /// Ends the answer for another reason.
    pub fn finish_because(self, reason: FinishReason) {
        let usage = super::usage(&self.request, self.said);
        self.finish_with(reason, usage);
    }

    /// Ends the answer, with a usage of the test's choice.
    pub fn finish_with(self, reason: FinishReason, usage: TokenUsage) {
        self.send(Ok(ChatEvent::Finished { reason, usage }));
    }

    /// Ends the answer with an error.
    pub fn fail(self, error: ModelError) {
        self.send(Err(error));
    }

    /// Waits until the stream of this call is dropped.
    pub async fn cancelled(&self) {
        self.events.closed().await;
    }

    /// Whether the stream of this call is dropped.
    pub fn is_cancelled(&self) -> bool {
        self.events.is_closed()
    }

    fn send(&self, event: Event) {
        // Nobody listens: the test sees that by `cancelled`.
        let _ = self.events.send(event);
    }
}
