//! A chat that lives: it carries out what the reducers of [`crate::state`] ask for, and shows what they know.
//!
//! Everything here is a handle to signals, so that it can be copied into event handlers. The page may be gone
//! when an answer comes: nothing here panics on a signal that was disposed of.

mod branch;
pub(crate) mod desk;
mod drawing;
mod driver;
mod files;
mod thumb;

use crate::{
    data::ChatData,
    net::{browser, socket::Writer},
    state::{
        chat::{Chat, Notice},
        connection::{Connection, Input, Phase},
        outbox::Prompt,
        transcript::{Entry, EntryKey, Transcript},
    },
};
use leptos::prelude::*;
use wire::{ChatbotId, ClientMessageId, ConversationId, MessageId, SessionId};

/// An entry and the signal that follows it.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) key: EntryKey,
    pub(crate) entry: ArcRwSignal<Entry>,
    /// Whether its reader is saying it otherwise.
    pub(crate) editing: ArcRwSignal<bool>,
    /// What was typed over it, and is nowhere else.
    pub(crate) typed: ArcStoredValue<Option<String>>,
}

impl Row {
    /// Its name in the document.
    pub(crate) fn label(&self) -> String {
        format!("message-{}", self.key.number())
    }
}

/// One chat on one page.
#[derive(Clone, Copy)]
pub(crate) struct Live {
    bot: ChatbotId,
    /// The session of the page's first moment, to be joined.
    joinable: Option<SessionId>,
    chat: StoredValue<Chat>,
    connection: StoredValue<Connection>,
    conversation: StoredValue<Option<ConversationId>>,
    writer: StoredValue<Option<Writer>>,
    /// Counts attempts and sockets: what belongs to an earlier one is not listened to.
    epoch: StoredValue<u32>,
    /// Counts frames, to see whether a socket is alive.
    heard: StoredValue<u32>,
    drawing: StoredValue<bool>,
    rereading: StoredValue<bool>,
    /// What is kept of the prompts that the server does not have, in this tab.
    kept: StoredValue<String>,
    /// The message that the address asks for.
    found: Option<u32>,
    /// What is here is another branch than the one that is shown: it is to be chosen.
    other_branch: bool,
    /// Older messages are on their way.
    earlier: StoredValue<bool>,
    /// What the page shows.
    pub(crate) shown: Shown,
}

/// What the page shows of a chat.
#[derive(Clone, Copy)]
pub(crate) struct Shown {
    /// The messages, oldest first.
    pub(crate) rows: RwSignal<Vec<Row>>,
    pub(crate) has_more: RwSignal<bool>,
    pub(crate) phase: RwSignal<Phase>,
    /// An answer is being written or awaited.
    pub(crate) busy: RwSignal<bool>,
    /// A prompt is not acknowledged yet.
    pub(crate) sending: RwSignal<bool>,
    pub(crate) notice: RwSignal<Option<Notice>>,
    pub(crate) queued: RwSignal<Option<u32>>,
    pub(crate) title: RwSignal<Option<String>>,
    /// For ears: the last thing worth hearing.
    pub(crate) said: RwSignal<String>,
    /// Text to put into the composer: a prompt taken back.
    pub(crate) taken_back: RwSignal<Option<String>>,
    /// How many prompts may still be sent at once, where that is news.
    pub(crate) prompts_left: RwSignal<Option<u32>>,
}

impl Live {
    /// A chat as it was stored.
    pub(crate) fn new(data: ChatData) -> Self {
        let ChatData { bot, stored } = data;
        let conversation = stored.as_ref().map(|stored| stored.id);
        let title = stored.as_ref().and_then(|stored| stored.title.clone());
        let joinable = stored.as_ref().and_then(|stored| stored.session_id);
        let found = stored.as_ref().and_then(|stored| stored.found);
        let other_branch = stored.as_ref().is_some_and(|stored| stored.other_branch);
        let transcript = stored
            .map(|stored| Transcript::from_history(stored.messages, stored.has_more))
            .unwrap_or_default();
        let shown = Shown {
            rows: RwSignal::new(drawing::rows(&transcript, &[])),
            has_more: RwSignal::new(transcript.has_more()),
            phase: RwSignal::new(Phase::Idle),
            busy: RwSignal::new(transcript.is_generating()),
            sending: RwSignal::new(false),
            notice: RwSignal::new(None),
            queued: RwSignal::new(None),
            title: RwSignal::new(title),
            said: RwSignal::new(String::new()),
            taken_back: RwSignal::new(None),
            prompts_left: RwSignal::new(None),
        };
        Self {
            bot: bot.id,
            joinable,
            chat: StoredValue::new(Chat::new(transcript)),
            connection: StoredValue::new(Connection::default()),
            conversation: StoredValue::new(conversation),
            writer: StoredValue::new(None),
            epoch: StoredValue::new(0),
            heard: StoredValue::new(0),
            drawing: StoredValue::new(false),
            rereading: StoredValue::new(false),
            kept: StoredValue::new(String::new()),
            found,
            other_branch,
            earlier: StoredValue::new(false),
            shown,
        }
    }

