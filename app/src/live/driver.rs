//! Carries out effects: requests, sockets, pauses. Every answer comes back as an input.

use super::Live;
use crate::{
    island::News,
    net::{
        self, api, browser,
        socket::{self, Heard},
    },
    state::{
        chat::{self, Chat, Notice},
        connection::{Connection, Effect, Failure, Input, Phase, request_for},
    },
    text,
};
use futures::{FutureExt, future::LocalBoxFuture};
use leptos::{ev, prelude::*, task::spawn_local};
use std::time::Duration;
use wire::{
    ConversationId, ProblemCode, SessionId,
    message::MessageRole,
    socket::{ClientEvent, ServerEvent},
};

/// A socket that has not said its first word by then is given up.
const FIRST_WORD: Duration = Duration::from_secs(15);
/// A socket that does not answer a ping by then is dead, whatever the machine believes.
const PONG: Duration = Duration::from_secs(5);
/// How long it is news that few prompts are left.
const NEWS: Duration = Duration::from_secs(12);
/// How often an answer that is written for somebody else is looked at, and a conversation that could not be read.
const LOOK: Duration = Duration::from_secs(2);

/// What a request on the way to the socket brings.
enum Step {
    Opened(Box<api::Opened>),
    Joined(SessionId),
    Ticket(SessionId, String),
}

impl Live {
    /// Begins to live: in the browser, once the page is there.
    pub(crate) fn start(self) {
        let woken = move || {
            if browser::is_visible() {
                self.input(Input::Woken);
                self.probe();
            }
        };
        let online = window_event_listener(ev::online, move |_| woken());
        let visible = window_event_listener(ev::visibilitychange, move |_| woken());
        let look = set_interval_with_handle(move || self.look(), LOOK);
        on_cleanup(move || {
            online.remove();
            visible.remove();
            if let Ok(look) = look {
                look.clear();
            }
            self.writer.try_set_value(None);
        });
        if let Some(session) = self.joinable {
            self.input(Input::Join(session));
        }
        self.restore_outbox();
        self.choose_found();
        self.take_files();
        self.listen_to_reasons();
        self.offer_starter();
    }

    /// The page of the chatbots leads here with something to begin with: it stands in the composer then, and is not sent. A
    /// link never says anything by itself, wherever it comes from. It stands there once, however often the page is loaded.
    fn offer_starter(self) {
        let hash = window().location().hash().unwrap_or_default();
        if !hash.starts_with("#starter-") {
            return;
        }
        if let Some(words) = browser::find(&hash).and_then(|starter| starter.text_content()) {
            if self.draft().is_some_and(|draft| draft.contains(&words)) {
                browser::focus(".composer__field");
            } else {
                self.shown.taken_back.try_set(Some(words));
            }
        }
        browser::forget_hash();
    }

    /// Takes in what happened to the connection.
    pub(super) fn input(self, input: Input) {
        let needed = self.chat.try_with_value(Chat::needs_socket).unwrap_or_default();
        let step = self.connection.try_update_value(|connection: &mut Connection| {
            let effect = connection.apply(input, needed, browser::random());
            (effect, connection.phase())
        });
        let Some((effect, phase)) = step else { return };
        if self.shown.phase.try_get_untracked() != Some(phase) {
            self.shown.phase.try_set(phase);
        }
        if phase != Phase::Open && phase != Phase::Opening {
            self.writer.try_set_value(None);
        }
        if let Some(effect) = effect {
            self.carry_out(effect);
        }
    }

    fn carry_out(self, effect: Effect) {
        match effect {
            Effect::OpenSession => self.open_session(),
            Effect::Connect(session) => self.connect(session),
            Effect::Renew(session) => {
                self.attempt(async move { net::renew().await.map(|_| Step::Joined(session)) }.boxed_local());
            }
            Effect::Pause(pause) => set_timeout(move || self.input(Input::PauseOver), pause),
            Effect::SignIn => browser::go_to_sign_in(),
        }
    }

