//! What was read over REST, taken in: the stored branch, read again, and what was said before it.
//!
//! What a message follows never changes, so whatever stands before a stored message on the page belongs there.
//! What stands behind the last one belongs there if it follows it: the socket said it since.

use super::{Entry, Mark, Need, Transcript};
use std::mem;
use wire::{
    MessageId,
    message::{Message, MessageStatus},
};

impl Transcript {
    /// Takes in the stored branch, read again: its newest messages, and whether there are older ones. It may be a
    /// little older than what the socket said since: newer messages stay.
    pub fn merge(&mut self, messages: Vec<Message>, has_more: bool) -> Option<Need> {
        let (first, last) = (messages.first()?, messages.last()?);
        let (here_only, mut stored): (Vec<_>, Vec<_>) = mem::take(&mut self.entries)
            .into_iter()
            .partition(|entry| entry.mark.is_here_only());
        let place = |id: MessageId| stored.iter().position(|entry| entry.message_id == Some(id));
        let before = place(first.id)
            .or_else(|| first.parent_id.and_then(place).map(|at| at + 1))
            .unwrap_or_default();
        let mut leaf = last.id;
        let mut rest = stored.split_off(before);
        if stored.is_empty() {
            self.has_more = has_more;
        }
        self.entries = stored;
        for message in messages {
            let entry = self.stored_entry(&mut rest, message);
            self.entries.push(entry);
        }
        for entry in rest {
            if entry.parent_id == Some(leaf)
                && let Some(id) = entry.message_id
            {
                leaf = id;
                self.entries.push(entry);
            }
        }
        self.entries.extend(here_only);
        self.live = self.live.filter(|live| {
            self.entries.iter().any(|entry| {
                entry.key == live.key
                    && entry.mark.is_generating()
                    && entry.generation_id == Some(live.generation_id)
            })
        });
        self.changes.list = true;
        // What an answer goes on with is here now; what it said meanwhile was not listened to.
        let live = self.live.as_mut().filter(|live| live.on_hold)?;
        let mut entries = self.entries.iter_mut();
        live.on_hold = !entries.find(|entry| entry.key == live.key)?.rewind();
        (!live.on_hold).then_some(Need::Resume {
            generation_id: live.generation_id,
            after_seq: 0,
        })
    }

    /// Puts older messages in front, unless the page has another beginning by now than when they were asked for.
    pub fn prepend(&mut self, before: MessageId, messages: Vec<Message>, has_more: bool) {
        if self.oldest() != Some(before) {
            return;
        }
        let newer = mem::take(&mut self.entries);
        for message in messages {
            if !newer.iter().any(|entry| entry.message_id == Some(message.id)) {
                let entry = Entry::stored(self.next_key(), message);
                self.entries.push(entry);
            }
        }
        self.entries.extend(newer);
        self.has_more = has_more;
        self.changes.list = true;
    }

    /// The entry of a stored message: the one there is, or another version's, whose place it takes.
    fn stored_entry(&mut self, rest: &mut Vec<Entry>, message: Message) -> Entry {
        let known = rest.iter().position(|entry| entry.message_id == Some(message.id));
        if let Some(at) = known {
            let mut entry = rest.remove(at);
            let followed = self
                .live
                .is_some_and(|live| live.key == entry.key && !live.on_hold);
            settle(&mut entry, message, followed);
            self.changes.note(entry.key);
            return entry;
        }
        let version = rest
            .iter()
            .position(|entry| entry.parent_id == message.parent_id && entry.role == message.role);
        let key = match version {
            Some(at) => rest.remove(at).key,
            None => self.next_key(),
        };
        self.changes.note(key);
        Entry::stored(key, message)
    }
}

/// What is stored wins, but for an answer that grows here: the store has only what stood there before. `followed`:
/// that is known here already.
fn settle(entry: &mut Entry, stored: Message, followed: bool) {
    entry.parent_id = stored.parent_id;
    entry.siblings = stored.siblings;
    entry.model = stored.model;
    entry.feedback = stored.feedback;
    if stored.status != MessageStatus::Generating || !stored.citations.is_empty() {
        entry.sources = stored.citations.into();
    }
    let text = stored.message;
    if stored.status != MessageStatus::Generating {
        entry.text = text;
        entry.drawn = stored.drawn;
        entry.mark = Mark::Known(stored.status);
        return;
    }
    // One that was cut short goes on, perhaps: nobody was listening here when that began.
    let goes_on = entry.mark.is_generating() || entry.mark.is_cut_short();
    if goes_on && !followed && text.starts_with(&entry.text) {
        entry.mark = Mark::Known(MessageStatus::Generating);
        entry.text = text;
    }
}
