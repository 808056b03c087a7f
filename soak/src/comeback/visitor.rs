//! Who comes back: an account, a conversation, a line of its own to the server, and a page.

use super::page::{Page, outcome};
use crate::Done;
use crate::order::Order;
use crate::proxy::{Language, Proxy, Route};
use crate::user::socket::{Heard, Socket};
use crate::user::{Account, Failure, Tries};
use hyper::Method;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use wire::chatbot::Chatbot;
use wire::conversation::ConversationDetail;
use wire::message::{Message, MessageRole, MessageStatus};
use wire::session::SessionOpened;
use wire::socket::{ClientEvent, ServerEvent};
use wire::{ChatbotId, ConversationId, SessionId};

/// What does not come in this time never comes.
const PATIENCE: Duration = Duration::from_secs(90);
/// A socket that says nothing for so long is given up, as a browser's page does after a ping without a pong.
const SILENCE: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(50);

/// Somebody.
#[derive(Debug)]
pub(super) struct Visitor {
    /// Their network.
    pub(super) line: Proxy,
    account: Account,
    email: String,
    bot: ChatbotId,
    session: SessionId,
    pub(super) conversation: ConversationId,
    pub(super) page: Page,
    socket: Option<Socket>,
}

/// The answer, as REST tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) text: String,
    pub(super) status: MessageStatus,
}

