//! What the list knows, and what is done with a line of it.
//!
//! A deletion can be undone for a while: until then the server has not heard of it. It hears of it when the time is over,
//! when another line is deleted, and when the page is left.

use super::focus::{self, Focus};
use crate::{
    component::textarea::is_composing,
    data::{Line, Lines},
    net::{Failure, api, browser},
    state::history::{Clock, Marks, append, pin, refresh},
    text,
};
use futures::{FutureExt, future::LocalBoxFuture};
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

/// All that is drawn.
#[derive(Debug)]
pub(super) struct State {
    pub(super) lines: Vec<Line>,
    /// Whether they are what a search found.
    pub(super) searched: bool,
    /// With which chatbot they are; empty: with all.
    pub(super) bot: String,
    pub(super) cursor: Option<String>,
    pub(super) current: Option<ConversationId>,
    pub(super) clock: Clock,
    pub(super) unread: Vec<ConversationId>,
    /// With which line something is done; with one at a time.
    pub(super) doing: Option<(ConversationId, Doing)>,
    /// Which one is deleted, as long as that can be undone.
    pub(super) gone: Option<ConversationId>,
    /// For eyes and ears.
    pub(super) said: String,
}

impl State {
    /// Whether a title is being written: what is typed is in the document only, which is not drawn anew meanwhile.
    fn is_renaming(&self) -> bool {
        matches!(self.doing, Some((_, Doing::Renaming)))
    }
}

/// The list.
#[derive(Clone, Copy)]
pub(super) struct List {
    // One signal for all of it: each kind of signal is paid by the byte, and lines that did not change are not drawn.
    pub(super) state: RwSignal<State>,
    undo: StoredValue<Option<TimeoutHandle>>,
}

impl List {
    pub(super) fn new(
        page: Lines,
        current: Option<ConversationId>,
        clock: Clock,
        (searched, bot): (bool, String),
    ) -> Self {
        let state = State {
            lines: page.conversations,
            searched,
            bot,
            cursor: page.next_cursor,
            current,
            clock,
            unread: Vec::new(),
            doing: None,
            gone: None,
            said: String::new(),
        };
        Self {
            state: RwSignal::new(state),
            undo: StoredValue::new(None),
        }
    }

    /// Changes it, unless the page is gone. What has the focus has it still when that is drawn.
    pub(super) fn change(self, change: impl FnOnce(&mut State)) {
        let focus = Focus::here();
        self.state.try_update(change);
        if let Some(focus) = focus {
            focus.keep();
        }
    }

    /// Looks at it; nothing where the page is gone.
    fn look_at<T: Default>(self, look: impl FnOnce(&State) -> T) -> T {
        self.state.try_with_untracked(look).unwrap_or_default()
    }

    /// Says something.
    pub(super) fn say(self, words: impl Into<String>) {
        let words = words.into();
        self.change(|state| state.said = words);
    }

    /// Shows another list.
    pub(super) fn show(self, page: Lines, (searched, bot): (bool, String), said: String) {
        self.change(|state| {
            state.searched = searched;
            state.bot = bot;
            state.lines = page.conversations;
            state.cursor = page.next_cursor;
            state.said = said;
            look(state);
        });
    }

    /// Looks at the list with the reader's own clock, and for what was not seen.
    pub(super) fn look(self) {
        self.change(look);
    }

    /// Another conversation is on the page.
    pub(super) fn began(self, id: ConversationId) {
        self.change(|state| state.current = Some(id));
    }

    /// Whether an answer is being written somewhere.
    pub(super) fn is_running(self) -> bool {
        self.look_at(|state| state.lines.iter().any(|line| line.running))
    }

    /// Reads the newest ones again. Not while a title is being written: that is done when it is at its end.
    pub(super) fn reread(self) {
        spawn_local(async move {
            let bot = self.look_at(|state| state.bot.clone());
            let Ok(page) = api::conversations("", &bot, "").await else {
                return;
            };
            if self.shows(&bot) && !self.look_at(State::is_renaming) {
                self.change(|state| {
                    refresh(&mut state.lines, page.conversations);
                    look(state);
                });
            }
        });
    }

    /// Whether it is the list of this chatbot, or of all: while that was asked for, the reader may have chosen another.
    fn shows(self, bot: &str) -> bool {
        self.look_at(|state| !state.searched && state.bot == bot)
    }

    fn older(self) {
        spawn_local(async move {
            let (bot, from) = self.look_at(|state| (state.bot.clone(), state.cursor.clone()));
            let answer = api::conversations("", &bot, &from.unwrap_or_default()).await;
            if !self.shows(&bot) {
                return;
            }
            match answer {
                Ok(page) => self.change(|state| {
                    append(&mut state.lines, page.conversations);
                    state.cursor = page.next_cursor;
                }),
                Err(failure) => self.say(failure.text()),
            }
        });
    }

