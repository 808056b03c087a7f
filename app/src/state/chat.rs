//! One conversation on one page: what was said, what is on its way, and what must be told to the reader.
//!
//! Takes in what the server and the reader do; gives back what to send. Knows no socket: see
//! [`super::connection`] for when there is one.

use super::{
    outbox::{Outbox, Prompt, Refused},
    transcript::{Mark, Need, Transcript},
};
use crate::text;
use std::mem;
use wire::{
    ClientMessageId, GenerationId, ProblemCode,
    message::Message,
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

impl From<Need> for Effect {
    fn from(need: Need) -> Self {
        match need {
            Need::Resume {
                generation_id,
                after_seq,
            } => Self::Send(ClientEvent::Resume {
                generation_id,
                after_seq,
            }),
            Need::Reread => Self::Reread,
        }
    }
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
    /// Another answer, or more of one, to be asked for as soon as that can be said.
    wish: Option<ClientEvent>,
    /// That was said. It is not said again by itself: the server would do it twice.
    wished: bool,
    /// While the stored conversation is read: something was heard that it may not have in it.
    read_is_old: bool,
    notice: Option<Notice>,
    queued: Option<u32>,
    prompts_left: Option<u32>,
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
        self.wish.is_some() || self.is_answering()
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

    /// How many prompts the user may still send at once, where that is news.
    pub fn prompts_left(&self) -> Option<u32> {
        self.prompts_left
    }

    /// It is no news any more: time gives more.
    pub fn forget_prompts_left(&mut self) {
        self.prompts_left = None;
    }

    /// Where the socket should go on, for its address.
    pub fn cursor(&self) -> Option<(GenerationId, u64)> {
        self.transcript.cursor()
    }

    /// What is on its way and what was refused, as a text: nobody else has it. See [`Self::restore`].
    pub fn on_their_way(&self) -> String {
        self.outbox.text(&self.transcript.refused())
    }

    /// Prompts that were on their way when the page was loaded again go on; those that were refused wait for their reader.
    pub fn restore(&mut self, kept: &str) {
        let mark = self.mark_of_a_prompt();
        let (outbox, refused) = Outbox::parse(kept);
        self.outbox = outbox;
        for prompt in self.outbox.prompts() {
            self.transcript.prompt(prompt.clone(), mark.clone());
        }
        for Refused { prompt, why } in refused {
            self.transcript.prompt(prompt, Mark::Unsent(why));
        }
    }

    /// The reader sends a prompt, or says an earlier one otherwise.
    pub fn submit(&mut self, prompt: Prompt) -> Vec<Effect> {
        self.notice = None;
        let mark = self.mark_of_a_prompt();
        self.transcript.prompt(prompt.clone(), mark);
        self.outbox.put(prompt);
        self.flush()
    }

    /// The reader sends a refused prompt again.
    pub fn send_again(&mut self, id: ClientMessageId) -> Vec<Effect> {
        self.transcript
            .withdraw(id)
            .map_or_else(Vec::new, |prompt| self.submit(prompt))
    }

    /// The reader takes back a prompt that was refused, or not said yet.
    pub fn take_back(&mut self, id: ClientMessageId) -> Option<Prompt> {
        self.outbox.withdraw(id).then(|| self.transcript.withdraw(id))?
    }

    /// The reader asks for another answer, or for more of one. One thing at a time.
    pub fn wish(&mut self, event: ClientEvent) -> Vec<Effect> {
        if !self.is_busy() && !self.is_sending() {
            self.notice = None;
            self.wish = Some(event);
        }
        self.flush()
    }

    /// The reader stops the answer.
    pub fn stop(&mut self) -> Vec<Effect> {
        // What was never said needs no stopping. Nor does what is at its end by now: the next answer is not meant.
        self.stop_wanted = self.wish.take().is_none() && self.is_answering();
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
        // Whether it was done is seen when the conversation is read again.
        self.wished = false;
        self.outbox.disconnected();
    }

    /// Another branch is shown now, by the reader's own choice.
    pub fn branch_chosen(&mut self) -> Vec<Effect> {
        self.read_is_old = true;
        vec![Effect::Reread]
    }

    /// The stored conversation is about to be read again.
    pub fn reading(&mut self) {
        self.read_is_old = false;
    }

    /// The stored conversation was read again.
    pub fn reread(&mut self, messages: Vec<Message>, has_more: bool) -> Vec<Effect> {
        if self.read_is_old {
            return vec![Effect::Reread];
        }
        let was_busy = self.is_busy();
        let need = self.transcript.merge(messages, has_more);
        let mut effects: Vec<_> = need.map(Effect::from).into_iter().collect();
        // What is stored says whether an answer is awaited: a message being written is in it.
        self.awaiting = false;
        effects.append(&mut self.flush());
        if was_busy && !self.is_busy() {
            self.stop_wanted = false;
            effects.push(Effect::Finished);
        }
        effects
    }

    /// Takes in what the server said.
    pub fn apply(&mut self, event: &ServerEvent) -> Vec<Effect> {
        let mut effects = Vec::new();
        effects.extend(self.transcript.apply(event).map(Effect::from));
        match event {
            ServerEvent::SessionInfo { running, .. } => {
                self.open = true;
                self.read_is_old = true;
                // What was said while nobody listened, or what ended unheard.
                if self.was_open || (running.is_none() && self.is_busy()) {
                    effects.push(Effect::Reread);
                }
                self.was_open = true;
            }
            ServerEvent::MessageReceived {
                client_message_id,
                prompts_left,
                ..
            } => {
                self.read_is_old = true;
                self.prompts_left = *prompts_left;
                if client_message_id.is_some_and(|id| self.outbox.acknowledged(id)) {
                    effects.push(Effect::Reread);
                }
                self.awaiting = true;
            }
            ServerEvent::ResponseStart { .. } => {
                self.read_is_old = true;
                self.awaiting = false;
                self.wished = false;
                self.notice = None;
            }
            ServerEvent::ResponseChunk { .. } => self.queued = None,
            ServerEvent::ResponseComplete { .. } => {
                self.read_is_old = true;
                self.awaiting = false;
                self.wished = false;
                self.stop_wanted = false;
                self.queued = None;
                effects.push(Effect::Finished);
            }
            ServerEvent::Error { message, code, .. } => effects.extend(self.failed(message, *code)),
            ServerEvent::Queued { position } => self.queued = Some(*position),
            ServerEvent::ConversationChanged { title, active_leaf } => {
                effects.extend(title.clone().map(Effect::Titled));
                if active_leaf.is_some() && *active_leaf != self.transcript.leaf() {
                    self.read_is_old = true;
                    effects.push(Effect::Reread);
                }
            }
            // Nothing more is heard on this socket: of a chat that is open elsewhere not even that it closed.
            ServerEvent::SessionClosed { .. } => self.disconnected(),
            ServerEvent::Retrieval { .. } | ServerEvent::Ingestion { .. } | ServerEvent::Pong => {}
        }
        effects.append(&mut self.flush());
        effects
    }

    /// Whether there is an answer that was asked for and is not at its end.
    fn is_answering(&self) -> bool {
        self.awaiting || self.wished || self.transcript.is_generating()
    }

    fn mark_of_a_prompt(&self) -> Mark {
        if self.is_busy() {
            Mark::Queued
        } else {
            Mark::Sending
        }
    }

    fn failed(&mut self, message: &str, code: ProblemCode) -> Option<Effect> {
        self.queued = None;
        // The machine slept, and the session ended meanwhile: no news. The socket closes, and another one is opened when
        // there is a reason.
        if code == ProblemCode::SessionNotFound {
            return None;
        }
        let refused = if is_about_a_prompt(code) {
            self.outbox.refused()
        } else {
            None
        };
        if let Some(prompt) = refused {
            self.transcript
                .mark_prompt(prompt.id, Mark::Unsent(text::of_problem(code, message)));
            return None;
        }
        self.awaiting = false;
        self.notice = Some(Notice {
            text: text::of_problem(code, message),
            code,
        });
        // A refused wish: the conversation may be otherwise than this page believes.
        mem::take(&mut self.wished).then_some(Effect::Reread)
    }

    /// What can be said now.
    fn flush(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        if !self.open {
            return effects;
        }
        if self.stop_wanted && self.is_answering() {
            self.stop_wanted = false;
            effects.push(Effect::Send(ClientEvent::Stop));
        }
        if self.is_answering() {
            return effects;
        }
        if let Some(wish) = self.wish.take() {
            self.wished = true;
            effects.push(Effect::Send(wish));
        } else if let Some(prompt) = self.outbox.take_off() {
            self.transcript.mark_prompt(prompt.id, Mark::Sending);
            effects.push(Effect::Send(prompt.event()));
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
