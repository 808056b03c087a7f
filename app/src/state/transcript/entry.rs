//! One message on the page, and how far it is.

use crate::state::outbox::{Prompt, Refused};
use std::sync::Arc;
use wire::{
    ClientMessageId, GenerationId, MessageId, Timestamp,
    document::Citation,
    drawn::Drawn,
    feedback::Feedback,
    message::{Message, MessageRole, MessageStatus},
};

/// Names an entry for as long as the page shows it; the same on the server and in the browser. A message that
/// takes the place of another (a new answer, an edited prompt) takes its key too, so what has the focus keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryKey(pub(super) u32);

impl EntryKey {
    /// For labels in the document.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The one with this number.
    pub const fn numbered(number: u32) -> Self {
        Self(number)
    }
}

/// One message on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Stays when the message gets its id.
    pub key: EntryKey,
    /// Who says it.
    pub role: MessageRole,
    /// So far.
    pub text: String,
    /// How its code and its formulas are drawn, once it is whole.
    pub drawn: Vec<Drawn>,
    /// How far it is.
    pub mark: Mark,
    /// When it was stored, last.
    pub at: Option<Timestamp>,
    /// Known once it is stored.
    pub message_id: Option<MessageId>,
    /// The message it follows; `None` at the root, and where that is not known.
    pub parent_id: Option<MessageId>,
    /// Itself and its other versions, oldest first; empty when there is no other.
    pub siblings: Vec<MessageId>,
    /// Of a prompt written on this page.
    pub client_message_id: Option<ClientMessageId>,
    /// Of an edit that is not stored yet: the prompt that it says otherwise.
    pub replaces: Option<MessageId>,
    /// The model that wrote an answer, where that is known.
    pub model: Option<String>,
    /// What the reader thinks of an answer.
    pub feedback: Option<Feedback>,
    /// What an answer rests on. Known before its first word.
    pub sources: Arc<[Citation]>,
    /// The last delta seen of an answer being written; 0 for none.
    pub seq: u64,
    /// The run of the model that writes it or wrote it last, where this page has heard of it.
    pub(super) generation_id: Option<GenerationId>,
    /// Bytes of the message that stood there before that run.
    pub(super) base: usize,
}

impl Entry {
    /// An entry in which nothing is said yet.
    pub(super) fn blank(key: EntryKey, role: MessageRole, mark: Mark) -> Self {
        Self {
            key,
            role,
            text: String::new(),
            drawn: Vec::new(),
            at: None,
            mark,
            message_id: None,
            parent_id: None,
            siblings: Vec::new(),
            client_message_id: None,
            replaces: None,
            model: None,
            feedback: None,
            sources: Arc::default(),
            seq: 0,
            generation_id: None,
            base: 0,
        }
    }

    /// A stored message. One being written has the text that stood there before.
    pub(super) fn stored(key: EntryKey, message: Message) -> Self {
        let mark = Mark::Known(message.status);
        Self {
            text: message.message,
            drawn: message.drawn,
            at: Some(message.created_at),
            message_id: Some(message.id),
            parent_id: message.parent_id,
            siblings: message.siblings,
            model: message.model,
            feedback: message.feedback,
            sources: message.citations.into(),
            ..Self::blank(key, message.role, mark)
        }
    }

    /// Which version this is, counted from 1, and of how many. `None` where there is one only.
    pub fn version(&self) -> Option<(usize, usize)> {
        let id = self.message_id?;
        let at = self.siblings.iter().position(|sibling| *sibling == id)?;
        (self.siblings.len() > 1).then_some((at + 1, self.siblings.len()))
    }

    /// The prompt that it is, if the server refused that.
    pub(super) fn refused(&self) -> Option<Refused> {
        let Mark::Unsent(why) = &self.mark else {
            return None;
        };
        let prompt = Prompt {
            id: self.client_message_id?,
            text: self.text.clone(),
            edits: self.replaces,
        };
        let why = why.clone();
        Some(Refused { prompt, why })
    }

    /// Takes in what the present run rests on. One that goes on rests on what it rested on: its numbers are in the text
    /// already.
    pub(super) fn rests_on(&mut self, sources: &[Citation]) {
        if self.base == 0 && !sources.is_empty() {
            self.sources = sources.into();
        }
    }

    /// Takes away what the last run wrote. False: what stood there before it is not all here.
    pub(super) fn rewind(&mut self) -> bool {
        // A length that was a whole text once is never inside a character.
        let whole = self.text.is_char_boundary(self.base);
        if whole {
            self.text.truncate(self.base);
        }
        whole
    }

    /// Makes this message another version of one that stood in its place.
    pub(super) fn supplant(&mut self, old: &Self) {
        if self.siblings.is_empty() {
            self.siblings.clone_from(&old.siblings);
            for id in [old.message_id, self.message_id].into_iter().flatten() {
                if !self.siblings.contains(&id) {
                    self.siblings.push(id);
                }
            }
        }
    }
}

/// How far a message is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// Written here while an answer runs; said when that is at its end.
    Queued,
    /// Written here, not known to be stored.
    Sending,
    /// Refused by the server, with what it said.
    Unsent(String),
    /// Stored, or being written by the model.
    Known(MessageStatus),
}

impl Mark {
    /// For `data-status`.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Unsent(_) => "unsent",
            Self::Known(MessageStatus::Generating) => "generating",
            Self::Known(MessageStatus::Complete) => "complete",
            Self::Known(MessageStatus::Stopped) => "stopped",
            Self::Known(MessageStatus::Interrupted) => "interrupted",
            Self::Known(MessageStatus::Failed) => "failed",
            Self::Known(MessageStatus::Cut) => "cut",
        }
    }

    /// Whether an answer ended before it was whole, so that it can go on.
    pub const fn is_cut_short(&self) -> bool {
        matches!(
            self,
            Self::Known(
                MessageStatus::Stopped
                    | MessageStatus::Interrupted
                    | MessageStatus::Failed
                    | MessageStatus::Cut
            )
        )
    }

    pub(super) fn is_here_only(&self) -> bool {
        !matches!(self, Self::Known(_))
    }

    pub(super) fn is_generating(&self) -> bool {
        *self == Self::Known(MessageStatus::Generating)
    }
}
