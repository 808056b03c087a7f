//! One socket: events in, events out, and the code with which it closed.

use super::{browser, frame};
use crate::json::write;
use futures::{
    SinkExt, StreamExt,
    channel::mpsc::{self, UnboundedSender},
    future::{Either, select},
};
use gloo_net::websocket::{Message, WebSocketError, futures::WebSocket};
use leptos::task::spawn_local;
use wire::{
    GenerationId, SessionId,
    socket::{ClientEvent, ServerEvent},
};

/// RFC 6455: closed without a close frame.
pub(crate) const LOST: u16 = 1006;

/// What a socket reports.
pub(crate) enum Heard {
    /// A frame of a type that is known here.
    Event(ServerEvent),
    /// The last word.
    Closed(u16),
}

/// The writing end. Dropping it closes the socket, which then reports nothing more. The queue has no bound of
/// its own: only the reader's own clicks fill it.
pub(crate) type Writer = UnboundedSender<ClientEvent>;

/// The path and query of a session's socket.
pub(crate) fn path(session: SessionId, ticket: &str, resume: Option<(GenerationId, u64)>) -> String {
    let ticket = js_sys::encode_uri_component(ticket);
    match resume {
        Some((generation, seq)) => {
            format!("/ws/chat/{session}?token={ticket}&generation_id={generation}&after_seq={seq}")
        }
        None => format!("/ws/chat/{session}?token={ticket}"),
    }
}

/// Opens a socket that reports to `hear`.
pub(crate) fn open(path: &str, hear: impl Fn(Heard) + 'static) -> Option<Writer> {
    let mut socket = WebSocket::open(&browser::socket_address(path)?).ok()?;
    let (writer, mut reader) = mpsc::unbounded();
    spawn_local(async move {
        loop {
            match select(socket.next(), reader.next()).await {
                Either::Left((Some(Ok(Message::Text(text))), _)) => {
                    if let Some(event) = frame::event(&text) {
                        hear(Heard::Event(event));
                    }
                }
                // The close event follows an error.
                Either::Left((Some(Ok(Message::Bytes(_)) | Err(WebSocketError::ConnectionError)), _)) => {}
                Either::Left((Some(Err(WebSocketError::ConnectionClose(close))), _)) => {
                    return hear(Heard::Closed(close.code));
                }
                Either::Left((Some(Err(_)) | None, _)) => return hear(Heard::Closed(LOST)),
                Either::Right((Some(event), _)) => {
                    let _ = socket.send(Message::Text(write::event(&event))).await;
                }
                Either::Right((None, _)) => return,
            }
        }
    });
    Some(writer)
}
