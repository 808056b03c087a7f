//! What was said, as the page shows it: history, prompts on their way, and an answer that grows.
//!
//! The server's word wins: an acknowledgement settles a prompt, `response_complete` sets the exact text.
//! Chunks are numbered, so a chunk seen before is dropped and a missing one is asked for.

use std::mem;
use wire::{
    ClientMessageId, GenerationId, MessageId,
    message::{Message, MessageRole, MessageStatus, Outcome},
    socket::{Running, ServerEvent},
};

#[cfg(test)]
mod tests;

/// Names an entry for as long as the page shows it; the same on the server and in the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryKey(u32);

impl EntryKey {
    /// For labels in the document.
    pub const fn number(self) -> u32 {
        self.0
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
    /// How far it is.
    pub mark: Mark,
    /// Known once it is stored.
    pub message_id: Option<MessageId>,
    /// Of a prompt written on this page.
    pub client_message_id: Option<ClientMessageId>,
    /// The last delta seen of an answer being written; 0 for none.
    pub seq: u64,
}

/// How far a message is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
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
            Self::Sending => "sending",
            Self::Unsent(_) => "unsent",
            Self::Known(MessageStatus::Generating) => "generating",
            Self::Known(MessageStatus::Complete) => "complete",
            Self::Known(MessageStatus::Stopped) => "stopped",
            Self::Known(MessageStatus::Interrupted) => "interrupted",
            Self::Known(MessageStatus::Failed) => "failed",
        }
    }

    fn is_here_only(&self) -> bool {
        matches!(self, Self::Sending | Self::Unsent(_))
    }
}

/// What the transcript needs from the server to be whole again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Chunks of this generation after this one.
    Resume {
        /// Which.
        generation_id: GenerationId,
        /// The last one seen.
        after_seq: u64,
    },
    /// The stored conversation.
    Reread,
}

/// What changed since it was last asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Entries came, went or moved.
    pub list: bool,
    /// These entries changed inside.
    pub entries: Vec<EntryKey>,
}

impl Changes {
    fn note(&mut self, key: EntryKey) {
        if !self.entries.contains(&key) {
            self.entries.push(key);
        }
    }
}

/// The answer being written, as far as this page follows it.
#[derive(Debug, Clone, Copy)]
struct Live {
    generation_id: GenerationId,
    key: EntryKey,
    /// Resume was asked for after this chunk; it is not asked for again until one comes.
    asked_after: Option<u64>,
}

/// The conversation on the page, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Transcript {
    entries: Vec<Entry>,
    has_more: bool,
    live: Option<Live>,
    next_key: u32,
    changes: Changes,
}

impl Transcript {
    /// Starts from what is stored.
    pub fn from_history(messages: Vec<Message>, has_more: bool) -> Self {
        let mut transcript = Self {
            has_more,
            ..Self::default()
        };
        for message in messages {
            let entry = transcript.entry_of(message);
            transcript.entries.push(entry);
        }
        transcript
    }

    /// All entries, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// One of them.
    pub fn entry(&self, key: EntryKey) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// Whether there are older messages than these.
    pub fn has_more(&self) -> bool {
        self.has_more
    }

    /// The oldest stored message here: older ones come before it.
    pub fn oldest(&self) -> Option<MessageId> {
        self.entries.iter().find_map(|entry| entry.message_id)
    }

    /// Whether an answer is being written, as far as is known here.
    pub fn is_generating(&self) -> bool {
        self.entries
            .iter()
            .rev()
            .any(|entry| entry.mark == Mark::Known(MessageStatus::Generating))
    }

    /// Where to go on after a reconnect.
    pub fn cursor(&self) -> Option<(GenerationId, u64)> {
        let live = self.live?;
        Some((live.generation_id, self.entry(live.key)?.seq))
    }

    /// What changed since the last call.
    pub fn take_changes(&mut self) -> Changes {
        mem::take(&mut self.changes)
    }

    /// Shows a prompt before the server has it.
    pub fn prompt(&mut self, id: ClientMessageId, text: String) {
        let mut entry = self.blank(MessageRole::User, Mark::Sending);
        entry.text = text;
        entry.client_message_id = Some(id);
        self.entries.push(entry);
        self.changes.list = true;
    }

    /// The server did not take a prompt.
    pub fn refuse(&mut self, id: ClientMessageId, why: String) {
        self.change_prompt(id, |entry| entry.mark = Mark::Unsent(why));
    }

