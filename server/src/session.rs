//! Sessions that have, had or expect sockets in this process.
//!
//! The store says which session is a user's active one; this says who listens here. Must not know: frames, HTTP.
//! Start at [`LiveSessions`]. Opening and closing stand in [`open`], the end of silent sessions in [`sweep`].

pub mod open;
pub mod sweep;

use crate::chat::generation::LiveGeneration;
use parking_lot::Mutex;
use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
};
use store::{conversation::ConversationRecord, session::SessionRecord};
use tokio::sync::broadcast;
use wire::{
    ConversationId, GenerationId, MessageId, SessionId, SignInId, Timestamp, UserId, socket::CloseReason,
    socket::ServerEvent,
};

/// Events a socket may fall behind. When it falls further, it is closed and finds everything again when it reconnects.
const EVENT_QUEUE: usize = 64;

/// Prompts and answers remembered as told: more than can come between two looks at the store.
const TOLD: usize = 32;

/// What all sockets of a session are told.
#[derive(Debug, Clone)]
pub enum SessionEvent {
    /// A frame for everyone: an acknowledged prompt, a new title.
    Say(Box<ServerEvent>),
    /// An answer begins: follow it, unless it was followed before.
    Started(Arc<LiveGeneration>),
    /// This sign-in is over: its sockets close, the others stay.
    SignInEnded(SignInId),
    /// The session is over.
    Closed(CloseReason),
}

/// One session and who listens to it.
#[derive(Debug)]
pub struct LiveSession {
    /// As it was when it came to this process.
    pub record: SessionRecord,
    /// For `session_info`.
    pub chatbot_name: String,
    /// Held while a prompt is taken in: one at a time, in order.
    pub turn: tokio::sync::Mutex<()>,
    events: broadcast::Sender<SessionEvent>,
    presence: Mutex<Presence>,
    shown: Mutex<Shown>,
    /// Where the latest history broke off: at an answer that was being written, or at a prompt whose answer had no place
    /// yet. The rest comes over the socket.
    broke_off: Mutex<Option<MessageId>>,
}

/// What the sockets here were told of the conversation: what other nodes add to it is told once.
#[derive(Debug, Default)]
struct Shown {
    /// `None` until a first socket came.
    leaf: Option<Option<MessageId>>,
    title: Option<String>,
    /// Another one with the same leaf: it may have gone on. Compared, never ordered.
    updated_at: Option<Timestamp>,
    /// What this node has told of, the latest last.
    told: VecDeque<Told>,
}

/// What is told once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Prompt(MessageId),
    /// By its run: an answer that goes on has several.
    Answer(GenerationId),
}

/// Who is there.
#[derive(Debug)]
struct Presence {
    next_socket: u64,
    sockets: HashMap<u64, SignInId>,
    /// When the last socket left; `None` while there is one or none came yet.
    left_at: Option<Timestamp>,
    heard_at: Timestamp,
    /// What the store was told last.
    noted_at: Timestamp,
}

/// What happened to a conversation since it was last looked at.
#[derive(Debug, PartialEq, Eq)]
pub struct News {
    /// The last message that was known.
    pub behind: Option<MessageId>,
    /// Whether something happened to its messages. Without a new one, the last one may have gone on.
    pub is_newer: bool,
    /// A new title.
    pub title: Option<String>,
}

/// A socket's place in its session. Dropping it leaves, whatever way the socket ends.
#[derive(Debug)]
pub struct SocketPlace {
    session: Arc<LiveSession>,
    socket: u64,
    clock: Arc<dyn crate::clock::Clock>,
}

impl Drop for SocketPlace {
    fn drop(&mut self) {
        let mut presence = self.session.presence.lock();
        presence.sockets.remove(&self.socket);
        if presence.sockets.is_empty() {
            presence.left_at = Some(self.clock.now());
        }
    }
}

impl LiveSession {
    /// Tells all sockets. Nobody listening is fine.
    pub fn tell(&self, event: SessionEvent) {
        let _nobody_listens = self.events.send(event);
    }

    /// Tells all sockets that this prompt was taken, once.
    pub fn tell_prompt(&self, id: MessageId, acknowledgement: ServerEvent) {
        if !self.note_told(Told::Prompt(id)) {
            return;
        }
        self.tell(SessionEvent::Say(Box::new(acknowledgement)));
    }

    /// Tells all sockets that this answer is being written, or was. One that knows it already does nothing.
    pub fn tell_answer(&self, generation: Arc<LiveGeneration>) {
        self.note_answer(generation.id);
        self.tell(SessionEvent::Started(generation));
    }