    /// Something in the list was pressed: perhaps a button.
    pub(super) fn pressed(self, event: &ev::MouseEvent) {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        let Some((act, id)) = target.as_ref().and_then(named) else {
            return;
        };
        let Some(id) = id else {
            if act == "older" {
                self.older();
            }
            return;
        };
        let was_renaming = self.look_at(State::is_renaming);
        match act.as_str() {
            "menu" => {
                let tools = Some((id, Doing::Tools));
                self.change(|state| state.doing = if state.doing == tools { None } else { tools });
                focus::put(id, "menu");
            }
            "pin" => self.pin(id),
            "rename" => {
                self.change(|state| state.doing = Some((id, Doing::Renaming)));
                request_animation_frame(|| browser::select(".history__field"));
            }
            "delete" => self.delete(id),
            "undo" => self.bring_back(id),
            _ => {}
        }
        if was_renaming {
            self.reread();
        }
    }

    /// A key was pressed in the list.
    pub(super) fn key(self, event: &ev::KeyboardEvent) {
        let Some((id, doing)) = self.look_at(|state| state.doing) else {
            return;
        };
        let field = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        match event.key().as_str() {
            _ if is_composing(event) => {}
            "Escape" => {
                // The drawer would close.
                event.prevent_default();
                self.done_with(id);
                if doing == Doing::Renaming {
                    self.reread();
                }
            }
            "Enter" if doing == Doing::Renaming => {
                if let Some(field) = field {
                    event.prevent_default();
                    self.rename(id, field.value().trim().to_owned());
                }
            }
            _ => {}
        }
    }

    /// Nothing is done with a line any more, whose button has the focus again.
    fn done_with(self, id: ConversationId) {
        self.change(|state| state.doing = None);
        focus::put(id, "menu");
    }

    fn rename(self, id: ConversationId, title: String) {
        self.done_with(id);
        if title.is_empty() {
            return self.reread();
        }
        let request = {
            let title = title.clone();
            async move { api::rename(id, &title).await }.boxed_local()
        };
        self.tell(request, move |state| {
            if let Some(line) = state.lines.iter_mut().find(|line| line.id == id) {
                line.title = Some(title);
            }
        });
    }

    fn pin(self, id: ConversationId) {
        let pinned = !self.look_at(|state| state.lines.iter().any(|line| line.id == id && line.pinned));
        self.tell(api::pin(id, pinned).boxed_local(), move |state| {
            pin(&mut state.lines, id, pinned);
        });
        self.done_with(id);
        self.say(if pinned {
            text::said_pinned()
        } else {
            text::said_unpinned()
        });
    }

    /// Changes the list and tells the server; when that fails, says so. Then shows what the server has.
    fn tell(
        self,
        request: LocalBoxFuture<'static, Result<(), Failure>>,
        change: impl FnOnce(&mut State) + 'static,
    ) {
        self.change(change);
        spawn_local(async move {
            if let Err(failure) = request.await {
                self.say(failure.text());
            }
            self.reread();
        });
    }

    fn delete(self, id: ConversationId) {
        self.delete_now();
        self.change(|state| {
            state.doing = None;
            state.gone = Some(id);
        });
        self.say(text::said_deleted());
        self.wait();
        focus::put(id, "undo");
        // While the page is left there is no time to ask for a token.
        spawn_local(api::make_ready());
    }

    /// A deletion can be undone for a while; and until a title is written, which would not stay where it is.
    fn wait(self) {
        let over = move || {
            if self.look_at(State::is_renaming) {
                self.wait();
            } else {
                self.delete_now();
            }
        };
        self.undo.set_value(set_timeout_with_handle(over, UNDO).ok());
    }

    fn bring_back(self, id: ConversationId) {
        self.take_gone();
        self.say(text::said_back());
        self.done_with(id);
    }

    /// What can be undone cannot be any more.
    fn take_gone(self) -> Option<ConversationId> {
        if let Some(timer) = self.undo.try_get_value().flatten() {
            timer.clear();
        }
        let gone = self.look_at(|state| state.gone)?;
        self.change(|state| state.gone = None);
        Some(gone)
    }

    fn delete_now(self) {
        let Some(id) = self.take_gone() else { return };
        let is_here = self.look_at(|state| state.current) == Some(id);
        let request = async move {
            api::delete(id).await?;
            if is_here {
                browser::go_to("/");
            }
            Ok(())
        };
        self.tell(request.boxed_local(), move |state| {
            state.lines.retain(|line| line.id != id);
        });
    }

    /// The page is being left.
    pub(super) fn leave(self) {
        if let Some(id) = self.take_gone() {
            api::delete_and_leave(id);
        }
    }
}

fn look(state: &mut State) {
    state.clock = Clock {
        now: browser::now() / 1000.0,
        west: browser::minutes_west(),
    };
    let mut marks = Marks::parse(&browser::recall(MARKS).unwrap_or_default());
    marks.look(&state.lines, state.current);
    browser::keep(MARKS, &marks.text());
    state.unread = marks.unread;
}

/// What a pressed button is to do, and with which line.
fn named(target: &Element) -> Option<(String, Option<ConversationId>)> {
    let button = target.closest("[data-do]").ok().flatten()?;
    let line = button.closest("[data-line]").ok().flatten();
    let id = line.and_then(|line| line.get_attribute("data-line")?.parse().ok());
    Some((button.get_attribute("data-do")?, id))
}
