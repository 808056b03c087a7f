//! One socket, as a client sees it.

use super::{PATIENCE, Person};
use futures::{SinkExt, StreamExt};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest, protocol::CloseFrame},
};
use wire::{
    ClientMessageId, GenerationId, MessageId, ProblemCode,
    message::Outcome,
    session::SessionOpened,
    socket::{ClientEvent, CloseReason, ServerEvent},
};

/// An open socket.
pub(crate) struct Chat {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub(crate) session: Option<SessionOpened>,
}

/// A whole answer, as it came.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) text: String,
    pub(crate) frames: usize,
    pub(crate) outcome: Outcome,
    pub(crate) message_id: MessageId,
    /// What came as `error` before its end.
    pub(crate) error: Option<ProblemCode>,
}

impl Chat {
    /// Opens a socket the seed's way. `Err`: the status of a refused upgrade.
    pub(crate) async fn connect(person: &Person, session: &str, query: &str) -> Result<Self, u16> {
        Self::connect_with(person, session, &format!("token={}{query}", person.token), &[]).await
    }

    pub(crate) async fn connect_with(
        person: &Person,
        session: &str,
        query: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, u16> {
        let url = format!("ws://{}/ws/chat/{session}?{query}", person.address);
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        match timeout(PATIENCE, connect_async(request)).await.unwrap() {
            Ok((socket, _)) => Ok(Self {
                socket,
                session: None,
            }),
            Err(tungstenite::Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Says something, as the seed's client does.
    pub(crate) async fn say(&mut self, text: &str) {
        self.tell(&ClientEvent::Text {
            message: text.into(),
            client_message_id: None,
        })
        .await;
    }

    pub(crate) async fn say_with_id(&mut self, text: &str, id: ClientMessageId) {
        self.tell(&ClientEvent::Text {
            message: text.into(),
            client_message_id: Some(id),
        })
        .await;
    }

    pub(crate) async fn tell(&mut self, event: &ClientEvent) {
        self.send(Message::text(serde_json::to_string(event).unwrap()))
            .await;
    }

    pub(crate) async fn send(&mut self, message: Message) {
        self.socket.send(message).await.unwrap();
    }

    /// The next frame as JSON text; `Err` with the close code when the server closed.
    pub(crate) async fn next_text(&mut self) -> Result<String, u16> {
        loop {
            match timeout(PATIENCE, self.socket.next())
                .await
                .expect("the server says something")
            {
                Some(Ok(Message::Text(text))) => return Ok(text.to_string()),
                Some(Ok(Message::Close(Some(CloseFrame { code, .. })))) => return Err(code.into()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("expected a frame, got {other:?}"),
            }
        }
    }

    /// Waits for the server's ping, and answers it.
    pub(crate) async fn pinged(&mut self) {
        match timeout(PATIENCE, self.socket.next()).await.unwrap() {
            Some(Ok(Message::Ping(_))) => self.socket.flush().await.unwrap(),
            other => panic!("expected a ping, got {other:?}"),
        }
    }

    pub(crate) async fn next(&mut self) -> ServerEvent {
        let text = self
            .next_text()
            .await
            .unwrap_or_else(|code| panic!("closed with {code}"));
        serde_json::from_str(&text).unwrap()
    }

    /// The code of the error that must come next.
    pub(crate) async fn next_error(&mut self) -> ProblemCode {
        loop {
            match self.next().await {
                ServerEvent::Error { code, .. } => return code,
                // A title comes when it comes.
                ServerEvent::ConversationChanged { .. } => {}
                other => panic!("expected an error, got {other:?}"),
            }
        }
    }

    /// Waits for the server's close frame, whatever comes before.
    pub(crate) async fn close_code(&mut self) -> u16 {
        loop {
            if let Err(code) = self.next_text().await {
                return code;
            }
        }
    }

    /// Waits for the end of the session: why, and the close code.
    pub(crate) async fn closed_because(&mut self) -> (CloseReason, u16) {
        let reason = self
            .until(|event| match event {
                ServerEvent::SessionClosed { reason } => Some(*reason),
                _ => None,
            })
            .await;
        (reason, self.close_code().await)
    }

    /// Reads until an event that `wanted` takes.
    pub(crate) async fn until<T>(&mut self, wanted: impl Fn(&ServerEvent) -> Option<T>) -> T {
        loop {
            if let Some(found) = wanted(&self.next().await) {
                return found;
            }
        }
    }

    /// Waits for the start of an answer.
    pub(crate) async fn response_start(&mut self) -> GenerationId {
        self.until(|event| match event {
            ServerEvent::ResponseStart { generation_id, .. } => Some(*generation_id),
            _ => None,
        })
        .await
    }

    /// The next prompt that all tabs are told of: which, and what it follows.
    pub(crate) async fn prompt_told(&mut self) -> (MessageId, Option<MessageId>) {
        self.until(|event| match event {
            ServerEvent::MessageReceived {
                message_id,
                parent_id,
                ..
            } => Some((*message_id, *parent_id)),
            _ => None,
        })
        .await
    }

    /// Waits for the start of an answer: of which message, to which prompt, and whether it goes on with what is there.
    pub(crate) async fn answer_told(&mut self) -> (MessageId, MessageId, bool) {
        self.until(|event| match event {
            ServerEvent::ResponseStart {
                message_id,
                parent_id,
                continues,
                ..
            } => Some((*message_id, *parent_id, *continues)),
            _ => None,
        })
        .await
    }

    /// Waits for a place in the queue.
    pub(crate) async fn queued(&mut self) -> u32 {
        self.until(|event| match event {
            ServerEvent::Queued { position } => Some(*position),
            _ => None,
        })
        .await
    }

    /// Waits for a title.
    pub(crate) async fn title(&mut self) -> String {
        self.until(|event| match event {
            ServerEvent::ConversationChanged { title, .. } => title.clone(),
            _ => None,
        })
        .await
    }

    /// Waits for another branch: its last message.
    pub(crate) async fn branch_told(&mut self) -> MessageId {
        self.until(|event| match event {
            ServerEvent::ConversationChanged { active_leaf, .. } => *active_leaf,
            _ => None,
        })
        .await
    }

    /// Waits for the next chunk's text.
    pub(crate) async fn chunk(&mut self) -> String {
        self.until(|event| match event {
            ServerEvent::ResponseChunk { chunk, .. } => Some(chunk.clone()),
            _ => None,
        })
        .await
    }

    /// A whole answer from its `response_start` on.
    pub(crate) async fn reply(&mut self) -> Reply {
        self.response_start().await;
        self.rest_of_reply(0).await
    }

    /// The rest of an answer: chunks without a gap or an overlap after `seen`, and an end that equals them.
    pub(crate) async fn rest_of_reply(&mut self, mut seen: u64) -> Reply {
        let (mut text, mut frames, mut error) = (String::new(), 0, None);
        loop {
            match self.next().await {
                ServerEvent::ResponseChunk {
                    chunk,
                    first_seq,
                    seq,
                    ..
                } => {
                    assert_eq!(first_seq, seen + 1, "a gap or an overlap");
                    seen = seq;
                    frames += 1;
                    text.push_str(&chunk);
                }
                ServerEvent::Error { code, .. } => error = Some(code),
                ServerEvent::ResponseComplete {
                    full_response,
                    outcome,
                    message_id,
                    ..
                } => {
                    assert!(
                        full_response.ends_with(&text),
                        "{full_response:?} does not end with {text:?}"
                    );
                    return Reply {
                        text: full_response,
                        frames,
                        outcome,
                        message_id,
                        error,
                    };
                }
                ServerEvent::ConversationChanged { .. }
                | ServerEvent::Queued { .. }
                | ServerEvent::Retrieval { .. }
                | ServerEvent::Ingestion { .. } => {}
                other => panic!("did not expect {other:?} within an answer"),
            }
        }
    }

    /// Goes away without a word, as a dead network does.
    pub(crate) fn vanish(self) {
        drop(self);
    }
}
