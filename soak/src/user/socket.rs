//! The browser's end of a socket: opened, told, and heard with patience.

use crate::Done;
use futures::{SinkExt as _, StreamExt as _};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message};
use wire::socket::{ClientEvent, ServerEvent};
use wire::{GenerationId, SessionId};

/// A socket that does not open in this time is given up.
const OPEN: Duration = Duration::from_secs(4);

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// An open socket.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: WebSocketStream<TcpStream>,
}

/// What came of listening.
#[derive(Debug)]
pub(crate) enum Heard {
    /// A frame.
    Event(Box<ServerEvent>),
    /// A frame that no version of the protocol has.
    Nonsense(String),
    /// The server closed it, with a code if it said one.
    Closed(Option<u16>),
    /// It broke.
    Lost,
    /// Nothing came for so long.
    Silence,
}

impl Socket {
    /// Opens the socket of a session, to go on with an answer behind what is known of it, or as it is.
    ///
    /// # Errors
    /// It does not open.
    pub(crate) async fn open(
        front: SocketAddr,
        session: SessionId,
        token: &str,
        resume: Option<(GenerationId, u64)>,
    ) -> Done<Self> {
        let mut url = format!("ws://{front}/ws/chat/{session}?token={token}");
        if let Some((generation, after_seq)) = resume {
            url = format!("{url}&generation_id={generation}&after_seq={after_seq}");
        }
        let open = async {
            let stream = TcpStream::connect(front).await?;
            stream.set_nodelay(true)?;
            let (stream, _) = tokio_tungstenite::client_async(url, stream).await?;
            Done::Ok(Self { stream })
        };
        timeout(OPEN, open).await?
    }

    /// Whether it did not open because the token has ended.
    pub(crate) fn is_unauthenticated(error: &Failure) -> bool {
        matches!(error.downcast_ref(), Some(Error::Http(response)) if response.status() == 401)
    }

    /// Says something; false when the socket is broken.
    pub(crate) async fn tell(&mut self, event: &ClientEvent) -> bool {
        let Ok(json) = serde_json::to_string(event) else {
            return false;
        };
        matches!(
            timeout(OPEN, self.stream.send(Message::text(json))).await,
            Ok(Ok(()))
        )
    }

    /// Says good-bye, as a tab that is closed does; nobody waits for the answer.
    pub(crate) async fn close(mut self) {
        let _gone = timeout(OPEN, self.stream.send(Message::Close(None))).await;
    }

    /// The next frame.
    pub(crate) async fn hear(&mut self, patience: Duration) -> Heard {
        let frame = async {
            loop {
                match self.stream.next().await {
                    Some(Ok(Message::Text(text))) => {
                        return match serde_json::from_str(&text) {
                            Ok(event) => Heard::Event(Box::new(event)),
                            Err(error) => Heard::Nonsense(format!("{error}: {text}")),
                        };
                    }
                    Some(Ok(Message::Close(frame))) => {
                        return Heard::Closed(frame.map(|frame| u16::from(frame.code)));
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Heard::Lost,
                }
            }
        };
        timeout(patience, frame).await.unwrap_or(Heard::Silence)
    }
}
