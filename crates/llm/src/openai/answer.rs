//! One answer: the body of a response becomes the events of the seam.
//!
//! Must not know: how the request was made. There is no task and no channel here: polled, it reads; dropped, it takes
//! the connection with it.

use super::connection::Connection;
use super::delta::Delta;
use super::report::Reporter;
use super::sse::EventParser;
use crate::{ChatEvent, FinishReason, ModelError, TokenUsage};
use futures::Stream;
use http_body::Body as _;
use reqwest::{Body, Response};
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// How long a usage, a `[DONE]` and the end of the response may take after the last word. A response that was read to
/// its end leaves its connection open for the next.
const GRACE: Duration = Duration::from_secs(2);
/// The same after `[DONE]`.
const GRACE_AFTER_DONE: Duration = Duration::from_millis(20);

/// The events of one answer.
pub(super) struct AnswerStream {
    body: Body,
    parser: EventParser,
    reading: Reading,
    idle_timeout: Duration,
    /// When to stop waiting for bytes.
    patience_ends: Instant,
    /// Wakes then, or before: moved only when it has to be, since a timer costs more than a token.
    timer: Pin<Box<Sleep>>,
    /// The body has been read to its end.
    ended: bool,
    /// The last event has been told.
    over: bool,
}

/// What was understood of the bytes so far.
struct Reading {
    /// Text that was not taken yet: at most what one read of the connection holds.
    text: VecDeque<String>,
    finish_reason: Option<FinishReason>,
    usage: TokenUsage,
    done: bool,
    error: Option<ModelError>,
    reporter: Arc<Reporter>,
}

impl AnswerStream {
    pub(super) fn new(response: Response, connection: &Connection) -> Self {
        Self {
            body: Body::from(response),
            parser: EventParser::default(),
            reading: Reading {
                text: VecDeque::new(),
                finish_reason: None,
                usage: TokenUsage::default(),
                done: false,
                error: None,
                reporter: Arc::clone(&connection.reporter),
            },
            idle_timeout: connection.idle_timeout,
            patience_ends: Instant::now() + connection.idle_timeout,
            timer: Box::pin(tokio::time::sleep(connection.idle_timeout)),
            ended: false,
            over: false,
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        let reading = &mut self.reading;
        if self.parser.push(bytes, |data| reading.take(data)).is_err() {
            reading.fail("an event of its answer has no end");
        }
        let patience = match (reading.done, reading.finish_reason) {
            (true, _) => GRACE_AFTER_DONE,
            (false, Some(_)) => GRACE,
            (false, None) => self.idle_timeout,
        };
        self.patience_ends = Instant::now() + patience;
        if self.patience_ends < self.timer.deadline() {
            self.timer.as_mut().reset(self.patience_ends);
        }
    }

    /// Ready when nothing came for too long.
    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.timer.as_mut().poll(cx));
            if Instant::now() >= self.patience_ends {
                return Poll::Ready(());
            }
            self.timer.as_mut().reset(self.patience_ends);
        }
    }

    /// No more bytes, for a reason that matters only if the answer is not whole.
    fn end(&mut self, why: &str) -> Result<ChatEvent, ModelError> {
        self.over = true;
        let Reading {
            finish_reason,
            usage,
            done,
            ..
        } = self.reading;
        match finish_reason {
            Some(reason) => Ok(ChatEvent::Finished { reason, usage }),
            None if done => Ok(ChatEvent::Finished {
                reason: FinishReason::Stop,
                usage,
            }),
            None => Err(ModelError::BrokeOff(why.to_owned())),
        }
    }
}

impl Reading {
    fn take(&mut self, data: &[u8]) {
        match Delta::read(data) {
            Ok(delta) => self.understand(delta),
            // The error itself would quote the answer.
            Err(_) => self.fail("an event of its answer cannot be read"),
        }
    }

    fn understand(&mut self, delta: Delta) {
        if self.done || self.error.is_some() {
            return;
        }
        let Delta::Chunk(mut chunk) = delta else {
            self.done = true;
            return;
        };
        if let Some(error) = chunk.error.take() {
            self.error = Some(self.reporter.in_band(error));
            return;
        }
        let text = chunk.text();
        if !text.is_empty() {
            self.text.push_back(text);
        }
        self.finish_reason = chunk.finish_reason().or(self.finish_reason);
        self.usage = chunk.usage().unwrap_or(self.usage);
    }

    fn fail(&mut self, why: &str) {
        if self.done {
            return;
        }
        self.error
            .get_or_insert_with(|| ModelError::BrokeOff(why.to_owned()));
    }
}

impl Stream for AnswerStream {
    type Item = Result<ChatEvent, ModelError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(text) = this.reading.text.pop_front() {
                return Poll::Ready(Some(Ok(ChatEvent::Text(text))));
            }
            if this.over {
                return Poll::Ready(None);
            }
            if let Some(error) = this.reading.error.take() {
                this.over = true;
                return Poll::Ready(Some(Err(error)));
            }
            if this.ended {
                return Poll::Ready(Some(this.end("the answer ended in the middle")));
            }
            match Pin::new(&mut this.body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    if let Some(bytes) = frame.data_ref() {
                        this.take(bytes);
                    }
                }
                Poll::Ready(Some(Err(_))) => return Poll::Ready(Some(this.end("the connection was lost"))),
                Poll::Ready(None) => {
                    this.ended = true;
                    let reading = &mut this.reading;
                    // Half an event at the very end is a broken connection, not nonsense.
                    let _ = this.parser.finish(|data| {
                        Delta::read(data)
                            .into_iter()
                            .for_each(|delta| reading.understand(delta))
                    });
                }
                Poll::Pending => {
                    ready!(this.poll_patience(cx));
                    return Poll::Ready(Some(this.end("nothing came for too long")));
                }
            }
        }
    }
}
