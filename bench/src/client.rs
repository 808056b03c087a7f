//! The browser's stand-in: goes the way of the integration page, step by step, and holds Parlance to its word.
//!
//! Every answer is checked: the order of the frames, no delta twice or missing, the full text equal to its chunks.

use crate::Done;
use crate::answer::{Answer, Arrival, Ask};
use futures::{SinkExt as _, StreamExt as _};
use hyper::{Method, Request};
use soak::http;
use soak::order::Order;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use wire::SessionId;
use wire::auth::SignedIn;
use wire::chatbot::Chatbot;
use wire::document::Document;
use wire::message::Outcome;
use wire::session::SessionOpened;
use wire::socket::{ClientEvent, ServerEvent};

/// People who have signed up.
static PLACES: AtomicU32 = AtomicU32::new(0);

/// Somebody with an account.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    server: SocketAddr,
    token: String,
    chatbot: String,
}

impl Person {
    /// Makes an account, and picks the first chatbot. The server is to believe where we say we are (`PARLANCE_TRUST_PROXY`)
    /// if many are to sign up.
    pub(crate) async fn sign_up(server: SocketAddr, name: &str) -> Done<Self> {
        let account =
            serde_json::json!({"email": format!("{name}@example.org"), "password": "correct horse battery"});
        // Everybody from a place of their own: a server lets so many in from one place only slowly.
        let from = Ipv4Addr::from_bits(
            Ipv4Addr::new(10, 0, 0, 1).to_bits() + PLACES.fetch_add(1, Ordering::Relaxed),
        );
        let request = Request::builder()
            .method(Method::POST)
            .header("x-forwarded-for", from.to_string());
        let signed_in: SignedIn =
            http::call_with(server, "/auth/register", request, account.to_string()).await?;
        let token = signed_in.access_token;
        let bots: Vec<Chatbot> = http::call(server, Method::GET, "/chatbot", &token, String::new()).await?;
        let chatbot = bots.first().ok_or("no chatbots")?.id.to_string();
        Ok(Self {
            server,
            token,
            chatbot,
        })
    }

    /// The same person with a chatbot of their own, to which documents are uploaded.
    pub(crate) async fn with_chatbot(&self, name: &str) -> Done<Self> {
        let body = serde_json::json!({"name": name}).to_string();
        let bot: Chatbot = http::call(self.server, Method::POST, "/chatbot", &self.token, body).await?;
        Ok(Self {
            chatbot: bot.id.to_string(),
            ..self.clone()
        })
    }

    /// Uploads a text to the chatbot.
    pub(crate) async fn upload(&self, name: &str, text: &str) -> Done {
        const BOUNDARY: &str = "bench-boundary";
        let form = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: text/markdown\r\n\r\n{text}\r\n--{BOUNDARY}--\r\n"
        );
        let path = format!("/chatbot/{}/document", self.chatbot);
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header("authorization", format!("Bearer {}", self.token))
            .header(
                "content-type",
                format!("multipart/form-data; boundary={BOUNDARY}"),
            );
        let response = http::Connection::open(self.server)
            .await?
            .send_with(request, form)
            .await?;
        match response.status() {
            status if status.is_success() => Ok(()),
            status => Err(format!("the upload was answered with {status}").into()),
        }
    }

    /// The chatbot's documents.
    pub(crate) async fn documents(&self) -> Done<Vec<Document>> {
        let path = format!("/chatbot/{}/document", self.chatbot);
        http::call(self.server, Method::GET, &path, &self.token, String::new()).await
    }

    /// The same person on another node.
    pub(crate) fn at(&self, server: SocketAddr) -> Self {
        Self {
            server,
            ..self.clone()
        }
    }

    /// Begins a new conversation, and opens its socket.
    pub(crate) async fn chat(&self) -> Done<Chat> {
        let session = self.open_session().await?;
        self.join(session).await
    }

    /// Begins a new conversation.
    pub(crate) async fn open_session(&self) -> Done<SessionId> {
        let path = format!("/chatbot/{}/session", self.chatbot);
        let body = r#"{"new_conversation":true}"#.to_owned();
        let opened: SessionOpened = http::call(self.server, Method::POST, &path, &self.token, body).await?;
        Ok(opened.session_id)
    }

    /// Opens a socket of a session.
    pub(crate) async fn join(&self, session: SessionId) -> Done<Chat> {
        let stream = TcpStream::connect(self.server).await?;
        stream.set_nodelay(true)?;
        let url = format!("ws://{}/ws/chat/{session}?token={}", self.server, self.token);
        let (socket, _) = tokio_tungstenite::client_async(url, stream).await?;
        let mut chat = Chat { socket };
        match chat.next().await?.0 {
            ServerEvent::SessionInfo { .. } => Ok(chat),
            other => Err(format!("expected session_info, got {other:?}").into()),
        }
    }
}

/// An open socket.
#[derive(Debug)]
pub(crate) struct Chat {
    socket: WebSocketStream<TcpStream>,
}

impl Chat {
    async fn tell(&mut self, event: &ClientEvent) -> Done {
        Ok(self
            .socket
            .send(Message::text(serde_json::to_string(event)?))
            .await?)
    }

