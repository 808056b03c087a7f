//! What a socket does, decided without a runtime: `state, input → effects`.
//!
//! Must not know: sockets, tasks, time, the store. It keeps the order that the protocol promises: for one answer
//! `response_start`, then chunks without a gap or an overlap, then `response_complete`; the next answer starts after the
//! last one is complete on this socket, however slow it is.

use super::{
    generation::{Chunk, End, Progress},
    prompt::{Ask, PromptText, Written},
};
use crate::problem::{ApiError, ApiResult};
use std::collections::VecDeque;
use wire::{
    ClientMessageId, GenerationId, MessageId, ProblemCode, SessionId,
    document::Citation,
    limit,
    socket::{ClientEvent, CloseReason, Running, ServerEvent, close_code},
};

/// Answers a slow socket may be behind. Further behind, it is closed, and finds everything when it reconnects.
const WAITING_ANSWERS: usize = 8;
/// Prompts and frames over their rates, one after another, before the socket is closed for persistence.
const PATIENCE: u32 = 20;

/// One socket.
#[derive(Debug)]
pub struct SocketState {
    session_id: SessionId,
    chatbot_name: String,
    /// The answer being sent, then those to be sent after it.
    answers: VecDeque<Answer>,
    /// How many the client was told are before the answer being sent.
    queued: Option<u32>,
    refusals: u32,
}

/// An answer on its way through this socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// Which run of the model.
    pub generation_id: GenerationId,
    /// Of the answer's message.
    pub message_id: MessageId,
    /// Of the prompt it answers.
    pub prompt_id: MessageId,
    /// Whether it goes on with text that the answer has already.
    pub continues: bool,
    /// Bytes of the message that stood there before.
    pub offset: u64,
    /// The last delta the client has.
    pub seen: u64,
    /// Whether the client knows of it: it asked to resume, and has its start.
    pub started: bool,
    /// Whether it was told, on this socket, what the answer rests on.
    pub sourced: bool,
}

/// A frame as it came.
#[derive(Debug)]
pub enum Frame {
    /// Text, whatever is in it.
    Text(String),
    /// Binary: not understood.
    Binary,
}

/// What happens to a socket.
#[derive(Debug)]
pub enum Input {
    /// It is open; this is to be sent before anything else happens: what it asked to resume, what is running.
    Opened {
        /// When an answer is being written.
        running: Option<Running>,
        /// What is to be sent, in order.
        answers: Vec<Answer>,
    },
    /// The client said something.
    Frame(Frame),
    /// A frame for this client as it is.
    Say(ServerEvent),
    /// An answer begins, or one to resume was found.
    Follow(Answer),
    /// News of the answer being sent.
    Progress(Progress),
    /// What the client asked for is refused.
    Refused(ApiError),
    /// The session is over.
    Closed(CloseReason),
    /// The client is too far behind, or what it was shown is not what is stored: it comes back and reads again.
    Overrun,
}

/// What is to be done.
#[derive(Debug, PartialEq)]
pub enum Effect {
    /// Send this frame.
    Send(ServerEvent),
    /// Take this in: a new answer comes of it.
    Ask(Ask),
    /// Stop what runs in this conversation.
    Stop,
    /// Look for this generation; then [`Input::Follow`] or [`Input::Refused`].
    Find {
        /// Which.
        generation_id: GenerationId,
        /// What the client has of it.
        after_seq: u64,
    },
    /// Close with this code, after what was to be sent.
    Close(u16),
}

impl SocketState {
    /// A socket of this session, not open yet.
    pub fn new(session_id: SessionId, chatbot_name: String) -> Self {
        Self {
            session_id,
            chatbot_name,
            answers: VecDeque::new(),
            queued: None,
            refusals: 0,
        }
    }

    /// The answer whose progress is to be told next.
    pub fn current(&self) -> Option<&Answer> {
        self.answers.front()
    }

