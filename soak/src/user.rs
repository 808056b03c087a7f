//! A user who chats while things break, and does what a good client does: sends a prompt until it is acknowledged, always
//! with the same id, goes on behind what it has seen, opens its session again when it is gone, looks into the history when
//! nothing comes. Writes down all that it is told.
//!
//! Must not know what is being broken. Start at [`live`]; one prompt with its answer is [`Person::ask`].

mod account;
mod branch;
mod elsewhere;
pub(crate) mod socket;
mod tab;

pub use account::Account;

use crate::Done;
use crate::ledger::{Book, Device, Open, Prompt};
use crate::order::Order;
use account::PATIENCE;
pub(crate) use account::{Failure, Tries};
use hyper::Method;
use socket::{Heard, Socket};
use std::net::SocketAddr;
use std::time::Duration;
use tab::{Tab, new_device};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use wire::auth::Ticket;
use wire::chatbot::Chatbot;
use wire::conversation::ConversationDetail;
use wire::message::{Message, MessageRole, MessageStatus};
use wire::session::SessionOpened;
use wire::socket::{ClientEvent, ServerEvent, close_code};
use wire::{ChatbotId, ClientMessageId, ConversationId, GenerationId, MessageId, ProblemCode, SessionId};

/// Nothing was said for so long: perhaps nobody is there any more. Doubled each time that it was in vain: the database
/// may only be slow.
const SILENCE: Duration = Duration::from_millis(2_500);
const SILENCE_MAX: Duration = Duration::from_secs(6);
/// Tokens a second.
const RATE: u32 = 40;

/// What a user needs to know.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Where the balancer is.
    pub front: SocketAddr,
    /// Where everything is written down.
    pub book: Book,
    /// Which user this is, from 1.
    pub number: u64,
    /// Of the run.
    pub seed: u64,
    /// Turns true when it is time to come to an end.
    pub ending: watch::Receiver<bool>,
}

/// A user at the end of a run.
#[derive(Debug)]
pub struct Guest {
    /// For the calls that read their histories.
    pub account: Account,
    /// Where they were.
    pub conversations: Vec<ConversationId>,
}

/// Chats until it is time to end, then until the last prompt is answered.
///
/// # Errors
/// Something that must succeed in the end did not.
pub async fn live(account: Account, invitation: Invitation) -> Done<Guest> {
    let Invitation {
        front,
        book,
        number,
        seed,
        mut ending,
    } = invitation;
    let mut account = account;
    let bots: Vec<Chatbot> = account.read("/chatbot").await?;
    let bot = bots.first().ok_or("there is no chatbot")?.id;
    let mut person = Person {
        front,
        book,
        account,
        number,
        random: fastrand::Rng::with_seed(seed.wrapping_mul(1_000_003).wrapping_add(number)),
        bot,
        prompts: 0,
        place: None,
        conversations: Vec::new(),
        device: new_device(),
        tab: None,
        second: None,
        farewells: Vec::new(),
    };
    while !*ending.borrow_and_update() {
        person.ask(None).await?;
        person.think_again().await?;
        if person.random.u8(..5) == 0 {
            person.move_elsewhere().await?;
        }
        let pause = Duration::from_millis(person.random.u64(..400));
        // Over, or not: the loop looks.
        let _ended = tokio::time::timeout(pause, ending.changed()).await;
    }
    person.leave().await
}

/// The session one is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    session: SessionId,
    conversation: ConversationId,
}

#[derive(Debug)]
struct Person {
    front: SocketAddr,
    book: Book,
    account: Account,
    number: u64,
    random: fastrand::Rng,
    bot: ChatbotId,
    prompts: u64,
    place: Option<Place>,
    conversations: Vec<ConversationId>,
    /// What the first tab shows, over all of its sockets.
    device: Device,
    tab: Option<Tab>,
    /// A second tab of the same session, which only looks on.
    second: Option<JoinHandle<()>>,
    /// Sockets of sessions that were replaced, each until it is closed.
    farewells: Vec<JoinHandle<()>>,
}

