//! What the list knows, and what is done with a line of it.
//!
//! A deletion can be undone for a while: until then the server has not heard of it. It hears of it when the time is over,
//! when another line is deleted, and when the page is left.

use crate::{
    data::{Line, Lines},
    net::{Failure, api, browser},
    state::history::{Clock, Marks, append, pin, refresh},
};
use leptos::{ev, prelude::*, task::spawn_local, wasm_bindgen::JsCast};
use std::time::Duration;
use web_sys::{Element, HtmlInputElement};
use wire::ConversationId;

/// How long a deletion can be undone.
const UNDO: Duration = Duration::from_secs(7);
/// Where this browser keeps which answers were not seen.
const MARKS: &str = "parlance.marks";

/// What is done with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    /// Its buttons are shown.
    Tools,
    /// Its title is being written.
    Renaming,
}

/// The list.
#[derive(Clone, Copy)]
pub(super) struct List {
    pub(super) lines: RwSignal<Vec<Line>>,
    /// Whether they are what a search found.
    pub(super) searched: RwSignal<bool>,
    pub(super) cursor: RwSignal<Option<String>>,
    pub(super) current: RwSignal<Option<ConversationId>>,
    pub(super) clock: RwSignal<Clock>,
    pub(super) unread: RwSignal<Vec<ConversationId>>,
    /// With which line something is done; with one at a time.
    pub(super) doing: RwSignal<Option<(ConversationId, Doing)>>,
    /// Which one is deleted, as long as that can be undone.
    pub(super) gone: RwSignal<Option<ConversationId>>,
    pub(super) said: RwSignal<String>,
    undo: StoredValue<Option<TimeoutHandle>>,
}

impl List {
    pub(super) fn new(
        page: Lines,
        current: Option<ConversationId>,
        clock: Clock,
        searched: bool,
    ) -> Self {
        Self {
            lines: RwSignal::new(page.conversations),
            searched: RwSignal::new(searched),
            cursor: RwSignal::new(page.next_cursor),
            current: RwSignal::new(current),
            clock: RwSignal::new(clock),
            unread: RwSignal::new(Vec::new()),
            doing: RwSignal::new(None),
            gone: RwSignal::new(None),
            said: RwSignal::new(String::new()),
            undo: StoredValue::new(None),
        }
    }

    /// Says something, for eyes and ears.
    pub(super) fn say(self, words: String) {
        self.said.try_set(words);
    }

    /// Shows another list.
    pub(super) fn show(self, page: Lines, searched: bool) {
        self.searched.try_set(searched);
        self.lines.try_set(page.conversations);
        self.cursor.try_set(page.next_cursor);
        self.look();
    }

    /// Looks at the list with the reader's own clock, and for what was not seen.
    pub(super) fn look(self) {
        self.clock.try_set(Clock {
            now: browser::now() / 1000.0,
            west: browser::minutes_west(),
        });
        let mut marks = Marks::parse(&browser::recall(MARKS).unwrap_or_default());
        let current = self.current.try_get_untracked().flatten();
        self.lines
            .try_with_untracked(|lines| marks.look(lines, current));
        browser::keep(MARKS, &marks.text());
        self.unread.try_set(marks.unread);
    }

    /// Whether an answer is being written somewhere.
    pub(super) fn is_running(self) -> bool {
        self.lines
            .try_with_untracked(|lines| lines.iter().any(|line| line.running))
            .unwrap_or_default()
    }

    /// Reads the newest ones again.
    pub(super) fn reread(self) {
        spawn_local(async move {
            let Ok(page) = api::conversations(None).await else { return };
            if self.searched.try_get_untracked() == Some(false) {
                self.lines.try_update(|list| refresh(list, page.conversations));
                self.look();
            }
        });
    }

    fn older(self) {
        spawn_local(async move {
            let from = self.cursor.try_get_untracked().flatten();
            match api::conversations(from).await {
                Ok(page) => {
                    self.lines.try_update(|list| append(list, page.conversations));
                    self.cursor.try_set(page.next_cursor);
                }
                Err(failure) => self.say(failure.text()),
            }
        });
    }

    /// Something in the list was pressed: perhaps a button.
    pub(super) fn pressed(self, event: &ev::MouseEvent) {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let Some((act, id)) = target.as_ref().and_then(named) else { return };
        let Some(id) = id else {
            if act == "older" {
                self.older();
            }
            return;
        };
        match act.as_str() {
            "menu" => {
                let open = self.doing.get_untracked() == Some((id, Doing::Tools));
                self.doing.set((!open).then_some((id, Doing::Tools)));
            }
            "pin" => self.pin(id),
            "rename" => self.doing.set(Some((id, Doing::Renaming))),
            "delete" => self.delete(id),
            "undo" => self.bring_back(id),
            _ => {}
        }
    }