    /// Decides.
    pub fn step(&mut self, input: Input) -> Vec<Effect> {
        match input {
            Input::Opened { running, answers } => self.opened(running, answers),
            Input::Frame(Frame::Text(text)) => self.frame(&text),
            Input::Frame(Frame::Binary) => vec![say_error(ApiError::new(
                ProblemCode::BinaryFrame,
                "Only text frames with JSON are understood.",
            ))],
            Input::Say(event) => vec![Effect::Send(event)],
            Input::Follow(answer) => self.follow(answer),
            Input::Progress(Progress::Sources(sources)) => self.sources(&sources),
            Input::Progress(Progress::Text(chunk)) => self.chunk(chunk),
            Input::Progress(Progress::Waiting(Some(position))) => {
                let is_news = self.queued.replace(position) != Some(position);
                let told = is_news.then_some(Effect::Send(ServerEvent::Queued { position }));
                told.into_iter().collect()
            }
            Input::Progress(Progress::Waiting(None)) => Vec::new(),
            Input::Progress(Progress::Ended(end)) => self.complete(end),
            Input::Progress(Progress::Lost) => self.step(Input::Overrun),
            Input::Refused(error) => self.refused(error),
            Input::Closed(reason) => {
                vec![
                    Effect::Send(ServerEvent::SessionClosed { reason }),
                    Effect::Close(reason.close_code()),
                ]
            }
            Input::Overrun => vec![Effect::Close(close_code::SERVICE_RESTART)],
        }
    }

    fn opened(&mut self, running: Option<Running>, answers: Vec<Answer>) -> Vec<Effect> {
        let mut effects = vec![Effect::Send(ServerEvent::SessionInfo {
            session_id: self.session_id,
            chatbot_name: self.chatbot_name.clone(),
            message: format!("Connected to {}. You can start chatting!", self.chatbot_name),
            running,
        })];
        for answer in answers {
            effects.extend(self.follow(answer));
        }
        effects
    }

    fn frame(&mut self, text: &str) -> Vec<Effect> {
        match parse(text) {
            Ok(ClientEvent::Text {
                message,
                client_message_id,
            }) => ask(written(message, client_message_id).map(Ask::Text)),
            Ok(ClientEvent::Edit {
                message_id,
                message,
                client_message_id,
            }) => ask(written(message, client_message_id).map(|written| Ask::Edit { message_id, written })),
            Ok(ClientEvent::Regenerate { message_id }) => ask(Ok(Ask::Regenerate { message_id })),
            Ok(ClientEvent::Continue { message_id }) => ask(Ok(Ask::Continue { message_id })),
            Ok(ClientEvent::Stop) => vec![Effect::Stop],
            Ok(ClientEvent::Resume {
                generation_id,
                after_seq,
            }) => vec![Effect::Find {
                generation_id,
                after_seq,
            }],
            Ok(ClientEvent::Ping) => vec![Effect::Send(ServerEvent::Pong)],
            Err(error) => vec![say_error(error)],
        }
    }

    /// Begins to send an answer, or puts it behind those being sent. One that is being sent already goes on from where
    /// the client says it is.
    fn follow(&mut self, answer: Answer) -> Vec<Effect> {
        if let Some(known) = self
            .answers
            .iter_mut()
            .find(|known| known.generation_id == answer.generation_id)
        {
            if answer.started {
                // One that waits for its turn gets no start either: the client has it already.
                (known.seen, known.started) = (answer.seen, true);
            }
            return Vec::new();
        }
        if self.answers.len() >= WAITING_ANSWERS {
            return self.step(Input::Overrun);
        }
        self.answers.push_back(answer);
        if self.answers.len() == 1 {
            self.start()
        } else {
            Vec::new()
        }
    }

    fn start(&mut self) -> Vec<Effect> {
        let Some(answer) = self.answers.front_mut().filter(|answer| !answer.started) else {
            return Vec::new();
        };
        answer.started = true;
        self.queued = None;
        vec![Effect::Send(ServerEvent::ResponseStart {
            message: format!("{} is thinking...", self.chatbot_name),
            generation_id: answer.generation_id,
            message_id: answer.message_id,
            parent_id: answer.prompt_id,
            continues: answer.continues,
            offset: answer.offset,
        })]
    }

    /// Once for each answer, before its next text. Nothing is said of an answer for which nothing was looked up.
    fn sources(&mut self, sources: &[Citation]) -> Vec<Effect> {
        let Some(answer) = self.answers.front_mut().filter(|answer| !answer.sourced) else {
            return Vec::new();
        };
        answer.sourced = true;
        if sources.is_empty() {
            return Vec::new();
        }
        vec![Effect::Send(ServerEvent::Retrieval {
            generation_id: answer.generation_id,
            sources: sources.to_vec(),
        })]
    }