impl Visitor {
    /// Signs up, and opens a conversation with a page.
    pub(super) async fn come(way_in: Route, email: String) -> Done<Self> {
        let line = Proxy::start(way_in, Language::Bytes).await?;
        let mut account = Account::sign_up(line.address, &email).await?;
        let bots: Vec<Chatbot> = account.read("/chatbot").await?;
        let bot = bots.first().ok_or("there is no chatbot")?.id;
        let opened = open(&mut account, bot, r#"{"new_conversation":true}"#).await?;
        let mut visitor = Self {
            line,
            account,
            email,
            bot,
            session: opened.session_id,
            conversation: opened.conversation_id,
            page: Page::default(),
            socket: None,
        };
        visitor.connect().await?;
        Ok(visitor)
    }

    /// The same person on another device, on whose page nothing is yet: it reads the history, and opens the conversation.
    pub(super) async fn on_another_device(&self, way_in: Route) -> Done<Self> {
        let line = Proxy::start(way_in, Language::Bytes).await?;
        // Known already, they sign in.
        let account = Account::sign_up(line.address, &self.email).await?;
        let mut visitor = Self {
            line,
            account,
            email: self.email.clone(),
            bot: self.bot,
            session: self.session,
            conversation: self.conversation,
            page: Page::default(),
            socket: None,
        };
        visitor.load().await?;
        Ok(visitor)
    }

    /// Says a prompt.
    pub(super) async fn ask(&mut self, order: &Order) -> Done {
        let text = ClientEvent::Text {
            message: order.to_string(),
            client_message_id: None,
        };
        self.tell(&text).await
    }

    /// Asks for the rest.
    pub(super) async fn go_on(&mut self) -> Done {
        let message_id = self.page.message.ok_or("there is no answer to go on with")?;
        self.tell(&ClientEvent::Continue { message_id }).await?;
        // It has not ended any more: what is there stays, and more is to come.
        self.page.ended = None;
        Ok(())
    }

    async fn tell(&mut self, event: &ClientEvent) -> Done {
        let socket = self.socket.as_mut().ok_or("there is no socket")?;
        match socket.tell(event).await {
            true => Ok(()),
            false => Err(format!("{event:?} could not be sent").into()),
        }
    }

    /// Reads until the page is as wanted, and comes back whenever the socket is lost on the way.
    pub(super) async fn until(&mut self, wanted: impl Fn(&Page) -> bool) -> Done {
        let start = Instant::now();
        while !wanted(&self.page) {
            if start.elapsed() > PATIENCE {
                return Err(format!("the page waits at {:?} for {PATIENCE:?}", self.page.place()).into());
            }
            if !self.hear().await? {
                self.come_back().await?;
            }
        }
        Ok(())
    }

    /// The next frame; false when there is no socket any more.
    async fn hear(&mut self) -> Done<bool> {
        let Some(socket) = &mut self.socket else {
            return Ok(false);
        };
        match socket.hear(SILENCE).await {
            Heard::Event(event) => {
                if let ServerEvent::Error { code, message, .. } = &*event {
                    return Err(format!("{code:?}: {message}").into());
                }
                self.page.take(&event);
                Ok(true)
            }
            Heard::Nonsense(what) => Err(what.into()),
            Heard::Closed(_) | Heard::Lost | Heard::Silence => {
                self.socket = None;
                Ok(false)
            }
        }
    }

    /// The socket is gone: the page stays, and goes on where it is.
    pub(super) async fn come_back(&mut self) -> Done {
        self.socket = None;
        self.connect().await
    }

    /// The page is closed, and told to the server as browsers do; nothing of it is left.
    pub(super) async fn close(&mut self) {
        if let Some(socket) = self.socket.take() {
            socket.close().await;
        }
        self.page = Page::default();
    }

    /// A page that knows nothing: reads the history, then opens the session and its socket.
    pub(super) async fn load(&mut self) -> Done {
        self.page = self.answer().await?.as_ref().map(Page::of).unwrap_or_default();
        let body = serde_json::json!({ "conversation_id": self.conversation }).to_string();
        self.session = open(&mut self.account, self.bot, &body).await?.session_id;
        self.connect().await?;
        // Nothing is being written, says the socket: then it has ended since the history was read.
        if self.page.ended.is_none() && self.page.place().is_none() {
            self.page = self.answer().await?.as_ref().map(Page::of).unwrap_or_default();
        }
        Ok(())
    }

    /// Opens a socket, to go on with what is on the page; again and again while the server or the network is away. Takes
    /// its first frames in.
    async fn connect(&mut self) -> Done {
        let mut tries = Tries::new();
        let start = Instant::now();
        loop {
            let resume = self.page.place().filter(|_| self.page.ended.is_none());
            let opened = Socket::open(self.line.address, self.session, &self.account.access, resume).await;
            if let Ok(mut socket) = opened {
                match socket.hear(SILENCE).await {
                    Heard::Event(event) => match *event {
                        ServerEvent::SessionInfo { running, .. } => {
                            self.socket = Some(socket);
                            // Its beginning comes at once, if it was not asked to go on: the page knows then where it is.
                            if running.is_some() && resume.is_none() {
                                self.hear().await?;
                            }
                            return Ok(());
                        }
                        other => return Err(format!("a socket began with {other:?}").into()),
                    },
                    Heard::Nonsense(what) => return Err(what.into()),
                    Heard::Closed(_) | Heard::Lost | Heard::Silence => {}
                }
            }
            if start.elapsed() > PATIENCE {
                return Err(format!("no socket could be opened in {PATIENCE:?}").into());
            }
            // Browsers wait with jitter; here nobody shares the server with thousands.
            if start.elapsed() < PATIENCE / 10 {
                sleep(LOOK).await;
            } else {
                tries.again().await;
            }
        }
    }

    /// The answer as it is stored, once it has ended; how long that took.
    pub(super) async fn stored(&mut self) -> Done<Stored> {
        let start = Instant::now();
        loop {
            match self.answer().await? {
                Some(message) if outcome(message.status).is_some() => {
                    return Ok(Stored {
                        text: message.message,
                        status: message.status,
                    });
                }
                _ if start.elapsed() > PATIENCE => {
                    return Err(format!("the answer has not ended after {PATIENCE:?}").into());
                }
                _ => sleep(LOOK).await,
            }
        }
    }

    async fn answer(&mut self) -> Done<Option<Message>> {
        let path = format!("/conversation/{}", self.conversation);
        let detail: ConversationDetail = self.account.read(&path).await?;
        let mut answers = detail.messages.into_iter();
        Ok(answers.rfind(|message| message.role == MessageRole::Assistant))
    }
}

async fn open(account: &mut Account, bot: ChatbotId, body: &str) -> Done<SessionOpened> {
    let path = format!("/chatbot/{bot}/session");
    let mut tries = Tries::new();
    loop {
        match account.call(Method::POST, &path, body).await {
            Ok(opened) => return Ok(opened),
            Err(Failure::Lost(_)) if tries.again().await => {}
            Err(failure) => return Err(format!("{path}: {failure:?}").into()),
        }
    }
}
