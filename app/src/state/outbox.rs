//! Prompts on their way: kept until the server says that they are stored, and sent again, with the same id,
//! when the socket was lost in between.

use std::collections::VecDeque;
use wire::{ClientMessageId, MessageId, socket::ClientEvent};

/// A prompt that is not known to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// Made once, when it was written: the server stores it once however often it is sent.
    pub id: ClientMessageId,
    /// As it was written.
    pub text: String,
    /// The stored prompt that it says otherwise; `None`: it comes at the end.
    pub edits: Option<MessageId>,
}

impl Prompt {
    /// How it is said.
    pub fn event(self) -> ClientEvent {
        let Self { id, text, edits } = self;
        match edits {
            None => ClientEvent::Text {
                message: text,
                client_message_id: Some(id),
            },
            Some(message_id) => ClientEvent::Edit {
                message_id,
                message: text,
                client_message_id: Some(id),
            },
        }
    }
}

/// Prompts in the order in which they were written; one at a time is in flight, so that an error without an id
/// can only be about that one.
#[derive(Debug, Clone, Default)]
pub struct Outbox {
    prompts: VecDeque<Prompt>,
    in_flight: bool,
    /// Whether the first was in flight when a socket was lost.
    in_doubt: bool,
}

impl Outbox {
    /// Puts a prompt at the end.
    pub fn put(&mut self, prompt: Prompt) {
        self.prompts.push_back(prompt);
    }

    /// The prompt to send now; `None` while one is in flight.
    pub fn take_off(&mut self) -> Option<Prompt> {
        if self.in_flight {
            return None;
        }
        let prompt = self.prompts.front().cloned()?;
        self.in_flight = true;
        Some(prompt)
    }

    /// The server has stored this one. True when it may have been stored long ago, for an earlier socket, so
    /// that its answer may have come and gone.
    pub fn acknowledged(&mut self, id: ClientMessageId) -> bool {
        let mut late = false;
        if self.prompts.front().is_some_and(|prompt| prompt.id == id) {
            self.in_flight = false;
            late = std::mem::take(&mut self.in_doubt);
        }
        self.prompts.retain(|prompt| prompt.id != id);
        late
    }

    /// The server did not take the one in flight; it is taken out and returned.
    pub fn refused(&mut self) -> Option<Prompt> {
        if !self.in_flight {
            return None;
        }
        self.in_flight = false;
        self.in_doubt = false;
        self.prompts.pop_front()
    }

    /// Takes out a prompt that was not said yet. False: it was said, and may be stored.
    pub fn withdraw(&mut self, id: ClientMessageId) -> bool {
        let said = self.in_flight || self.in_doubt;
        if said && self.prompts.front().is_some_and(|prompt| prompt.id == id) {
            return false;
        }
        self.prompts.retain(|prompt| prompt.id != id);
        true
    }

    /// The socket is gone: what was in flight is to be sent again.
    pub fn disconnected(&mut self) {
        self.in_doubt |= self.in_flight;
        self.in_flight = false;
    }

    /// Whether everything written is stored.
    pub fn is_empty(&self) -> bool {
        self.prompts.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn prompt(number: u128) -> Prompt {
        Prompt {
            id: ClientMessageId::from_uuid(Uuid::from_u128(number)),
            text: number.to_string(),
            edits: None,
        }
    }

    #[test]
    fn a_prompt_in_flight_when_the_socket_dies_is_sent_again_with_the_same_id() {
        let mut outbox = Outbox::default();
        outbox.put(prompt(1));
        assert_eq!(outbox.take_off(), Some(prompt(1)));
        assert_eq!(outbox.take_off(), None, "it is in flight");
        outbox.disconnected();
        assert_eq!(outbox.take_off(), Some(prompt(1)));
    }

    #[test]
    fn the_next_prompt_waits_for_the_acknowledgement_of_the_one_before() {
        let mut outbox = Outbox::default();
        outbox.put(prompt(1));
        outbox.put(prompt(2));
        assert_eq!(outbox.take_off(), Some(prompt(1)));
        assert_eq!(outbox.take_off(), None);
        assert!(!outbox.acknowledged(prompt(1).id));
        assert_eq!(outbox.take_off(), Some(prompt(2)));
        outbox.acknowledged(prompt(2).id);
        assert!(outbox.is_empty());
    }

    #[test]
    fn an_acknowledgement_that_comes_after_a_reconnect_still_counts() {
        let mut outbox = Outbox::default();
        outbox.put(prompt(1));
        outbox.take_off();
        outbox.disconnected();
        assert!(
            outbox.acknowledged(prompt(1).id),
            "its answer may be there already"
        );
        assert_eq!(outbox.take_off(), None);
        assert!(outbox.is_empty());
    }

    #[test]
    fn only_a_prompt_in_flight_can_be_refused() {
        let mut outbox = Outbox::default();
        outbox.put(prompt(1));
        assert_eq!(outbox.refused(), None);
        outbox.take_off();
        assert_eq!(outbox.refused(), Some(prompt(1)));
        assert!(outbox.is_empty());
    }
    #[test]
    fn only_what_was_never_said_can_be_taken_back() {
        let mut outbox = Outbox::default();
        outbox.put(prompt(1));
        outbox.put(prompt(2));
        outbox.take_off();
        assert!(!outbox.withdraw(prompt(1).id), "it is in flight");
        outbox.disconnected();
        assert!(!outbox.withdraw(prompt(1).id), "it may be stored");
        assert!(outbox.withdraw(prompt(2).id));
        outbox.acknowledged(prompt(1).id);
        assert!(outbox.is_empty());
    }
}