    /// Takes an answer for told: it is in the history that the sockets' pages have, or will read.
    pub fn note_answer(&self, generation: GenerationId) {
        self.note_told(Told::Answer(generation));
    }

    /// False when it was told before.
    fn note_told(&self, what: Told) -> bool {
        let told = &mut self.shown.lock().told;
        if told.contains(&what) {
            return false;
        }
        told.push_back(what);
        if told.len() > TOLD {
            told.pop_front();
        }
        true
    }

    /// Whether this node has told of this prompt.
    pub fn was_told(&self, prompt: MessageId) -> bool {
        self.shown.lock().told.contains(&Told::Prompt(prompt))
    }

    /// Whether this node has told of this run of the model.
    pub fn was_told_answer(&self, generation: GenerationId) -> bool {
        self.shown.lock().told.contains(&Told::Answer(generation))
    }

    /// Compares the conversation with what the sockets here were told, and takes it for told: `None` when there is no
    /// news, and when it is seen for the first time.
    pub fn see(&self, conversation: &ConversationRecord) -> Option<News> {
        let mut shown = self.shown.lock();
        let title = conversation
            .title
            .clone()
            .filter(|title| shown.title.as_ref() != Some(title));
        if let Some(title) = &title {
            shown.title = Some(title.clone());
        }
        let updated_at = Some(conversation.updated_at);
        let is_newer = shown.updated_at != updated_at;
        shown.updated_at = updated_at;
        let behind = shown.leaf.replace(conversation.active_leaf)?;
        let is_news = title.is_some() || is_newer || behind != conversation.active_leaf;
        is_news.then_some(News {
            behind,
            is_newer,
            title,
        })
    }

    /// Takes back what [`see`](Self::see) said, since it could not be told: the next look says it again.
    pub fn not_seen(&self, news: News) {
        let mut shown = self.shown.lock();
        shown.leaf = Some(news.behind);
        shown.updated_at = None;
        if news.title.is_some() {
            shown.title = None;
        }
    }

    /// Forgets what was told: the next socket comes with a history of its own.
    pub fn see_anew(&self) {
        *self.shown.lock() = Shown::default();
    }

    /// Whether there is a socket here.
    pub fn has_sockets(&self) -> bool {
        !self.presence.lock().sockets.is_empty()
    }

    /// Tells all sockets the conversation's new title.
    pub fn tell_title(&self, title: String) {
        self.shown.lock().title = Some(title.clone());
        self.tell(SessionEvent::Say(Box::new(ServerEvent::ConversationChanged {
            title: Some(title),
            active_leaf: None,
        })));
    }

    /// Tells all sockets that another branch is shown, which ends at `leaf` and was written last by `writer`.
    pub fn tell_branch(&self, leaf: MessageId, writer: Option<GenerationId>) {
        if let Some(writer) = writer {
            self.note_answer(writer);
        }
        self.shown.lock().leaf = Some(Some(leaf));
        self.tell(SessionEvent::Say(Box::new(ServerEvent::ConversationChanged {
            title: None,
            active_leaf: Some(leaf),
        })));
    }

    /// Takes a place among the session's sockets; `None` when there are `limit` already.
    pub fn enter(
        self: &Arc<Self>,
        sign_in: SignInId,
        limit: u32,
        clock: &Arc<dyn crate::clock::Clock>,
    ) -> Option<(SocketPlace, broadcast::Receiver<SessionEvent>)> {
        let mut presence = self.presence.lock();
        if presence.sockets.len() >= usize::try_from(limit).unwrap_or(usize::MAX) {
            return None;
        }
        let socket = presence.next_socket;
        presence.next_socket += 1;
        presence.sockets.insert(socket, sign_in);
        presence.left_at = None;
        presence.heard_at = clock.now();
        let place = SocketPlace {
            session: Arc::clone(self),
            socket,
            clock: Arc::clone(clock),
        };
        Some((place, self.events.subscribe()))
    }

    /// A client's history broke off at this message: its socket will bring the answer, also when that is finished by then.
    /// `None`: the history is whole.
    pub fn note_broken_off(&self, at: Option<MessageId>) {
        *self.broke_off.lock() = at;
    }

    /// Where the history broke off that the next socket's client has. Said once.
    pub fn take_broken_off(&self) -> Option<MessageId> {
        self.broke_off.lock().take()
    }

    /// Somebody opened it: a session that all sockets have left waits for one as if they left now.
    fn expect_socket(&self, now: Timestamp) {
        let mut presence = self.presence.lock();
        if let Some(left_at) = &mut presence.left_at {
            *left_at = now.max(*left_at);
        }
    }