    /// A refused prompt is on its way again.
    pub fn send_again(&mut self, id: ClientMessageId) -> Option<String> {
        self.change_prompt(id, |entry| entry.mark = Mark::Sending)
            .map(|entry| entry.text.clone())
    }

    /// Takes a refused prompt off the page and gives its text back, to be edited.
    pub fn withdraw(&mut self, id: ClientMessageId) -> Option<String> {
        let at = self
            .entries
            .iter()
            .position(|entry| entry.client_message_id == Some(id))?;
        self.changes.list = true;
        Some(self.entries.remove(at).text)
    }

    /// Takes in what the server said. Events that are not about messages change nothing here.
    pub fn apply(&mut self, event: &ServerEvent) -> Option<Need> {
        match event {
            ServerEvent::SessionInfo {
                running: Some(running),
                ..
            } => {
                let Running {
                    generation_id,
                    message_id,
                    ..
                } = *running;
                self.begin(generation_id, message_id)
            }
            ServerEvent::ResponseStart {
                generation_id,
                message_id,
                ..
            } => self.begin(*generation_id, *message_id),
            ServerEvent::MessageReceived {
                message_id,
                client_message_id,
                role,
                message,
                ..
            } => {
                self.received(*message_id, *client_message_id, *role, message);
                None
            }
            ServerEvent::ResponseChunk {
                chunk,
                generation_id,
                first_seq,
                seq,
            } => self.grow(*generation_id, *first_seq, *seq, chunk),
            ServerEvent::ResponseComplete {
                message_id,
                full_response,
                generation_id,
                outcome,
                ..
            } => {
                self.complete(*message_id, *generation_id, full_response, *outcome);
                None
            }
            _ => None,
        }
    }

    /// Takes in the stored conversation, read again. It may be a little older than what the socket said since:
    /// what is finished here stays finished, and newer messages stay.
    pub fn merge(&mut self, messages: Vec<Message>) {
        let is_stored = |entry: &Entry| {
            entry
                .message_id
                .is_some_and(|id| messages.iter().any(|message| message.id == id))
        };
        let first = self.entries.iter().position(is_stored);
        let last = self.entries.iter().rposition(is_stored);
        let known = self.entries.iter().any(|entry| entry.message_id.is_some());
        if messages.is_empty() {
            return;
        }
        let old = mem::take(&mut self.entries);
        let (mut before, mut among, mut after) = (Vec::new(), Vec::new(), Vec::new());
        for (at, entry) in old.into_iter().enumerate() {
            if entry.mark.is_here_only() || last.is_some_and(|last| at > last) {
                after.push(entry);
            } else if first.is_some_and(|first| at < first) {
                before.push(entry);
            } else if is_stored(&entry) {
                among.push(entry);
            } else {
                // Not in the stored branch (any more), or so long ago that the page has a hole.
                self.has_more |= known && first.is_none();
            }
        }
        self.entries = before;
        for message in messages {
            let at = among
                .iter()
                .position(|entry| entry.message_id == Some(message.id));
            let entry = match at.map(|at| among.remove(at)) {
                Some(entry) => self.settle(entry, message),
                None => self.entry_of(message),
            };
            self.entries.push(entry);
        }
        self.entries.append(&mut after);
        self.changes.list = true;
    }

    /// Puts older messages in front.
    pub fn prepend(&mut self, messages: Vec<Message>, has_more: bool) {
        let mut older = Vec::new();
        for message in messages {
            if !self
                .entries
                .iter()
                .any(|entry| entry.message_id == Some(message.id))
            {
                older.push(self.entry_of(message));
            }
        }
        older.append(&mut self.entries);
        self.entries = older;
        self.has_more = has_more;
        self.changes.list = true;
    }

    fn blank(&mut self, role: MessageRole, mark: Mark) -> Entry {
        let key = EntryKey(self.next_key);
        self.next_key = self.next_key.wrapping_add(1);
        Entry {
            key,
            role,
            text: String::new(),
            mark,
            message_id: None,
            client_message_id: None,
            seq: 0,
        }
    }

    fn entry_of(&mut self, message: Message) -> Entry {
        let entry = self.blank(message.role, Mark::Known(message.status));
        Entry {
            text: message.message,
            message_id: Some(message.id),
            ..entry
        }
    }

    fn settle(&mut self, mut entry: Entry, stored: Message) -> Entry {
        let finished_here = entry.mark != Mark::Known(MessageStatus::Generating);
        if !finished_here && stored.status != MessageStatus::Generating {
            entry.text = stored.message;
            entry.mark = Mark::Known(stored.status);
            self.live = self.live.filter(|live| live.key != entry.key);
            self.changes.note(entry.key);
        }
        entry
    }

