//! What can be done with a message that is there: another answer, more of one, a prompt said otherwise, another
//! version shown, its text taken along.

use super::{Live, Row};
use crate::{
    net::{api, browser},
    state::{
        connection::Phase,
        transcript::{Entry, EntryKey},
    },
    text,
};
use leptos::{prelude::*, task::spawn_local};
use wire::{MessageId, socket::ClientEvent};

impl Live {
    /// The message with this name in the document.
    pub(crate) fn row(self, label: &str) -> Option<Row> {
        let rows = self.shown.rows;
        rows.try_with_untracked(|rows| rows.iter().find(|row| row.label() == label).cloned())
            .flatten()
    }

    /// Whether nothing can be asked for now: something is under way, or the chat is not open here.
    pub(crate) fn rests(self) -> bool {
        let phase = self.shown.phase.try_get_untracked();
        let closed = matches!(phase, Some(Phase::Replaced | Phase::Closed(_)));
        closed
            || self
                .chat
                .try_with_value(|chat| chat.is_busy() || chat.is_sending())
                .unwrap_or(true)
    }

    /// Says something for ears. Said again, it is heard again.
    pub(crate) fn say_aloud(self, words: &str) {
        let said = self.shown.said;
        let again = said.try_with_untracked(|said| said == words) == Some(true);
        said.try_set(format!("{words}{}", if again { "\u{a0}" } else { "" }));
    }

    /// Another answer: beside this one, or to this prompt.
    pub(crate) fn regenerate(self, key: EntryKey) {
        self.ask(key, |message_id| ClientEvent::Regenerate { message_id });
    }

    /// More of an answer that was cut short.
    pub(crate) fn go_on(self, key: EntryKey) {
        self.ask(key, |message_id| ClientEvent::Continue { message_id });
    }

    fn ask(self, key: EntryKey, event: fn(MessageId) -> ClientEvent) {
        if let Some(id) = self.look_at(key, |entry| entry.message_id) {
            self.change(|chat| chat.wish(event(id)));
            self.draw();
            self.wanted();
        }
    }

    /// Says a prompt otherwise: one that is stored, or an edit that was refused.
    pub(crate) fn edit(self, key: EntryKey, text: String) {
        let stored = self.look_at(key, |entry| entry.message_id);
        let refused = self.look_at(key, |entry| entry.client_message_id);
        let edits = match (stored, refused) {
            (Some(id), _) => Some(id),
            (None, Some(id)) => self.withdraw(id).and_then(|prompt| prompt.edits),
            (None, None) => None,
        };
        self.submit(text, edits);
    }

    /// Shows the version before or after this one, with all that was said behind it.
    pub(crate) fn turn(self, key: EntryKey, forward: bool) {
        let other = self.look_at(key, |entry| {
            let (version, of) = entry.version()?;
            let other = if forward {
                version + 1
            } else {
                version.checked_sub(1)?
            };
            let id = entry.siblings.get(other.checked_sub(1)?)?;
            Some((*id, text::version_of(other, of)))
        });
        if let Some((message, said)) = other {
            self.choose(message, said);
        }
    }

    /// The message that the address asks for may be on another branch than the one that is shown: it is chosen now.
    pub(super) fn choose_found(self) {
        let rows = self.shown.rows;
        let is_it = |row: &&Row| self.other_branch && self.is_found(row.key);
        let found = rows.try_with_untracked(|rows| rows.iter().find(is_it).map(|row| row.key));
        if let Some(message) = found
            .flatten()
            .and_then(|key| self.look_at(key, |entry| entry.message_id))
        {
            self.choose(message, String::new());
        }
    }

    /// Shows the branch through this message, then says so.
    fn choose(self, message: MessageId, said: String) {
        let Some(conversation) = self.conversation.try_get_value().flatten() else {
            return;
        };
        spawn_local(async move {
            match api::show_branch(conversation, message).await {
                Ok(()) => {
                    self.change(|chat| chat.branch_chosen());
                    self.say_aloud(&said);
                }
                Err(failure) => self.tell(&failure),
            }
        });
    }

    /// Puts a message's text on the clipboard: of an answer, its Markdown.
    pub(crate) fn copy(self, key: EntryKey, copied: impl FnOnce() + 'static) {
        let Some(text) = self.look_at(key, |entry| Some(entry.text.clone())) else {
            return;
        };
        self.copy_text(text, copied);
    }

    /// Puts a text on the clipboard.
    pub(crate) fn copy_text(self, text: String, copied: impl FnOnce() + 'static) {
        spawn_local(async move {
            if browser::copy(&text).await {
                self.say_aloud(text::copied());
                copied();
            } else {
                self.say_aloud(text::copy_impossible());
            }
        });
    }

    pub(super) fn look_at<T>(self, key: EntryKey, look: impl FnOnce(&Entry) -> Option<T>) -> Option<T> {
        self.chat
            .try_with_value(|chat| chat.transcript.entry(key).and_then(look))
            .flatten()
    }
}
