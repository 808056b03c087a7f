//! What was said, as the page shows it: history, prompts on their way, and an answer that grows.
//!
//! The server's word wins: an acknowledgement settles a prompt, `response_complete` sets the exact text.
//! Chunks are numbered, so a chunk seen before is dropped and a missing one is asked for.
//!
//! The page shows one branch of a tree. Each message says what it follows, and whatever else followed that one
//! leaves the page ([`Transcript::follow`]). What is read over REST is taken in by `stored`.

mod entry;
mod stored;
#[cfg(test)]
mod tests;

pub use entry::{Entry, EntryKey, Mark};

use super::outbox::{Prompt, Refused};
use std::mem;
use wire::{
    ClientMessageId, GenerationId, MessageId,
    document::Citation,
    drawn::Drawn,
    feedback::Feedback,
    message::{Message, MessageRole, MessageStatus, Outcome},
    socket::{Running, ServerEvent},
};

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
    /// What it goes on with is not here: nothing is put behind it before that was read.
    on_hold: bool,
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
            let entry = Entry::stored(transcript.next_key(), message);
            transcript.entries.push(entry);
        }
        transcript
    }

    /// All entries, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What is to be seen of them: while an edited prompt is on its way, not what it takes the place of.
    pub fn shown(&self) -> impl Iterator<Item = &Entry> {
        let replaced = self
            .entries
            .iter()
            .filter(|entry| entry.mark == Mark::Sending)
            .find_map(|entry| self.position(entry.replaces?))
            .unwrap_or(usize::MAX);
        let entries = self.entries.iter().enumerate();
        entries
            .filter(move |(at, entry)| *at < replaced || entry.mark.is_here_only())
            .map(|(_, entry)| entry)
    }

    /// One of them.
    pub fn entry(&self, key: EntryKey) -> Option<&Entry> {
        self.entries.iter().rev().find(|entry| entry.key == key)
    }

    /// Whether there are older messages than these.
    pub fn has_more(&self) -> bool {
        self.has_more
    }

    /// The oldest stored message here: older ones come before it.
    pub fn oldest(&self) -> Option<MessageId> {
        self.entries.iter().find_map(|entry| entry.message_id)
    }

    /// The newest stored message here, with which the branch on the page ends.
    pub fn leaf(&self) -> Option<MessageId> {
        self.entries.iter().rev().find_map(|entry| entry.message_id)
    }

    /// Whether an answer is being written, as far as is known here.
    pub fn is_generating(&self) -> bool {
        self.entries.iter().rev().any(|entry| entry.mark.is_generating())
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
    pub fn prompt(&mut self, prompt: Prompt, mark: Mark) {
        let entry = Entry {
            text: prompt.text,
            client_message_id: Some(prompt.id),
            replaces: prompt.edits,
            ..Entry::blank(self.next_key(), MessageRole::User, mark)
        };
        self.entries.push(entry);
        self.changes.list = true;
    }

    /// How far a prompt is that only this page has.
    pub fn mark_prompt(&mut self, id: ClientMessageId, mark: Mark) {
        if let Some(at) = self.prompt_at(id)
            && let Some(entry) = self.entries.get_mut(at)
        {
            // What an edit takes the place of is seen or not, by its mark.
            self.changes.list |= entry.replaces.is_some();
            entry.mark = mark;
            self.changes.note(entry.key);
        }
    }

    /// What the reader thinks of a message.
    pub fn rate(&mut self, key: EntryKey, feedback: Option<Feedback>) {
        self.change(key, |entry| entry.feedback = feedback);
    }

    /// The prompts that the server refused, oldest first. Only this page has them.
    pub fn refused(&self) -> Vec<Refused> {
        // All that only this page has stands at the end.
        let here_only = self
            .entries
            .iter()
            .rev()
            .take_while(|entry| entry.mark.is_here_only());
        let mut refused: Vec<_> = here_only.filter_map(Entry::refused).collect();
        refused.reverse();
        refused
    }

    /// Takes a prompt off the page that only this page has.
    pub fn withdraw(&mut self, id: ClientMessageId) -> Option<Prompt> {
        let entry = self.entries.remove(self.prompt_at(id)?);
        self.changes.list = true;
        Some(Prompt {
            id,
            text: entry.text,
            edits: entry.replaces,
        })
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
                    parent_id,
                    offset,
                    ..
                } = *running;
                self.begin(generation_id, message_id, parent_id, offset)
            }
            ServerEvent::ResponseStart {
                generation_id,
                message_id,
                parent_id,
                offset,
                ..
            } => self.begin(*generation_id, *message_id, *parent_id, *offset),
            ServerEvent::MessageReceived {
                message_id,
                client_message_id,
                role,
                message,
                parent_id,
                timestamp,
                ..
            } => {
                let stored = Entry {
                    text: message.clone(),
                    message_id: Some(*message_id),
                    parent_id: *parent_id,
                    at: Some(*timestamp),
                    ..Entry::blank(EntryKey(0), *role, Mark::Known(MessageStatus::Complete))
                };
                self.received(stored, *client_message_id)
            }
            ServerEvent::ResponseChunk {
                chunk,
                generation_id,
                first_seq,
                seq,
            } => self.grow(*generation_id, *first_seq, *seq, chunk),
            ServerEvent::ResponseComplete {
                message_id,
                timestamp,
                full_response,
                generation_id,
                outcome,
                citations,
                drawn,
                model,
                ..
            } => {
                self.rests_on(*generation_id, citations);
                let known = self.position(*message_id).and_then(|at| self.entries.get_mut(at));
                if let Some(entry) = known {
                    entry.at = Some(*timestamp);
                    // Of one that goes on, the model that began it.
                    entry.model = entry.model.take().or_else(|| model.clone());
                }
                self.complete(*message_id, *generation_id, full_response, *outcome, drawn)
            }
            ServerEvent::Retrieval {
                generation_id,
                sources,
            } => {
                self.rests_on(*generation_id, sources);
                None
            }
            _ => None,
        }
    }

    fn next_key(&mut self) -> EntryKey {
        let key = EntryKey(self.next_key);
        self.next_key = self.next_key.wrapping_add(1);
        key
    }

    fn position(&self, id: MessageId) -> Option<usize> {
        let known = |entry: &Entry| entry.message_id == Some(id);
        self.entries.iter().rposition(known)
    }

    /// A prompt that is not known to be stored.
    fn prompt_at(&self, id: ClientMessageId) -> Option<usize> {
        let mine = |entry: &Entry| entry.client_message_id == Some(id) && entry.mark.is_here_only();
        self.entries.iter().rposition(mine)
    }

    /// Puts a stored message behind the one it follows. Whatever else followed that one is on another branch now
    /// and leaves the page; another version of this message leaves its place to it, and its key to one that has
    /// none (`own_key`). What is only here stays behind all that: the server will store it later.
    fn follow(&mut self, mut entry: Entry, own_key: Option<EntryKey>) -> (EntryKey, Option<Need>) {
        let parent = match entry.parent_id {
            Some(parent) => self.position(parent).map(|at| at + 1),
            None => Some(0),
        };
        // Behind a message that is not on this page, it is not known what belongs in between.
        let need = parent.is_none().then_some(Need::Reread);
        let stored = self
            .entries
            .iter()
            .rposition(|entry| !entry.mark.is_here_only())
            .map_or(0, |at| at + 1);
        let mut tail = self.entries.split_off(parent.unwrap_or(stored).min(stored));
        let other = tail
            .first()
            .filter(|first| !first.mark.is_here_only() && first.role == entry.role);
        if let Some(other) = other {
            entry.supplant(other);
        }
        let given = other.map(|other| other.key);
        entry.key = match own_key.or(given) {
            Some(key) => key,
            None => self.next_key(),
        };
        if entry.parent_id.is_none() {
            self.has_more = false;
        }
        let key = entry.key;
        tail.retain(|entry| entry.mark.is_here_only());
        self.entries.push(entry);
        self.entries.append(&mut tail);
        self.changes.note(key);
        self.changes.list = true;
        (key, need)
    }

    fn change(&mut self, key: EntryKey, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.entries.iter_mut().rev().find(|entry| entry.key == key) {
            change(entry);
            self.changes.note(key);
        }
    }

    fn received(&mut self, stored: Entry, client: Option<ClientMessageId>) -> Option<Need> {
        let known = stored.message_id.and_then(|id| self.position(id)).is_some();
        let mine = client.and_then(|client| self.prompt_at(client));
        // Stored now: it takes its place among the stored ones.
        let mine = mine.map(|at| {
            self.changes.list = true;
            self.entries.remove(at).key
        });
        // It may have been read back from the store before its acknowledgement came.
        if known {
            return None;
        }
        self.follow(stored, mine).1
    }

    fn begin(
        &mut self,
        generation_id: GenerationId,
        message_id: MessageId,
        parent_id: MessageId,
        offset: u64,
    ) -> Option<Need> {
        if self.live.is_some_and(|live| live.generation_id == generation_id) {
            return None;
        }
        let mut need = self.live.take().map(|_| Need::Reread);
        let known = self.position(message_id).and_then(|at| self.entries.get(at));
        let key = match known {
            Some(entry) => entry.key,
            None => {
                let entry = Entry {
                    message_id: Some(message_id),
                    parent_id: Some(parent_id),
                    ..Entry::blank(EntryKey(0), MessageRole::Assistant, Mark::Sending)
                };
                let (key, unsure) = self.follow(entry, None);
                need = need.or(unsure);
                key
            }
        };
        let mut on_hold = false;
        self.change(key, |entry| {
            entry.base = usize::try_from(offset).unwrap_or(usize::MAX);
            entry.seq = 0;
            entry.generation_id = Some(generation_id);
            entry.mark = Mark::Known(MessageStatus::Generating);
            on_hold = !entry.rewind();
        });
        self.live = Some(Live {
            generation_id,
            key,
            asked_after: None,
            on_hold,
        });
        need.or(on_hold.then_some(Need::Reread))
    }

    fn grow(&mut self, generation_id: GenerationId, first_seq: u64, seq: u64, chunk: &str) -> Option<Need> {
        let live = self
            .live
            .filter(|live| live.generation_id == generation_id && !live.on_hold)?;
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
                entry.rewind();
            }
            entry.text.push_str(chunk);
            entry.seq = seq;
        });
        None
    }

    fn rests_on(&mut self, generation_id: GenerationId, sources: &[Citation]) {
        if let Some(live) = self.live.filter(|live| live.generation_id == generation_id) {
            self.change(live.key, |entry| entry.rests_on(sources));
        }
    }

    fn complete(
        &mut self,
        id: MessageId,
        generation_id: GenerationId,
        text: &str,
        outcome: Outcome,
        drawn: &[Drawn],
    ) -> Option<Need> {
        self.live = self.live.filter(|live| live.generation_id != generation_id);
        let known = self.position(id).and_then(|at| self.entries.get_mut(at));
        // Where it belongs, and what stood there before, is in the store only.
        let Some(entry) = known else {
            return Some(Need::Reread);
        };
        let its_own = entry.generation_id == Some(generation_id);
        if entry.mark.is_generating() && its_own && entry.rewind() {
            entry.text.push_str(text);
            entry.drawn.extend_from_slice(drawn);
            entry.mark = Mark::Known(outcome.into());
            let key = entry.key;
            self.changes.note(key);
            return None;
        }
        // Of an earlier run, or of one that was read back already: the store knows what has become of it.
        let as_read = entry.text.get(entry.base..) == Some(text);
        (!its_own || !as_read).then_some(Need::Reread)
    }
}