    /// Before what is only here, which the server will store later than this.
    fn insert(&mut self, entry: Entry) -> EntryKey {
        let key = entry.key;
        let at = self
            .entries
            .iter()
            .rposition(|entry| !entry.mark.is_here_only())
            .map_or(0, |at| at + 1);
        self.entries.insert(at, entry);
        self.changes.list = true;
        key
    }

    fn change(&mut self, key: EntryKey, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.entries.iter_mut().rev().find(|entry| entry.key == key) {
            change(entry);
            self.changes.note(key);
        }
    }

    fn change_prompt(&mut self, id: ClientMessageId, change: impl FnOnce(&mut Entry)) -> Option<&Entry> {
        let entry = self
            .entries
            .iter_mut()
            .find(|entry| entry.client_message_id == Some(id))?;
        change(entry);
        self.changes.note(entry.key);
        Some(entry)
    }

    fn received(&mut self, id: MessageId, client: Option<ClientMessageId>, role: MessageRole, text: &str) {
        let known = self.entries.iter().any(|entry| entry.message_id == Some(id));
        let mine = client.and_then(|client| {
            self.entries
                .iter()
                .position(|entry| entry.client_message_id == Some(client) && entry.message_id.is_none())
        });
        match mine {
            // It was read back from the store before its acknowledgement came.
            Some(at) if known => {
                self.entries.remove(at);
                self.changes.list = true;
            }
            Some(at) => {
                // Stored now: it takes its place among the stored ones.
                let mut entry = self.entries.remove(at);
                entry.message_id = Some(id);
                entry.mark = Mark::Known(MessageStatus::Complete);
                self.changes.note(entry.key);
                self.insert(entry);
            }
            None if known => {}
            None => {
                let mut entry = self.blank(role, Mark::Known(MessageStatus::Complete));
                entry.text = text.to_owned();
                entry.message_id = Some(id);
                self.insert(entry);
            }
        }
    }

    fn begin(&mut self, generation_id: GenerationId, message_id: MessageId) -> Option<Need> {
        if self.live.is_some_and(|live| live.generation_id == generation_id) {
            return None;
        }
        let missed = self.live.take().map(|_| Need::Reread);
        let at = self
            .entries
            .iter()
            .find(|entry| entry.message_id == Some(message_id))
            .map(|entry| entry.key);
        let key = match at {
            Some(key) => {
                self.change(key, |entry| {
                    entry.text.clear();
                    entry.seq = 0;
                    entry.mark = Mark::Known(MessageStatus::Generating);
                });
                key
            }
            None => {
                let mut entry = self.blank(MessageRole::Assistant, Mark::Known(MessageStatus::Generating));
                entry.message_id = Some(message_id);
                self.insert(entry)
            }
        };
        self.live = Some(Live {
            generation_id,
            key,
            asked_after: None,
        });
        missed
    }

    fn grow(&mut self, generation_id: GenerationId, first_seq: u64, seq: u64, chunk: &str) -> Option<Need> {
        let live = self.live.filter(|live| live.generation_id == generation_id)?;
        let seen = self.entry(live.key)?.seq;
        if seq <= seen {
            return None;
        }
        let follows = first_seq == seen.saturating_add(1);
        if !follows && first_seq != 1 {
            // A hole, or a piece that overlaps: where to cut it is not known here.
            if live.asked_after == Some(seen) {
                return None;
            }
            self.live = Some(Live {
                asked_after: Some(seen),
                ..live
            });
            return Some(Need::Resume {
                generation_id,
                after_seq: seen,
            });
        }
        self.live = Some(Live {
            asked_after: None,
            ..live
        });
        self.change(live.key, |entry| {
            if !follows {
                entry.text.clear();
            }
            entry.text.push_str(chunk);
            entry.seq = seq;
        });
        None
    }

    fn complete(&mut self, id: MessageId, generation_id: GenerationId, text: &str, outcome: Outcome) {
        let at = self
            .entries
            .iter()
            .find(|entry| entry.message_id == Some(id))
            .map(|entry| entry.key);
        let key = match at {
            Some(key) => key,
            None => {
                let mut entry = self.blank(MessageRole::Assistant, Mark::Known(outcome.into()));
                entry.message_id = Some(id);
                self.insert(entry)
            }
        };
        self.change(key, |entry| {
            text.clone_into(&mut entry.text);
            entry.mark = Mark::Known(outcome.into());
        });
        self.live = self.live.filter(|live| live.generation_id != generation_id);
    }
}