    /// Runs a request for the connection; a failure becomes an input, and so does nothing that comes too late.
    fn attempt(self, request: LocalBoxFuture<'static, Result<Step, net::Failure>>) {
        let Some(epoch) = self.next_epoch() else { return };
        spawn_local(async move {
            let answer = request.await;
            if !self.is_now(epoch) {
                return;
            }
            match answer {
                Ok(Step::Opened(session)) => self.opened(*session),
                Ok(Step::Joined(session)) => self.input(Input::Session(session)),
                Ok(Step::Ticket(session, ticket)) => {
                    let resume = self.chat.try_with_value(Chat::cursor).flatten();
                    self.listen(&socket::path(session, &ticket, resume));
                }
                Err(failure) => {
                    let kind = kind(&failure);
                    // That it ended while the machine slept is no news: another is opened when there is a reason.
                    if kind != Failure::NoSession {
                        self.tell(&failure);
                    }
                    self.input(Input::Failed(kind));
                }
            }
        });
    }

    fn next_epoch(self) -> Option<u32> {
        self.epoch.try_update_value(|epoch| {
            *epoch = epoch.wrapping_add(1);
            *epoch
        })
    }

    fn is_now(self, epoch: u32) -> bool {
        self.epoch.try_get_value() == Some(epoch)
    }

    fn open_session(self) {
        let request = request_for(self.conversation.try_get_value().flatten());
        let bot = self.bot;
        self.attempt(
            async move {
                api::open_session(bot, request)
                    .await
                    .map(|session| Step::Opened(Box::new(session)))
            }
            .boxed_local(),
        );
    }

    fn opened(self, session: api::Opened) {
        if self.conversation.try_get_value() == Some(None) {
            self.becomes(session.conversation_id);
            // The page has an address of its own now; what is being typed stays as it is.
            browser::replace_address(&format!("/c/{}", session.conversation_id));
            News::Began(session.conversation_id).tell();
        } else {
            self.chat
                .try_update_value(|chat| chat.transcript.merge(session.previous_messages, session.has_more));
            self.draw();
        }
        self.input(Input::Session(session.session_id));
    }

    fn connect(self, session: SessionId) {
        self.writer.try_set_value(None);
        self.attempt(
            async move {
                api::ticket(session)
                    .await
                    .map(|ticket| Step::Ticket(session, ticket))
            }
            .boxed_local(),
        );
    }

    fn listen(self, path: &str) {
        let Some(epoch) = self.next_epoch() else { return };
        let writer = socket::open(path, move |heard| {
            if self.is_now(epoch) {
                match heard {
                    Heard::Event(event) => self.hear(&event),
                    Heard::Closed(code) => self.lost(code),
                }
            }
        });
        if writer.is_none() {
            return self.lost(socket::LOST);
        }
        self.writer.try_set_value(writer);
        let first_word = move || {
            if self.is_now(epoch) && self.shown.phase.try_get_untracked() == Some(Phase::Opening) {
                self.lost(socket::LOST);
            }
        };
        set_timeout(first_word, FIRST_WORD);
    }

    fn hear(self, event: &ServerEvent) {
        self.heard
            .try_update_value(|heard| *heard = heard.wrapping_add(1));
        match event {
            ServerEvent::SessionInfo { .. } => self.input(Input::Opened),
            ServerEvent::SessionClosed { reason } => self.input(Input::Told(*reason)),
            ServerEvent::MessageReceived {
                prompts_left: Some(_),
                ..
            } => {
                let forget = move || {
                    self.chat.try_update_value(Chat::forget_prompts_left);
                    self.draw();
                };
                set_timeout(forget, NEWS);
            }
            ServerEvent::ResponseStart { .. } => {
                self.shown.said.try_set(text::answering().to_owned());
                // The list knows what is being written: who goes elsewhere finds a mark there.
                News::Changed.tell();
            }
            _ => {}
        }
        self.change(|chat| chat.apply(event));
    }

    fn lost(self, code: u16) {
        self.next_epoch();
        self.writer.try_set_value(None);
        self.chat.try_update_value(Chat::disconnected);
        self.draw_soon();
        self.input(Input::Closed(code));
    }

    /// Changes the chat and carries out what it asks for.
    pub(super) fn change(self, change: impl FnOnce(&mut Chat) -> Vec<chat::Effect>) {
        self.follow_up(self.chat.try_update_value(change).unwrap_or_default());
    }

