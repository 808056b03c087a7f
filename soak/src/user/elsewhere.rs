//! A session that is opened on another device, and what becomes of the one it replaces: no prompt of that one may be taken
//! any more, and its sockets are closed.

use super::socket::Heard;
use super::tab::{Tab, new_device};
use super::{Asked, Person};
use crate::Done;
use crate::ledger::Book;
use std::time::Duration;
use tokio::time::Instant;
use wire::SessionId;
use wire::socket::{ClientEvent, ServerEvent};

/// A socket of a replaced session is closed by then, whatever had been broken.
const FAREWELL: Duration = Duration::from_secs(120);

impl Person {
    /// Opens a session on another device, which replaces this one; then tries this one once more, in vain.
    pub(super) async fn move_elsewhere(&mut self) -> Done {
        let (Some(old), Some(tab)) = (self.place, self.tab.take()) else {
            return Ok(());
        };
        let Some(new) = self.open_session(r#"{"new_conversation":true}"#).await else {
            // Nobody knows which one is open: whoever asks next finds out.
            self.place = None;
            return Ok(());
        };
        if new.session == old.session {
            self.tab = Some(tab);
            return Ok(());
        }
        self.close_second_tab();
        self.book.open().counts.replacements += 1;
        let stale = self.write_down(old.conversation, None, true);
        self.farewells
            .push(tokio::spawn(farewell(tab, self.book.clone(), old.session, stale)));
        self.device = new_device();
        Ok(())
    }
}

/// A replaced session's socket: a prompt on it must not be taken, and it must be closed.
async fn farewell(mut tab: Tab, book: Book, session: SessionId, stale: Asked) {
    let prompt = ClientEvent::Text {
        message: stale.order.to_string(),
        client_message_id: Some(stale.id),
    };
    if !tab.socket.tell(&prompt).await {
        return;
    }
    let start = Instant::now();
    loop {
        match tab.hear(FAREWELL.saturating_sub(start.elapsed())).await {
            Heard::Event(event) => {
                if let ServerEvent::MessageReceived {
                    message_id,
                    client_message_id,
                    ..
                } = *event
                    && client_message_id == Some(stale.id)
                    && let Some(prompt) = book.open().prompts.get_mut(stale.index)
                {
                    prompt.acks.push(message_id);
                }
            }
            Heard::Nonsense(_) => {}
            Heard::Closed(_) | Heard::Lost => return,
            Heard::Silence => {
                let what = format!("a socket of {session} is open {FAREWELL:?} after it was replaced");
                return book.open().complaints.push(what);
            }
        }
    }
}
