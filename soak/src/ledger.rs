//! What the users were told: every acknowledgement, every frame of every answer. Written by [`crate::user`] while things
//! break, read by [`crate::checker`] when all is over.
//!
//! Must not know what is stored: that is [`crate::evidence`], and the two are compared.

use crate::order::Order;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use wire::message::Outcome;
use wire::{ClientMessageId, ConversationId, GenerationId, MessageId, SessionId, UserId};

/// One tab: what it shows, it shows across reconnects.
pub type Device = u32;

/// All that was told, to all users.
#[derive(Debug, Default)]
pub struct Ledger {
    /// In the order in which they were first sent.
    pub prompts: Vec<Prompt>,
    /// In the order in which they were asked for.
    pub opens: Vec<Open>,
    /// Other answers that were asked for: each may have come or not.
    pub again: Vec<Again>,
    /// Answers that were asked to go on: each may have gone on or not, or have broken off before its first word.
    pub continued: Vec<MessageId>,
    /// What each tab showed of each answer.
    pub views: BTreeMap<(Device, GenerationId), View>,
    /// What a user found wrong on the spot.
    pub complaints: Vec<String>,
    /// How much happened.
    pub counts: Counts,
}

/// A prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// Its text, and so its answer.
    pub order: Order,
    /// Where it belongs.
    pub conversation: ConversationId,
    /// Given by the client.
    pub client_message_id: ClientMessageId,
    /// What it was acknowledged as, each time.
    pub acks: Vec<MessageId>,
    /// The prompt in whose place it was said: that one is not shown any more.
    pub edits: Option<MessageId>,
    /// It was sent by a session of which the user had been told that a newer one has replaced it: must not be taken.
    pub stale: bool,
}

/// Another answer that was asked for: said once, since it has no id by which it could be said again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Again {
    /// The prompt that it answers.
    pub prompt: MessageId,
    /// Nobody saw what came of it: it may still have been on its way when the user had said something else, and have
    /// hidden that.
    pub lost: bool,
}

/// A session that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// By whom.
    pub user: UserId,
    /// `None` when the answer never came: it may be open or not.
    pub session: Option<SessionId>,
}

/// What a tab was told of an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct View {
    /// The answer's message, once it is known.
    pub message: Option<MessageId>,
    /// In order.
    pub frames: Vec<Frame>,
}

/// What was said of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// It begins; what was shown of it before does not count.
    Start,
    /// More text.
    Chunk {
        /// Of the first delta.
        first_seq: u64,
        /// Of the last.
        seq: u64,
        /// All of them, joined.
        text: String,
    },
    /// It has ended.
    Complete {
        /// How.
        outcome: Outcome,
        /// All of it.
        text: String,
    },
}

impl View {
    /// The last delta that is shown.
    pub fn seq(&self) -> u64 {
        self.frames.iter().fold(0, |seen, frame| match frame {
            Frame::Start => 0,
            Frame::Chunk { seq, .. } => *seq,
            Frame::Complete { .. } => seen,
        })
    }

    /// Whether its end was shown.
    pub fn is_complete(&self) -> bool {
        matches!(self.frames.last(), Some(Frame::Complete { .. }))
    }
}

/// How much happened: a run in which nothing broke shows nothing.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Sockets that were lost or given up, and opened again.
    pub reconnects: u32,
    /// Prompts sent again.
    pub resends: u32,
    /// Times that an answer went on behind what was shown of it.
    pub resumes: u32,
    /// Times that Stop was pressed.
    pub stops: u32,
    /// Sessions replaced on purpose.
    pub replacements: u32,
    /// Prompts said otherwise.
    pub edits: u32,
    /// Other answers asked for.
    pub regenerations: u32,
    /// Answers that broke off, and were to go on.
    pub continuations: u32,
    /// Acknowledged prompts that nobody had begun to answer, until they were sent again.
    pub revived: u32,
}

/// The ledger, shared by all users of a run.
#[derive(Debug, Clone, Default)]
pub struct Book(Arc<Mutex<Ledger>>);

impl Book {
    /// To write in it, or to read. Never held across an `await`.
    pub fn open(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All of it; the book is empty then.
    pub fn close(&self) -> Ledger {
        std::mem::take(&mut *self.open())
    }
}