    // Apart from `change`, which is there once for each kind of change.
    fn follow_up(self, effects: Vec<chat::Effect>) {
        self.draw_soon();
        // Before it is said: what was perhaps said is sent again as the same prompt.
        self.keep_outbox();
        for effect in effects {
            match effect {
                chat::Effect::Send(event) => self.say(event),
                chat::Effect::Reread => self.reread(),
                chat::Effect::Titled(title) => {
                    self.shown.title.try_set(Some(title));
                    News::Changed.tell();
                }
                chat::Effect::Finished => {
                    self.announce();
                    News::Changed.tell();
                }
            }
        }
    }

    fn say(self, event: ClientEvent) {
        self.writer.try_with_value(|writer| {
            if let Some(writer) = writer {
                let _ = writer.unbounded_send(event);
            }
        });
    }

    /// Is the socket alive, after the machine slept or changed its network?
    fn probe(self) {
        if self.shown.phase.try_get_untracked() != Some(Phase::Open) {
            return;
        }
        let before = (self.epoch.try_get_value(), self.heard.try_get_value());
        self.say(ClientEvent::Ping);
        let check = move || {
            if before == (self.epoch.try_get_value(), self.heard.try_get_value()) && before.0.is_some() {
                self.lost(socket::LOST);
            }
        };
        set_timeout(check, PONG);
    }

    /// An answer that is written while this page has no socket is read from the store.
    fn look(self) {
        let phase = self.shown.phase.try_get_untracked();
        let apart = matches!(phase, Some(Phase::Idle | Phase::Replaced | Phase::Waiting { .. }));
        if apart && self.chat.try_with_value(Chat::is_busy) == Some(true) {
            self.reread();
        }
    }

    fn reread(self) {
        let Some(id) = self.conversation.try_get_value().flatten() else {
            return;
        };
        if self.rereading.try_get_value() != Some(false) {
            return;
        }
        self.rereading.try_set_value(true);
        self.read_now(id);
    }

    fn read_now(self, id: ConversationId) {
        // None: the page is gone.
        if self.chat.try_update_value(Chat::reading).is_none() {
            return;
        }
        spawn_local(async move {
            let answer = api::conversation(id).await;
            let passing = answer
                .as_ref()
                .is_err_and(|failure| kind(failure) == Failure::Passing);
            if passing {
                // Whoever asks meanwhile gets what comes then.
                return set_timeout(move || self.read_now(id), LOOK);
            }
            self.rereading.try_set_value(false);
            if let Ok(detail) = answer {
                self.shown.title.try_set(detail.title);
                self.change(|chat| chat.reread(detail.messages, detail.has_more));
            }
        });
    }

    /// Loads what was said before, and puts it in front.
    pub(crate) fn earlier(self) {
        let conversation = self.conversation.try_get_value().flatten();
        let oldest = self
            .chat
            .try_with_value(|chat| chat.transcript.oldest())
            .flatten();
        let (Some(id), Some(before)) = (conversation, oldest) else {
            return;
        };
        // The reader may scroll on and on meanwhile.
        if self.earlier.try_get_value() != Some(false) {
            return;
        }
        self.earlier.try_set_value(true);
        spawn_local(async move {
            let answer = api::messages(id, before).await;
            self.earlier.try_set_value(false);
            match answer {
                Ok(page) => {
                    self.chat.try_update_value(|chat| {
                        chat.transcript.prepend(before, page.messages, page.has_more)
                    });
                }
                Err(failure) => self.tell(&failure),
            }
            self.draw();
        });
    }

    pub(super) fn tell(self, failure: &net::Failure) {
        // Without a network the connection's mark says enough.
        if let net::Failure::Problem(problem) = failure {
            let notice = Notice {
                text: failure.text(),
                code: problem.code,
            };
            self.chat.try_update_value(|chat| chat.notify(notice));
            self.draw();
        }
    }

    /// The finished answer, for ears.
    fn announce(self) {
        let said = self.chat.try_with_value(|chat| {
            let last = chat.transcript.entries().iter().rev();
            let mut answers = last.filter(|entry| entry.role == MessageRole::Assistant);
            answers.next().map(|entry| entry.text.clone())
        });
        self.shown.said.try_set(said.flatten().unwrap_or_default());
    }
}

fn kind(failure: &net::Failure) -> Failure {
    match failure.code() {
        Some(ProblemCode::Unauthenticated) => Failure::SignedOut,
        Some(ProblemCode::SessionNotFound) => Failure::NoSession,
        Some(ProblemCode::NotFound) => Failure::Gone,
        _ => Failure::Passing,
    }
}