    /// With whom.
    pub(crate) fn bot(self) -> ChatbotId {
        self.bot
    }

    /// Whether the address asks for this message.
    pub(crate) fn is_found(self, key: EntryKey) -> bool {
        self.found == Some(key.number())
    }

    /// The message that the address asks for.
    pub(crate) fn found_key(self) -> Option<EntryKey> {
        self.found.map(EntryKey::numbered)
    }

    /// What the message is called in the document that the address asks for.
    pub(crate) fn found_label(self) -> Option<String> {
        self.found.map(|number| format!("message-{number}"))
    }

    /// The reader is about to write: time to connect.
    pub(crate) fn wanted(self) {
        self.input(Input::Wanted);
    }

    /// The reader sends a prompt, or says an earlier one otherwise.
    pub(crate) fn submit(self, text: String, edits: Option<MessageId>) {
        let id = browser::new_client_message_id();
        let prompt = Prompt { id, text, edits };
        self.change(|chat| chat.submit(prompt));
        self.draw();
        self.wanted();
    }

    /// The reader stops the answer, which may be written for a session that is not open here.
    pub(crate) fn stop(self) {
        self.change(Chat::stop);
        self.wanted();
    }

    /// The reader sends a refused prompt again.
    pub(crate) fn send_again(self, id: ClientMessageId) {
        self.change(|chat| chat.send_again(id));
        self.draw();
        self.wanted();
    }

    /// The reader takes back a prompt that was refused, or not said yet, into the composer.
    pub(crate) fn take_back(self, id: ClientMessageId) {
        if let Some(prompt) = self.withdraw(id) {
            self.shown.taken_back.try_set(Some(prompt.text));
        }
    }

    /// The reader does not want a prompt said that was refused, or not said yet.
    pub(crate) fn remove(self, id: ClientMessageId) {
        self.withdraw(id);
    }

    fn withdraw(self, id: ClientMessageId) -> Option<Prompt> {
        let prompt = self.chat.try_update_value(|chat| chat.take_back(id)).flatten();
        self.keep_outbox();
        self.draw();
        prompt
    }

    /// Keeps the prompts on their way and those that were refused, for this tab and as long as it lives: another tab would
    /// send them, too.
    fn keep_outbox(self) {
        let now = self.chat.try_with_value(Chat::on_their_way).unwrap_or_default();
        let before = self.kept.try_with_value(|kept| *kept == now);
        if before == Some(false) {
            browser::keep_here(&self.outbox_key(), &now);
            self.kept.try_set_value(now);
        }
    }

    /// Prompts that were on their way when this page was loaded last go on; those that were refused are there.
    fn restore_outbox(self) {
        let Some(kept) = browser::recall_here(&self.outbox_key()).filter(|kept| !kept.is_empty()) else {
            return;
        };
        let restored = self.chat.try_update_value(|chat| {
            chat.restore(&kept);
            chat.is_sending()
        });
        self.kept.try_set_value(kept);
        self.draw();
        // What was refused is no reason to disturb another device.
        if restored == Some(true) {
            self.wanted();
        }
    }

    /// The chat has become this conversation.
    fn becomes(self, id: ConversationId) {
        let kept = self.kept.try_get_value().unwrap_or_default();
        browser::keep_here(&self.outbox_key(), "");
        self.conversation.try_set_value(Some(id));
        browser::keep_here(&self.outbox_key(), &kept);
    }

    fn outbox_key(self) -> String {
        match self.conversation.try_get_value().flatten() {
            Some(id) => format!("parlance.outbox.{id}"),
            None => format!("parlance.outbox.{}", self.bot),
        }
    }

    /// What was written here and not sent.
    pub(crate) fn draft(self) -> Option<String> {
        browser::recall(&self.draft_key())
    }

    /// Keeps what is being written here.
    pub(crate) fn keep_draft(self, text: &str) {
        let key = self.draft_key();
        if text.is_empty() {
            browser::forget(&key);
        } else {
            browser::keep(&key, text);
        }
    }

    /// While nothing was said it belongs to the chatbot: an empty conversation is nowhere to be found again.
    fn draft_key(self) -> String {
        let conversation = self.conversation.try_get_value().flatten();
        let empty = self.shown.rows.try_with_untracked(Vec::is_empty).unwrap_or(true);
        match conversation.filter(|_| !empty) {
            Some(id) => format!("parlance.draft.{id}"),
            None => format!("parlance.draft.{}", self.bot),
        }
    }

    /// The reader has seen the notice.
    pub(crate) fn dismiss(self) {
        self.chat.try_update_value(Chat::dismiss);
        self.draw();
    }

    /// The reader chats here now, and not elsewhere.
    pub(crate) fn use_here(self) {
        self.input(Input::UseHere);
    }
}