    /// A key was pressed in the list.
    pub(super) fn key(self, event: &ev::KeyboardEvent) {
        let Some((id, doing)) = self.doing.get_untracked() else {
            return;
        };
        let field = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        match event.key().as_str() {
            "Escape" => {
                // The drawer would close.
                event.prevent_default();
                self.done_with(id);
            }
            "Enter" if doing == Doing::Renaming && !event.is_composing() => {
                if let Some(field) = field {
                    event.prevent_default();
                    self.rename(id, field.value().trim());
                }
            }
            _ => {}
        }
    }

    /// Nothing is done with a line any more, whose button has the focus again.
    fn done_with(self, id: ConversationId) {
        self.doing.set(None);
        // When the line is drawn.
        request_animation_frame(move || {
            browser::focus(&format!("[data-line=\"{id}\"] [data-do=menu]"));
        });
    }

    fn rename(self, id: ConversationId, title: &str) {
        self.done_with(id);
        let mut before = None;
        if title.is_empty() {
            return;
        }
        self.change(id, |line| before = line.title.replace(title.to_owned()));
        let title = title.to_owned();
        self.tell(async move { api::rename(id, &title).await }, move || {
            self.change(id, |line| line.title = before);
        });
    }

    fn pin(self, id: ConversationId) {
        let pinned = !self
            .lines
            .with_untracked(|lines| lines.iter().any(|line| line.id == id && line.pinned));
        let put = move |pinned| {
            self.lines.try_update(|lines| pin(lines, id, pinned));
        };
        put(pinned);
        self.done_with(id);
        self.say(if pinned { "Pinned" } else { "Not pinned any more" }.to_owned());
        self.tell(api::pin(id, pinned), move || put(!pinned));
    }

    /// Asks the server for it; when that fails, says so and takes it back.
    fn tell(
        self,
        request: impl Future<Output = Result<(), Failure>> + 'static,
        take_back: impl FnOnce() + 'static,
    ) {
        spawn_local(async move {
            if let Err(failure) = request.await {
                take_back();
                self.say(failure.text());
            }
        });
    }

    fn change(self, id: ConversationId, change: impl FnOnce(&mut Line)) {
        self.lines.try_update(|lines| {
            if let Some(line) = lines.iter_mut().find(|line| line.id == id) {
                change(line);
            }
        });
    }

    fn delete(self, id: ConversationId) {
        self.delete_now();
        self.doing.set(None);
        self.gone.set(Some(id));
        self.say("Deleted. It can be undone for a moment.".to_owned());
        let timer = set_timeout_with_handle(move || self.delete_now(), UNDO).ok();
        self.undo.set_value(timer);
        request_animation_frame(|| {
            browser::focus("[data-do=undo]");
        });
        // While the page is left there is no time to ask for a token.
        spawn_local(api::make_ready());
    }

    fn bring_back(self, id: ConversationId) {
        self.take_gone();
        self.say("It is back.".to_owned());
        self.done_with(id);
    }

    /// What can be undone cannot be any more.
    fn take_gone(self) -> Option<ConversationId> {
        if let Some(timer) = self.undo.try_get_value().flatten() {
            timer.clear();
        }
        let gone = self.gone.try_get_untracked().flatten()?;
        self.gone.try_set(None);
        Some(gone)
    }

    fn delete_now(self) {
        let Some(id) = self.take_gone() else { return };
        let mut line = None;
        self.lines.try_update(|lines| {
            let at = lines.iter().position(|line| line.id == id);
            line = at.map(|at| (at, lines.remove(at)));
        });
        spawn_local(async move {
            match api::delete(id).await {
                Ok(()) if self.current.try_get_untracked().flatten() == Some(id) => browser::go_to("/"),
                Ok(()) => {}
                Err(failure) => {
                    self.lines.try_update(|lines| {
                        if let Some((at, line)) = line {
                            lines.insert(at.min(lines.len()), line);
                        }
                    });
                    self.say(failure.text());
                }
            }
        });
    }

    /// The page is being left.
    pub(super) fn leave(self) {
        if let Some(id) = self.take_gone() {
            api::delete_and_leave(id);
        }
    }
}

/// What a pressed button is to do, and with which line.
fn named(target: &Element) -> Option<(String, Option<ConversationId>)> {
    let button = target.closest("[data-do]").ok().flatten()?;
    let line = button.closest("[data-line]").ok().flatten();
    let id = line.and_then(|line| line.get_attribute("data-line")?.parse().ok());
    Some((button.get_attribute("data-do")?, id))
}