/// A prompt on its way.
struct Asked {
    /// Where it stands in the book.
    index: usize,
    order: Order,
    id: ClientMessageId,
    /// The prompt in whose place it is said.
    edits: Option<MessageId>,
    conversation: ConversationId,
    acknowledged: Option<MessageId>,
    generation: Option<GenerationId>,
    /// Whether it was sent on this socket.
    sent: bool,
    ever_sent: bool,
    stop_at: Option<u64>,
    /// The connection is lost on purpose behind this delta.
    lose_at: Option<u64>,
    silence: Duration,
    tries: Tries,
}

impl Person {
    /// One prompt, or another one in the place of one that was said, until its answer has ended.
    async fn ask(&mut self, edits: Option<MessageId>) -> Done {
        let place = self.place().await?;
        let mut asked = self.write_down(place.conversation, edits, false);
        if self.random.u8(..6) == 0 {
            asked.stop_at = Some(self.random.u64(1..u64::from(asked.order.tokens)));
        }
        if self.random.u8(..6) == 0 {
            asked.lose_at = Some(self.random.u64(1..u64::from(asked.order.tokens)));
        }
        if self.random.u8(..4) == 0 {
            self.open_second_tab(place.session);
        }
        loop {
            if asked.tries.are_over() {
                let what = format!("{} was not answered in {PATIENCE:?}", asked.order);
                self.book.open().complaints.push(what);
                return Ok(());
            }
            if self.tab.is_none() {
                asked.sent = false;
                self.connect(&mut asked).await?;
                continue;
            }
            if !asked.sent && !self.send(&mut asked).await {
                continue;
            }
            if self.listen(&mut asked).await? {
                return Ok(());
            }
        }
    }

    fn write_down(&mut self, conversation: ConversationId, edits: Option<MessageId>, stale: bool) -> Asked {
        self.prompts += 1;
        let order = Order {
            number: self.number * 1_000 + self.prompts,
            tokens: self.random.u32(20..40),
            rate: RATE,
        };
        let id = uuid::Builder::from_random_bytes(self.random.u128(..).to_be_bytes()).into_uuid();
        let id = ClientMessageId::from_uuid(id);
        let mut book = self.book.open();
        book.prompts.push(Prompt {
            order,
            conversation,
            client_message_id: id,
            acks: Vec::new(),
            edits,
            stale,
        });
        Asked {
            index: book.prompts.len() - 1,
            order,
            id,
            edits,
            conversation,
            acknowledged: None,
            generation: None,
            sent: false,
            ever_sent: false,
            stop_at: None,
            lose_at: None,
            silence: SILENCE,
            tries: Tries::new(),
        }
    }

    /// Sends the prompt, or does not when its answer is known to come; false when the socket is broken.
    async fn send(&mut self, asked: &mut Asked) -> bool {
        asked.sent = true;
        if asked.generation.is_some() {
            return true;
        }
        if std::mem::replace(&mut asked.ever_sent, true) {
            let mut book = self.book.open();
            book.counts.resends += 1;
            book.counts.revived += u32::from(asked.acknowledged.is_some());
        }
        let (message, client_message_id) = (asked.order.to_string(), Some(asked.id));
        let prompt = match asked.edits {
            None => ClientEvent::Text {
                message,
                client_message_id,
            },
            Some(message_id) => ClientEvent::Edit {
                message_id,
                message,
                client_message_id,
            },
        };
        let told = match &mut self.tab {
            Some(tab) => tab.socket.tell(&prompt).await,
            None => false,
        };
        if !told {
            self.tab = None;
        }
        told
    }

