//! One conversation on one page: what was said, what is on its way, and what must be told to the reader.
//!
//! Takes in what the server and the reader do; gives back what to send. Knows no socket: see
//! [`super::connection`] for when there is one.

use super::{
    outbox::{Outbox, Prompt},
    transcript::{Need, Transcript},
};
use wire::{
    ClientMessageId, GenerationId, ProblemCode,
    socket::{ClientEvent, ServerEvent},
};

#[cfg(test)]
mod tests;

/// Something to do about what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Say this on the socket.
    Send(ClientEvent),
    /// Read the stored conversation again.
    Reread,
    /// The conversation has a new title.
    Titled(String),
    /// An answer ended: the history has news, and a screen reader hears it.
    Finished,
}

/// Something the reader should know, said in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// For people.
    pub text: String,
    /// For programs.
    pub code: ProblemCode,
}

/// One conversation on one page.
#[derive(Debug, Clone, Default)]
pub struct Chat {
    /// What was said.
    pub transcript: Transcript,
    outbox: Outbox,
    open: bool,
    was_open: bool,
    /// A prompt is stored and its answer has not begun.
    awaiting: bool,
    stop_wanted: bool,
    notice: Option<Notice>,
    queued: Option<u32>,
}

impl Chat {
    /// A chat with this history.
    pub fn new(transcript: Transcript) -> Self {
        Self {
            transcript,
            ..Self::default()
        }
    }

    /// Whether an answer is being written or about to be: the composer then offers Stop.
    pub fn is_busy(&self) -> bool {
        self.awaiting || self.transcript.is_generating()
    }

    /// Whether a socket is needed now.
    pub fn needs_socket(&self) -> bool {
        self.is_busy() || !self.outbox.is_empty()
    }

    /// Whether a prompt is on its way.
    pub fn is_sending(&self) -> bool {
        !self.outbox.is_empty()
    }

    /// What went wrong last, until it goes on.
    pub fn notice(&self) -> Option<&Notice> {
        self.notice.as_ref()
    }

    /// How many the model serves before this chat, while it waits.
    pub fn queued(&self) -> Option<u32> {
        self.queued
    }

    /// Where the socket should go on, for its address.
    pub fn cursor(&self) -> Option<(GenerationId, u64)> {
        self.transcript.cursor()
    }

    /// The reader sends a prompt.
    pub fn submit(&mut self, id: ClientMessageId, text: String) -> Vec<Effect> {
        self.notice = None;
        self.transcript.prompt(id, text.clone());
        self.outbox.put(Prompt { id, text });
        self.flush()
    }

    /// The reader sends a refused prompt again.
    pub fn send_again(&mut self, id: ClientMessageId) -> Vec<Effect> {
        self.notice = None;
        if let Some(text) = self.transcript.send_again(id) {
            self.outbox.put(Prompt { id, text });
        }
        self.flush()
    }

    /// The reader stops the answer.
    pub fn stop(&mut self) -> Vec<Effect> {
        self.stop_wanted = true;
        self.flush()
    }

    /// Something failed that the reader should know.
    pub fn notify(&mut self, notice: Notice) {
        self.notice = Some(notice);
    }

    /// The reader has seen it.
    pub fn dismiss(&mut self) {
        self.notice = None;
    }

    /// The socket is gone.
    pub fn disconnected(&mut self) {
        self.open = false;
        self.queued = None;
        self.outbox.disconnected();
    }

    /// The stored conversation was read again.
    pub fn reread(&mut self, messages: Vec<wire::message::Message>) -> Vec<Effect> {
        let was_busy = self.is_busy();
        self.transcript.merge(messages);
        // What is stored says whether an answer is awaited: a message being written is in it.
        self.awaiting = false;
        let mut effects = self.flush();
        if was_busy && !self.is_busy() {
            self.stop_wanted = false;
            effects.push(Effect::Finished);
        }
        effects
    }

    /// Takes in what the server said.
    pub fn apply(&mut self, event: &ServerEvent) -> Vec<Effect> {
        let mut effects = Vec::new();
        match self.transcript.apply(event) {
            Some(Need::Resume {
                generation_id,
                after_seq,
            }) => {
                effects.push(Effect::Send(ClientEvent::Resume {
                    generation_id,
                    after_seq,
                }));
            }
            Some(Need::Reread) => effects.push(Effect::Reread),
            None => {}
        }
        match event {
            ServerEvent::SessionInfo { running, .. } => {
                self.open = true;
                // What was said while nobody listened, or what ended unheard.
                if self.was_open || (running.is_none() && self.is_busy()) {
                    effects.push(Effect::Reread);
                }
                self.was_open = true;
            }
            ServerEvent::MessageReceived {
                client_message_id, ..
            } => {
                if client_message_id.is_some_and(|id| self.outbox.acknowledged(id)) {
                    effects.push(Effect::Reread);
                }
                self.awaiting = true;
            }
            ServerEvent::ResponseStart { .. } => {
                self.awaiting = false;
                self.notice = None;
            }
            ServerEvent::ResponseChunk { .. } => self.queued = None,
            ServerEvent::ResponseComplete { .. } => {
                self.awaiting = false;
                self.stop_wanted = false;
                self.queued = None;
                effects.push(Effect::Finished);
            }
            ServerEvent::Error { message, code, .. } => self.failed(message, *code),
            ServerEvent::Queued { position } => self.queued = Some(*position),
            ServerEvent::ConversationChanged { title, .. } => {
                effects.extend(title.clone().map(Effect::Titled));
            }
            ServerEvent::SessionClosed { .. }
            | ServerEvent::Retrieval { .. }
            | ServerEvent::Ingestion { .. }
            | ServerEvent::Pong => {}
        }
        effects.append(&mut self.flush());
        effects
    }

    fn failed(&mut self, message: &str, code: ProblemCode) {
        self.queued = None;
        let refused = if is_about_a_prompt(code) {
            self.outbox.refused()
        } else {
            None
        };
        match refused {
            Some(prompt) => self.transcript.refuse(prompt.id, message.to_owned()),
            None => {
                self.awaiting = false;
                self.notice = Some(Notice {
                    text: message.to_owned(),
                    code,
                });
            }
        }
    }

    /// What can be said now.
    fn flush(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        if !self.open {
            return effects;
        }
        if self.stop_wanted && self.is_busy() {
            self.stop_wanted = false;
            effects.push(Effect::Send(ClientEvent::Stop));
        }
        if !self.is_busy()
            && let Some(Prompt { id, text }) = self.outbox.take_off()
        {
            effects.push(Effect::Send(ClientEvent::Text {
                message: text,
                client_message_id: Some(id),
            }));
        }
        effects
    }
}

/// Whether an error with this code refuses the prompt in flight, if there is one.
const fn is_about_a_prompt(code: ProblemCode) -> bool {
    matches!(
        code,
        ProblemCode::InvalidRequest
            | ProblemCode::InvalidField
            | ProblemCode::GenerationRunning
            | ProblemCode::ClientMessageIdReused
            | ProblemCode::TooLarge
            | ProblemCode::EmptyMessage
            | ProblemCode::MessageTooLong
            | ProblemCode::InvalidText
            | ProblemCode::RateLimited
            | ProblemCode::ModelBusy
            | ProblemCode::ModelUnavailable
            | ProblemCode::StoreUnavailable
            | ProblemCode::ShuttingDown
            | ProblemCode::Internal
    )
}
