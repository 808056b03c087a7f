//! One tab: writes what it is told into the book, and knows what it shows.

use super::socket::{Heard, Socket};
use crate::ledger::{Book, Device, Frame, View};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use wire::socket::ServerEvent;
use wire::{GenerationId, MessageId, ProblemCode};

static NEXT_DEVICE: AtomicU32 = AtomicU32::new(1);

/// A tab with an open socket.
#[derive(Debug)]
pub(super) struct Tab {
    device: Device,
    book: Book,
    pub(super) socket: Socket,
}

/// A tab that shows nothing yet.
pub(super) fn new_device() -> Device {
    NEXT_DEVICE.fetch_add(1, Ordering::Relaxed)
}

impl Tab {
    /// With a socket that was just opened.
    pub(super) fn new(device: Device, book: &Book, socket: Socket) -> Self {
        Self {
            device,
            book: book.clone(),
            socket,
        }
    }

    /// The next frame, written down.
    pub(super) async fn hear(&mut self, patience: Duration) -> Heard {
        let heard = self.socket.hear(patience).await;
        match &heard {
            Heard::Event(event) => self.note(event),
            Heard::Nonsense(what) => self.complain(format!("not understood: {what}")),
            Heard::Closed(_) | Heard::Lost | Heard::Silence => {}
        }
        heard
    }

    fn note(&mut self, event: &ServerEvent) {
        match event {
            ServerEvent::ResponseStart {
                generation_id,
                message_id,
                ..
            } => self.show(*generation_id, Some(*message_id), Frame::Start),
            ServerEvent::ResponseChunk {
                chunk,
                generation_id,
                first_seq,
                seq,
            } => {
                let chunk = Frame::Chunk {
                    first_seq: *first_seq,
                    seq: *seq,
                    text: chunk.clone(),
                };
                self.show(*generation_id, None, chunk);
            }
            ServerEvent::ResponseComplete {
                message_id,
                full_response,
                generation_id,
                outcome,
                ..
            } => {
                let complete = Frame::Complete {
                    outcome: *outcome,
                    text: full_response.clone(),
                };
                self.show(*generation_id, Some(*message_id), complete);
            }
            ServerEvent::Error {
                code: ProblemCode::Internal,
                message,
                ..
            } => self.complain(format!("an error of the server's own: {message}")),
            _ => {}
        }
    }

    fn show(&mut self, generation: GenerationId, message: Option<MessageId>, frame: Frame) {
        let mut book = self.book.open();
        let view: &mut View = book.views.entry((self.device, generation)).or_default();
        if let (Some(known), Some(other)) = (view.message, message)
            && known != other
        {
            let what = format!("{generation} writes {known}, and then {other}");
            book.complaints.push(what);
            return;
        }
        view.message = view.message.or(message);
        view.frames.push(frame);
    }

    fn complain(&self, what: String) {
        self.book.open().complaints.push(what);
    }
}