    /// The next frame; true when the answer has ended.
    async fn listen(&mut self, asked: &mut Asked) -> Done<bool> {
        let Some(tab) = &mut self.tab else {
            return Ok(false);
        };
        match tab.hear(asked.silence).await {
            Heard::Event(event) => self.heard(asked, *event).await,
            Heard::Nonsense(_) => Ok(false),
            Heard::Silence => {
                asked.silence = (asked.silence * 2).min(SILENCE_MAX);
                self.tab = None;
                self.look_up(asked).await
            }
            Heard::Lost | Heard::Closed(None) => {
                self.tab = None;
                self.look_up(asked).await
            }
            Heard::Closed(Some(code)) => {
                self.tab = None;
                match code {
                    close_code::CREDENTIALS_ENDED => {
                        // What is lost is tried again by whoever needs the token.
                        let _renewed = self.account.renew().await;
                    }
                    close_code::SERVICE_RESTART => {}
                    _ => self.place = None,
                }
                self.look_up(asked).await
            }
        }
    }

    async fn heard(&mut self, asked: &mut Asked, event: ServerEvent) -> Done<bool> {
        match event {
            ServerEvent::MessageReceived {
                message_id,
                client_message_id,
                ..
            } if client_message_id == Some(asked.id) => {
                asked.acknowledged = Some(message_id);
                if let Some(prompt) = self.book.open().prompts.get_mut(asked.index) {
                    prompt.acks.push(message_id);
                }
            }
            ServerEvent::ResponseStart { generation_id, .. } if asked.acknowledged.is_some() => {
                asked.generation = Some(generation_id);
            }
            ServerEvent::ResponseChunk {
                generation_id, seq, ..
            } if asked.generation == Some(generation_id) => {
                if asked.stop_at.take_if(|at| *at <= seq).is_some() {
                    self.stop().await;
                }
                if asked.lose_at.take_if(|at| *at <= seq).is_some() {
                    self.tab = None;
                }
            }
            ServerEvent::ResponseComplete { generation_id, .. } => {
                return Ok(asked.generation == Some(generation_id));
            }
            ServerEvent::Error { code, .. } => return self.refused(asked, code).await,
            _ => {}
        }
        Ok(false)
    }

    async fn stop(&mut self) {
        self.book.open().counts.stops += 1;
        if let Some(tab) = &mut self.tab {
            // A socket that is broken is noticed by listening.
            let _told = tab.socket.tell(&ClientEvent::Stop).await;
        }
    }

    /// An error on the socket: what it may be about is tried again.
    async fn refused(&mut self, asked: &mut Asked, code: ProblemCode) -> Done<bool> {
        match code {
            // Of the answer that was to go on: its writer died before it was stored.
            ProblemCode::NotFound => asked.generation = None,
            ProblemCode::SessionNotFound => self.place = None,
            ProblemCode::ModelFailed | ProblemCode::ModelUnavailable | ProblemCode::ModelBusy => {
                return Ok(false);
            }
            _ => {}
        }
        asked.tries.again().await;
        if self.look_up(asked).await? {
            return Ok(true);
        }
        asked.sent = false;
        Ok(false)
    }

    /// What the history knows; true when it has the answer's end.
    async fn look_up(&mut self, asked: &mut Asked) -> Done<bool> {
        let path = format!("/conversation/{}", asked.conversation);
        let detail: ConversationDetail = match self.account.call(Method::GET, &path, "").await {
            Ok(detail) => detail,
            Err(failure) => {
                self.failed(&path, &failure);
                return Ok(false);
            }
        };
        // Not known to be taken: it must still be sent until it is acknowledged.
        let Some(prompt) = asked.acknowledged else {
            return Ok(false);
        };
        let ended = |message: &Message| {
            message.role == MessageRole::Assistant
                && message.parent_id == Some(prompt)
                && message.status != MessageStatus::Generating
        };
        Ok(detail.messages.iter().any(ended))
    }

    /// The session one is in, opened if there is none.
    async fn place(&mut self) -> Done<Place> {
        let mut tries = Tries::new();
        loop {
            if let Some(place) = self.place {
                return Ok(place);
            }
            let body = match self.conversations.last() {
                Some(conversation) => serde_json::json!({ "conversation_id": conversation }),
                None => serde_json::json!({ "new_conversation": true }),
            };
            if self.open_session(&body.to_string()).await.is_none() && !tries.again().await {
                return Err(format!("no session could be opened in {PATIENCE:?}").into());
            }
        }
    }