    /// The next event and its size on the wire.
    async fn next(&mut self) -> Done<(ServerEvent, u64)> {
        loop {
            match self.socket.next().await.ok_or("the server went away")?? {
                Message::Text(text) => return Ok((serde_json::from_str(&text)?, frame_bytes(text.len()))),
                Message::Ping(_) => {}
                other => return Err(format!("did not expect {other:?}").into()),
            }
        }
    }

    async fn prompt(&mut self, order: Order) -> Done<Answer> {
        let message = ClientEvent::Text {
            message: order.to_string(),
            client_message_id: None,
        };
        let answer = Answer::to(order);
        self.tell(&message).await?;
        Ok(answer)
    }

    /// Answers pings for `time`, in which nothing may be said.
    pub(crate) async fn quiet(&mut self, time: Duration) -> Done {
        match tokio::time::timeout(time, self.next()).await {
            Err(_elapsed) => Ok(()),
            Ok(said) => Err(format!("did not expect {:?}", said?.0).into()),
        }
    }

    /// Looks on while another socket asks for `order`, and reads the answer to its end.
    pub(crate) async fn watch(&mut self, order: Order) -> Done<Answer> {
        let mut reply = Reply::to(Answer::to(order));
        // Told to this socket when its node hears of it, which may be after the answer began.
        reply.acknowledged = true;
        self.whole(reply).await
    }

    async fn whole(&mut self, mut reply: Reply) -> Done<Answer> {
        loop {
            let (event, bytes) = self.next().await?;
            match reply.take(event, bytes)? {
                None => {}
                // A model that was not scripted may reach its limit: as good an answer to measure.
                Some(Outcome::Complete | Outcome::Cut) => return reply.answer.whole(),
                Some(outcome) => return Err(format!("{}: {outcome:?}", reply.answer.order).into()),
            }
        }
    }

    /// Asks, presses Stop after `seen` tokens, and waits for the end. Gives the time when Stop was pressed.
    pub(crate) async fn stop(&mut self, order: Order, seen: u64) -> Done<Instant> {
        let mut reply = Reply::to(self.prompt(order).await?);
        let mut pressed = None;
        loop {
            let (event, bytes) = self.next().await?;
            if let Some(outcome) = reply.take(event, bytes)? {
                let at = pressed.ok_or("it ended before it was stopped")?;
                return if outcome == Outcome::Stopped {
                    Ok(at)
                } else {
                    Err(format!("{outcome:?}").into())
                };
            }
            if pressed.is_none() && reply.seen >= seen {
                pressed = Some(Instant::now());
                self.tell(&ClientEvent::Stop).await?;
            }
        }
    }
}

impl Ask for Chat {
    async fn ask(&mut self, order: Order) -> Done<Answer> {
        let reply = Reply::to(self.prompt(order).await?);
        self.whole(reply).await
    }
}

/// An answer being put together.
struct Reply {
    answer: Answer,
    text: String,
    seen: u64,
    acknowledged: bool,
    started: bool,
}

impl Reply {
    fn to(answer: Answer) -> Self {
        Self {
            answer,
            text: String::new(),
            seen: 0,
            acknowledged: false,
            started: false,
        }
    }

    /// Takes an event in; gives how the answer ended when it did.
    fn take(&mut self, event: ServerEvent, bytes: u64) -> Done<Option<Outcome>> {
        match event {
            ServerEvent::MessageReceived { .. } => self.acknowledged = true,
            ServerEvent::ResponseStart { .. } if self.acknowledged => self.started = true,
            ServerEvent::ResponseChunk {
                chunk,
                first_seq,
                seq,
                ..
            } if self.started && first_seq == self.seen + 1 => {
                self.text.push_str(&chunk);
                self.seen = seq;
                self.answer.arrivals.push(Arrival {
                    at: Instant::now(),
                    tokens: seq,
                    bytes,
                });
            }
            ServerEvent::ResponseComplete {
                full_response,
                outcome,
                ..
            } => {
                let equal = full_response == self.text;
                return if equal {
                    Ok(Some(outcome))
                } else {
                    Err("the whole is not its parts".into())
                };
            }
            ServerEvent::ConversationChanged { .. } | ServerEvent::Queued { .. } => {}
            other => return Err(format!("did not expect {other:?}").into()),
        }
        Ok(None)
    }
}

/// A server's text frame: RFC 6455, section 5.2.
fn frame_bytes(payload: usize) -> u64 {
    let head = match payload {
        0..126 => 2,
        126..65_536 => 4,
        _ => 10,
    };
    u64::try_from(payload + head).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_its_payload_and_a_head_that_grows_with_it() {
        assert_eq!([5, 126, 70_000].map(frame_bytes), [7, 130, 70_010]);
    }

    #[test]
    fn a_delta_that_is_missing_is_noticed() {
        let mut reply = Reply::to(Answer::to(Order {
            number: 1,
            tokens: 2,
            rate: 0,
        }));
        reply.acknowledged = true;
        reply.started = true;
        let chunk = |first_seq| {
            let json = format!(
                r#"{{"type":"response_chunk","chunk":" tea","generation_id":"01890a5d-ac96-774b-bcce-b302099a8057","first_seq":{first_seq},"seq":{first_seq}}}"#
            );
            serde_json::from_str::<ServerEvent>(&json).unwrap()
        };
        assert!(reply.take(chunk(1), 100).is_ok());
        assert!(reply.take(chunk(3), 100).is_err());
    }
}