    fn chunk(&mut self, chunk: Chunk) -> Vec<Effect> {
        let Some(answer) = self
            .answers
            .front_mut()
            .filter(|answer| answer.seen + 1 == chunk.first_seq)
        else {
            return Vec::new();
        };
        answer.seen = chunk.seq;
        vec![Effect::Send(ServerEvent::ResponseChunk {
            chunk: chunk.text,
            generation_id: answer.generation_id,
            first_seq: chunk.first_seq,
            seq: chunk.seq,
        })]
    }

    fn complete(&mut self, end: End) -> Vec<Effect> {
        let Some(answer) = self.answers.pop_front() else {
            return Vec::new();
        };
        self.refusals = 0;
        let mut effects = Vec::new();
        if let Some(fault) = end.fault {
            effects.push(Effect::Send(ServerEvent::Error {
                message: fault.message,
                code: fault.code,
                retry_after: fault.retry_after,
                fatal: false,
            }));
        }
        effects.push(Effect::Send(ServerEvent::ResponseComplete {
            message_id: answer.message_id,
            timestamp: end.at,
            full_response: end.text.to_string(),
            generation_id: answer.generation_id,
            outcome: end.outcome,
            usage: end.usage,
            citations: end.citations.to_vec(),
            // Drawn where it is sent: here nothing is made that takes time.
            drawn: Vec::new(),
            model: end.model,
        }));
        effects.extend(self.start());
        effects
    }

    fn refused(&mut self, error: ApiError) -> Vec<Effect> {
        if error.code == ProblemCode::SessionNotFound {
            return vec![say_fatal(error), Effect::Close(close_code::NO_SUCH_SESSION)];
        }
        if error.code == ProblemCode::Unauthenticated {
            return self.step(Input::Closed(CloseReason::Expired));
        }
        if error.code == ProblemCode::RateLimited {
            self.refusals += 1;
            if self.refusals >= PATIENCE {
                return vec![say_fatal(error), Effect::Close(close_code::TOO_MANY)];
            }
        }
        vec![say_error(error)]
    }
}

fn written(message: String, client_message_id: Option<ClientMessageId>) -> ApiResult<Written> {
    Ok(Written {
        text: PromptText::parse(message)?,
        client_message_id,
    })
}

fn ask(asked: ApiResult<Ask>) -> Vec<Effect> {
    match asked {
        Ok(ask) => vec![Effect::Ask(ask)],
        Err(error) => vec![say_error(error)],
    }
}

fn say_error(error: ApiError) -> Effect {
    Effect::Send(error_event(error, false))
}

fn say_fatal(error: ApiError) -> Effect {
    Effect::Send(error_event(error, true))
}

/// The socket's form of an error. Logs what is ours.
pub fn error_event(error: ApiError, fatal: bool) -> ServerEvent {
    error.log("socket");
    ServerEvent::Error {
        message: error.detail,
        code: error.code,
        retry_after: error.retry_after,
        fatal,
    }
}

fn parse(text: &str) -> Result<ClientEvent, ApiError> {
    if text.len() > usize::try_from(limit::FRAME_BYTES).unwrap_or(usize::MAX) {
        let detail = format!(
            "A frame has at most {} bytes; this one has {}.",
            limit::FRAME_BYTES,
            text.len()
        );
        return Err(ApiError::new(ProblemCode::TooLarge, detail));
    }
    serde_json::from_str(text).map_err(|error| why_not(text, &error))
}

/// Says what is wrong with a frame, in the words of the protocol.
fn why_not(text: &str, error: &serde_json::Error) -> ApiError {
    const KNOWN: [&str; 7] = ["text", "edit", "regenerate", "continue", "stop", "resume", "ping"];
    let Ok(value) = serde_json::from_str::<serde_json::Value>(text) else {
        return ApiError::new(ProblemCode::InvalidRequest, format!("This is not JSON: {error}."));
    };
    match value.get("message_type") {
        Some(serde_json::Value::String(kind)) if KNOWN.contains(&kind.as_str()) => ApiError::new(
            ProblemCode::InvalidRequest,
            format!("This {kind} message is not complete or not right: {error}."),
        ),
        Some(serde_json::Value::String(_)) => {
            let detail = format!("This message_type is not known. Known are: {}.", KNOWN.join(", "));
            ApiError::new(ProblemCode::UnknownMessageType, detail)
        }
        _ => {
            let detail = "Expected a JSON object with a message_type, such as {\"message\": \"…\", \"message_type\": \"text\"}.";
            ApiError::new(ProblemCode::InvalidRequest, detail)
        }
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