    async fn open_session(&mut self, body: &str) -> Option<Place> {
        let index = {
            let mut book = self.book.open();
            book.opens.push(Open {
                user: self.account.id,
                session: None,
            });
            book.opens.len() - 1
        };
        let path = format!("/chatbot/{}/session", self.bot);
        let opened: SessionOpened = match self.account.call(Method::POST, &path, body).await {
            Ok(opened) => opened,
            Err(failure) => {
                self.failed(&path, &failure);
                return None;
            }
        };
        if let Some(open) = self.book.open().opens.get_mut(index) {
            open.session = Some(opened.session_id);
        }
        let place = Place {
            session: opened.session_id,
            conversation: opened.conversation_id,
        };
        if self.conversations.last() != Some(&place.conversation) {
            self.conversations.push(place.conversation);
        }
        self.place = Some(place);
        Some(place)
    }

    /// Opens the first tab's socket again, to go on with what it shows.
    async fn connect(&mut self, asked: &mut Asked) -> Done {
        let place = self.place().await?;
        let resume = asked.generation.and_then(|generation| {
            let book = self.book.open();
            let view = book.views.get(&(self.device, generation))?;
            (!view.is_complete()).then(|| (generation, view.seq()))
        });
        let token = self.token(place.session).await;
        match Socket::open(self.front, place.session, &token, resume).await {
            Ok(socket) => {
                let mut book = self.book.open();
                book.counts.reconnects += u32::from(asked.ever_sent);
                book.counts.resumes += u32::from(resume.is_some());
                drop(book);
                self.tab = Some(Tab::new(self.device, &self.book, socket));
            }
            Err(error) if Socket::is_unauthenticated(&error) => {
                if self.account.renew().await.is_err() {
                    asked.tries.again().await;
                }
            }
            Err(_) => {
                asked.tries.again().await;
            }
        }
        Ok(())
    }

    /// A ticket, as browsers do; every other user goes with the access token.
    async fn token(&mut self, session: SessionId) -> String {
        if self.number.is_multiple_of(2) {
            let body = serde_json::json!({ "session_id": session }).to_string();
            match self
                .account
                .call::<Ticket>(Method::POST, "/auth/ticket", &body)
                .await
            {
                Ok(ticket) => return ticket.ticket,
                Err(Failure::Refused(..)) => self.place = None,
                Err(failure @ Failure::Lost(_)) => self.failed("/auth/ticket", &failure),
            }
        }
        self.account.access.clone()
    }

    fn failed(&mut self, path: &str, failure: &Failure) {
        if failure.is_internal() {
            self.book.open().complaints.push(format!("{path}: {failure:?}"));
        }
    }

    /// A second tab on the session, which shows what it is told until it is closed.
    fn open_second_tab(&mut self, session: SessionId) {
        self.close_second_tab();
        let (front, token, book) = (self.front, self.account.access.clone(), self.book.clone());
        let device = new_device();
        self.second = Some(tokio::spawn(async move {
            if let Ok(socket) = Socket::open(front, session, &token, None).await {
                let mut tab = Tab::new(device, &book, socket);
                while !matches!(
                    tab.hear(PATIENCE).await,
                    Heard::Lost | Heard::Closed(_) | Heard::Silence
                ) {}
            }
        }));
    }

    fn close_second_tab(&mut self) {
        if let Some(second) = self.second.take() {
            second.abort();
        }
    }

    async fn leave(mut self) -> Done<Guest> {
        self.close_second_tab();
        for farewell in self.farewells {
            farewell.await?;
        }
        self.conversations.sort_unstable();
        self.conversations.dedup();
        Ok(Guest {
            account: self.account,
            conversations: self.conversations,
        })
    }
}