    /// Notes that a client said something.
    pub fn heard(&self, now: Timestamp) {
        self.presence.lock().heard_at = now;
    }
}

/// The sessions of this process.
#[derive(Debug, Default)]
pub struct LiveSessions {
    by_id: Mutex<HashMap<SessionId, Arc<LiveSession>>>,
}

impl LiveSessions {
    /// The live side of this session, made if there is none. A socket may be on its way to it.
    pub fn live(&self, record: SessionRecord, chatbot_name: &str, now: Timestamp) -> Arc<LiveSession> {
        let mut by_id = self.by_id.lock();
        let session = by_id.entry(record.id).or_insert_with(|| {
            Arc::new(LiveSession {
                presence: Mutex::new(Presence {
                    next_socket: 0,
                    sockets: HashMap::new(),
                    left_at: None,
                    heard_at: now,
                    noted_at: record.last_seen_at,
                }),
                record,
                chatbot_name: chatbot_name.to_owned(),
                turn: tokio::sync::Mutex::new(()),
                events: broadcast::channel(EVENT_QUEUE).0,
                shown: Mutex::default(),
                broke_off: Mutex::default(),
            })
        });
        session.expect_socket(now);
        Arc::clone(session)
    }

    /// Tells whoever is in this conversation, here, its new title.
    pub fn tell_title_in(&self, conversation: ConversationId, title: &str) {
        for session in self.in_conversation(conversation) {
            session.tell_title(title.to_owned());
        }
    }

    /// Tells whoever is in this conversation, here, that another branch is shown.
    pub fn tell_branch_in(
        &self,
        conversation: ConversationId,
        leaf: MessageId,
        writer: Option<GenerationId>,
    ) {
        for session in self.in_conversation(conversation) {
            session.tell_branch(leaf, writer);
        }
    }

    fn in_conversation(&self, conversation: ConversationId) -> Vec<Arc<LiveSession>> {
        let mut all = self.all();
        all.retain(|session| session.record.conversation_id == conversation);
        all
    }

    /// The session is over: its sockets are told why, and it is forgotten here.
    pub fn close(&self, id: SessionId, reason: CloseReason) {
        if let Some(session) = self.by_id.lock().remove(&id) {
            session.tell(SessionEvent::Closed(reason));
        }
    }

    /// Tells all sockets of this user that are here; `event` is made only when there are any.
    pub fn tell_user(&self, user: UserId, event: impl Fn() -> ServerEvent) {
        for session in self.all() {
            if session.record.user_id == user && session.has_sockets() {
                session.tell(SessionEvent::Say(Box::new(event())));
            }
        }
    }

    /// A sign-in is over: its sockets close at once.
    pub fn sign_in_ended(&self, sign_in: SignInId) {
        for session in self.all() {
            session.tell(SessionEvent::SignInEnded(sign_in));
        }
    }

    /// All sign-ins of this user are over: their sockets close at once.
    pub fn user_signed_out(&self, user: UserId) {
        for session in self.all() {
            if session.record.user_id != user {
                continue;
            }
            let sign_ins: HashSet<SignInId> = session.presence.lock().sockets.values().copied().collect();
            for sign_in in sign_ins {
                session.tell(SessionEvent::SignInEnded(sign_in));
            }
        }
    }

    /// The sign-ins that have a socket here.
    pub fn connected_sign_ins(&self) -> Vec<SignInId> {
        let distinct: HashSet<SignInId> = self
            .all()
            .iter()
            .flat_map(|session| {
                session
                    .presence
                    .lock()
                    .sockets
                    .values()
                    .copied()
                    .collect::<Vec<_>>()
            })
            .collect();
        distinct.into_iter().collect()
    }

    /// Open sockets, over all sessions.
    pub fn socket_count(&self) -> usize {
        self.all()
            .iter()
            .map(|session| session.presence.lock().sockets.len())
            .sum()
    }

    /// Whether this session is known here.
    pub fn has(&self, id: SessionId) -> bool {
        self.by_id.lock().contains_key(&id)
    }

    /// Whether a session here is in this conversation.
    pub fn is_open(&self, conversation: ConversationId) -> bool {
        let by_id = self.by_id.lock();
        by_id
            .values()
            .any(|session| session.record.conversation_id == conversation)
    }

    /// Those that have a socket here.
    pub fn with_sockets(&self) -> Vec<Arc<LiveSession>> {
        let mut all = self.all();
        all.retain(|session| session.has_sockets());
        all
    }

    fn all(&self) -> Vec<Arc<LiveSession>> {
        self.by_id.lock().values().map(Arc::clone).collect()
    }
}
